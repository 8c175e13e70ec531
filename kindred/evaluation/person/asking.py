"""Asking methods for one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from kindred.evaluation.methods.choice import require
from kindred.evaluation.methods.neighbours import Popular, Tutorial, UserCosine
from kindred.evaluation.methods.predictors import NEIGHBOURS
from kindred.evaluation.person.answers import Answer, Listed, RatedMovie, SideBySide
from kindred.evaluation.person.predictions import (
    by_item_cosine,
    by_means,
    by_user_cosine,
    by_user_pearson,
)
from kindred.evaluation.person.scan import Scan
from kindred.evaluation.training_data import Array
from recommender import InvalidInputError, Profile, Recommender
from recommender.arrays import Floats
from recommender.profile import Opinions
from recommender.storage.index import pages
from recommender.storage.open_store import choose_store
from recommender.validation import check_limit, invalid

__all__ = ["ASKED", "ask", "ask_all", "chosen"]

_KINDRED = "kindred"
_NO_STARS = "there are no stars in this index, which holds likes only"


@dataclass(frozen=True)
class _Found:
    """What a method makes of a scan."""

    scores: Array
    """What its list is ordered by; movies without a finite one are not in it, shape (movies,)."""
    predicted: Floats | None = None
    """Stars of all movies, not yet clipped to the scale, likewise."""
    note: str | None = None


def _tutorial(scan: Scan) -> _Found:
    """Qdrant's notebook, which adds up how near 20 raters are to the person."""
    (scores,) = Tutorial().scorer(scan.train)(scan.question)
    return _Found(scores, note="predicts no stars: it adds up how near raters are")


def _user_cosine(scan: Scan) -> _Found:
    """Raters by cosine: their stars, weighted by it, added up for the list."""
    (scores,) = UserCosine().scorer(scan.train, "stars", NEIGHBOURS)(scan.question)
    return _Found(np.where(scores != 0, scores, -np.inf), by_user_cosine(scan.train, scan.said))


def _user_pearson(scan: Scan) -> _Found:
    predicted = by_user_pearson(scan.train, scan.said)
    return _Found(predicted, predicted)


def _item_cosine(scan: Scan) -> _Found:
    predicted = by_item_cosine(scan.train, scan.said)
    return _Found(predicted, predicted)


def _popular(scan: Scan) -> _Found:
    (scores,) = Popular().scorer(scan.train, "likes")(scan.question)
    return _Found(np.where(scores > 0, scores, -np.inf), by_means(scan.train))


_METHODS: Final[dict[str, Callable[[Scan], _Found]]] = {
    "tutorial": _tutorial,
    "user-cosine": _user_cosine,
    "user-pearson": _user_pearson,
    "item-cosine": _item_cosine,
    "popular": _popular,
}
ASKED: Final = (_KINDRED, *_METHODS)
"""Names of the methods there are."""


def ask(
    profile: Profile | Opinions,
    *,
    method: str,
    index: str | Path | Recommender | None = None,
    limit: int = 10,
) -> Answer:
    """Ask a method of the field's tutorials for one person, on an index that is there.

    All ratings of the index are read for it, at most 2,000,000, but for the person's own where they
    are a stored rater. Nothing is learned from them that is kept. The methods:

    - ``"tutorial"``: Qdrant's "Collaborative Filtering" notebook, by plain dot products with the 20
      nearest raters; it predicts no stars.
    - ``"user-cosine"``: raters by the cosine of all stars (Breese, Heckerman and Kadie 1998). The
      list adds up the nearest raters' stars; predictions are their deviations from their means.
    - ``"user-pearson"``: raters by correlation (Resnick et al. 1994, "GroupLens"), weighed by how
      much they have in common (Herlocker et al. 1999). The list is ordered by predicted stars.
    - ``"item-cosine"``: movies by adjusted cosine (Sarwar et al. 2001). Likewise.
    - ``"popular"``: the most liked movies, and their mean stars.
    - ``"kindred"``: :meth:`Recommender.recommend` and :meth:`Recommender.predict_many`.

    Every movie of the profile is also predicted with its own stars left out, to be seen beside
    them: :attr:`Answer.rated`, with :attr:`Answer.mae`.

    Parameters
    ----------
    profile : Profile or mapping of movie to opinion
        As of :meth:`Recommender.recommend`. Of a stored rater it is ``rec.profile_of(id)``; without
        stars there is nothing to see predictions beside.
    method : str
        One of the names above.
    index : path or Recommender, optional
        Folder of an embedded index, or an open recommender, such as one of an index on a server,
        which stays open. Unless given, the environment decides.
    limit : int
        At most this many movies in the list, 1 to 1,000.

    Raises
    ------
    InvalidInputError
        Where an argument or a movie cannot be used, the index is too large, or SciPy is missing.
    IndexProblem
        Where the index cannot be read.
    """
    (answer,) = ask_all(profile, methods=[method], index=index, limit=limit)
    return answer


