"""The visitor's list and the rows below it: what is asked, and in what order they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import NamedTuple

from recommender import IndexStats, Recommendation, Recommendations, Recommender, Row
from ui.components import cards
from ui.components.cards import Group
from ui.components.filter_controls import SORTS
from ui.state.filters import Filters
from ui.state.visit import FilterChoice, Visit
from ui.text import count

__all__ = ["IN_A_ROW", "MOST", "Asked", "Lists"]

IN_A_ROW = 12
MOST = 1_000
"""Films that the recommender gives at once."""
_SORTED = 100  # best matches that are put in another order
_OWN = "top_picks"  # name of the row that is the visitor's list

_BEST = SORTS[0]
# What comes first in each other order; what has no stars or no year comes last.
_ORDERS: dict[str, tuple[str, Callable[[Recommendation], float]]] = {
    "Predicted stars": (
        "highest predicted stars first",
        lambda row: -1.0 if row.predicted_rating is None else row.predicted_rating,
    ),
    "Newest": ("newest first", lambda row: row.movie.year or 0),
    "Best known": ("best known first", lambda row: row.movie.ratings),
}


class Lists(NamedTuple):
    """The visitor's list and the rows below it."""

    groups: tuple[Group, ...]
    size: int
    """Films of the list, or of what everybody likes where there is none; more may be left out."""
    nobody: bool
    """Whether the filters leave no kindred rater."""


@dataclass(frozen=True)
class Asked:
    """What a page asks: every question of it has the same filters."""

    recommender: Recommender
    visit: Visit
    stats: IndexStats
    filters: Filters
    sort: str
    above: Set[int | str]
    """Films that stand above the list, and are left out."""

    def __post_init__(self) -> None:
        self.visit.filters = self._choice(self.filters, self.above | self._late)

    @property
    def question(self) -> object:
        """All that the lists depend on."""
        visit = self.visit
        filters = (self.filters.values, visit.filters, self._late)
        return (visit.shown, visit.guest is None, filters, self.sort, visit.more)

    def without(self, *names: str) -> Recommendations:
        """Ask for all of the list that there would be without some filters, or without any."""
        return self._best(MOST, self._choice(self.filters.without(*names), self.above))

    def lists(self) -> Lists:
        """Ask for the list and the rows; where the best match comes first it is one question."""
        choice, size = self.visit.filters, min(IN_A_ROW + self.visit.more, MOST)
        if self.sort != _BEST:
            first = self._best(_SORTED, choice)
            if first.neighbours:
                movies = replace(choice.movies, exclude={*choice.movies.exclude, *_ids(first)})
                rows = self._rows(IN_A_ROW, replace(choice, movies=movies))
                ordered = sorted(first, key=_ORDERS[self.sort][1], reverse=True)
                return self._personal(ordered, size, first.neighbours, rows)
        rows = self._rows(min(size + 1, MOST), choice)  # one more tells whether there are others
        if rows and rows[0].movies.neighbours:
            return self._personal(rows[0].movies, size, rows[0].movies.neighbours, rows)
        # A row without films is left out: this may be somebody's list, of which nothing is left.
        if len(self.visit.shown) and (first := self._best(1, choice)).neighbours:
            return self._personal(first, size, first.neighbours, rows)
        return self._popular(rows)

    @property
    def _late(self) -> Set[int | str]:
        """Films that come last, as they were shown often enough."""
        alone = self.visit.guest is None and "fresh" not in self.filters.values
        return self.visit.left_alone if alone else frozenset()

    def _choice(self, filters: Filters, exclude: Iterable[int | str]) -> FilterChoice:
        return FilterChoice(filters.movies(exclude), filters.adventurous, filters.raters())

    def _best(self, limit: int, choice: FilterChoice) -> Recommendations:
        return self.recommender.recommend(self.visit.shown, limit=limit, **vars(choice))

    def _rows(self, limit: int, choice: FilterChoice) -> tuple[Row, ...]:
        return self.recommender.rows(self.visit.shown, limit=limit, **vars(choice))

    def _personal(
        self, first: Sequence[Recommendation], size: int, neighbours: int, rows: Iterable[Row]
    ) -> Lists:
        """Make groups of a list and the rows below it."""
        listed = [*first[:size]]
        if self._late and len(listed) < size:  # the list has run out
            listed += self._left_alone(size - len(listed))
        under = [self._order(len(first), neighbours)]
        if self._late:
            films = count(len(self._late), "film")
            come = "comes" if len(self._late) == 1 else "come"
            under.append(f"{films} shown to you on three days and left alone {come} last.")
        own = Group(
            _OWN,
            "The list for this link" if self.visit.guest else "Your list",
            cards.recommended(listed, neighbours, self.visit.shown),
            " ".join(filter(None, (*under, self.filters.summary(raters=True, dial=True)))),
            layout="grid",
            buttons=(("more", "Show more"),) if len(first) > size else (),
            counted=self._counted,
        )
        rest = [self._row(row) for row in rows if row.name != _OWN]
        return Lists((own, *rest), len(own.cards), nobody=False)

    def _left_alone(self, limit: int) -> tuple[Recommendation, ...]:
        choice = self._choice(self.filters, self.above)
        only = self._late & {*choice.movies.only} if choice.movies.only is not None else self._late
        return self._best(limit, replace(choice, movies=replace(choice.movies, only=only)))

    def _popular(self, rows: Sequence[Row]) -> Lists:
        """Make groups of rows that are nobody's own."""
        groups = [self._row(row) for row in rows]
        rated, by_raters = len(self.visit.shown), bool(self.filters.by_raters)
        under = "What everyone likes. Rate a film to make it yours."
        if rated and not by_raters:
            ratings = f"Your {count(rated, 'rating')}"
            if self.visit.guest:
                ratings = f"The {count(rated, 'rating')} of the link"
            under = f"{ratings} lead to no kindred raters yet. Rate one or two more films."
        if groups:
            groups[0] = replace(groups[0], under=f"{under} {groups[0].under}".strip())
        return Lists(
            tuple(groups), len(groups[0].cards) if groups else 0, nobody=bool(rated and by_raters)
        )

    def _row(self, row: Row) -> Group:
        voted = row.movies.neighbours
        # Hidden gems stand at a place of the dial of their own.
        dial = bool(voted) and row.name != "hidden_gems"
        return Group(
            row.name,
            row.title,
            cards.recommended(row.movies[:IN_A_ROW], voted, self.visit.shown),
            self.filters.summary(raters=bool(voted), dial=dial),
            counted=self._counted,
        )

    @property
    def _counted(self) -> bool:
        # What is recommended to somebody else is not shown to the visitor.
        return self.visit.guest is None

    def _order(self, films: int, neighbours: int) -> str:
        """Say what the list is sorted by, and of what."""
        rated = count(len(self.visit.shown), "rating")
        guest = self.visit.guest is not None
        whose, like = (f"the {rated} of the link", "them") if guest else (f"your {rated}", "you")
        people = f"the {neighbours:,} people" if neighbours > 1 else "the person"
        by = f"By {whose}, from {people} most like {like}."
        if self.sort == _BEST:
            stars = (
                " No stars are predicted: the ratings here are likes only."
                if self.stats.scale == "likes only"
                else " Predicted stars are a separate estimate."
            )
            return f"{by} Best match first: what they love most.{stars}"
        of = "The" if guest else "Your"
        matches = f"{films:,} best matches" if films > 1 else "best match"
        return f"{of} {matches}, {_ORDERS[self.sort][0]}. {by}"


def _ids(films: Iterable[Recommendation]) -> set[int | str]:
    return {row.movie.movie_id for row in films}
