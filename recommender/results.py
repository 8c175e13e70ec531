"""The answers to questions: lists of movies, predictions, neighbours, explanations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from recommender.catalogue.movies import Movie
from recommender.storage.cache import cached_property
from recommender.storage.encoding import ExternalId

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Explanation",
    "Fallback",
    "Neighbour",
    "Prediction",
    "Reason",
    "Recommendation",
    "Recommendations",
    "Row",
    "Vote",
]

Fallback = Literal["popular", "trending"]


class Reason(NamedTuple):
    """One movie of the profile, and how much of a score comes from the opinion of it."""

    movie: Movie
    share: float
    """Part of the score, negative where it spoke against; all reasons of a row sum to 1."""


class Reasons(NamedTuple):
    """Where the score of a row comes from."""

    because: tuple[Reason, ...] = ()
    by_genre: float = 0.0


@dataclass(frozen=True)
class Prediction:
    """Stars predicted for one movie, and what they rest on."""

    movie: Movie
    stars: float | None
    """On the scale of the index; None where the index holds likes only, where nobody rated the
    movie, and where the person rated no other."""
    support: int
    """How many movies of the profile they rest on; 0 where the means alone are left."""
    reason: str
    """One sentence: what they rest on, or why there are none."""
    expected: float | None
    """What the means of this person and this movie let expect, whatever the person's taste; None
    where the index holds likes only."""
    low: float | None = None
    """Lower end of the middle 80 % interval: of ratings that were left out and predicted with as
    much support, 10 % lay further below. On the scale; None without stars, and in an index written
    before such errors were counted."""
    high: float | None = None
    """Upper end: 10 % lay further above."""
    wide: bool = False
    """Whether the interval spans more than half of the scale."""


@dataclass(eq=False, repr=False)
class Recommendation:
    """One row: a movie, its place, and what stands behind it."""

    rank: int
    """Place in the list, from 1."""
    movie: Movie
    score: float
    """What the list is ordered by; comparable within one list only."""
    supporters: int
    """Neighbours who like it."""
    _reasons: Callable[[], Reasons]
    _prediction: Callable[[], Prediction | None]

    @cached_property
    def because(self) -> tuple[Reason, ...]:
        """Every movie of the profile behind the score, by absolute share; empty under fallback."""
        return self._reasons().because

    @cached_property
    def by_genre(self) -> float:
        """Part of the score that comes from genres in common with these movies, 0 to 1.

        It is in the shares of ``because``, of the movies whose genres they are.
        """
        return self._reasons().by_genre

    @cached_property
    def prediction(self) -> Prediction | None:
        """Predicted stars, with their interval and what they rest on, or why there are none.

        For all of the list, or of the page, at the first request. None in lists that are about
        nobody.

        Raises IndexProblem where the recommender was closed before.
        """
        return self._prediction()

    @property
    def predicted_rating(self) -> float | None:
        """The stars of :attr:`prediction`, None where there are none."""
        return None if self.prediction is None else self.prediction.stars

    def __repr__(self) -> str:
        return f"Recommendation({self.rank}. {self.movie}, score {self.score:.6g})"


class Recommendations(tuple[Recommendation, ...]):
    """A list of movies, best first."""

    neighbours: int
    """How many neighbours the list rests on."""
    fallback: Fallback | None
    """``"popular"`` or ``"trending"`` where that is what the list shows, whoever asks."""

    def __new__(
        cls,
        rows: Iterable[Recommendation],
        *,
        neighbours: int = 0,
        fallback: Fallback | None = None,
    ) -> Self:
        """Make a list of these rows."""
        made = super().__new__(cls, rows)
        made.neighbours, made.fallback = neighbours, fallback
        return made

    def __repr__(self) -> str:
        kind = f"{self.fallback} fallback" if self.fallback else f"{self.neighbours} neighbours"
        return f"Recommendations({len(self)} movies, {kind})"

    def to_frame(self) -> pd.DataFrame:
        """Rows as a table; to be asked for while the recommender is open, as stars are predicted.

        Its columns are rank, movie_id, title, year (missing where unknown), score,
        predicted_rating, supporters, and predicted_low and predicted_high, the ends of the middle
        80 % interval.
        """
        import pandas as pd  # noqa: PLC0415 - slow to import, and few callers want it

        on_movie = ("movie.movie_id", "movie.title", "movie.year")
        fields = ("rank", *on_movie, "score", "predicted_rating", "supporters")
        ends = ("predicted_low", "predicted_high")
        names = [*(field.removeprefix("movie.") for field in fields), *ends]
        rows = [(*attrgetter(*fields)(row), *_interval(row.prediction)) for row in self]
        frame = pd.DataFrame(rows, columns=names)
        wholes = dict.fromkeys(("rank", "supporters"), "int64")
        floats = dict.fromkeys(("score", "predicted_rating", *ends), "float64")
        # Int64 is pandas' type of whole numbers that may be missing, as the years of some movies.
        return frame.astype({**wholes, **floats, "year": "Int64"})


def _interval(found: Prediction | None) -> tuple[float | None, float | None]:
    return (None, None) if found is None else (found.low, found.high)


@dataclass(frozen=True, eq=False)
class Row:
    """A themed row of movies."""

    name: str
    """A key that stays the same, such as ``top_picks``."""
    title: str
    """What to call it."""
    movies: Recommendations
    """At least one; with reasons where the row rests on neighbours."""


@dataclass(frozen=True)
class Neighbour:
    """A rater like the person, and what the two have in common."""

    user_id: ExternalId
    """Id in the source."""
    similarity: float
    """Dot product of the two, above zero; comparable within one answer only."""
    weight: float
    """What a vote of theirs counts: 1 for the largest; below zero where more similar raters already
    account for what the two have in common."""
    ratings: int
    """How many movies they rated."""
    agree: tuple[Movie, ...]
    """Movies both like, or both dislike, those that tell most first."""
    disagree: tuple[Movie, ...]
    """Movies that one likes and the other dislikes, likewise."""


@dataclass(frozen=True)
class Vote:
    """What one neighbour says of a movie."""

    user_id: ExternalId
    similarity: float
    stars: float
    """What they rated it; 1 in an index of likes."""
    weight: float
    """What their vote counts."""
    worth: float
    """What their opinion is worth: 1 for a like, less for a neutral rating, 0 for a dislike."""

    @property
    def vote(self) -> float:
        """The product of the two."""
        return self.weight * self.worth


@dataclass(frozen=True)
class Explanation:
    """How a movie's score comes about.

    It is ``total / damping * lift ** lift_power * ease ** ease_power + added``, where the votes add
    up to the total.

    Printed, it is the calculation step by step. Where there are no neighbours, and a list shows
    what is popular instead, there is nothing to add up.
    """

    movie: Movie
    score: float
    """As in a list of recommendations; 0 where nothing, or more against than for, speaks for it."""
    votes: tuple[Vote, ...]
    """Of every neighbour who rated the movie, by size."""
    total: float
    """Sum of the votes."""
    likes: int
    """How many people like the movie."""
    pseudo_likes: float
    """Likes that every movie is taken to have beside its own."""
    popularity_discount: float
    """Power of the damping, by how much is known of the person or a place on the dial."""
    damping: float
    """``(likes + pseudo_likes) ** popularity_discount``, what the total is divided by."""
    lift: float
    """How many times as often as by chance it is rated together with what the person likes, drawn
    towards what its genres alone would say."""
    lift_power: float
    """Power of that in the score."""
    ease: float
    """What the person's films predict of it, over what its popularity lets expect."""
    ease_power: float
    """Power of that in the score, above 0 where the person's taste is narrow, or on the adventurous
    half of the dial."""
    added: float
    """What that prediction adds to the score."""
    supporters: int
    """Neighbours who like it and count for it."""
    least_supporters: int
    """As many there must be for it to be recommended."""
    neighbours: int
    """How many neighbours there are."""
    because: tuple[Reason, ...] = field(repr=False)
    """The parts of the score that come from the opinion of each movie; they sum to 1."""
    by_genre: float
    """The part of the score that comes from genres in common with these movies."""

    @property
    def recommended(self) -> bool:
        """Whether it may stand in a list at all."""
        return self.score > 0 and self.supporters >= self.least_supporters

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self, most: int = 10) -> Iterator[str]:
        rated = len(self.votes)
        if not self.neighbours:
            yield f"{self.movie}: nobody kindred was found, so there are no votes to count."
            return
        yield f"{self.movie}: rated by {rated:,} of your {self.neighbours:,} kindred raters."
        for vote in self.votes[:most]:
            yield (
                f"  rater {vote.user_id} gave {vote.stars:g}: worth {vote.worth:g} x "
                f"weight {vote.weight:.3f} = {vote.vote:.3f}"
            )
        if rated > most:
            rest = sum(vote.vote for vote in self.votes[most:])
            yield f"  {rated - most:,} others: {rest:.3f}"
        yield f"The votes sum to {self.total:.3f}."
        yield (
            f"Divided by ({self.likes:,} likes + {self.pseudo_likes:g}) ^ "
            f"{self.popularity_discount:.3f} = {self.damping:.3f}, so that fame alone does not win."
        )
        if self.lift_power:
            yield (
                f"Times {self.lift:.3f} ^ {self.lift_power:.3f}, as it is rated together with what "
                f"you like {self.lift:.3f} times as often as by chance (where there is little to "
                "count, genres fill it up)."
            )
        if self.ease_power:
            yield (
                f"Times {self.ease:.3f} ^ {self.ease_power:.3f}: what your films predict of it, "
                "over what its popularity lets expect. This counts if they are of a kind, or the "
                "list is to be adventurous."
            )
        if self.added:
            yield f"Plus {self.added:.6g} for what your films predict of it."
        yield f"Score {self.score:.6g}."
        if self.supporters < self.least_supporters:
            yield (
                f"{self.supporters:,} of them like it; at least {self.least_supporters:,} must "
                "before it is recommended."
            )
        for reason in self.because[:most]:
            yield f"  {reason.share:6.1%} of it comes from what you said of {reason.movie}"
        if self.by_genre:
            yield f"{self.by_genre:.1%} of it comes from genres, the rest from ratings."
