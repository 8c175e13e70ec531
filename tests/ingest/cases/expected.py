"""What is right for each case: figures, ratings and movies, worked out without the product."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ingest.sources.movies import MovieMetadata
from recommender import Scale

__all__ = ["CASES", "FILES", "Case", "Figures", "Rows", "expected", "number"]

FILES = Path(__file__).parent / "files"

Rows = dict[tuple[int, int], tuple[float, int | None]]
"""Stars, and day since 1970, by user and movie."""

_FIRST = ("Amber", "Brittle", "Copper", "Distant", "Eager")
_SECOND = ("Harbour", "Lantern", "Orchard", "Pilot", "Quarry", "Violin")
_TITLES = [f"{one} {two}" for one in _FIRST for two in _SECOND]
"""Of movies 1 to 30; movie ``n`` is of the year ``1960 + n``."""


class Figures(NamedTuple):
    """What a source comes to."""

    low: float
    """The scale begins here."""
    high: float
    """It ends here."""
    ratings: int
    users: int
    movies: int
    likes: int
    dislikes: int


R5 = Figures(1, 5, 1080, 60, 30, 522, 384)
R10 = Figures(1, 10, 1080, 60, 30, 459, 516)
RH = Figures(0.5, 5, 1080, 60, 30, 459, 516)
LIKES = Figures(0, 1, 522, 60, 30, 522, 0)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A source, and what is right for it."""

    source: str
    """Below ``FILES``."""
    figures: Figures
    same_as: str = "r5"
    """The control with the same ratings, or "" where the file alone has them."""
    timed: bool = False
    """Whether its days are those of the control."""
    unrated: tuple[str, str] | None = None
    """Name of the file, and what stands for *not rated* in its third column: rows to drop."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Dropped rows by a pattern of the reason."""
    movie: Callable[[int], MovieMetadata] | None = None
    """What is known of each movie; None where the source has no catalogue."""
    asks: str | None = None
    """The option that a refusal may name instead of reading."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Arguments with which it must be read whatever it is without them."""
    integers: bool = True
    """Whether all ids are integers."""
    headers: int = 0
    """Repeated headers, which may be counted as dropped or not."""
    aside: tuple[str, ...] = ()
    """Files that must be named and left."""


def number(key: int | str) -> int:
    """Find the control's number of a user or movie: ``film-11`` is 11, ``Amber Quarry`` is 5."""
    if isinstance(key, int):
        return key
    return _TITLES.index(key) + 1 if key in _TITLES else int(re.sub(r"\D", "", key))


