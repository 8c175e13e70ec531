"""Themed rows, as a start page shows them: one search of neighbours for all, no movie twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from recommender.arrays import Ints, Mask
from recommender.catalogue.movies import Catalogue
from recommender.filters import MovieFilter
from recommender.opinion import Opinion
from recommender.ranking.evidence import Evidence, Predict, predicted, recommendations
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.lists import popularity
from recommender.ranking.lists.diversity import POOL, diversified
from recommender.ranking.neighbours import Neighbours
from recommender.ranking.resolution import ResolvedProfile
from recommender.ranking.scoring import FilmScores, Question
from recommender.ranking.votes import Scores
from recommender.results import Fallback, Row

__all__ = ["TOP_PICKS", "Shelf", "fill_rows", "usual_shelves"]

# Place on the dial of what is little known: votes are hardly divided by likes.
_HIDDEN_AT = 0.3
# Liked movies that get a row of similar ones.
_ANCHORS = 2


class Shelf(NamedTuple):
    """What a row is to hold."""

    name: str
    title: str
    by: Literal["neighbours", "popular", "trending", "similar"] = "neighbours"
    """What orders it: the votes of the neighbours, or what is popular, trending, or similar."""
    where: MovieFilter = MovieFilter()
    """Which movies may stand in it."""
    movie: int = -1
    """Dense number of the movie that those of a ``"similar"`` row are similar to."""
    adventurous: float | None = None
    """Place of a ``"neighbours"`` row on the dial, unless it is that of the whole question."""


TOP_PICKS = Shelf("top_picks", "Top picks")


def usual_shelves(
    version: IndexVersion, profile: ResolvedProfile, *, personal: bool, every: bool
) -> Iterator[Shelf]:
    """Yield the shelves that fit a catalogue and a person.

    Those that rest on neighbours are left out unless the list is ``personal``. What is old, new or
    little known is read off the catalogue: the oldest movies that have a quarter of all likes are
    classics, the newest with a tenth recent, the least rated with a tenth hidden. Movies that are
    hidden, or similar to one, need some ratings to be shown, unless ``every`` movie may be.
    """
    catalogue, periods = version.catalogue, version.periods
    least = 0 if every else periods.least
    if personal:
        yield TOP_PICKS
    yield Shelf("popular", "What's popular", by="popular")
    if version.index.manifest.timed:
        yield Shelf("trending", "Trending now", by="trending")
    # In a catalogue of a few years nothing is old or new.
    if periods.classic < periods.recent:
        yield Shelf("classics", "Classics", where=MovieFilter(years=(None, periods.classic)))
    if personal:
        # They are little known already; what counts is how many of the neighbours love them.
        hidden = MovieFilter(min_ratings=least, max_ratings=periods.hidden)
        yield Shelf("hidden_gems", "Hidden gems", where=hidden, adventurous=_HIDDEN_AT)
    if periods.classic < periods.recent:
        yield Shelf("recent", "Recent", where=MovieFilter(years=(periods.recent, None)))
    for number in _anchors(catalogue, profile):
        movie = catalogue.movie(number)
        name = f"more_like_{movie.movie_id}"
        title, where = f"More like {movie.title}", MovieFilter(min_ratings=least)
        yield Shelf(name, title, by="similar", where=where, movie=number)


def fill_rows(
    version: IndexVersion,
    shelves: Iterable[Shelf],
    neighbours: Neighbours | None,
    allowed: Mask,
    limit: int,
    *,
    adventurous: float | None = None,
    diversity: float = 0.0,
    min_supporters: int = 0,
    predict: Predict | None = None,
) -> list[Row]:
    """Fill shelves in order, each with the best that no shelf before it took, if any is left.

    ``allowed``, shape (movies,), are the movies that may be shown at all. Without neighbours the
    rows by neighbours hold what is popular; these rows alone are diversified. ``predict`` gives the
    stars of the movies of all rows.
    """
    catalogue, left = version.catalogue, allowed.copy()
    question = None if neighbours is None else Question(version, neighbours)
    scores_at = None if question is None else cache(question.scores)

    def ranked(shelf: Shelf, mask: Mask) -> Filled:
        if diversity and shelf.by == "neighbours":
            found = in_order(shelf, mask, max(limit, POOL))
            scores = diversified(version.likeness, found.scores, diversity, limit)
            return found._replace(scores=scores)
        return in_order(shelf, mask, limit)

    def in_order(shelf: Shelf, mask: Mask, limit: int) -> Filled:
        if shelf.by == "similar":
            return Filled(shelf, popularity.similar(version, shelf.movie, mask, limit))
        if shelf.by == "trending":
            return Filled(shelf, popularity.trending(version, mask, limit), "trending")
        if shelf.by == "popular" or scores_at is None:
            return Filled(shelf, popularity.popular(version, mask, limit), "popular")
        scores = scores_at(adventurous if shelf.adventurous is None else shelf.adventurous)
        return Filled(shelf, scores.best(mask, limit, min_supporters), behind=scores)

    filled = []
    for shelf in shelves:
        row = ranked(shelf, left & shelf.where.mask(catalogue))
        left[row.scores.movies] = False
        filled.append(row)
    return list(_rows(filled, catalogue, predict))


class Filled(NamedTuple):
    """What a shelf holds."""

    shelf: Shelf
    scores: Scores
    fallback: Fallback | None = None
    behind: FilmScores | None = None
    """What the scores are made of, where neighbours vote."""


def _rows(filled: list[Filled], catalogue: Catalogue, predict: Predict | None) -> Iterator[Row]:
    """Rows whose reasons, and whose stars, are worked out for several of them at once."""
    stars = None
    if predict is not None:
        every = np.concatenate([row.scores.movies for row in filled])
        stars = predicted(predict, every, catalogue)
    # Rows at the same place of the dial rest on the same scores.
    movies: dict[FilmScores, list[Ints]] = {}
    for row in filled:
        if row.behind is not None:
            movies.setdefault(row.behind, []).append(row.scores.movies)
    evidence = {behind: Evidence(behind, np.concatenate(m)) for behind, m in movies.items()}
    for shelf, scores, fallback, behind in filled:
        rests_on = None if behind is None else evidence[behind]
        listed = recommendations(
            scores, catalogue, evidence=rests_on, fallback=fallback, stars=stars
        )
        yield Row(shelf.name, shelf.title, listed)


def _anchors(catalogue: Catalogue, profile: ResolvedProfile) -> list[int]:
    """The best known of the movies a person likes: what is similar to them is known best too."""
    liked = profile.movies[profile.states == Opinion.LIKE.code]
    best_known = np.lexsort((liked, -catalogue.likes[liked]))
    return [int(number) for number in liked[best_known][:_ANCHORS]]
