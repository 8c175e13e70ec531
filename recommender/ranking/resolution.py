"""A profile in the terms of one index version: dense movie numbers, opinions by code, stars."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from recommender.arrays import Bytes, Floats, Ints
from recommender.catalogue.id_check import doubts_about
from recommender.catalogue.movies import Catalogue
from recommender.errors import InvalidInputError, MovieIdWarning
from recommender.opinion import Opinion, Scale
from recommender.profile import Profile
from recommender.storage.manifest import Manifest
from recommender.validation import shown

__all__ = ["ResolvedProfile", "resolve"]


@dataclass(frozen=True, eq=False)
class ResolvedProfile:
    """A profile as the ranking reads it."""

    movies: Ints
    """Dense movie numbers, unique and ascending, shape (n,)."""
    states: Bytes
    """Codes of the opinions (see :class:`recommender.opinion.Opinion`), shape (n,)."""
    stars: Floats
    """Stars on the scale of the index, those of a mere opinion as usual for it, shape (n,)."""

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
    for doubt in doubts_about(catalogue, keys):
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
    return ResolvedProfile(movies, states[first], stars / np.bincount(which))


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
