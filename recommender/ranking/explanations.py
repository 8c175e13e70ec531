"""The whole calculation behind a score, and the neighbours behind a list, to be followed."""

from __future__ import annotations

import math

import numpy as np

from recommender.catalogue.movies import Movie
from recommender.errors import InvalidInputError
from recommender.opinion import Opinion
from recommender.ranking.evidence import Evidence
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.neighbours import Neighbours
from recommender.ranking.resolution import ResolvedProfile
from recommender.ranking.scoring import Factors, Question, middle
from recommender.ranking.votes import least_supporters
from recommender.results import Explanation, Neighbour, Reasons, Vote
from recommender.storage.encoding import Rater

__all__ = ["explain", "in_common"]


def explain(
    version: IndexVersion,
    neighbours: Neighbours | None,
    profile: ResolvedProfile,
    movie: int,
    adventurous: float | None,
) -> Explanation:
    """Work out the score of a movie, a dense number, for a person.

    Raises InvalidInputError where the person rated it.
    """
    if movie in profile.movies:
        raise InvalidInputError(
            f"{version.catalogue.movie(movie)} is in the profile, and what is rated is not "
            "scored: leave it out to see what would speak for it"
        )
    catalogue, ranking = version.catalogue, version.ranking
    votes: tuple[Vote, ...] = ()
    reasons, factors = Reasons(), Factors(ranking.discount(profile.known, middle(adventurous)))
    total, supporters = 0.0, 0
    if neighbours is not None:
        scores = Question(version, neighbours, movie).scores(adventurous)
        factors = scores.factors(movie)
        votes, supporters = _votes(version, neighbours, movie)
        # Exactly rounded, and so the same in whatever order the votes are shown.
        total = math.fsum(vote.vote for vote in votes)
        if total > 0:
            reasons = Evidence(scores, np.array([movie])).reasons(movie)
    likes = int(catalogue.likes[movie])
    damping = (likes + ranking.pseudo_likes) ** factors.discount
    return Explanation(
        movie=catalogue.movie(movie),
        score=max(total, 0.0) / damping * factors.product + factors.added,
        votes=votes,
        total=total,
        likes=likes,
        pseudo_likes=ranking.pseudo_likes,
        popularity_discount=factors.discount,
        damping=damping,
        lift=factors.lift,
        lift_power=factors.lift_power,
        ease=factors.ease,
        ease_power=factors.ease_power,
        added=factors.added,
        supporters=supporters,
        least_supporters=1 if neighbours is None else least_supporters(neighbours),
        neighbours=0 if neighbours is None else len(neighbours),
        because=reasons.because,
        by_genre=reasons.by_genre,
    )


def _votes(
    version: IndexVersion, neighbours: Neighbours, movie: int
) -> tuple[tuple[Vote, ...], int]:
    """Votes for a movie by size, ties by ascending rater; and how many of them support it."""
    # A rater who was left out at the cut has weight 0, and no vote.
    cast = np.flatnonzero(
        (neighbours.rated.movie == movie) & (neighbours.weight[neighbours.rated.owner] != 0)
    )
    owner, state = neighbours.rated.owner[cast], neighbours.state[cast]
    weight = neighbours.weight[owner]
    worth = neighbours.counted(np.asarray(version.ranking.votes)[state], cast)
    stars = version.index.manifest.scale.unpack(neighbours.rated.units[cast])
    order = np.lexsort((owner, -np.abs(weight * worth)))
    raters = [rater.user_id for rater in version.index.raters(neighbours.numbers[owner[order]])]
    figures = (neighbours.similarity[owner], stars, weight, worth)
    votes = tuple(map(Vote, raters, *(figure[order].tolist() for figure in figures)))
    return votes, int(np.count_nonzero((state == Opinion.LIKE.code) & (weight * worth > 0)))


def in_common(version: IndexVersion, neighbours: Neighbours, limit: int) -> tuple[Neighbour, ...]:
    """List the raters who vote, most similar first, ties by ascending number, and on which movies
    the person and each of them agree and disagree."""
    order = np.lexsort((neighbours.numbers, -neighbours.similarity))
    order = order[neighbours.weight[order] != 0][:limit]
    raters = version.index.raters(neighbours.numbers[order])
    return tuple(
        _neighbour(neighbours, place, rater)
        for place, rater in zip(order.tolist(), raters, strict=True)
    )


def _neighbour(neighbours: Neighbours, place: int, rater: Rater) -> Neighbour:
    """Compare the rater at a place among the neighbours with the person."""
    # Ratings and terms come one rater after the other.
    rated, terms = (
        slice(*np.searchsorted(owner, (place, place + 1)))
        for owner in (neighbours.rated.owner, neighbours.term_owner)
    )
    numbers, states = neighbours.rated.movie[rated].tolist(), neighbours.state[rated].tolist()
    theirs = dict(zip(numbers, states, strict=True))
    position, size = neighbours.term_position[terms], np.abs(neighbours.term[terms])
    agree: list[Movie] = []
    disagree: list[Movie] = []
    for at in position[np.lexsort((position, -size))].tolist():
        number, own = int(neighbours.profile.movies[at]), int(neighbours.profile.states[at])
        if own == theirs[number] != Opinion.NEUTRAL.code:
            agree.append(neighbours.catalogue.movie(number))
        elif {own, theirs[number]} == {Opinion.LIKE.code, Opinion.DISLIKE.code}:
            disagree.append(neighbours.catalogue.movie(number))
    similarity, weight = float(neighbours.similarity[place]), float(neighbours.weight[place])
    common = tuple(agree), tuple(disagree)
    return Neighbour(rater.user_id, similarity, weight, len(numbers), *common)
