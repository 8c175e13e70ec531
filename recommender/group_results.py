"""The answer to people who watch together: movies, and what stands behind each for every one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from recommender.catalogue.movies import Movie
from recommender.results import Fallback, Prediction, Reason, Reasons
from recommender.storage.cache import cached_property

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GroupRecommendation", "GroupRecommendations", "Member"]


@dataclass(eq=False, repr=False)
class Member:
    """What stands behind one movie for one of several people."""

    name: str
    place: int | None
    """Place in the list that :meth:`Recommender.recommend` gives this person alone, from 1; None
    where it is in none, as they have seen it, or too few of their neighbours like it."""
    worth: float
    """Score in that list, over that of the best movie for them that all may watch: 0 to 1, and 0
    where it is in none."""
    share: float
    """Part of the joined score that comes from this person; those of all people sum to 1."""
    supporters: int
    """Neighbours of theirs who like it."""
    neighbours: int
    """How many neighbours they have; nothing is known of someone who has none."""
    seen: bool
    """Whether they have rated it, which rewatching alone allows."""
    _reasons: Callable[[], Reasons]
    _prediction: Callable[[], Prediction]

    @cached_property
    def because(self) -> tuple[Reason, ...]:
        """Every movie of their profile behind the score, by absolute share; the shares are parts of
        the joined score, and sum to :attr:`share`."""
        return tuple(Reason(movie, self.share * part) for movie, part in self._reasons().because)

    @cached_property
    def by_genre(self) -> float:
        """Part of the joined score that comes from genres in common with these movies."""
        return self.share * self._reasons().by_genre

    @cached_property
    def prediction(self) -> Prediction | None:
        """Stars predicted for them, or why there are none; None for what they have seen.

        Raises IndexProblem where the recommender was closed before.
        """
        return None if self.seen else self._prediction()

    def __repr__(self) -> str:
        return f"Member({self.name}, place {self.place}, share {self.share:.3f})"


@dataclass(eq=False, repr=False)
class GroupRecommendation:
    """One row: a movie, its place, and what stands behind it for each person."""

    rank: int
    """Place in the list, from 1."""
    movie: Movie
    score: float
    """What it was chosen by, 0 to 1: the mean of what it is worth to the people, in which those
    count more who got less from the rows above. It need not fall from row to row. 0 under fallback.
    """
    members: tuple[Member, ...]
    """In the order in which the people were given."""

    @property
    def least(self) -> tuple[Member, ...]:
        """Those to whom it is worth least; empty where it is worth the same to all.

        Those who have seen it, and of whom nothing is known, are not compared.
        """
        compared = [member for member in self.members if member.neighbours and not member.seen]
        worths = {member.worth for member in compared}
        if len(worths) < 2:
            return ()
        return tuple(member for member in compared if member.worth == min(worths))

    def __repr__(self) -> str:
        return f"GroupRecommendation({self.rank}. {self.movie}, score {self.score:.6g})"


class GroupRecommendations(tuple[GroupRecommendation, ...]):
    """A list of movies for several people, best first."""

    neighbours: dict[str, int]
    """How many neighbours each person has, by name; who has none counts for nothing."""
    fallback: Fallback | None
    """``"popular"`` where nobody has any, and the list is what is popular."""

    def __new__(
        cls,
        rows: Iterable[GroupRecommendation],
        *,
        neighbours: dict[str, int],
        fallback: Fallback | None = None,
    ) -> Self:
        """Make a list of these rows."""
        made = super().__new__(cls, rows)
        made.neighbours, made.fallback = neighbours, fallback
        return made

    def __repr__(self) -> str:
        people = " and ".join(self.neighbours)
        kind = f", {self.fallback} fallback" if self.fallback else ""
        return f"GroupRecommendations({len(self)} movies for {people}{kind})"

    def to_frame(self) -> pd.DataFrame:
        """A table row for each movie and person; to be asked for while the recommender is open.

        Its columns are rank, movie_id, title, year (missing where unknown), score, name, place
        (missing where there is none), worth, share, seen and predicted_rating.
        """
        import pandas as pd  # noqa: PLC0415 - slow to import, and few callers want it

        rows = [
            {
                "rank": row.rank,
                "movie_id": row.movie.movie_id,
                "title": row.movie.title,
                "year": row.movie.year,
                "score": row.score,
                "name": member.name,
                "place": member.place,
                "worth": member.worth,
                "share": member.share,
                "seen": member.seen,
                "predicted_rating": member.prediction and member.prediction.stars,
            }
            for row in self
            for member in row.members
        ]
        names = ("rank", "movie_id", "title", "year", "score", "name", "place", "worth", "share")
        frame = pd.DataFrame(rows, columns=[*names, "seen", "predicted_rating"])
        numbers = dict.fromkeys(("score", "worth", "share", "predicted_rating"), "float64")
        # Int64 is pandas' type of whole numbers that may be missing.
        return frame.astype({"rank": "int64", "year": "Int64", "place": "Int64", **numbers})
