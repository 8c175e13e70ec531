"""A profile in the terms of one index version: dense movie numbers, opinions by code, stars."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from recommender.arrays import Bytes, Floats, Ints, Mask
from recommender.catalogue.movies import Catalogue, MovieKey
from recommender.errors import InvalidInputError, MovieIdWarning
from recommender.opinion import Opinion, Scale
from recommender.profile import Profile
from recommender.storage.manifest import Manifest
from recommender.validation import shown

__all__ = ["ResolvedProfile", "resolve"]

# Fewer numbers say too little; of more than so many, the first are looked at.
_FEWEST, _MOST = 4, 30
# Part of the numbers that are ids of the other kind.
_PART = 0.8
# How many times better known the movies are by the other kind of id, in the geometric mean of
# their ratings. In 12,000 draws each of 4, 5, 8, 12 and 20 films that people of ml-latest-small
# rated, it was 7 at most.
_TIMES_BETTER_KNOWN = 10
_KINDS: tuple[tuple[Literal["tmdb", "imdb"], str], ...] = (("tmdb", "TMDB"), ("imdb", "IMDb"))


@dataclass(frozen=True, eq=False)
class ResolvedProfile:
    """A profile as the ranking reads it."""

    movies: Ints
    """Dense movie numbers, unique and ascending, shape (n,)."""
    states: Bytes
    """Codes of the opinions (see :class:`recommender.opinion.Opinion`), shape (n,)."""
    stars: Floats
    """Stars on the scale of the index, those of a mere opinion as usual for it, shape (n,)."""
    starred: Mask
    """Whether the person gave stars, shape (n,)."""

    @property
    def known(self) -> int:
        """How many of the movies were liked or merely seen.

        What depends on how much a person rated goes by this number, so that one more dislike does
        nothing but lower the similarity of those who like the movie.
        """
        return int(np.count_nonzero(self.states != Opinion.DISLIKE.code))

    def __len__(self) -> int:
        return len(self.movies)


def resolve(profile: Profile, catalogue: Catalogue, manifest: Manifest) -> ResolvedProfile:
    """Find the movies of a profile in a catalogue, with the opinions and stars of each.

    Raises InvalidInputError where a movie is unknown, stars are off the scale, or two names of one
    movie come with different opinions. Warns where numbers may have been meant otherwise.
    """
    keys = profile.movies
    for doubt in _doubts(catalogue, keys):
        warnings.warn(doubt, MovieIdWarning, stacklevel=1)  # a line once, whoever asks
    numbers = np.array([catalogue.resolve(key) for key in keys], dtype=np.int64)
    scale = _scale(profile, manifest) if profile.stars else manifest.scale
    given = np.array([profile.stars.get(key, np.nan) for key in keys], dtype=np.float64)
    states = scale.states(given, manifest.weighting)
    # An opinion counts before the stars of the same movie.
    for place, key in enumerate(keys):
        if key in profile.opinions:
            states[place] = Opinion(int(profile.opinions[key])).code
    movies, first, which = np.unique(numbers, return_index=True, return_inverse=True)
    clashes = np.flatnonzero(states != states[first][which])
    if len(clashes):
        later = int(clashes[0])
        earlier = int(first[which[later]])
        words = [Opinion.of_code(int(states[place])).past for place in (earlier, later)]
        raise InvalidInputError(
            f"{shown(keys[earlier])} and {shown(keys[later])} are the same movie, "
            f"{catalogue.movie(int(numbers[later]))}, {' and '.join(words)} at once: name it once"
        )
    # Two names of one movie may come with different stars of the same opinion: their mean counts.
    stars = np.bincount(
        which, weights=_stars(given, states, scale, manifest), minlength=len(movies)
    )
    starred = np.bincount(which, weights=~np.isnan(given), minlength=len(movies)) > 0
    return ResolvedProfile(movies, states[first], stars / np.bincount(which), starred)


def _scale(profile: Profile, manifest: Manifest) -> Scale:
    """Scale of the person's stars, which all lie on it."""
    if profile.scale is not None:
        scale = Scale(low=profile.scale[0], high=profile.scale[1])
    else:
        scale = manifest.scale
    if scale.implicit:
        raise InvalidInputError(
            "this index holds likes without stars: say which scale yours are on, such as "
            "Profile.from_stars(ratings, scale=(0.5, 5))"
        )
    for movie, stars in profile.stars.items():
        scale.check(stars, movie)
    return scale


def _stars(given: Floats, states: Bytes, theirs: Scale, manifest: Manifest) -> Floats:
    """Stars on the scale of the index; where none were given, the mean ones of the opinion."""
    ours = manifest.scale
    part = (given - theirs.low) / (theirs.high - theirs.low)
    stars = ours.low + part * (ours.high - ours.low)
    return np.where(np.isnan(given), np.asarray(manifest.opinion_means)[states], stars)


def _doubts(catalogue: Catalogue, keys: Iterable[MovieKey]) -> list[str]:
    """Say where plain numbers of a profile may have been meant otherwise, in a line each.

    They may be those of TMDB or IMDb, where these are known and fewer of them are ids here, or
    only of hardly known movies. And a number given as text may be a title.
    """
    doubts = [*filter(None, (_title(catalogue, key) for key in keys if isinstance(key, str)))]
    texts = (str(key).strip() for key in keys)
    some = [*islice((text for text in texts if text.isdecimal()), _MOST)]
    if len(some) < _FEWEST:
        return doubts
    own = [catalogue.find(f"id:{number}") for number in some]
    for kind, name in _KINDS:
        other = [catalogue.find(f"{kind}:{number}") for number in some]
        known = [sum(number is not None for number in numbers) for numbers in (own, other)]
        if known[1] >= _PART * len(some) and (
            known[1] > known[0] or _better_known(catalogue, own, other) >= _TIMES_BETTER_KNOWN
        ):
            example = next(at for at, number in enumerate(other) if number is not None)
            movie = catalogue.movie(other[example] or 0)
            doubts.append(
                f"the numbers of this profile look like those of {name}: {known[1]} of {len(some)} "
                f"are, and {known[0]} are ids of other movies in this index; if {movie} is meant "
                f"by {some[example]}, write {shown(f'{kind}:{some[example]}')}"
            )
    return doubts


def _better_known(catalogue: Catalogue, own: list[int | None], other: list[int | None]) -> float:
    pairs = [(a, b) for a, b in zip(own, other, strict=True) if a is not None and b is not None]
    ratings = np.log1p(catalogue.ratings[np.array(pairs, dtype=np.int64).reshape(-1, 2)])
    return float(np.exp(np.mean(ratings[:, 1] - ratings[:, 0]))) if pairs else 0.0


def _title(catalogue: Catalogue, key: str) -> str | None:
    number = catalogue.find(key) if key.strip().isdecimal() else None
    if number is None or isinstance(catalogue.movie(number).movie_id, str):
        return None  # no id, or one of an index whose ids are text
    movies = [catalogue.movie(titled) for titled in catalogue.matcher.exact(key)]
    meant = next((movie for movie in movies if movie.title == key.strip()), None)
    if meant is None or meant == catalogue.movie(number):
        return None
    return (
        f"{shown(key)} is read as the id of {catalogue.movie(number)}: if {meant} is meant, write "
        f"'id:{meant.movie_id}'"
    )
