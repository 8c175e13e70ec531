"""The whole calculation behind a score, and the raters behind a list, for a person to follow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from recommender.catalogue.movies import Catalogue, Movie
from recommender.errors import InvalidInputError
from recommender.profile import ResolvedProfile
from recommender.ranking.neighbours import Neighbourhood
from recommender.ranking.votes import damping_of, least_supporters
from recommender.results import Evidence, Reason
from recommender.scale import DISLIKE, LIKE, NEUTRAL
from recommender.settings import Ranking
from recommender.storage.encoding import ExternalId
from recommender.storage.live_index import Snapshot

__all__ = ["Explanation", "Neighbour", "Vote", "explain", "kindred_raters"]


@dataclass(frozen=True)
class Neighbour:
    """A kindred rater, and what the person has in common with them."""

    user_id: ExternalId
    """Id in the source."""
    similarity: float
    """Dot product of the two, above zero; comparable within one answer only."""
    weight: float
    """What a vote of theirs counts: 1 for the largest; below zero where others more like the
    person already speak for what they have in common."""
    ratings: int
    """How many movies they rated."""
    agree: tuple[Movie, ...]
    """Movies both like, or both dislike, those that tell most first."""
    disagree: tuple[Movie, ...]
    """Movies that one likes and the other dislikes, likewise."""


@dataclass(frozen=True)
class Vote:
    """What one kindred rater says of a movie."""

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
    """How a movie's score comes about: ``total / damping``, where the votes add up to the total.

    Printed, it is the calculation step by step. Where nobody is kindred, and a list shows what is
    popular instead, there is nothing to add up.
    """

    movie: Movie
    score: float
    """As in a list of recommendations; 0 where nothing, or more against than for, speaks for it."""
    votes: tuple[Vote, ...]
    """Of every kindred rater who rated the movie, by size."""
    total: float
    """Sum of the votes."""
    likes: int
    """How many people like the movie."""
    doubt: float
    """Likes that every movie is taken to have beside its own."""
    exponent: float
    """Power of the damping, by how much is known of the person or a place on the dial."""
    damping: float
    """``(likes + doubt) ** exponent``, what the total is divided by."""
    supporters: int
    """Kindred raters who like it and count for it."""
    least_supporters: int
    """As many there must be for it to be recommended."""
    neighbours: int
    """How many kindred raters were asked."""
    because: tuple[Reason, ...] = field(repr=False)
    """The parts of the score that come from what the person said of each movie; they sum to 1."""

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
            f"Divided by ({self.likes:,} likes + {self.doubt:g}) ^ {self.exponent:.3f} = "
            f"{self.damping:.3f}, so that fame alone does not win: score {self.score:.6g}."
        )
        if self.supporters < self.least_supporters:
            yield (
                f"{self.supporters:,} of them like it; at least {self.least_supporters:,} must "
                "before it is recommended."
            )
        for reason in self.because[:most]:
            yield f"  {reason.share:6.1%} of it comes from what you said of {reason.movie}"


def explain(
    snapshot: Snapshot,
    near: Neighbourhood | None,
    profile: ResolvedProfile,
    movie: int,
    ranking: Ranking,
    adventurous: float | None,
) -> Explanation:
    """Work out the score of a movie, a dense number, for a person.

    Raises InvalidInputError where the person rated it.
    """
    if movie in profile.movies:
        raise InvalidInputError(
            f"{snapshot.catalogue.movie(movie)} is in the profile, and what is rated is not "
            "scored: leave it out to see what would speak for it"
        )
    known = profile.known
    catalogue, likes = snapshot.catalogue, int(snapshot.catalogue.likes[movie])
    damping = float(damping_of(np.array([likes]), known, ranking, adventurous)[0])
    votes: tuple[Vote, ...] = ()
    because: tuple[Reason, ...] = ()
    total, supporters = 0.0, 0
    if near is not None:
        votes, supporters = _votes(snapshot, near, movie, ranking)
        total = math.fsum(vote.vote for vote in votes)
        if total > 0:
            because = Evidence(near, np.array([movie]), catalogue, ranking).reasons(movie)
    return Explanation(
        movie=catalogue.movie(movie),
        score=max(total, 0.0) / damping,
        votes=votes,
        total=total,
        likes=likes,
        doubt=ranking.popularity_doubt,
        exponent=ranking.exponent(known, adventurous),
        damping=damping,
        supporters=supporters,
        least_supporters=1 if near is None else least_supporters(near, ranking),
        neighbours=0 if near is None else len(near),
        because=because,
    )


def _votes(
    snapshot: Snapshot, near: Neighbourhood, movie: int, ranking: Ranking
) -> tuple[tuple[Vote, ...], int]:
    """Votes for a movie by size, ties by ascending rater; and how many of them support it."""
    cast = np.flatnonzero((near.rated.movie == movie) & (near.weight[near.rated.owner] != 0))
    owner, state = near.rated.owner[cast], near.state[cast]
    weight = near.weight[owner]
    worth = near.counted(np.asarray(ranking.votes)[state], cast)
    stars = snapshot.index.manifest.scale.unpack(near.rated.units[cast])
    order = np.lexsort((owner, -np.abs(weight * worth)))
    raters = snapshot.index.raters(near.numbers[owner])
    votes = tuple(
        Vote(
            raters[place].user_id,
            float(near.similarity[owner[place]]),
            float(stars[place]),
            float(weight[place]),
            float(worth[place]),
        )
        for place in order.tolist()
    )
    return votes, int(np.count_nonzero((state == LIKE) & (weight * worth > 0)))


def kindred_raters(snapshot: Snapshot, near: Neighbourhood, limit: int) -> tuple[Neighbour, ...]:
    """Raters who vote, most similar first, ties by ascending number."""
    order = np.lexsort((near.numbers, -near.similarity))
    order = order[near.weight[order] != 0][:limit]
    raters = snapshot.index.raters(near.numbers[order])
    everyone = np.arange(len(near.numbers) + 1)
    # Ratings and terms come one rater after the other.
    rated, terms = (np.searchsorted(of, everyone) for of in (near.rated.owner, near.term_owner))
    return tuple(
        Neighbour(
            rater.user_id,
            float(near.similarity[place]),
            float(near.weight[place]),
            int(rated[place + 1] - rated[place]),
            *_in_common(
                snapshot.catalogue,
                near,
                slice(rated[place], rated[place + 1]),
                slice(terms[place], terms[place + 1]),
            ),
        )
        for place, rater in zip(order.tolist(), raters, strict=True)
    )


def _in_common(
    catalogue: Catalogue, near: Neighbourhood, rated: slice, terms: slice
) -> tuple[tuple[Movie, ...], tuple[Movie, ...]]:
    """Movies that a rater and the person agree on, and disagree on."""
    position, size = near.term_position[terms], np.abs(near.term[terms])
    answers = dict(zip(near.rated.movie[rated].tolist(), near.state[rated].tolist(), strict=True))
    agree, disagree = [], []
    for at in position[np.lexsort((position, -size))].tolist():
        movie, opinion = int(near.profile.movies[at]), int(near.profile.states[at])
        theirs = answers[movie]
        if opinion == theirs != NEUTRAL:
            agree.append(catalogue.movie(movie))
        elif {opinion, theirs} == {LIKE, DISLIKE}:
            disagree.append(catalogue.movie(movie))
    return tuple(agree), tuple(disagree)