def expected(case: Case) -> Rows:
    """Ratings that count, from the control and, for those not rated, from the file itself."""
    wanted = _control(case.same_as) if case.same_as else {}
    if case.unrated is not None:
        name, sign = case.unrated
        with next(FILES.glob(f"*/{name}")).open(encoding="utf-8", newline="") as lines:
            next(lines)
            said = {(int(row[0]), int(row[1])): row[2] for row in csv.reader(lines)}
        rated = {key: float(stars) for key, stars in said.items() if stars != sign}
        wanted = {key: wanted.get(key, (stars, None)) for key, stars in rated.items()}
    if case.figures.high == 1:
        wanted = {key: (1.0, day) for key, (stars, day) in wanted.items() if stars >= 4}
    if case.figures.users == 61:
        wanted[61, 3] = (5.0, 1_100_000_000 // 86_400)
    return wanted if case.timed else {key: (stars, None) for key, (stars, _) in wanted.items()}


def _control(name: str) -> Rows:
    with (FILES / "00-control" / f"{name}.csv").open(encoding="utf-8") as lines:
        return {
            (int(row["userId"]), int(row["movieId"])): (
                float(row["rating"]),
                int(row["timestamp"]) // 86_400,
            )
            for row in csv.DictReader(lines)
        }


def _film(
    *genres: str, imdb: int | None = None, tmdb: int | None = None, step: int = 1, year: bool = True
) -> Callable[[int], MovieMetadata]:
    """Movies of the titles above; ``imdb`` and ``tmdb`` are the numbers that movie 0 would have."""

    def of(movie: int) -> MovieMetadata:
        return MovieMetadata(
            _TITLES[movie - 1],
            1960 + movie if year else None,
            genres,
            None if imdb is None else f"tt{imdb + movie:07}",
            None if tmdb is None else tmdb + step * movie,
        )

    return of


def _netflix(movie: int) -> MovieMetadata:
    title = {3: "Amber Orchard, Part 2", 4: "Amber Piloté"}.get(movie, _TITLES[movie - 1])
    return MovieMetadata(title, 1960 + movie)


def _literals(movie: int) -> MovieMetadata:
    pair = ("Animation", "Comedy") if movie % 3 == 1 else ("Action", "Drama")
    return _film(*pair)(movie)


def _one_bad_byte(movie: int) -> MovieMetadata:
    title = f"Élan {_TITLES[movie - 1]}" if movie % 2 else _TITLES[movie - 1]
    return MovieMetadata("Amber P\ufffdlot" if movie == 4 else title, 1960 + movie, ("Drama",))


def _one_quote(movie: int) -> MovieMetadata:
    title = {5: '"Amber Quarry', 9: 'Brittle Orchard" again'}.get(movie, _TITLES[movie - 1])
    return MovieMetadata(title, 1960 + movie, ("Drama",))


_UNRATED = r"rated|scale|no rating"
_DRAMA = _film("Drama")
_KAGGLE = _film("Drama", "Comedy", imdb=9_000_000, tmdb=531, step=-1)
_ANY = ".*"


def _columns(**columns: str) -> dict[str, Any]:
    return {"columns": columns}


def _scale(low: float, high: float) -> dict[str, Any]:
    return {"scale": Scale(low=low, high=high)}


CASES = [
    Case(source="00-control/r5.csv", figures=R5, timed=True),
    Case(source="00-control/r10.csv", figures=R10, same_as="r10", timed=True),
    Case(source="00-control/rh.csv", figures=RH, same_as="rh", timed=True),
    Case(
        source="01-letterboxd-kaggle-rating_val/ratings_export.csv",
        figures=R10,
        same_as="r10",
        integers=False,
        options=_columns(user="user_id", movie="movie_id", rating="rating_val"),
    ),
    Case(
        source="02-myanimelist-minus-one",
        figures=Figures(1, 10, 857, 60, 30, 354, 421),
        same_as="r10",
        unrated=("rating.csv", "-1"),
        dropped={_UNRATED: 223},
        movie=_film("Comedy", "Drama", year=False),
        options=_scale(1, 10),
    ),
    Case(
        source="02b-myanimelist-2020-zero/animelist.csv",
        figures=Figures(1, 10, 857, 60, 30, 354, 421),
        same_as="r10",
        unrated=("animelist.csv", "0"),
        dropped={_UNRATED: 223},
        options=_scale(1, 10),
    ),
    Case(
        source="03-zero-means-unrated-five-stars/twenty-percent.csv",
        figures=Figures(1, 5, 849, 60, 30, 410, 301),
        unrated=("twenty-percent.csv", "0"),
        dropped={_UNRATED: 231},
        asks="--scale",
        options=_scale(1, 5),
    ),
    Case(
        source="03-zero-means-unrated-five-stars/two-percent.csv",
        figures=Figures(1, 5, 1058, 60, 30, 514, 374),
        unrated=("two-percent.csv", "0"),
        dropped={_UNRATED: 22},
        asks="--scale",
        options=_scale(1, 5),
    ),
    Case(
        source="04-kaggle-the-movies-dataset/full",
        figures=R5,
        timed=True,
        movie=_KAGGLE,
        aside=("credits.csv", "keywords.csv", "ratings_small.csv"),
    ),
    Case(
        source="04-kaggle-the-movies-dataset/small-only",
        figures=R5,
        timed=True,
        movie=_KAGGLE,
        aside=("credits.csv", "keywords.csv"),
    ),
    Case(
        source="04-kaggle-the-movies-dataset/small-without-credits",
        figures=R5,
        timed=True,
        movie=_KAGGLE,
        aside=("keywords.csv",),
    ),
    Case(
        source="05-kaggle-movielens-20m",
        figures=RH,
        same_as="rh",
        timed=True,
        movie=_film("Comedy", "Drama", imdb=9_000_000, tmdb=500),
    ),
    Case(source="06-netflix-prize-blocks", figures=R5, timed=True, movie=_netflix),
    Case(source="06b-netflix-csv-cust-id/netflix.csv", figures=R5, timed=True),
    Case(
        source="07-book-crossing",
        figures=R10,
        same_as="r10",
        movie=_film(),
        integers=False,
    ),
    Case(
        source="08-hetrec-2011",
        figures=RH,
        same_as="rh",
        timed=True,
        movie=_film("Drama", imdb=9_000_000),
        aside=("user_taggedmovies.dat", "user_taggedmovies-timestamps.dat"),
    ),
    Case(source="09-space-delimited/ratings.txt", figures=R5),
    Case(source="09-space-delimited/double-tab.txt", figures=R5),
    Case(source="10-recbole-atomic", figures=R5, timed=True, movie=_film("Comedy", "Drama")),
    Case(source="10b-recbole-order/toy.inter", figures=R5, timed=True),
    Case(source="11-gorse-feedback/feedback.csv", figures=LIKES, timed=True),
    Case(source="12-decimal-comma/excel-de.csv", figures=RH, same_as="rh", timed=True),
    Case(source="12-decimal-comma/all-commas.csv", figures=RH, same_as="rh"),
    Case(source="13-sep-line/excel.csv", figures=R5, timed=True),
    Case(source="13-sep-line/comma.csv", figures=R5, timed=True),
    Case(source="14-genres-as-literals", figures=R5, timed=True, movie=_literals),
    *(
        Case(
            source=f"15-missing-ids-written-out/{missing}",
            figures=R5,
            timed=True,
            movie=_DRAMA,
            dropped={"no user": 1, "no movie": 1},
        )
        for missing in ("NA", "nan", "NULL", "backslash-N")
    ),
    Case(source="16-review-text-with-line-breaks/reviews.csv", figures=R5, timed=True),
    Case(
        source="17-amazon-item-first/Movies_and_TV.csv",
        figures=R5,
        timed=True,
        integers=False,
        options=_columns(user="2", movie="1", rating="3", time="4"),
    ),
    Case(source="18-containers/ratings.csv.bz2", figures=R5, timed=True),
    Case(source="18-containers/ratings.csv.xz", figures=R5, timed=True),
    Case(source="18-containers/ratings.jsonl", figures=R5, timed=True),
    Case(source="18-containers/ratings.parquet", figures=R5),
    Case(source="18-containers/macos.zip", figures=R5, timed=True),
    Case(source="19-one-bad-byte-in-utf8", figures=R5, timed=True, movie=_one_bad_byte),
    *(
        Case(source=f"20-dates-not-iso/{name}{head}.csv", figures=R5, timed=True, options=options)
        for name, options in (
            ("ctime", {}),
            ("german", {"dates": "day-first"}),
            ("micro", {}),
            ("us", {"dates": "month-first"}),
            ("utc-suffix", {}),
        )
        for head in ("", "-noheader")
    ),
    *(
        Case(
            source=f"21-rating-under-another-name/{name}.csv",
            figures=R5,
            options=_columns(user="userId", movie="movieId", rating=name),
        )
        for name in (
            *("Rate", "note", "preference", "userRating", "user_rating", "value"),
            "weight",
        )
    ),
    # A person's rating by the values, or the average that IMDb has.
    Case(
        source="21-rating-under-another-name/imdb_rating.csv",
        figures=R5,
        asks="--columns",
        options=_columns(user="userId", movie="movieId", rating="imdb_rating"),
    ),
    # Ratings of up to ten by the heading, of up to five by the values.
    Case(
        source="21-rating-under-another-name/rating10.csv",
        figures=R5,
        asks="--scale",
        options=_scale(1, 5),
    ),
    Case(source="22-odd-columns/comment-lines.csv", figures=R5),
    Case(source="22-odd-columns/pandas-index-headless.csv", figures=R5, timed=True),
    Case(source="22-odd-columns/r-write-table.csv", figures=R5),
    Case(source="22-odd-columns/trailing-comma-headless.csv", figures=R5, timed=True),
    Case(source="22-odd-columns/trailing-comma-rows.csv", figures=R5, timed=True),
    Case(source="23-wide-matrix/matrix.csv", figures=R5, integers=False),
    Case(
        source="24-imdb-title-ratings-beside",
        figures=R5,
        timed=True,
        movie=_DRAMA,
        aside=("title.ratings.tsv",),
    ),
    Case(
        source="24b-another-table-of-three-columns",
        figures=R5,
        timed=True,
        aside=("budgets.csv",),
    ),
    Case(source="25-tsv-title-with-one-quote", figures=R5, timed=True, movie=_one_quote),
    Case(
        source="26-links-as-floats",
        figures=R5,
        timed=True,
        movie=_film("Drama", imdb=114_700, tmdb=860),
    ),
    Case(
        source="28-header-repeated-inside/ints.csv",
        figures=Figures(1, 5, 1081, 61, 30, 523, 384),
        timed=True,
        headers=1,
    ),
    Case(
        source="28-header-repeated-inside/footer.csv",
        figures=R5,
        timed=True,
        dropped={_ANY: 1},
    ),
    Case(source="28-header-repeated-inside/leading-zeros.csv", figures=R5),
    Case(source="29-title-instead-of-id/three.csv", figures=R5, integers=False),
    Case(source="29-title-instead-of-id/five.csv", figures=R5, integers=False),
    Case(
        source="42-jester-minus-ten/jester.csv",
        figures=Figures(-10, 10, 989, 57, 29, 343, 474),
        same_as="",
        unrated=("jester.csv", "99"),
        dropped={_UNRATED: 91},
        asks="--scale",
        options=_scale(-10, 10),
    ),
]
