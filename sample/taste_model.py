"""A small seeded model of taste, which invents the raters of the bundled sample.

Run as ``python -m sample.taste_model``. It reads the films (``films.csv``) and the tastes
(``tastes.csv``) and writes ``ingest/data/sample.zip`` in the layout of a MovieLens release.
The films are real; every rater and every rating is invented here.

A *taste* fits a film between 0 and 1: 1 if the film is one of its anchors, ``DIRECTOR_FIT``
if it is by one of its directors, and otherwise by genre, fading with the years between the
film and the taste's own era. A *rater* then comes about in four steps.

1. Two to four tastes are drawn, each after the first more likely if it shares films with it;
   and now and then an aversion to a genre that none of these tastes needs.
2. How much the rater cares for a film is the best fit among these tastes, those drawn later
   counting a little less; and nobody is quite indifferent to the great favourites.
3. What the rater has seen depends on the film's fame times that care: nearly everyone has
   seen something famous they do not care for, and even something of a genre they cannot bear.
4. The stars are care, quality, the rater's own mildness or severity, and noise, less
   ``AVERSION_STARS`` for a genre they cannot bear.

Every draw uses one generator with a fixed seed, so the same files come out every time.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rating = tuple[int, int, float, int]  # rater, movie id, stars, unix seconds

FOLDER = Path(__file__).parent
ARCHIVE = FOLDER.parent / "ingest" / "data" / "sample.zip"
SEED = 20_190_501
RATERS = 2_000

# How well a taste fits a film.
GENRE_FIT = 0.5  # the genres it needs
BONUS_FIT = 0.2  # and each welcome genre on top, two at the most
DIRECTOR_FIT = 0.85
ERA_YEARS = 6.0  # how fast the fit fades outside the era

# Who the raters are.
TASTE_COUNT = (0.40, 0.80)  # below the first, two tastes; below the second, three; else four
CANON_CARE = 0.24  # what everyone cares for the most famous of the best, whatever their tastes
LATER_TASTE = (1.0, 0.9, 0.8, 0.7)  # what the second, third and fourth taste count
SIMILAR_TASTES = 4.0  # how much likelier a taste is for sharing all its films with the first
AVERSIONS = {  # how many cannot bear a genre, of those whose tastes do without it
    "Horror": 0.40,
    "Musical": 0.30,
    "Western": 0.20,
    "Children": 0.12,
    "Romance": 0.20,
    "Sci-Fi": 0.20,
    "War": 0.15,
}
MILDNESS = 0.28  # how far raters differ in their mean, in stars

# What they have seen.
SEEN_MEDIAN, SEEN_SPREAD, SEEN_RANGE = 37.0, 0.80, (12, 250)
FAME_BASE = 2.2  # how many more have seen a film for each step of fame
CARE_FLOOR, CARE_POWER = 0.22, 2.6
AVERSION_SEEN = 0.6

# What they thought of it.
BASE_STARS = 2.58
CARE_STARS = 1.35
QUALITY_STARS = 0.55
MIDDLE_QUALITY = 3.8
AVERSION_STARS = 1.6
NOISE_STARS = 0.78
WHOLE_STARS = 0.4  # the share of ratings given in whole stars

# When they said so.
FIRST_YEAR, LAST_YEAR = 2005, 2019
SESSIONS = 5  # visits at the most
VISIT_DAYS = 500  # between one visit and the next, at the most
PAUSE_SECONDS = (6, 50)  # between one rating and the next

README = """The bundled sample of Kindred.

The films are real. The raters and their ratings are synthetic: a small seeded model made
them (sample/taste_model.py in the source), and no person gave any of them. There are no
MovieLens ratings in here; the movie ids are those MovieLens gives the same films, so that
the sample and a MovieLens release can be exchanged for each other.

