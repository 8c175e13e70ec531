"""Themed rows, as a start page shows them: one search of neighbours for all, no movie twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from recommender.arrays import Mask
from recommender.catalogue.movies import Catalogue, MovieKey
from recommender.catalogue.titles import folded
from recommender.errors import InvalidInputError
from recommender.filters import MovieFilter
from recommender.opinion import Opinion
from recommender.ranking import popularity
from recommender.ranking.evidence import Evidence, Predict, PredictedStars, recommendations
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.neighbours import Neighbours
from recommender.ranking.resolution import ResolvedProfile
from recommender.ranking.votes import Scores, best_voted, count_votes
from recommender.results import Fallback, Row
from recommender.validation import check_dial, invalid, shown

__all__ = ["Shelf", "default_shelves", "fill_rows"]

By = Literal["neighbours", "popular", "trending", "similar"]

# Liked movies that get a row of similar ones.
_ANCHORS = 2


@dataclass(frozen=True)
class Shelf:
    """What a row is to hold.

    Examples
    --------
    >>> Shelf("Space operas", where=MovieFilter(tags={"space opera"})).name
    'space_operas'
    >>> Shelf("More like Alien", by="similar", movie="Alien").by
    'similar'
    """

    title: str
    """What to call the row."""
    by: By = "neighbours"
    """What orders it: the votes of the neighbours, or what is popular, trending, or similar."""
    where: MovieFilter = field(default_factory=MovieFilter)
    """Which movies may stand in it."""
    movie: MovieKey | None = None
    """What the movies of a ``"similar"`` row are similar to."""
    adventurous: float | None = None
    """Place of a ``"neighbours"`` row on the dial, unless it is that of the whole question."""
    name: str = ""
    """A key that stays the same; made of the title unless given."""

    def __post_init__(self) -> None:
        check_dial(self.adventurous)
        if not isinstance(self.title, str) or not self.title.strip():
            raise InvalidInputError(
                f"a shelf is titled {shown(self.title)}: give it a title in words"
            )
        if not isinstance(self.where, MovieFilter):
            raise invalid("where", self.where, "MovieFilter(...)")
        if self.by not in get_args(By):
            raise invalid("by", self.by, f"one of {', '.join(get_args(By))}")
        if (self.by == "similar") != (self.movie is not None):
            raise InvalidInputError(
                f"shelf {shown(self.title)} is by {self.by} with the movie {shown(self.movie)}: "
                "give a movie to 'similar' shelves and to no other"
            )
        object.__setattr__(self, "name", self.name or _key(self.title))


def _key(title: str) -> str:
    return folded(title).replace(" ", "_") or title


def default_shelves(
    version: IndexVersion, profile: ResolvedProfile, *, personal: bool
) -> Iterator[Shelf]:
    """Yield the usual shelves that fit a catalogue and a person.

    Those that rest on neighbours are left out unless the list is ``personal``. What is old, new or
    little known is read off the catalogue: the oldest movies that have a quarter of all likes are
    classics, the newest with a tenth recent, the least rated with a tenth hidden.
    """
    catalogue, periods = version.catalogue, version.periods
    if personal:
        yield Shelf("Top picks")
    yield Shelf("What's popular", by="popular", name="popular")
    if version.index.manifest.timed:
        yield Shelf("Trending now", by="trending", name="trending")
    # In a catalogue of a few years nothing is old or new.
    if periods.classic < periods.recent:
        yield Shelf("Classics", where=MovieFilter(years=(None, periods.classic)))
    if personal:
        # They are little known already; what counts is how many of the neighbours love them.
        yield Shelf("Hidden gems", where=MovieFilter(max_ratings=periods.hidden), adventurous=0.0)
    if periods.classic < periods.recent:
        yield Shelf("Recent", where=MovieFilter(years=(periods.recent, None)))
    for number in _anchors(catalogue, profile):
        movie = catalogue.movie(number)
        yield Shelf(
            f"More like {movie.title}",
            by="similar",
            movie=f"id:{movie.movie_id}",
            name=f"more_like_{movie.movie_id}",
        )


def fill_rows(
    version: IndexVersion,
    shelves: Iterable[Shelf],
    neighbours: Neighbours | None,
    allowed: Mask,
    limit: int,
    *,
    adventurous: float | None = None,
    min_supporters: int = 0,
    predict: Predict | None = None,
) -> tuple[Row, ...]:
    """Fill shelves in order, each with the best that no row before it took.

    ``allowed``, shape (movies,), are the movies that may be shown at all. Without neighbours the
    rows by neighbours hold what is popular. Rows with nothing left are dropped.
    ``predict`` gives the stars of the movies of all rows.

    Raises InvalidInputError where two shelves have the same name, or one cannot be filled.
    """
    catalogue, left = version.catalogue, allowed.copy()
    votes = None if neighbours is None else count_votes(neighbours)

    def ranked(shelf: Shelf, mask: Mask) -> tuple[Scores, Fallback | None]:
        if shelf.movie is not None:
            movie = catalogue.resolve(shelf.movie)
            return popularity.similar(version, movie, mask, limit), None
        if shelf.by == "trending":
            return popularity.trending(version, mask, limit), "trending"
        if shelf.by == "popular" or neighbours is None or votes is None:
            return popularity.popular(version, mask, limit), "popular"
        dial = adventurous if shelf.adventurous is None else shelf.adventurous
        support = max(min_supporters, shelf.where.min_supporters)
        scores = best_voted(
            votes, neighbours, mask, limit, adventurous=dial, min_supporters=support
        )
        return scores, None

    filled = []
    for shelf in _checked(shelves):
        scores, fallback = ranked(shelf, left & shelf.where.mask(catalogue))
        if len(scores.movies):
            left[scores.movies] = False
            filled.append((shelf, scores, fallback))
    return tuple(_rows(filled, neighbours, catalogue, predict))


def _rows(
    filled: list[tuple[Shelf, Scores, Fallback | None]],
    neighbours: Neighbours | None,
    catalogue: Catalogue,
    predict: Predict | None,
) -> Iterator[Row]:
    """Rows whose reasons, and whose stars, are worked out for all of them at once."""
    evidence = stars = None
    if filled and predict is not None:
        every = np.concatenate([scores.movies for _, scores, _ in filled])
        stars = PredictedStars(predict, every, catalogue)
    voted = [scores.movies for shelf, scores, _ in filled if shelf.by == "neighbours"]
    if voted and neighbours is not None:
        evidence = Evidence(neighbours, np.concatenate(voted))
    for shelf, scores, fallback in filled:
        behind = evidence if shelf.by == "neighbours" else None
        movies = recommendations(scores, catalogue, evidence=behind, fallback=fallback, stars=stars)
        yield Row(shelf.name, shelf.title, movies)


def _checked(shelves: Iterable[Shelf]) -> list[Shelf]:
    names = set()
    if not isinstance(shelves, Iterable):
        raise invalid("shelves", shelves, "a list of them")
    found = list(shelves)
    for shelf in found:
        if not isinstance(shelf, Shelf):
            raise InvalidInputError(f"{shown(shelf)} is no shelf: give Shelf(title, ...)")
        if shelf.name in names:
            raise InvalidInputError(f"two shelves are named '{shelf.name}': give each its own name")
        names.add(shelf.name)
    return found


def _anchors(catalogue: Catalogue, profile: ResolvedProfile) -> list[int]:
    """The best known of the movies a person likes: what is similar to them is known best too."""
    liked = profile.movies[profile.states == Opinion.LIKE.code]
    best_known = np.lexsort((liked, -catalogue.likes[liked]))
    return [int(number) for number in liked[best_known][:_ANCHORS]]
