"""One list for several people: each place goes to what is best for those who got least so far.

A movie is worth ``n_ij = s_ij / max_j s_ij`` to person ``i``: its score in their own list, 0 where
it is in none, over the largest of the movies to choose from. Places are filled in order. The next
is the movie with the largest

::

    score_j = sum_i w_i n_ij / sum_i w_i,    w_i = (1 + g_i) ** -fairness

where ``g_i`` is the sum of ``n_ij`` over the movies chosen before. This climbs, step by step, the
alpha-fair welfare ``sum_i (1 + g_i) ** (1 - alpha) / (1 - alpha)`` of Mo and Walrand (2000), "Fair
end-to-end window-based congestion control", of which ``w_i`` is the derivative; ``alpha = 0`` is
plain averaging. Whoever has no neighbours counts for nothing.

The part of person ``i`` in a score is that of its derivative, ``w_i n_ij / sum_i w_i n_ij``, with
the weights of that place, and the unit ``max_j s_ij``, taken as given. It is split among the movies
of their profile as their own score is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.catalogue.movies import Catalogue
from recommender.errors import InvalidInputError
from recommender.group_results import GroupRecommendation, GroupRecommendations, Member
from recommender.opinion import Opinion
from recommender.profile import Opinions, Profile
from recommender.ranking.evidence import Evidence, Predict, predicted
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.lists.popularity import popular
from recommender.ranking.neighbours import Neighbours
from recommender.ranking.resolution import ResolvedProfile
from recommender.ranking.scoring import FilmScores, Question
from recommender.results import Fallback, Reasons
from recommender.validation import invalid, shown

__all__ = ["Person", "fair_order", "read_people", "recommend_together"]

_FEWEST, _MOST = 2, 8


def read_people(people: Mapping[str, Profile | Opinions]) -> dict[str, Profile]:
    """Read the profiles of those who watch together.

    Raises InvalidInputError where they are too few or too many, or a name or a profile cannot be
    used.
    """
    wanted = f"{_FEWEST} to {_MOST} profiles by name, such as {{'Ana': {{2571: 1}}}}"
    if not isinstance(people, Mapping):
        raise invalid("people", people, wanted)
    if not _FEWEST <= len(people) <= _MOST:
        raise InvalidInputError(f"people has {len(people)} profiles: give {wanted}")
    for name in people:
        if not isinstance(name, str) or not name.strip():
            raise invalid("a name in people", name, "a text that is not empty")
    read = {}
    for name, profile in people.items():
        try:
            read[name] = Profile.of(profile)
        except InvalidInputError as error:
            raise InvalidInputError(f"{shown(name)}: {error}") from error
    return read


@dataclass(frozen=True, eq=False)
class Person:
    """One of the people, and how they ask."""

    name: str
    profile: ResolvedProfile
    neighbours: Neighbours | None
    allowed: Mask
    """Which movies may stand in their own list, whether or not they rated them, shape (movies,)."""
    predict: Predict


class _OwnList:
    """The whole list of one person alone."""

    def __init__(
        self,
        version: IndexVersion,
        person: Person,
        *,
        adventurous: float | None,
        min_supporters: int,
    ) -> None:
        self.person, movies = person, len(version.catalogue)
        self.neighbours = 0
        self.places: Ints = np.zeros(movies, dtype=np.int64)
        """Place of each movie, from 1; 0 for those that are not in the list, shape (movies,)."""
        self.scores: Floats = np.zeros(movies)
        """Score of each movie, likewise."""
        self.supporters: Ints = np.zeros(movies, dtype=np.int64)
        """How many of the neighbours like each movie, shape (movies,)."""
        self.behind: FilmScores | None = None
        if person.neighbours is None:
            return
        question = Question(version, person.neighbours)
        self.neighbours, self.supporters = len(person.neighbours), question.votes.supporters
        self.behind = question.scores(adventurous)
        listed = self.behind.best(person.allowed, movies, min_supporters)
        self.places[listed.movies] = np.arange(1, len(listed.movies) + 1)
        self.scores[listed.movies] = listed.scores

    def worth(self, movies: Ints) -> Floats:
        """Tell what some movies are worth to the person, 0 to 1, shape (n,)."""
        scores = self.scores[movies]
        return np.asarray(scores / (float(scores.max(initial=0.0)) or 1.0))

    def members(
        self, movies: Ints, worth: Floats, shares: Floats, catalogue: Catalogue
    ) -> list[Member]:
        """Say what stands behind each of the movies of the joined list for the person."""
        seen = np.isin(movies, self.person.profile.movies)
        scored = movies[worth > 0]
        evidence = None if self.behind is None else Evidence(self.behind, scored)
        stars = predicted(self.person.predict, movies[~seen], catalogue)
        columns = (movies, self.places[movies], worth, shares, self.supporters[movies], seen)
        return [
            Member(
                self.person.name,
                place or None,
                value,
                share,
                supporters,
                self.neighbours,
                rated,
                partial(evidence.reasons, movie) if evidence and value else Reasons,
                partial(stars, movie),
            )
            for movie, place, value, share, supporters, rated in zip(
                *(column.tolist() for column in columns), strict=True
            )
        ]


def recommend_together(
    version: IndexVersion,
    people: Sequence[Person],
    limit: int,
    *,
    adventurous: float | None,
    min_supporters: int,
    rewatch: bool,
) -> GroupRecommendations:
    """Make one list for all of them; where nobody has neighbours, it is what is popular.

    With ``rewatch`` it may hold what some of them have seen.
    """
    allowed = _allowed(people, rewatch=rewatch)
    lists = [
        _OwnList(version, person, adventurous=adventurous, min_supporters=min_supporters)
        for person in people
    ]
    movies = np.flatnonzero(np.logical_or.reduce([own.places > 0 for own in lists]) & allowed)
    worth = np.array([own.worth(movies) for own in lists])
    order, scores, shares = fair_order(worth, limit, version.ranking.fairness)
    chosen: Ints = movies[order]
    worth = worth[:, order]
    neighbours = {own.person.name: own.neighbours for own in lists}
    fallback: Fallback | None = None if any(neighbours.values()) else "popular"
    if fallback:
        chosen = popular(version, allowed, limit).movies
        scores, worth = np.zeros(len(chosen)), np.zeros((len(people), len(chosen)))
        shares = worth
    members = zip(
        *(
            own.members(chosen, value, share, version.catalogue)
            for own, value, share in zip(lists, worth, shares, strict=True)
        ),
        strict=True,
    )
    rows = (
        GroupRecommendation(rank, version.catalogue.movie(movie), score, behind)
        for rank, (movie, score, behind) in enumerate(
            zip(chosen.tolist(), scores.tolist(), members, strict=True), start=1
        )
    )
    return GroupRecommendations(rows, neighbours=neighbours, fallback=fallback)


def fair_order(worth: Floats, limit: int, fairness: float) -> tuple[Ints, Floats, Floats]:
    """Choose columns of a table, one after the other, so that no row gets little.

    Of equal scores the first column is chosen. ``worth`` has shape (people, movies); the results
    are the columns, their scores, both of shape (n,), and what parts of these come from each
    person, shape (people, n).
    """
    gained = np.zeros(len(worth))
    counted = worth.any(axis=1).astype(np.float64)
    left = np.ones(worth.shape[1], dtype=bool)
    order: list[int] = []
    scores: list[float] = []
    shares: list[Floats] = []
    for _ in range(min(limit, worth.shape[1])):
        weights = counted * (1 + gained) ** -fairness
        joined = np.where(left, weights @ worth, -1.0)
        place = int(np.argmax(joined))
        left[place] = False
        gained += worth[:, place]
        order.append(place)
        scores.append(float(joined[place] / weights.sum()))
        shares.append(weights * worth[:, place] / joined[place])
    return (
        np.array(order, dtype=np.int64),
        np.array(scores),
        np.array(shares).reshape(-1, len(worth)).T,
    )


def _allowed(people: Sequence[Person], *, rewatch: bool) -> Mask:
    """Tell which movies may be shown to all of them, shape (movies,).

    None that anybody dislikes or does not want; none that anybody has seen, or with ``rewatch``
    that all have seen.
    """
    allowed = np.logical_and.reduce([person.allowed for person in people])
    seen = np.zeros(len(allowed), dtype=np.int64)
    for person in people:
        profile = person.profile
        seen[profile.movies] += 1
        allowed[profile.movies[profile.states == Opinion.DISLIKE.code]] = False
    return np.asarray(allowed & (seen < (len(people) if rewatch else 1)))