CC0 1.0: do with these files what you like.
"""


@dataclass(frozen=True)
class Film:
    """A film, as films.csv lists it."""

    movie_id: int
    title: str
    year: int
    genres: tuple[str, ...]
    imdb_id: str
    tmdb_id: int
    directors: frozenset[str]
    fame: float
    quality: float


@dataclass(frozen=True)
class Taste:
    """A taste, as tastes.csv lists it."""

    share: float
    needs: frozenset[str]
    welcomes: frozenset[str]
    refuses: frozenset[str]
    era: tuple[int, int]
    directors: frozenset[str]
    anchors: frozenset[str]

    def fit(self, film: Film) -> float:
        """Return how well the film suits this taste, between 0 and 1."""
        if film.title in self.anchors:
            return 1.0
        by_director = DIRECTOR_FIT if self.directors & film.directors else 0.0
        return max(by_director, self._genre_fit(film))

    def _genre_fit(self, film: Film) -> float:
        genres = frozenset(film.genres)
        # A taste that needs no genre is told by its directors and anchors alone.
        if not self.needs or not self.needs <= genres or self.refuses & genres:
            return 0.0
        bonus = BONUS_FIT * (min(len(self.welcomes & genres), 2) if self.welcomes else 1)
        outside = max(self.era[0] - film.year, film.year - self.era[1], 0)
        return (GENRE_FIT + bonus) * float(np.exp(-((outside / ERA_YEARS) ** 2)))


@dataclass(frozen=True)
class World:
    """Everything the raters have in common, film by film."""

    fits: Floats  # tastes x films
    averse: Floats  # aversion genres x films, 1 where the film is of the genre
    shares: Floats
    pull: Floats  # fame, as a weight
    quality: Floats
    canon: Floats
    movie_ids: NDArray[np.int64]
    years: NDArray[np.int64]


def parts(cell: str) -> tuple[str, ...]:
    """Split a cell that lists several names."""
    return tuple(cell.split("|")) if cell else ()


def read_films(path: Path = FOLDER / "films.csv") -> list[Film]:
    """Read the films."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Film(
                movie_id=int(row["movie_id"]),
                title=row["title"],
                year=int(row["year"]),
                genres=parts(row["genres"]),
                imdb_id=row["imdb_id"],
                tmdb_id=int(row["tmdb_id"]),
                directors=frozenset(parts(row["directors"])),
                fame=float(row["fame"]),
                quality=float(row["quality"]),
            )
            for row in csv.DictReader(file)
        ]


def read_tastes(path: Path = FOLDER / "tastes.csv") -> list[Taste]:
    """Read the tastes."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Taste(
                share=float(row["share"]),
                needs=frozenset(parts(row["genres"])),
                welcomes=frozenset(parts(row["bonus_genres"])),
                refuses=frozenset(parts(row["without_genres"])),
                era=(int(row["first_year"] or 0), int(row["last_year"] or LAST_YEAR)),
                directors=frozenset(parts(row["directors"])),
                anchors=frozenset(parts(row["anchors"])),
            )
            for row in csv.DictReader(file)
        ]


def build_world(films: Sequence[Film], tastes: Sequence[Taste]) -> World:
    """Work out what does not depend on the rater."""
    unknown = {name for taste in tastes for name in taste.anchors} - {film.title for film in films}
    if unknown:
        raise ValueError(f"tastes.csv names films that films.csv lacks: {sorted(unknown)}")
    fame = np.array([film.fame for film in films])
    quality = np.array([film.quality for film in films])
    return World(
        fits=np.array([[taste.fit(film) for film in films] for taste in tastes]),
        averse=np.array([[float(g in film.genres) for film in films] for g in AVERSIONS]),
        shares=np.array([taste.share for taste in tastes]),
        pull=FAME_BASE**fame,
        quality=quality,
        # From 0 at 8.5 of the 10 points for fame and quality to CANON_CARE at all 10.
        canon=CANON_CARE * ((fame + quality - 8.5) / 1.5).clip(0.0),
        movie_ids=np.array([film.movie_id for film in films], dtype=np.int64),
        years=np.array([film.year for film in films], dtype=np.int64),
    )


def draw_one(weights: Floats, rng: np.random.Generator) -> int:
    """Draw an index with a chance in proportion to its weight."""
    steps = np.cumsum(weights)
    drawn = int(np.searchsorted(steps, rng.random() * steps[-1], side="right"))
    return min(drawn, len(weights) - 1)


def draw_tastes(world: World, rng: np.random.Generator) -> list[int]:
    """Draw two to four tastes that go together."""
    chosen = [draw_one(world.shares, rng)]
    lengths = np.linalg.norm(world.fits, axis=1)
    similarity = world.fits @ world.fits[chosen[0]] / (lengths * lengths[chosen[0]])
    weights = world.shares * (0.25 + SIMILAR_TASTES * similarity)
    for _ in range(1 + int(np.searchsorted(TASTE_COUNT, rng.random()))):
        weights[chosen] = 0.0
        chosen.append(draw_one(weights, rng))
    return chosen


def draw_aversions(world: World, chosen: list[int], rng: np.random.Generator) -> Floats:
    """Mark with 1 the films of a genre this rater cannot bear."""
    cared_for = world.fits[chosen].max(axis=0) > 0.5
    overlap = (world.averse * cared_for).sum(axis=1) / world.averse.sum(axis=1)
    # Drawn for every genre, needed or not, so that each rater uses as many numbers.
    strikes = rng.random(len(AVERSIONS)) < np.array(list(AVERSIONS.values()))
    marked: Floats = world.averse[strikes & (overlap < 0.2)].sum(axis=0).clip(0.0, 1.0)
    return np.where(cared_for, 0.0, marked)


def draw_seen(chances: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw the films seen, without repetition, the likelier ones more often."""
    wanted = SEEN_MEDIAN * float(np.exp(SEEN_SPREAD * rng.normal()))
    count = int(np.clip(wanted, *SEEN_RANGE))
    # Gumbel noise on log weights: the largest are a weighted draw without replacement.
    keys = np.log(np.maximum(chances, 1e-12)) - np.log(-np.log(rng.random(len(chances))))
    return np.argsort(-keys, kind="stable")[:count]


