"""How many ratings people give and movies get, at any size, as MovieLens has it.

Two curves, each fitted to what is published of the data sets, or was counted in MovieLens 1M:

- *activity*: with ``z`` the normal quantile of a person, ``19 + (median - 19) exp(s z - b z²)``
  ratings. Published are median and mean; the bend ``b`` was chosen by the tail; ``s`` is solved for
  the total. One person, as in the larger data sets, has many more than all others.
- *popularity*: the movie at the part ``x`` of all movies, most rated first, has
  ``1.5 + top exp(-a x^p) (1 - x)^1.5`` ratings: a Zipf-like curve with a cut-off. Published are the
  top and Gini's coefficient, which decides ``p``; ``a`` is solved for the total. On MovieLens 1M it
  lies within 8 % of the counts of every movie, in the quadratic mean of the logarithms.

::

    python -m benchmarks.data.shape FOLDER...

shows the shape of ratings that lie somewhere, made up or real.

Sources: the READMEs of the data sets, https://codex.lenskit.org/movielens/ (Gini) and
https://seljuk.me/movielens-25m-dataset-published.html (largest counts).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from pyarrow import csv
from scipy.special import ndtri

from benchmarks.report import Row, arguments, show
from recommender.arrays import Floats, Ints

__all__ = [
    "SCALES",
    "Scale",
    "activity",
    "draw_weights",
    "gini",
    "popularity",
    "scale_of",
    "shape_of",
]

LEAST = 20
"""Ratings of the least active person: MovieLens keeps nobody with fewer."""
# Of the curve of popularity: ratings of the least rated movie, and the power of its cut-off.
_FLOOR, _CUT = 1.5, 1.5


@dataclass(frozen=True)
class Scale:
    """The size of a data set, and what its curves go by."""

    ratings: float
    users: float
    movies: float
    median: float
    """Ratings of the person in the middle."""
    most: float
    """Ratings of the most active one."""
    bend: float
    top: float
    """Part of the people who rated the most rated movie."""
    power: float


SCALES = {
    "100K": Scale(100_000, 943, 1_682, 65, 737, 0.15, 0.618, 0.336),
    "1M": Scale(1_000_209, 6_040, 3_706, 96, 2_314, 0.13, 0.5675, 0.27),
    "3M": Scale(3_000_000, 20_000, 6_000, 82, 4_000, 0.11, 0.53, 0.31),
    "10M": Scale(10_000_054, 69_878, 10_681, 69, 7_359, 0.085, 0.4989, 0.35),
    "25M": Scale(25_000_095, 162_541, 62_423, 71, 32_202, 0.095, 0.5014, 0.357),
    "32M": Scale(32_000_204, 200_948, 87_585, 73, 33_332, 0.095, 0.5122, 0.34),
    # Nobody has published one: people as active as in 32M, and movies that become more slowly. Nor
    # one of 3M, which lies between its neighbours.
    "100M": Scale(100_000_000, 627_958, 150_000, 73, 50_000, 0.095, 0.5122, 0.34),
}


def scale_of(size: str) -> Scale:
    """Scale of a size such as ``32M`` or ``50K``, interpolated in the logarithms unless named.

    Below the smallest and above the largest, the numbers of people and movies keep their relation
    to the ratings.

    Raises ValueError where it is no size, or one below 20K, too small for the curves.
    """
    if size.upper() in SCALES:
        return SCALES[size.upper()]
    ratings = float(size[:-1]) * {"K": 1e3, "M": 1e6, "B": 1e9}[size[-1:].upper()]
    if not 20_000 <= ratings <= 1e10:
        raise ValueError(size)
    known = np.log([astuple(scale) for scale in SCALES.values()])
    users, movies, median, most, bend, top, power = (
        math.exp(float(np.interp(math.log(ratings), known[:, 0], column))) for column in known.T[1:]
    )
    beyond = ratings / min(max(ratings, SCALES["100K"].ratings), SCALES["100M"].ratings)
    users, movies = round(users * beyond), round(movies * math.sqrt(beyond))
    most = min(most, movies / 3)
    return Scale(round(ratings), users, movies, min(median, most / 3), most, bend, top, power)


def activity(scale: Scale) -> Ints:
    """Ratings of every person, the least active first, their sum that of the scale exactly.

    Shape (users,).
    """
    users, most = int(scale.users), int(scale.most)
    total = int(scale.ratings) - most
    z = ndtri((np.arange(users - 1) + 0.5) / (users - 1))

    def curve(slope: float) -> Floats:
        above = (scale.median - LEAST + 1) * np.exp(slope * z - scale.bend * z * z)
        return np.asarray(np.clip(LEAST - 1 + above, LEAST, 0.9 * most))

    exact = curve(_solve(lambda slope: curve(slope).sum() - total, 0.1, 4.0))
    return np.sort(np.append(_whole(exact, total), most))


def popularity(scale: Scale) -> Floats:
    """Ratings that every movie is to get, the most rated first; shape (movies,)."""
    movies = int(scale.movies)
    x = (np.arange(movies) + 0.5) / movies
    top = scale.top * scale.users - _FLOOR

    def curve(steepness: float) -> Floats:
        zipf = np.exp(-steepness * (x**scale.power - x[0] ** scale.power))
        return np.asarray(_FLOOR + top * zipf * (1 - x) ** _CUT)

    return curve(_solve(lambda steepness: scale.ratings - curve(steepness).sum(), 0.0, 400.0))


def draw_weights(counts: Floats, active: Ints, spread: float) -> tuple[Floats, Floats]:
    """Weights of movies, and numbers of draws of people, that lead to these counts.

    Who draws ``d`` times with replacement meets a movie of weight ``w`` with the probability
    ``1 - exp(-d w)``: people with many ratings have seen all famous films, so that counts are less
    steep than weights. Solved by fixed-point iteration for some of the movies and people.

    Parameters
    ----------
    counts
        Ratings of movies, falling, shape (movies,).
    active
        Ratings of people, rising, shape (users,).
    spread
        Standard deviation of the logarithm of a taste's factor, which has the mean 1.

    Returns
    -------
    Weights with the sum 1, shape (movies,), and draws, shape (users,).
    """
    at = np.unique(np.geomspace(1, len(counts), 400).astype(np.int64)) - 1
    stand_for = np.diff(np.append(at, len(counts))).astype(np.float64)
    crowds = np.array_split(active, 48)
    rated = np.array([crowd.mean() for crowd in crowds if len(crowd)])
    people = np.array([float(len(crowd)) for crowd in crowds if len(crowd)])
    taste = np.exp(spread * ndtri((np.arange(5) + 0.5) / 5))
    taste /= taste.mean()
    wanted = counts[at] * active.sum() / (counts[at] @ stand_for)
    weights = wanted / (wanted @ stand_for)
    draws = rated.copy()
    for _ in range(80):
        missed = np.exp(-draws[:, None, None] * weights[:, None] * taste)
        distinct = (1 - missed).mean(axis=2)
        # One step of Newton's method towards as many different movies as people rated.
        slope = (missed * weights[:, None] * taste).mean(axis=2) @ stand_for
        draws += np.maximum((rated - distinct @ stand_for) / slope, -draws / 2)
        weights *= (wanted / (people @ distinct)) ** 0.8
        weights /= weights @ stand_for
    logs = np.interp(np.log(np.arange(len(counts)) + 1), np.log(at + 1), np.log(weights))
    all_weights = np.exp(logs)
    all_draws = np.exp(np.interp(np.log(active), np.log(rated), np.log(draws / rated)))
    # As 32-bit numbers, so that the last digit of a machine's logarithm decides nothing.
    weights_32, draws_32 = all_weights / all_weights.sum(), active * all_draws
    return _rounded(weights_32), _rounded(draws_32)


def _rounded(values: Floats) -> Floats:
    return values.astype(np.float32).astype(np.float64)


def _whole(exact: Floats, total: int) -> Ints:
    """Round to whole numbers of this sum, the largest remainders up."""
    whole = np.floor(exact).astype(np.int64)
    up = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[up] += 1
    return whole


def _solve(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function is zero, to nine digits, the same on every machine."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return float(f"{low:.9g}")


def gini(counts: Ints) -> float:
    """Gini's coefficient of counts: 0 where all are equal, nearly 1 where one has all."""
    rising = np.sort(counts)
    rank = np.arange(1, len(rising) + 1)
    return float(
        2 * (rank @ rising) / (len(rising) * rising.sum()) - (len(rising) + 1) / len(rising)
    )