def ask_all(
    profile: Profile | Opinions,
    *,
    methods: Sequence[str] = ASKED,
    index: str | Path | Recommender | None = None,
    limit: int = 10,
) -> SideBySide:
    """Ask several methods for one person, as :func:`ask` does each, with one scan for all.

    Those in ``methods`` are asked, in their order and each once; all of them by default.
    """
    names = chosen(methods)
    check_limit(limit)
    if names != [_KINDRED]:
        require("scipy", what="asking other methods")
    if not isinstance(index, Recommender):
        with Recommender(choose_store(index)) as rec:
            return ask_all(profile, methods=names, index=rec, limit=limit)
    person = Profile.of(profile)
    scan = Scan.of(index, person)
    answers = [
        _by_kindred(index, person, scan, limit)
        if method == _KINDRED
        else _answer(method, scan, limit)
        for method in names
    ]
    return SideBySide(tuple(answers))


def chosen(methods: Sequence[str]) -> list[str]:
    """Return names of methods, each once.

    Raises InvalidInputError where there are none, or there is no such method.
    """
    if isinstance(methods, str) or not isinstance(methods, Iterable) or not methods:
        raise invalid("methods", methods, f"a list of some of {', '.join(ASKED)}")
    for method in methods:
        if method not in ASKED:
            raise InvalidInputError(f"there is no method '{method}': choose {', '.join(ASKED)}")
    return [*dict.fromkeys(methods)]


def _answer(method: str, scan: Scan, limit: int) -> Answer:
    found = _METHODS[method](scan)
    stars = np.full(len(scan.movies), np.nan)
    if found.predicted is not None and not scan.scale.implicit:
        stars = np.clip(found.predicted, scan.scale.low, scan.scale.high)
    there = np.isfinite(found.scores)
    popular = not there.any()
    scores = _popular(scan).scores if popular else found.scores
    movies = np.flatnonzero(scan.allowed & np.isfinite(scores))
    # Stable, so that ties are in the order of the catalogue.
    movies = movies[np.argsort(-scores[movies], kind="stable")[:limit]]
    rows = (
        Listed(rank, scan.movies[movie], float(scores[movie]), _or_none(stars[movie]))
        for rank, movie in enumerate(movies.tolist(), start=1)
    )
    return Answer(
        method,
        tuple(rows),
        _rated(scan, [_or_none(stars[movie]) for movie in scan.rated]),
        fallback="popular" if popular and method != "popular" else None,
        note=_NO_STARS if scan.scale.implicit else found.note,
    )


def _by_kindred(rec: Recommender, person: Profile, scan: Scan, limit: int) -> Answer:
    top = rec.recommend(person, limit=limit)
    rows = (Listed(row.rank, row.movie, row.score, row.predicted_rating) for row in top)
    # By id, as several movies may have one title; in pages, as each is compared with all of them.
    keys = [f"id:{scan.movies[movie].movie_id}" for movie in scan.rated.tolist()]
    note = _NO_STARS if scan.scale.implicit else None
    stars = [one.stars for some in pages(keys) for one in rec.predict_many(person, some)]
    rated = _rated(scan, stars)
    return Answer(_KINDRED, tuple(rows), rated, fallback=top.fallback, note=note)


def _rated(scan: Scan, stars: Sequence[float | None]) -> tuple[RatedMovie, ...]:
    return tuple(
        RatedMovie(scan.movies[movie], float(scan.said[movie]), predicted)
        for movie, predicted in zip(scan.rated.tolist(), stars, strict=True)
    )


def _or_none(stars: Floats | float) -> float | None:
    return None if np.isnan(stars) else float(stars)
