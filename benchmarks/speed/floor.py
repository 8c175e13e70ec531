"""What a question costs at least: the same answer from arrays in memory, by numpy alone.

All stored vectors as columns (a movie and state each) and all ratings as rows (a rater each), built
from an index. There is no engine, no payload, no cache, no filter, no version to look after: what
Kindred takes beyond this is the price of being a system. What follows the votes is in
:mod:`benchmarks.speed.film_floor`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from benchmarks.speed.film_floor import FilmFloor
from recommender.arrays import Bytes, Floats, Ints
from recommender.opinion import STATES, Opinion
from recommender.profile import Opinions, Profile
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.resolution import ResolvedProfile, resolve
from recommender.ranking.weights import query_vector
from recommender.storage.hash_order import user_hashes

__all__ = ["Answer", "Floor"]

# Raters read at a time, so that their payloads are never all in memory.
_PAGE = 4096


class Answer(NamedTuple):
    """A list, and why it is that."""

    movies: Ints
    """Dense numbers, best first, shape (n,)."""
    scores: Floats
    """Shape (n,)."""
    shares: Floats
    """Parts of the scores by movie of the profile, shape (n, profile)."""


class Floor:
    """An index version as arrays; the version must stay open while questions are asked."""

    def __init__(self, version: IndexVersion) -> None:
        index, manifest = version.index, version.index.manifest
        if manifest.maintenance.next_user != manifest.counts.users:
            raise SystemExit("people were forgotten in this index: measure one as it was ingested")
        self._version, self._ranking = version, version.ranking
        units, movies, sizes, lengths = [], [], [], []
        for start in range(0, manifest.maintenance.next_user, _PAGE):
            page = np.arange(start, min(start + _PAGE, manifest.maintenance.next_user))
            of_page, rated = index.ratings(page)
            movies.append(rated.movie.astype(np.int32))
            units.append(rated.units)
            sizes.append(np.bincount(rated.owner, minlength=len(page)))
            lengths.append(of_page)
        weighting = manifest.weighting
        state_of = manifest.scale.unit_states(weighting)
        self._movie = np.concatenate(movies)
        self._state = state_of[np.concatenate(units)]
        self._starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
        self._lengths = np.concatenate(lengths)
        self._scales = np.where(
            np.diff(self._starts) >= weighting.min_ratings,
            self._lengths**-weighting.length_power,
            0.0,
        )
        self._columns = self._stored()
        self._films = FilmFloor(self._panel(weighting.min_ratings), version)

    def _stored(self) -> sparse.csc_matrix:
        """All stored vectors, raters by places ``3 movie + state``."""
        sizes = np.diff(self._starts)
        values = self._version.weights[self._movie] * np.repeat(self._scales, sizes)
        places = self._movie * np.int32(STATES) + self._state
        shape = (len(self._lengths), len(self._version.weights) * STATES)
        # As 64-bit positions scipy would make a copy of every index.
        starts = self._starts.astype(np.int32)
        rows = sparse.csr_matrix((values.astype(np.float32), places, starts), shape=shape)
        return rows.tocsc()

    def _panel(self, min_ratings: int) -> sparse.csr_matrix:
        """What the ratings of the first raters in the order of hashes are worth, by movie."""
        order = np.argsort(user_hashes(np.arange(len(self._lengths))))
        raters = order[np.diff(self._starts)[order] >= min_ratings][: self._ranking.panel]
        owner, at = self._ratings_of(raters)
        worth = np.asarray(self._ranking.film_values)[self._state[at]]
        shape = (len(raters), len(self._version.weights))
        return sparse.csr_matrix((worth, (owner, self._movie[at])), shape=shape)

    def work(self, opinions: Opinions) -> tuple[int, int, int]:
        """Count entries of stored vectors that a search adds up, ratings of those it finds, and
        movies of the profile that are rare in the panel."""
        version = self._version
        profile = resolve(Profile(opinions), version.catalogue, version.index.manifest)
        neighbours, _, postings = self._search(profile)
        rare = int(version.panel.is_rare(profile.movies).sum())
        return postings, len(self._ratings_of(neighbours)[0]), rare

    def recommend(self, opinions: Opinions, limit: int) -> Answer:
        """Answer as :meth:`recommender.Recommender.recommend` does, reasons included."""
        version, ranking = self._version, self._ranking
        profile = resolve(Profile(opinions), version.catalogue, version.index.manifest)
        neighbours, similarity, _ = self._search(profile)
        owner, at = self._ratings_of(neighbours)
        movie, state = self._movie[at], self._state[at]
        relative = weight = similarity / similarity.max()
        length_power = ranking.vote_length_power
        if ranking.many(profile.known):
            length_power = ranking.many_vote_length_power
            values = version.weights[movie] * self._scales[neighbours][owner]
            weight = self._ridge_weights(relative, owner, movie * STATES + state, values, profile)
        weight = weight * relative ** (ranking.amplification(profile.known) - 1)
        weight *= self._lengths[neighbours] ** length_power
        weight /= weight.max()
        # Votes, and a minimum of support, as in recommender.ranking.votes.
        votes = weight[owner] * np.asarray(ranking.votes)[state]
        films = len(version.catalogue)
        totals: Floats = np.bincount(movie, weights=votes, minlength=films).astype(np.float64)
        totals[profile.movies] = 0
        liked = movie.compress((state == Opinion.LIKE.code) & (votes > 0))
        least = np.ceil(ranking.support * len(neighbours))
        enough = np.bincount(liked, minlength=len(totals)) >= least
        eligible = np.flatnonzero(enough & (totals > 0))
        scored = self._films.scores(profile, eligible, totals[eligible])
        if scored is None:
            likes = version.catalogue.likes[eligible] + ranking.pseudo_likes
            scores = totals[eligible] / likes ** ranking.discount(profile.known, 0.5)
        else:
            scores = scored.voted + scored.added
        order = np.lexsort((eligible, -scores))[:limit]
        best = eligible[order]
        shares = self._shares(profile, best, (owner, movie, state), (neighbours, similarity), votes)
        if scored is not None:
            shares = scored.shares(shares, order)
        return Answer(best, np.asarray(scores[order]), shares)

    def _search(self, profile: ResolvedProfile) -> tuple[Ints, Floats, int]:
        # The only search there is in Kindred, too: a dot product with every stored vector.
        weights = self._version.weights[profile.movies]
        question = query_vector(profile.movies, profile.states, weights, self._ranking)
        columns = self._columns
        scores = np.zeros(len(self._lengths), dtype=np.float32)
        postings = 0
        for place, value in zip(question.indices.tolist(), question.values, strict=True):
            start, end = columns.indptr[place], columns.indptr[place + 1]
            scores[columns.indices[start:end]] += value * columns.data[start:end]
            postings += int(end - start)
        many = self._ranking.many(profile.known)
        wanted = self._ranking.many_neighbours if many else self._ranking.neighbours
        wanted = min(wanted, len(scores))
        # Much faster than argpartition(); more than are wanted only where the last ones tie.
        least = np.partition(scores, -wanted)[-wanted]
        neighbours = np.flatnonzero((scores >= least) & (scores > 0))
        return neighbours, scores[neighbours].astype(np.float64), postings

    def _ridge_weights(
        self, relative: Floats, owner: Ints, place: Ints, values: Floats, profile: ResolvedProfile
    ) -> Floats:
        """Conjugate gradients as in recommender.ranking.ridge_weights, with one sparse table."""
        ranking = self._ranking
        found, along = np.linalg.eigh((table := np.array(ranking.agreement)) / 2 + table.T / 2)
        agreement = (along * np.maximum(found, 0)) @ along.T
        shape = (len(relative), len(self._version.weights) * STATES)
        rows = sparse.csr_matrix((values, (owner, place)), shape=shape)
        ridge = max(ranking.ridge / profile.known, ranking.least_ridge)
        answer, rest = np.zeros(len(relative)), relative
        ahead, norm = rest, rest @ rest
        for _ in range(ranking.steps):
            products = rows @ ((rows.T @ ahead).reshape(-1, STATES) @ agreement).ravel()
            products += ridge * ahead
            step = norm / (ahead @ products)
            answer, rest = answer + step * ahead, rest - step * products
            before, norm = norm, rest @ rest
            if norm <= np.finfo(np.float64).eps * before:
                break
            ahead = rest + norm / before * ahead
        return answer

    def _ratings_of(self, neighbours: Ints) -> tuple[Ints, Ints]:
        """All ratings of some raters: position of the rater, and of the rating."""
        starts = self._starts[neighbours]
        sizes = self._starts[neighbours + 1] - starts
        owner = np.repeat(np.arange(len(neighbours)), sizes)
        return owner, np.arange(len(owner)) + (starts - np.cumsum(sizes) + sizes)[owner]

    def _shares(
        self,
        profile: ResolvedProfile,
        best: Ints,
        rated: tuple[Ints, npt.NDArray[np.int32], Bytes],
        found: tuple[Ints, Floats],
        votes: Floats,
    ) -> Floats:
        (owner, movie, state), (neighbours, similarity) = rated, found
        row = np.full(len(self._version.weights), -1)
        row[profile.movies] = np.arange(len(profile))
        mine = np.flatnonzero(row[movie] >= 0)
        shared = row[movie[mine]]
        term = np.asarray(self._ranking.agreement)[profile.states[shared], state[mine]]
        term *= self._version.weights[movie[mine]] ** 2 * self._scales[neighbours[owner[mine]]]
        terms = np.zeros((len(neighbours), len(profile)))
        terms[owner[mine], shared] = term / similarity[owner[mine]]
        # The same array of places, now for the movies of the list.
        row[profile.movies] = -1
        row[best] = np.arange(len(best))
        cast = np.flatnonzero(row[movie] >= 0)
        table = np.zeros((len(best), len(neighbours)))
        table[row[movie[cast]], owner[cast]] = votes[cast]
        return np.asarray((table @ terms) / table.sum(axis=1)[:, None])
