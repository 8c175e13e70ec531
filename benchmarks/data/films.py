"""Made-up films for generated ratings: ids with gaps, titles, years, genres, links, and tastes.

What a film is like follows from its genres; crowds of people, each of one taste, differ in which
films they watch and what they give them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recommender.arrays import Floats, Ints

__all__ = ["Films", "make_films", "write_films"]

CROWDS = 48
_TRAITS = 8
_FIRST_YEAR, _LAST_YEAR = 1921, 2023

# MovieLens' own names, about as often as there.
_GENRES = {
    "Drama": 25, "Comedy": 17, "Thriller": 9, "Romance": 8, "Action": 7, "Documentary": 6,
    "Horror": 6, "Crime": 5, "Adventure": 4, "Sci-Fi": 4, "Animation": 3, "Children": 3,
    "Mystery": 3, "Fantasy": 3, "War": 2, "Western": 2, "Musical": 1, "Film-Noir": 1,
}  # fmt: skip
_STARTS = ("Bel", "Cor", "Dra", "El", "Fen", "Gal", "Hal", "Ister", "Jor", "Kel", "Lor", "Mar",
           "Nor", "Or", "Pel", "Quin", "Ras", "Sel", "Tor", "Vel")  # fmt: skip
_MIDDLES = ("a", "abe", "adi", "ami", "ane", "aru", "e", "emi", "eno", "era", "i", "ibo", "ila",
            "iro", "o", "olu", "ome", "oni", "u", "uri")  # fmt: skip
_ENDS = ("bar", "dane", "dor", "fell", "gard", "lin", "mere", "mond", "nath", "nia", "ra", "ros",
         "sa", "stan", "ta", "th", "vale", "vek", "wen", "zan")  # fmt: skip
_SHAPES = (
    "{}", "{}, The", "Road to {}, The", "Last Night in {}", "{} Rising", "Daughter of {}, The",
    "{}'s Shadow", "Letters from {}", "Remember {}", "{} Affair, The",
)  # fmt: skip


@dataclass(frozen=True)
class Films:
    """What ratings depend on, for every film by ascending id."""

    ids: Ints
    """Ids with gaps, shape (films,)."""
    fame: Ints
    """Rank by popularity from 0, shape (films,)."""
    quality: Floats
    """How good everybody finds it, a standard normal, shape (films,)."""
    taste: Floats
    """How much each crowd likes it, a standard normal, shape (crowds, films)."""
    genres: Ints
    """One to three genres, -1 where fewer, shape (films, 3)."""


def make_films(count: int, dice: np.random.Generator) -> Films:
    """Invent films."""
    odds = np.cumsum(np.array(list(_GENRES.values())) / sum(_GENRES.values()))
    genres = np.searchsorted(odds[:-1], dice.random((count, 3)))
    genres[:, 1:][dice.random((count, 2)) < 0.4] = -1
    for later, earlier in ((1, 0), (2, 0), (2, 1)):
        genres[genres[:, later] == genres[:, earlier], later] = -1
    traits = dice.standard_normal((len(_GENRES) + 1, _TRAITS))
    traits[-1] = 0
    # Sums written out, as those of a matrix product depend on the machine.
    film = traits[genres].sum(axis=1) + 0.8 * dice.standard_normal((count, _TRAITS))
    crowd = dice.standard_normal((CROWDS, _TRAITS))
    taste = np.zeros((CROWDS, count))
    for trait in range(_TRAITS):
        taste += crowd[:, trait, None] * film[:, trait]
    taste -= taste.mean(axis=1, keepdims=True)
    taste /= np.sqrt((taste**2).mean(axis=1, keepdims=True))
    # Films of small ids had more time to be rated.
    fame = np.argsort(np.argsort(0.3 * np.arange(count) / count + dice.random(count)))
    steps = np.where(np.arange(count) < 0.1 * count, 1.0, 3.5) * dice.standard_exponential(count)
    quality = 0.35 * (1 - 2 * fame / count) * 3**0.5 + 0.94 * dice.standard_normal(count)
    return Films(np.cumsum(1 + (0.7 * steps).astype(np.int64)), fame, quality, taste, genres)


def write_films(films: Films, folder: Path, dice: np.random.Generator) -> None:
    """Write ``movies.csv`` and ``links.csv``."""
    ids, count = films.ids.tolist(), len(films.ids)
    # The square puts most of them into recent years.
    years = _LAST_YEAR - ((_LAST_YEAR - _FIRST_YEAR) * dice.random(count) ** 2).astype(np.int64)
    names = list(_GENRES)
    parts = [dice.integers(len(part), size=count) for part in (_STARTS, _MIDDLES, _ENDS, _SHAPES)]
    titles = [
        f"{_SHAPES[shape].format(_STARTS[a] + _MIDDLES[b] + _ENDS[c])} ({year})"
        for a, b, c, shape, year in zip(*(part.tolist() for part in parts), years, strict=True)
    ]
    genres = ["|".join(names[g] for g in some if g >= 0) for some in films.genres.tolist()]
    imdb = np.cumsum(1 + dice.integers(150, size=count)).tolist()
    tmdb = (2 + dice.permutation(6 * count)[:count]).tolist()
    known = (dice.random(count) > 0.002).tolist()
    links = (
        (film, f"{one:07d}", two if there else None)
        for film, one, two, there in zip(ids, imdb, tmdb, known, strict=True)
    )
    movies = zip(ids, titles, genres, strict=True)
    _write(folder / "movies.csv", ("movieId", "title", "genres"), *movies)
    _write(folder / "links.csv", ("movieId", "imdbId", "tmdbId"), *links)


def _write(path: Path, *rows: Iterable[object]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