def shape_of(folder: Path) -> dict[str, Row]:
    """Activity and popularity of the ratings in a folder's ``ratings.csv``."""
    table = csv.read_csv(folder / "ratings.csv")
    people, movies = (
        np.sort(table.column(place).value_counts().field("counts").to_numpy()) for place in (0, 1)
    )

    def quantiles(counts: Ints, *parts: float) -> dict[str, int]:
        return {f"{100 * part:g} %": int(np.quantile(counts, part)) for part in parts}

    return {
        "Ratings of a person": {
            "": folder.name,
            "people": len(people),
            "least": int(people[0]),
            **quantiles(people, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99),
            "most": int(people[-1]),
        },
        "Ratings of a movie": {
            "": folder.name,
            "rated": len(movies),
            **quantiles(movies, 0.25, 0.5, 0.75, 0.9, 0.99),
            "most": int(movies[-1]),
            "by people": f"{100 * movies[-1] / len(people):.1f} %",
            "Gini": gini(movies),
        },
    }


def main() -> None:
    """Print the shapes, one folder a line."""
    parser = arguments(__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="with a ratings.csv of MovieLens")
    chosen = parser.parse_args()
    found = [shape_of(folder) for folder in chosen.folders]
    tables = {title: [one[title] for one in found] for title in found[0]}
    show(tables, tables, as_json=chosen.json)


if __name__ == "__main__":
    main()