def draw_stars(expected: Floats, rng: np.random.Generator) -> Floats:
    """Turn what a rater thinks of films into stars."""
    felt = expected + NOISE_STARS * rng.normal(size=len(expected))
    # Whole stars come to mind first, on any scale that has them.
    step = np.where(rng.random(len(expected)) < WHOLE_STARS, 1.0, 0.5)
    stars: Floats = np.clip(np.floor(felt / step + 0.5) * step, 0.5, 5.0)
    return stars


def draw_visits(rng: np.random.Generator) -> list[int]:
    """Draw when a rater visits, in unix seconds, the first visit first."""
    begin = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(LAST_YEAR, 12, 1, tzinfo=UTC).timestamp())
    # The square root: a site gains raters with the years.
    visits = [begin + int((end - begin) * float(np.sqrt(rng.random())))]
    for _ in range(int(rng.integers(0, SESSIONS))):
        visits.append(visits[-1] + int(rng.integers(1, VISIT_DAYS)) * 86_400)
    return [visit for visit in visits if visit < end]


def date_ratings(
    years: NDArray[np.int64], visits: list[int], rng: np.random.Generator
) -> list[int]:
    """Place each rating in a visit that is not before its film's year."""
    clocks = list(visits)
    times = []
    for year in years:
        fitting = [i for i, visit in enumerate(visits) if year_of(visit) >= year]
        at = fitting[int(rng.integers(0, len(fitting)))]
        clocks[at] += int(rng.integers(*PAUSE_SECONDS))
        times.append(clocks[at])
    return times


def year_of(seconds: int) -> int:
    """Return the year of a moment in unix seconds."""
    return datetime.fromtimestamp(seconds, tz=UTC).year


def rate(rater: int, world: World, rng: np.random.Generator) -> list[Rating]:
    """Invent one rater and return everything they rated."""
    chosen = draw_tastes(world, rng)
    averse = draw_aversions(world, chosen, rng)
    care = (world.fits[chosen].T * LATER_TASTE[: len(chosen)]).max(axis=1)
    care = np.maximum(care, np.where(averse > 0, 0.0, world.canon))
    visits = draw_visits(rng)
    chances = world.pull * (CARE_FLOOR + care) ** CARE_POWER
    chances *= np.where(averse > 0, AVERSION_SEEN, 1.0) * (world.years <= year_of(visits[-1]))
    seen = draw_seen(chances, rng)
    expected = (
        BASE_STARS
        + MILDNESS * rng.normal()
        + CARE_STARS * care
        + QUALITY_STARS * (world.quality - MIDDLE_QUALITY)
        - AVERSION_STARS * averse
    )
    stars = draw_stars(expected[seen], rng)
    times = date_ratings(world.years[seen], visits, rng)
    rows = zip(world.movie_ids[seen].tolist(), stars.tolist(), times, strict=True)
    return sorted((rater, movie, star, time) for movie, star, time in rows)


def table(header: str, rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue()


def build_files() -> dict[str, str]:
    """Return the text of every file in the archive, by its name."""
    films = sorted(read_films(), key=lambda film: film.movie_id)
    world = build_world(films, read_tastes())
    rng = np.random.default_rng(SEED)
    ratings = [row for rater in range(1, RATERS + 1) for row in rate(rater, world, rng)]
    movies = [(f.movie_id, f"{f.title} ({f.year})", "|".join(f.genres)) for f in films]
    links = [(f.movie_id, f.imdb_id.removeprefix("tt"), f.tmdb_id) for f in films]
    return {
        "README.txt": README,
        "links.csv": table("movieId,imdbId,tmdbId", links),
        "movies.csv": table("movieId,title,genres", movies),
        "ratings.csv": table("userId,movieId,rating,timestamp", ratings),
    }


def write_archive(path: Path) -> None:
    """Write the archive, with the same bytes every time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in build_files().items():
            entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every platform
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)


if __name__ == "__main__":
    write_archive(ARCHIVE)
    print(f"{ARCHIVE}: {ARCHIVE.stat().st_size:,} bytes")
