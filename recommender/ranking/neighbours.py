"""The raters most like a person: the one search there is, made exact and repeatable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommender.arrays import Bytes, Floats, Ints, Mask
from recommender.catalogue.movies import Catalogue
from recommender.filters import RaterFilter
from recommender.ranking.films.panel import Panel
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.resolution import ResolvedProfile
from recommender.ranking.ridge_weights import ridge_weights
from recommender.ranking.weights import query_vector
from recommender.settings import Ranking
from recommender.storage.encoding import RatedMovies
from recommender.storage.index import Index
from recommender.storage.rater_conditions import RaterCondition

__all__ = ["Neighbours", "find_neighbours"]

# Similarities closer to each other than this, relative to the largest, count as tied: the engine
# adds up in 32 bits, and its order of nearly equal raters differs between engines and versions.
_TIE = 1e-6


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The raters found for a profile, what they rated, and where their similarity comes from.

    Raters are in ascending order of their dense number; one that was left out at the cut has weight
    zero.
    """

    profile: ResolvedProfile
    catalogue: Catalogue
    """All movies of the version that was searched."""
    ranking: Ranking
    """How their votes are counted."""
    numbers: Ints
    """Dense numbers of the raters, shape (raters,)."""
    similarity: Floats
    """Dot product of each rater and the question, recomputed in 64 bits, shape (raters,)."""
    weight: Floats
    """What each rater's vote counts, 1 for the largest, 0 for who was left out, shape (raters,).
    Below zero where more similar raters already account for what a rater shares with the person."""
    rated: RatedMovies
    """All ratings of these raters; ``owner`` is a position among them."""
    state: Bytes
    """State of each of those ratings."""
    term_owner: Ints
    """Position of the rater of each term of the dot products, shape (terms,)."""
    term_position: Ints
    """Position in the profile of the movie each term is about, shape (terms,)."""
    term: Floats
    """The terms: what agreeing on that movie adds to that rater's similarity, shape (terms,)."""
    recent: Mask | None
    """Which ratings are young enough to count as votes, shape (ratings,); None where all are."""
    panel: Panel
    """Whose ratings tell which films are rated together: of raters who can be neighbours."""

    def __len__(self) -> int:
        return int(np.count_nonzero(self.weight))

    def counted(self, votes: Floats, ratings: Ints | slice = slice(None)) -> Floats:
        """Votes of these ratings, those too old to count as zero."""
        return votes if self.recent is None else votes * self.recent[ratings]


def find_neighbours(
    version: IndexVersion,
    profile: ResolvedProfile,
    rater_filter: RaterFilter,
    *,
    leave_out: int | None = None,
) -> Neighbours | None:
    """Find the raters most like a profile.

    The engine finds candidates with 32-bit scores whose equals come in any order; similarities are
    then recomputed from the stored ratings, so that every engine gives the same answer.

    ``rater_filter`` says who can be a neighbour, and which of their ratings are votes;
    ``leave_out`` is the dense number of a rater who must not be a neighbour. None where no rater
    has a positive similarity, or no vote counts.

    A rater's vote has the weight ``a_u = v_u (s_u / max s) ** (power - 1) ||u|| **
    vote_length_power``, as part of the largest, with ``v_u = s_u / max s``: case amplification
    (Breese, Heckerman and Kadie 1998). From ``many_ratings`` movies liked or seen on, ``v`` is what
    :mod:`recommender.ranking.ridge_weights` makes of it.

    Raises InvalidInputError where the filter does not fit the index.
    """
    index, ranking = version.index, version.ranking
    condition = rater_filter.condition(index.manifest)
    first_vote = rater_filter.first_vote(index.manifest)
    wanted = ranking.many_neighbours if ranking.many(profile.known) else ranking.neighbours
    numbers, more = _candidates(version, profile, wanted, condition, leave_out)
    if not len(numbers):
        return None
    lengths, rated = index.ratings(numbers)
    recent = None if first_vote is None or rated.day is None else rated.day >= first_vote
    state = _states(index, rated.units)
    scales = lengths**-index.manifest.weighting.length_power
    owner, position, term = _terms(version, profile, rated, state, scales)
    similarity = np.bincount(owner, weights=term, minlength=len(numbers)).astype(np.float64)
    kept = _cut(numbers, similarity, wanted, more=more)
    if recent is not None:
        # A neighbour without a vote that counts must not be counted among those who voted either:
        # the list says how many it rests on, and `support` is a part of that number.
        kept &= np.bincount(rated.owner, weights=recent, minlength=len(numbers)) > 0
    if not kept.any():
        return None
    # Relative to the most similar rater: powers of it do not depend on how long the profile is.
    relative = weight = np.where(kept, similarity / similarity.max(), 0.0)
    if ranking.many(profile.known):
        weight = ridge_weights(version, relative, rated, state, scales * kept, profile.known)
    weight = weight * _amplification(relative, lengths, profile.known, ranking)
    catalogue, weight = version.catalogue, weight / weight.max()
    panel = version.panel.restricted(condition, first_vote, leave_out)
    found = numbers, similarity, weight, rated, state, owner, position, term, recent, panel
    return Neighbours(profile, catalogue, ranking, *found)


