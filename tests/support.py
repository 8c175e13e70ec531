"""Builders that tests share: small rating tables, and indexes made of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ingest import ingest
from recommender import MovieKey, Recommender, Scale
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore

Id = int | str
# Ids are of one kind throughout a table, which a union of kinds cannot say.
Ratings = dict[Any, dict[Any, float]]
"""Stars by rater and movie."""
Titles = dict[Any, tuple[str, str]]
"""Title (with its year in brackets) and genres (with bars between them) by movie."""

THREE_RATERS: Ratings = {
    1: {1: 5, 2: 5, 3: 5, 4: 5, 5: 4},
    2: {1: 4, 2: 5, 5: 4, 6: 5, 7: 5},
    3: {1: 4, 6: 4, 7: 5, 8: 5, 9: 4},
    # Four people with fewer than five ratings. They bring every movie to exactly three ratings, all
    # of them likes, so that all movies weigh the same and all scores are damped alike.
    11: {2: 5, 3: 5, 4: 4, 5: 5},
    12: {3: 4, 4: 5, 6: 4, 7: 5},
    13: {8: 5, 9: 5},
    14: {8: 4, 9: 5},
}
"""A world to check by hand.

Someone who likes movies 1, 2 and 3 shares three movies with rater 1, two with rater 2 and one with
rater 3. All three raters are equally long, so similarities stand as 3 : 2 : 1 and the weights of
their votes, squared, are 1, 4/9 and 1/9.
"""

FILMS: Titles = {
    1: ("Matrix, The (1999)", "Action|Sci-Fi"),
    2: ("Alien (1979)", "Horror|Sci-Fi"),
    3: ("Brazil (1985)", "Fantasy|Sci-Fi"),
    4: ("Heat (1995)", "Action|Crime"),
    5: ("Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)", "Comedy|Romance"),
    6: ("Psycho (1960)", "Horror"),
    7: ("Psycho (1998)", "Horror"),
    8: ("Casablanca (1942)", "Romance"),
    9: ("Eva", "(no genres listed)"),
}
"""Titles for it: one with an article, one with another name, two alike, one without a year."""


def ratings_text(ratings: Ratings, *, times: Mapping[tuple[Id, Id], int] | None = None) -> str:
    """Ratings as a CSV with a header, one line each, in the order of the table."""
    lines = ["userId,movieId,rating" + (",timestamp" if times else "")]
    for user, rated in ratings.items():
        for movie, stars in rated.items():
            time = f",{times[user, movie]}" if times else ""
            lines.append(f"{user},{movie},{stars:g}{time}")
    return "\n".join(lines) + "\n"


def movies_text(titles: Titles) -> str:
    """Movies as MovieLens writes them."""
    lines = [f'{movie},"{title}",{genres}' for movie, (title, genres) in titles.items()]
    return "\n".join(["movieId,title,genres", *lines]) + "\n"


def write_source(
    folder: Path, ratings: Ratings, titles: Titles | None = None, links: str | None = None
) -> Path:
    """Write a folder of ratings.csv and, where given, movies.csv and links.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ratings.csv").write_text(ratings_text(ratings), encoding="utf-8")
    if titles is not None:
        (folder / "movies.csv").write_text(movies_text(titles), encoding="utf-8")
    if links is not None:
        (folder / "links.csv").write_text(links, encoding="utf-8")
    return folder


def build_index(
    folder: Path,
    ratings: Ratings,
    titles: Titles | None = None,
    *,
    links: str | None = None,
    scale: Scale | None = None,
) -> Path:
    """Ingest a table into ``folder/index``; return that folder."""
    source = write_source(folder / "source", ratings, titles, links)
    ingest(str(source), index=folder / "index", scale=scale)
    return folder / "index"


def open_ranked(index: Path, **ranking: object) -> Recommender:
    """Open an index with other settings for the ranking."""
    return Recommender(EdgeStore(index), ranking=Ranking.model_validate(ranking))


def open_votes(index: Path, **ranking: object) -> Recommender:
    """Open an index with a ranking by the votes of neighbours alone, without lift and EASE."""
    alone = dict.fromkeys(("narrow_lift", "narrow_ease", "ease", "dial_lift"), 0.0)
    return open_ranked(index, lift=(0.0, 0.0), **alone, **ranking)


def assert_one_line(error: Exception) -> None:
    """Check that an error is fit for a terminal: one line, and not an endless one."""
    assert "\n" not in str(error)
    assert 0 < len(str(error)) < 2000


def likes(*movies: MovieKey) -> dict[MovieKey, float]:
    """Opinions of someone who likes these."""
    return dict.fromkeys(movies, 1.0)


def random_ratings(
    seed: int, *, raters: int = 30, movies: int = 40, most: int = 20, steps: Iterable[float] = ()
) -> Ratings:
    """Ratings by chance, on 0.5-5 unless other steps are given; some raters are too thin."""
    dice = random.Random(seed)
    stars = list(steps) or [half / 2 for half in range(1, 11)]
    table: Ratings = {}
    for rater in range(1, raters + 1):
        seen = dice.sample(range(1, movies + 1), dice.randint(1, min(most, movies)))
        table[rater] = {movie: dice.choice(stars) for movie in seen}
    return table
