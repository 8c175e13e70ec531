"""The whole calculation behind a score, and the neighbours behind a list, to be followed."""

from __future__ import annotations

import math

import numpy as np

from recommender.catalogue.movies import Catalogue, Movie
from recommender.errors import InvalidInputError
from recommender.opinion import Opinion
from recommender.ranking.evidence import Evidence
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.neighbours import Neighbours
from recommender.ranking.resolution import ResolvedProfile
from recommender.ranking.votes import damping_of, least_supporters
from recommender.results import Explanation, Neighbour, Reason, Vote
from recommender.settings import Ranking

__all__ = ["explain", "in_common"]


def explain(
    version: IndexVersion,
    neighbours: Neighbours | None,
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
            f"{version.catalogue.movie(movie)} is in the profile, and what is rated is not "
            "scored: leave it out to see what would speak for it"
        )
    known = profile.known
    catalogue, likes = version.catalogue, int(version.catalogue.likes[movie])
    damping = float(damping_of(np.array([likes]), known, ranking, adventurous)[0])
    votes: tuple[Vote, ...] = ()
    because: tuple[Reason, ...] = ()
    total, supporters = 0.0, 0
    if neighbours is not None:
        votes, supporters = _votes(version, neighbours, movie, ranking)
        total = math.fsum(vote.vote for vote in votes)
        if total > 0:
            because = Evidence(neighbours, np.array([movie]), catalogue, ranking).reasons(movie)
    return Explanation(
        movie=catalogue.movie(movie),
        score=max(total, 0.0) / damping,
        votes=votes,
        total=total,
        likes=likes,
        pseudo_likes=ranking.pseudo_likes,
        popularity_discount=ranking.discount(known, adventurous),
        damping=damping,
        supporters=supporters,
        least_supporters=1 if neighbours is None else least_supporters(neighbours, ranking),
        neighbours=0 if neighbours is None else len(neighbours),
        because=because,
    )


def _votes(
    version: IndexVersion, neighbours: Neighbours, movie: int, ranking: Ranking
) -> tuple[tuple[Vote, ...], int]:
    """Votes for a movie by size, ties by ascending rater; and how many of them support it."""
    cast = np.flatnonzero(
        (neighbours.rated.movie == movie) & (neighbours.weight[neighbours.rated.owner] != 0)
    )
    owner, state = neighbours.rated.owner[cast], neighbours.state[cast]
    weight = neighbours.weight[owner]
    worth = neighbours.counted(np.asarray(ranking.votes)[state], cast)
    stars = version.index.manifest.scale.unpack(neighbours.rated.units[cast])
    order = np.lexsort((owner, -np.abs(weight * worth)))
    raters = version.index.raters(neighbours.numbers[owner])
    votes = tuple(
        Vote(
            raters[place].user_id,
            float(neighbours.similarity[owner[place]]),
            float(stars[place]),
            float(weight[place]),
            float(worth[place]),
        )
        for place in order.tolist()
    )
    return votes, int(np.count_nonzero((state == Opinion.LIKE.code) & (weight * worth > 0)))


def in_common(version: IndexVersion, neighbours: Neighbours, limit: int) -> tuple[Neighbour, ...]:
    """List the raters who vote, most similar first, ties by ascending number, and on which movies
    the person and each of them agree and disagree."""
    order = np.lexsort((neighbours.numbers, -neighbours.similarity))
    order = order[neighbours.weight[order] != 0][:limit]
    raters = version.index.raters(neighbours.numbers[order])
    everyone = np.arange(len(neighbours.numbers) + 1)
    # Ratings and terms come one rater after the other.
    rated, terms = (
        np.searchsorted(of, everyone) for of in (neighbours.rated.owner, neighbours.term_owner)
    )
    return tuple(
        Neighbour(
            rater.user_id,
            float(neighbours.similarity[place]),
            float(neighbours.weight[place]),
            int(rated[place + 1] - rated[place]),
            *_agreement(
                version.catalogue,
                neighbours,
                slice(rated[place], rated[place + 1]),
                slice(terms[place], terms[place + 1]),
            ),
        )
        for place, rater in zip(order.tolist(), raters, strict=True)
    )


def _agreement(
    catalogue: Catalogue, neighbours: Neighbours, rated: slice, terms: slice
) -> tuple[tuple[Movie, ...], tuple[Movie, ...]]:
    """Movies that a rater and the person agree on, and disagree on."""
    position, size = neighbours.term_position[terms], np.abs(neighbours.term[terms])
    answers = dict(
        zip(neighbours.rated.movie[rated].tolist(), neighbours.state[rated].tolist(), strict=True)
    )
    agree, disagree = [], []
    for at in position[np.lexsort((position, -size))].tolist():
        movie, opinion = int(neighbours.profile.movies[at]), int(neighbours.profile.states[at])
        theirs = answers[movie]
        if opinion == theirs != Opinion.NEUTRAL.code:
            agree.append(catalogue.movie(movie))
        elif {opinion, theirs} == {Opinion.LIKE.code, Opinion.DISLIKE.code}:
            disagree.append(catalogue.movie(movie))
    return tuple(agree), tuple(disagree)