def _candidates(
    version: IndexVersion,
    profile: ResolvedProfile,
    wanted: int,
    condition: RaterCondition | None,
    leave_out: int | None,
) -> tuple[Ints, bool]:
    """Search for raters by their vectors; return also whether the engine may have more of them."""
    weights, ranking = version.weights[profile.movies], version.ranking
    question = query_vector(profile.movies, profile.states, weights, ranking)
    if not len(question):
        return np.empty(0, dtype=np.int64), False
    # One more for the rater who is left out, so that as many others can be found without them.
    limit = wanted + ranking.spare + (leave_out is not None)
    hits = version.index.neighbours(question, limit=limit, condition=condition)
    return np.sort(hits.ids[hits.ids != leave_out]), len(hits.ids) == limit


def _amplification(relative: Floats, lengths: Floats, known: int, ranking: Ranking) -> Floats:
    """Factors of the weights; 0 for raters whose ``relative`` similarity is 0."""
    # One less than the power of case amplification: the weight holds the similarity once already.
    power, many = ranking.amplification(known) - 1, ranking.many(known)
    amplified = np.power(relative, power, where=relative > 0, out=np.zeros_like(relative))
    length_power = ranking.many_vote_length_power if many else ranking.vote_length_power
    return np.asarray(amplified * lengths**length_power)


def _states(index: Index, units: Bytes) -> Bytes:
    """States of stored units of stars, same shape."""
    manifest = index.manifest
    table = manifest.scale.unit_states(manifest.weighting)
    # bytes.translate() is several times as fast as indexing with an array.
    return np.frombuffer(units.tobytes().translate(table.tobytes()), dtype=np.uint8)


def _terms(
    version: IndexVersion,
    profile: ResolvedProfile,
    rated: RatedMovies,
    state: Bytes,
    scales: Floats,
) -> tuple[Ints, Ints, Floats]:
    """Terms of the dot products: rater, place in the profile, and what it adds."""
    weights = version.weights
    places = np.full(len(weights), -1, dtype=np.int64)
    places[profile.movies] = np.arange(len(profile))
    # take() is much faster than indexing with an array.
    found = places.take(rated.movie)
    shared = np.flatnonzero(found >= 0)
    owner, position = rated.owner.take(shared), found.take(shared)
    agreement = np.asarray(version.ranking.agreement)[profile.states[position], state[shared]]
    weight = weights[profile.movies[position]]
    return owner, position, weight * agreement * (weight * scales[owner])


def _cut(numbers: Ints, similarity: Floats, neighbours: int, *, more: bool) -> Mask:
    """Tell which raters vote: the most similar ones, ties by ascending number.

    Where raters tied at the cut run on past what the engine returned (``more``), which of them came
    back is arbitrary; the tied group is left out, unless nothing else is left.
    """
    order = np.lexsort((numbers, -similarity))
    order = order[similarity[order] > 0]
    kept = np.zeros(len(numbers), dtype=bool)
    if len(order) > neighbours and more:
        # Scores in 64 bits show which raters are tied; the engine decides which of them it returns.
        slack = _TIE * similarity[order[0]]
        at_cut, last = similarity[order[neighbours - 1]], similarity[order[-1]]
        clear = similarity[order] > at_cut + slack
        if at_cut - last <= slack and clear.any():
            order = order[clear]
    kept[order[:neighbours]] = True
    return kept
