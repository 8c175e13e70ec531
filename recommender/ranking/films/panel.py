"""A sample of raters whose ratings stay in memory, to count which films are rated together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from recommender.arrays import Bytes, Floats, Ints, Mask
from recommender.settings import Ranking
from recommender.storage.cache import cached_property
from recommender.storage.encoding import read_rater
from recommender.storage.hash_order import user_hashes
from recommender.storage.index import Index, pages, spans
from recommender.storage.rater_conditions import RaterCondition

__all__ = ["Panel"]

# Raters fetched by one call, a megabyte or two.
_PAGE = 1024
# Films whose co-ratings are counted once, 28 MB of them: those of most questions.
_COMMON = 1536


@dataclass(frozen=True, eq=False)
class Panel:
    """Ratings of some raters, each worth more the more it likes: ``x_ui`` for rater and film.

    Arrays of shape (ratings,) come one film after the other, and of a film in the raters' order.
    """

    raters: Ints
    """Dense numbers, in the order of their hashes, shape (raters,)."""
    fields: tuple[Mapping[str, Any], ...]
    """What is stored of each rater beside the ratings."""
    counts: Floats
    """1 for raters who count, else 0, shape (raters,)."""
    starts: Ints
    """Where the ratings of each film begin, shape (films + 1,)."""
    owner: Ints
    """Position of each rating's rater, shape (ratings,)."""
    level: Bytes
    """Which of the levels each rating is worth, shape (ratings,)."""
    levels: Floats
    """What a rating can be worth: by state, and at the end 0 for ratings that do not count."""
    day: npt.NDArray[np.uint16] | None
    """Day of each rating, since 1970, shape (ratings,); None where the source has no times."""
    cell: Ints
    """Place of each rating in a table of levels by raters, shape (ratings,)."""
    first: int
    """Of how many raters :meth:`gram` counts."""
    most: int
    """How many films, the most rated ones, have their co-ratings counted once for all questions."""

    @classmethod
    def read(cls, index: Index, ranking: Ranking) -> Self:
        """Take the ``panel`` stored raters that come first in the order of their hashes.

        Who that is follows from what is stored alone: the same for every engine, and after an
        append the same as after a full ingest. Forgotten raters, and those with too few ratings to
        be neighbours, are passed over.
        """
        manifest = index.manifest
        films = manifest.counts.movies
        stored = dict(_first_stored(index, ranking.panel))
        rated = index.rated([read_rater(*one) for one in stored.items()])
        # numpy sorts 16 bits many times as fast as 64.
        by_film = np.argsort(rated.movie.astype(np.min_scalar_type(films)), kind="stable")
        states = manifest.scale.unit_states(manifest.weighting)
        return cls.of(
            np.fromiter(stored, dtype=np.int64, count=len(stored)),
            tuple({n: v for n, v in p.items() if n != "ratings"} for p in stored.values()),
            starts=np.append(0, np.cumsum(np.bincount(rated.movie, minlength=films))),
            owner=rated.owner[by_film],
            level=states[rated.units[by_film]],
            levels=np.append(ranking.film_values, 0.0),
            day=None if rated.day is None else rated.day[by_film],
            first=ranking.ease_raters,
        )

    @classmethod
    def of(
        cls,
        raters: Ints,
        fields: tuple[Mapping[str, Any], ...],
        *,
        starts: Ints,
        owner: Ints,
        level: Bytes,
        levels: Floats,
        first: int,
        day: npt.NDArray[np.uint16] | None = None,
    ) -> Self:
        """Make a panel all of whose raters count."""
        cell = level.astype(np.int64) * len(raters) + owner
        counts = np.ones(len(raters))
        return cls(raters, fields, counts, starts, owner, level, levels, day, cell, first, _COMMON)

    def restricted(
        self, condition: RaterCondition | None, first_day: int | None, leave_out: int | None
    ) -> Panel:
        """Let only those count who meet a condition, and their ratings from a day on.

        ``leave_out`` is the dense number of a rater who does not count.
        """
        if condition is None and first_day is None and leave_out is None:
            return self
        counts = self.raters != leave_out
        if condition is not None:
            counts &= np.array([condition.met_by(fields) for fields in self.fields], dtype=bool)
        level, cell = self.level, self.cell
        if first_day is not None and self.day is not None:
            level = np.where(self.day >= first_day, level, len(self.levels) - 1).astype(np.uint8)
            cell = level.astype(np.int64) * len(self.raters) + self.owner
        # Few questions have a restriction in common: counting once for all would not pay.
        counting = counts.astype(np.float64)
        return replace(self, counts=counting, level=level, cell=cell, most=0)

    @cached_property
    def size(self) -> int:
        """How many of the raters count."""
        return int(self.counts.sum())

    @cached_property
    def sums(self) -> Floats:
        """Values of each film, summed over the raters: ``s_j``, shape (films,)."""
        return self.weighted(self.counts, np.arange(len(self.starts) - 1))

    @cached_property
    def squares(self) -> Floats:
        """Squared values of each film, summed over the raters: ``G_jj``, shape (films,)."""
        films = np.arange(len(self.starts) - 1)
        return self._summed(np.multiply.outer(self.levels**2, self.counts), films)

    @cached_property
    def _most_rated(self) -> Ints:
        """Films whose co-ratings are counted once, dense numbers."""
        sizes = np.diff(self.starts)
        return np.argsort(-sizes, kind="stable")[: self.most] if self.most else sizes[:0]

    @cached_property
    def _place(self) -> Ints:
        """Place of each film among these, -1 for others, shape (films,)."""
        place = np.full(len(self.starts) - 1, -1, dtype=np.int64)
        place[self._most_rated] = np.arange(len(self._most_rated))
        return place

    def is_rare(self, films: Ints) -> Mask:
        """Tell which films' co-ratings are counted at every question."""
        return np.asarray(self._place[films] < 0)

    @cached_property
    def _common(self) -> tuple[Floats, npt.NDArray[np.float32]]:
        """``G`` of the most rated films, over the whole panel and, in 32 bits, over the first."""
        table = self.table(self._most_rated)
        first = table[:, : self.first].astype(np.float32)
        return table @ table.T, first @ first.T

    def together(self, films: Ints, worth: Floats, others: Ints) -> Floats:
        """Count how much films are rated together with some: ``sum_i worth_i G_ij``, shape (m,).

        ``films`` are dense numbers, ``worth`` says what each of them counts, both of shape (n,);
        ``others`` are dense numbers, ascending, shape (m,).
        """
        rare, rare_others = self.is_rare(films), self.is_rare(others)
        found, common = np.zeros(len(others)), others[~rare_others]
        found[~rare_others] = worth[~rare] @ self.cross(films[~rare], common)
        if rare.any() and len(common):
            by_rater = worth[rare] @ self.table(films[rare])
            found[~rare_others] += self.weighted(by_rater, common)
        if rare_others.any():
            by_rater = worth @ self.table(films)
            found[rare_others] = self.weighted(by_rater, others[rare_others])
        return found

    def weighted(self, weights: Floats, films: Ints) -> Floats:
        """Add up what raters say of films: ``sum_u weights_u x_uj``, shape (n,).

        ``weights`` has shape (raters,) and is 0 for those who do not count; ``films`` are dense
        numbers, ascending, shape (n,).
        """
        few = np.flatnonzero(weights)
        if self.most and len(few) < len(self.raters) // 8:
            order, starts, film = self._by_rater
            places, sizes = spans(starts, few)
            places = order.take(places)
            votes = np.repeat(weights[few], sizes) * self.levels.take(self.level.take(places))
            found = np.bincount(film.take(places), votes, minlength=len(self.starts) - 1)
            return np.asarray(found[films], dtype=np.float64)
        return self._summed(np.multiply.outer(self.levels, weights), films)

    @cached_property
    def _by_rater(self) -> tuple[Ints, Ints, Ints]:
        """Places of the ratings in the raters' order, where each one's begin, and of which films
        the ratings are."""
        raters, films = len(self.raters), len(self.starts) - 1
        order = np.argsort(self.owner.astype(np.min_scalar_type(raters)), kind="stable")
        starts = np.append(0, np.cumsum(np.bincount(self.owner, minlength=raters)))
        return order, starts, np.repeat(np.arange(films), np.diff(self.starts))

    def _summed(self, table: Floats, films: Ints) -> Floats:
        """Sum what a table of levels by raters says of each rating by film, shape (n,)."""
        places, sizes = spans(self.starts, films)
        if len(places) < len(self.cell) // 4:
            chosen = self.cell.take(places)
        else:
            # One pass over all ratings is faster then.
            chosen, sizes = self.cell, np.diff(self.starts)
        found, rated = np.zeros(len(sizes)), np.flatnonzero(sizes)
        if len(rated):
            starts = np.cumsum(sizes) - sizes
            found[rated] = np.add.reduceat(table.ravel().take(chosen), starts[rated])
        return found if len(found) == len(films) else found[films]

    def cross(self, films: Ints, others: Ints) -> Floats:
        """``G`` of some films with others, dense numbers of shape (n,) and (m,); shape (n, m)."""
        return self._picked(films, others, len(self.raters), np.float64)

    def gram(self, films: Ints) -> Floats:
        """``G`` among some films, dense numbers of shape (n,), over the ``first`` raters alone.

        It is in 32 bits, as fast as can be, and stands for the whole panel; shape (n, n).
        """
        raters = min(self.first, len(self.raters))
        counted = self._picked(films, films, raters, np.float32)
        return np.asarray(counted.astype(np.float64) * (len(self.raters) / max(raters, 1)))

    def _picked(self, films: Ints, others: Ints, raters: int, kind: type[Any]) -> npt.NDArray[Any]:
        """``G`` of films with others over the first raters: looked up, or counted for rare ones."""
        if not len(films) or not len(others):
            return np.zeros((len(films), len(others)), dtype=kind)
        rows, columns = self._place[films], self._place[others]
        if (rows < 0).all() or (columns < 0).all():
            table = self._table(films, raters, kind)
            other = table if others is films else self._table(others, raters, kind)
            return np.asarray(table @ other.T)
        common = self._common[kind is np.float32]
        # take() is much faster than indexing; what it finds of rare films is written over.
        found = common.take(rows[:, None] * len(common) + columns, mode="wrap")
        if (rare := rows < 0).any():
            table = self._table(others, raters, kind)
            own = table[rare] if others is films else self._table(films[rare], raters, kind)
            found[rare] = own @ table.T
        if others is films:
            found[:, rare] = found[rare].T
        elif (rare := columns < 0).any():
            table = self._table(films, raters, kind)
            found[:, rare] = table @ self._table(others[rare], raters, kind).T
        return found

    def table(self, films: Ints) -> Floats:
        """Values of films by rater, 0 for raters who do not count, shape (n, raters)."""
        return self._table(films, len(self.raters), np.float64)

    def _table(self, films: Ints, raters: int, kind: type[Any]) -> npt.NDArray[Any]:
        """Values of films by each of the first raters."""
        places, sizes = spans(self.starts, films)
        row, every = np.repeat(np.arange(len(films)), sizes), len(self.raters)
        table = np.zeros((len(films), every), dtype=kind)
        values = self.levels.astype(kind).take(self.level.take(places))
        table.ravel()[self.owner.take(places) + row * every] = values
        if self.size < every:
            table *= self.counts
        return table[:, :raters]


def _first_stored(index: Index, size: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the first raters in the order of hashes, by dense number, with their payloads."""
    manifest = index.manifest
    order = np.argsort(user_hashes(np.arange(manifest.maintenance.next_user)))
    for numbers in pages(order.tolist(), _PAGE):
        found = index.user_points.payloads(numbers)
        for number in numbers:
            payload = found.get(number, {"rating_count": 0})
            if payload["rating_count"] >= manifest.weighting.min_ratings:
                yield number, payload
                size -= 1
                if not size:
                    return
