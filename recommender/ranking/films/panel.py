"""A sample of raters whose ratings stay in memory, to count which films are rated together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from recommender.arrays import Floats, Ints
from recommender.settings import Ranking
from recommender.storage.cache import cached_property
from recommender.storage.encoding import read_rater
from recommender.storage.hash_order import user_hashes
from recommender.storage.index import Index, pages
from recommender.storage.rater_conditions import RaterCondition

__all__ = ["Panel"]

# Raters fetched by one call, a megabyte or two.
_PAGE = 1024


@dataclass(frozen=True, eq=False)
class Panel:
    """Ratings of some raters, each worth more the more it likes: ``x_ui`` for rater and film.

    Arrays of shape (ratings,) come one film after the other.
    """

    raters: Ints
    """Dense numbers, in the order of their hashes, shape (raters,)."""
    fields: tuple[Mapping[str, Any], ...]
    """What is stored of each rater beside the ratings."""
    starts: Ints
    """Where the ratings of each film begin, shape (films + 1,)."""
    owner: Ints
    """Position of each rating's rater, shape (ratings,)."""
    value: Floats
    """What each rating is worth, shape (ratings,); 0 where it does not count."""
    day: npt.NDArray[np.uint16] | None
    """Day of each rating, since 1970, shape (ratings,); None where the source has no times."""
    size: int
    """How many of the raters count."""

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
        return cls(
            raters=np.fromiter(stored, dtype=np.int64, count=len(stored)),
            fields=tuple({n: v for n, v in p.items() if n != "ratings"} for p in stored.values()),
            starts=np.append(0, np.cumsum(np.bincount(rated.movie, minlength=films))),
            owner=rated.owner[by_film],
            value=np.asarray(ranking.film_values)[states][rated.units[by_film]],
            day=None if rated.day is None else rated.day[by_film],
            size=len(stored),
        )

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
        kept = counts[self.owner]
        if first_day is not None and self.day is not None:
            kept &= self.day >= first_day
        return replace(self, value=self.value * kept, size=int(counts.sum()))

    @cached_property
    def sums(self) -> Floats:
        """Values of each film, summed over the raters: ``s_j``, shape (films,)."""
        return self._sums(self.value)

    @cached_property
    def squares(self) -> Floats:
        """Squared values of each film, summed over the raters: ``G_jj``, shape (films,)."""
        return self._sums(self.value * self.value)

    def _sums(self, values: Floats) -> Floats:
        """Sum what there is of each rating by film, shape (films,)."""
        sums = np.zeros(len(self.starts) - 1)
        if len(self._rated):
            sums[self._rated] = np.add.reduceat(values, self.starts[self._rated])
        return sums

    @cached_property
    def _rated(self) -> Ints:
        """Films that somebody rated."""
        return np.flatnonzero(np.diff(self.starts))

    def together(self, films: Ints, worth: Floats) -> Floats:
        """Count, for every film, how much it is rated together with some of these films.

        ``sum_i worth_i G_ij`` with ``G_ij = sum_u x_ui x_uj``, shape (all films,). ``films`` are
        dense numbers, and ``worth`` says what each counts, both of shape (n,).
        """
        places, column = self._ratings_of(films)
        shared = self.value[places] * worth[column]
        by_rater = np.bincount(self.owner[places], shared, minlength=len(self.raters))
        # In place, because this is most of what a question costs.
        products: Floats = by_rater.astype(np.float64)[self.owner]
        products *= self.value
        return self._sums(products)

    def cross(self, films: Ints, others: Ints) -> Floats:
        """``G`` of some films with others, dense numbers of shape (n,) and (m,); shape (n, m)."""
        table = self._table(films, np.float64)
        both = table.T @ (table if others is films else self._table(others, np.float64))
        return np.asarray(both)

    def gram(self, films: Ints, raters: int) -> Floats:
        """``G`` among some films, dense numbers of shape (n,), over the first ``raters`` alone.

        It is in 32 bits, as fast as can be, and stands for the whole panel; shape (n, n).
        """
        table = self._table(films, np.float32)[:raters]
        counted = (table.T @ table).astype(np.float64)
        return np.asarray(counted * (len(self.raters) / max(len(table), 1)))

    def _table(self, films: Ints, kind: type[np.float32 | np.float64]) -> npt.NDArray[Any]:
        """Values of films by rater, shape (raters, n)."""
        places, column = self._ratings_of(films)
        table = np.zeros((len(self.raters), len(films)), dtype=kind)
        table[self.owner[places], column] = self.value[places]
        return table

    def _ratings_of(self, films: Ints) -> tuple[Ints, Ints]:
        """Places of the ratings of these films, and which of the films each is of."""
        sizes = self.starts[films + 1] - self.starts[films]
        column = np.repeat(np.arange(len(films)), sizes)
        before = np.cumsum(sizes) - sizes
        return np.arange(len(column)) + np.repeat(self.starts[films] - before, sizes), column


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
