"""Ratings as MovieLens has them, at any scale, made up from a seed.

::

    python -m benchmarks.data.ratings --ratings 32M FOLDER

writes ``ratings.csv``, ``movies.csv`` and ``links.csv``, the same bytes on every machine, in memory
that does not grow with the number of ratings. Sizes named as the data sets of MovieLens have their
numbers of people and movies; others lie between, and beyond 32M they are extrapolated. How many
ratings people give and movies get is decided in :mod:`benchmarks.data.shape`.

Everybody belongs to two of 48 crowds, mostly to the first. What the crowds like decides which films
are drawn, and, with how good the film and how mild the person is, the stars; the shares of the
stars are those of MovieLens 25M. Most people rate in one sitting. Rows are in order of person and
movie.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from benchmarks.data.films import CROWDS, Films, make_films, write_films
from benchmarks.data.shape import SCALES, Scale, activity, draw_weights, popularity, scale_of
from recommender.arrays import Floats, Ints

__all__ = ["write_ratings"]

Block = npt.NDArray[np.void]
"""Ratings of some people: the fields of ``ROW``."""
ROW = np.dtype([("user", "<u4"), ("movie", "<u4"), ("half_stars", "u1"), ("time", "<u4")])
"""Ids, stars times two, and seconds since 1970."""

# Ratings made at a time.
_BLOCK = 1_000_000
# Person and film are kept as one number, which sorts fast: the film in these low bits.
_MOVIE_BITS = 20
# Seconds since 1970 of the first and the last rating of MovieLens 32M.
_FIRST_DAY, _LAST_DAY = 789_652_009, 1_697_164_147
# Part of a person's films that are drawn, and of their taste that is formed, by the second crowd.
_SECOND_CROWD = 0.3
# How far the films of one taste are drawn more often: of the logarithm of the odds.
_PULL = 1.6
# Of 0.5 to 5 stars, in MovieLens 25M.
_STARS = (393_068, 776_815, 399_490, 1_640_868, 1_262_797, 4_896_928, 3_177_318, 6_639_798,
          2_200_539, 3_612_474)  # fmt: skip


class _World:
    """People and films, and the odds that one rates the other."""

    def __init__(self, scale: Scale, seed: int) -> None:
        self._seed = seed
        dice = np.random.default_rng([seed, 0])
        rising = activity(scale)
        self.films: Films = make_films(int(scale.movies), dice)
        weights, draws = draw_weights(popularity(scale), rising, _PULL)
        order = dice.permutation(len(rising))
        self.active, self._draws = rising[order], draws[order]
        odds = np.exp(_PULL * self.films.taste) * weights[self.films.fame]
        odds = odds.astype(np.float32).astype(np.float64)
        self._odds = odds / odds.sum(axis=1, keepdims=True)
        # One rising table for all crowds: that of crowd c lies between c and c + 1.
        table = np.cumsum(self._odds, axis=1)
        self._table = (table / table[:, -1:] + np.arange(CROWDS)[:, None]).ravel()
        self.crowds = dice.integers(CROWDS, size=(len(rising), 2))
        self._mildness = dice.standard_normal(len(rising))
        self._steps = self._steps_of_stars(dice)
        seconds = _LAST_DAY - _FIRST_DAY
        self._since = _FIRST_DAY + dice.integers(seconds, size=len(rising))
        # Half of all people stay for an hour or two, one in a hundred for ten years.
        self._stay = dice.random(len(rising)) ** 16 * (_LAST_DAY - self._since)

    def blocks(self) -> Iterator[Block]:
        """All ratings, people and their movies in ascending order, some people at a time."""
        ends = np.cumsum(self.active)
        starts = np.flatnonzero(np.diff(ends // _BLOCK, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(ends)], strict=True):
            yield self._block(int(start), int(end))

    def _block(self, start: int, end: int) -> Block:
        dice = np.random.default_rng([self._seed, 1, start])
        person, film = self._choose(start, end, dice)
        user = start + person
        rows = np.empty(len(film), dtype=ROW)
        rows["user"] = user + 1
        rows["movie"] = self.films.ids[film]
        rows["half_stars"] = 1 + np.searchsorted(self._steps, self._liking(user, film, dice))
        rows["time"] = self._since[user] + self._stay[user] * dice.random(len(film)) ** 2
        return rows

    def _choose(self, start: int, end: int, dice: np.random.Generator) -> tuple[Ints, Ints]:
        """As many different films for each person as they rate, in ascending order."""
        wanted = self.active[start:end]
        # Whoever has seen a large part of all films would draw for long: they choose in one step.
        many = wanted > len(self.films.ids) // 8
        found: Ints = np.empty(0, dtype=np.int64)
        short, spare = np.where(many, 0, wanted), 2
        while short.any():
            more = np.ceil(1.1 * self._draws[start:end] * short / wanted + spare * (short > 0))
            person = np.repeat(np.arange(end - start), more.astype(np.int64))
            found = _joined(found, person << _MOVIE_BITS | self._draw(start + person, dice))
            has = np.bincount(found >> _MOVIE_BITS, minlength=end - start)
            short, spare = np.maximum(np.where(many, 0, wanted - has), 0), 2 * spare
        chosen = [
            place << _MOVIE_BITS | self._choose_many(start + place, int(wanted[place]), dice)
            for place in np.flatnonzero(many).tolist()
        ]
        found = _joined(_some(found, wanted, dice), np.concatenate([found[:0], *chosen]))
        return found >> _MOVIE_BITS, found & ((1 << _MOVIE_BITS) - 1)

    def _draw(self, user: Ints, dice: np.random.Generator) -> Ints:
        """A film for each, by the odds of one of their crowds."""
        crowd = self.crowds[user, (dice.random(len(user)) < _SECOND_CROWD).astype(np.int64)]
        sought, films = crowd + dice.random(len(user)), len(self.films.ids)
        # Sought in order, the table passes through the processor's cache once.
        order = np.argsort(sought)
        place = np.empty(len(user), dtype=np.int64)
        place[order] = np.searchsorted(self._table, sought[order], side="right")
        return np.asarray(np.minimum(place - crowd * films, films - 1))

    def _choose_many(self, user: int, number: int, dice: np.random.Generator) -> Ints:
        """Films drawn one after the other without replacement, by the order of waiting times."""
        first, second = self._odds[self.crowds[user]]
        odds = (1 - _SECOND_CROWD) * first + _SECOND_CROWD * second
        waiting = dice.standard_exponential(len(odds)) / odds
        return np.asarray(np.argpartition(waiting, number)[:number])

    def _liking(self, user: Ints, film: Ints, dice: np.random.Generator) -> Floats:
        first, second = self.crowds[user].T
        taste = self.films.taste
        match = (1 - _SECOND_CROWD) * taste[first, film] + _SECOND_CROWD * taste[second, film]
        noise = dice.standard_normal(len(film))
        shared = 0.4 * self._mildness[user] + 0.45 * self.films.quality[film]
        return np.asarray(shared + 0.4 * match + 0.7 * noise)

    def _steps_of_stars(self, dice: np.random.Generator) -> Floats:
        """Where one number of stars ends and the next begins, by the first people's liking."""
        end = int(np.searchsorted(np.cumsum(self.active), _BLOCK // 4)) + 1
        person, film = self._choose(0, min(end, len(self.active)), dice)
        return np.quantile(self._liking(person, film, dice), np.cumsum(_STARS)[:-1] / sum(_STARS))


def _joined(found: Ints, more: Ints) -> Ints:
    """Both in ascending order and each once; the first are already."""
    more.sort()
    both = np.append(found, more)
    both.sort(kind="stable")  # merges what is sorted
    return np.asarray(both[np.append(True, both[1:] != both[:-1])])


def _some(found: Ints, wanted: Ints, dice: np.random.Generator) -> Ints:
    """As many of everybody's films as are wanted, by chance."""
    has = np.bincount(found >> _MOVIE_BITS, minlength=len(wanted))
    chance = dice.integers(1 << 24, size=len(found))
    order = np.argsort((found >> _MOVIE_BITS) << 24 | chance, kind="stable")
    rank = np.arange(len(found)) - np.repeat(np.cumsum(has) - has, has)
    return np.sort(found[order[rank < np.repeat(wanted, has)]])


def write_ratings(folder: Path, size: str, *, seed: int = 0) -> int:
    """Write the three files; returns the number of ratings.

    Raises ValueError where ``size`` is none.
    """
    world = _World(scale_of(size), seed)
    folder.mkdir(parents=True, exist_ok=True)
    write_films(world.films, folder, np.random.default_rng([seed, 2]))
    return _write(folder / "ratings.csv", world.blocks())


def _write(path: Path, parts: Iterable[Block]) -> int:
    names = pa.schema(
        [
            ("userId", pa.uint32()),
            ("movieId", pa.uint32()),
            ("rating", pa.string()),
            ("timestamp", pa.uint32()),
        ]
    )
    stars = pa.array([f"{half / 2:.1f}" for half in range(11)])
    written = 0
    options = csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        file.write(f"{','.join(names.names)}\n".encode())
        with csv.CSVWriter(file, names, write_options=options) as writer:
            for rows in parts:
                columns = [pa.array(np.ascontiguousarray(rows[name])) for name in ROW.names or ()]
                columns[2] = stars.take(columns[2])
                writer.write_table(pa.table(columns, schema=names))
                written += len(rows)
    return written


def main() -> None:
    """Write the files, and say how many ratings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ratings", default="1M", help=f"{', '.join(SCALES)}, or any such number")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    try:
        written = write_ratings(chosen.folder, chosen.ratings, seed=chosen.seed)
    except ValueError:
        parser.error(
            f"{chosen.ratings!r} is no number of ratings: give one such as 32M, 20K at least"
        )
    print(f"{written:,} ratings in {chosen.folder}")


if __name__ == "__main__":
    main()
