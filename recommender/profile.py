"""What one person said of movies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from types import MappingProxyType
from typing import Self

import numpy as np

from recommender.arrays import Bytes, Floats, Ints
from recommender.catalogue.movies import Catalogue, MovieKey
from recommender.errors import InvalidInputError
from recommender.scale import DISLIKE, LIKE, NEUTRAL, Scale
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import Manifest
from recommender.validation import shown

__all__ = ["Opinions", "Profile", "ResolvedProfile"]

Opinions = Mapping[int, float] | Mapping[str, float] | Mapping[MovieKey, float]
"""Movies and numbers; spelt out, because a ``dict[int, float]`` is no ``Mapping[MovieKey, float]``
to a type checker."""

_STATE = {1: LIKE, 0: NEUTRAL, -1: DISLIKE}
# Beyond this, and so for infinity and NaN, arithmetic on stars makes no sense.
_HUGE = 1e300
_WORD = {LIKE: "liked", NEUTRAL: "saw", DISLIKE: "disliked"}


@dataclass(frozen=True)
class Profile:
    """A person's opinions of movies; it knows no index until a question is asked.

    Parameters
    ----------
    opinions : mapping of movie to int
        1 like, 0 seen, -1 dislike. Movies are named by their id in the source of the index, by
        ``imdb:tt0133093``, ``tmdb:603``, or by an exact title.
    stars : mapping of movie to float, optional
        Stars of some of these movies, by the same names. What is recommended goes by the opinions
        alone; predicted stars go by these where there are any.
    scale : (low, high), optional
        The scale those stars are on; the index's own unless given.

    Raises
    ------
    InvalidInputError
        Where an opinion is anything else, stars are of a movie without one or no finite numbers,
        or the scale is none. Stars off the scale are found when a question is asked.

    Examples
    --------
    >>> Profile({2571: 1, "tmdb:11": 1, 1721: -1})
    Profile(3 movies)
    >>> Profile({2571: 1, 1721: -1}, stars={2571: 4.5}, scale=(0.5, 5))
    Profile(2 movies)
    >>> Profile.from_stars({2571: 4.5, 1721: 2})
    Profile(2 movies)
    """

    opinions: Opinions = field(default_factory=dict)
    stars: Opinions = field(default_factory=dict, kw_only=True)
    scale: tuple[float, float] | Scale | None = field(default=None, kw_only=True)
    user_id: ExternalId | None = field(default=None, init=False)
    """The stored rater these are the ratings of, who is then not their own neighbour."""
    _only_stars: bool = field(default=False, init=False)
    """Whether the opinions are what the stars are, by the thresholds of an index."""

    def __post_init__(self) -> None:
        _check_mapping(self.opinions)
        for movie, opinion in self.opinions.items():
            if not isinstance(opinion, Real) or opinion not in _STATE:
                raise InvalidInputError(
                    f"the opinion of movie {shown(movie)} is {shown(opinion)}: give 1 for a like, "
                    "0 for seen, -1 for a dislike, or use Profile.from_stars for stars"
                )
        _check_stars(self.stars)
        if unknown := self.stars.keys() - self.opinions.keys():
            raise InvalidInputError(
                f"movie {shown(min(unknown, key=str))} has stars but no opinion: give it one as "
                "well, or use Profile.from_stars for stars alone"
            )
        self._keep(self.opinions, self.stars, self.scale)

    @classmethod
    def from_stars(
        cls, ratings: Opinions, scale: tuple[float, float] | Scale | None = None
    ) -> Self:
        """Make a profile of star ratings.

        Parameters
        ----------
        ratings : mapping of movie to float
            Stars.
        scale : (low, high), optional
            The scale the stars are on; the index's own unless given.

        Raises
        ------
        InvalidInputError
            Where stars are not finite numbers or the scale is none. Stars off the scale are found
            when a question is asked.
        """
        _check_stars(ratings)
        profile = cls()
        profile._keep(ratings, ratings, scale)
        object.__setattr__(profile, "_only_stars", True)
        return profile

    @classmethod
    def of(cls, given: Profile | Opinions) -> Profile:
        """Read a mapping as opinions; a profile stays what it is."""
        return given if isinstance(given, Profile) else cls(given)

    @classmethod
    def of_rater(cls, user_id: ExternalId, ratings: Opinions, scale: Scale) -> Self:
        """Profile of a stored rater, with the stars and the scale of the index."""
        likes = dict.fromkeys(ratings, 1)
        profile = cls(likes) if scale.implicit else cls.from_stars(ratings, scale)
        object.__setattr__(profile, "user_id", user_id)
        return profile

    def _keep(
        self, opinions: Opinions, stars: Opinions, scale: tuple[float, float] | Scale | None
    ) -> None:
        # Copies that cannot change: a profile may outlive the caller's dicts.
        object.__setattr__(self, "opinions", MappingProxyType(dict(opinions)))
        object.__setattr__(self, "stars", MappingProxyType(dict(stars)))
        object.__setattr__(self, "scale", None if scale is None else _scale(scale))

    def resolve(self, catalogue: Catalogue, manifest: Manifest) -> ResolvedProfile:
        """Find the movies in a catalogue, and the states and stars of the opinions.

        Raises InvalidInputError where a movie is unknown, stars are off the scale, or two names of
        one movie come with different opinions.
        """
        keys = list(self.opinions)
        numbers = np.array([catalogue.resolve(key) for key in keys], dtype=np.int64)
        scale = self._scale_in(manifest) if self.stars else manifest.scale
        states = self._states(manifest, scale)
        movies, first, which = np.unique(numbers, return_index=True, return_inverse=True)
        clashes = np.flatnonzero(states != states[first][which])
        if len(clashes):
            later = int(clashes[0])
            earlier = int(first[which[later]])
            raise InvalidInputError(
                f"{shown(keys[earlier])} and {shown(keys[later])} are the same movie, "
                f"{catalogue.movie(int(numbers[later]))}, {_WORD[int(states[earlier])]} and "
                f"{_WORD[int(states[later])]} at once: name it once"
            )
        # Two names of one movie may come with different stars of the same state.
        in_stars = self._in_stars(states, manifest, scale)
        stars = np.bincount(which, weights=in_stars, minlength=len(movies))
        return ResolvedProfile(movies, states[first], stars / np.bincount(which))

    def _scale_in(self, manifest: Manifest) -> Scale:
        """Scale of the person's stars, which all lie on it."""
        scale = manifest.scale if self.scale is None else _scale(self.scale)
        if scale.implicit:
            raise InvalidInputError(
                "this index holds likes without stars: say which scale yours are on, such as "
                "Profile.from_stars(ratings, scale=(0.5, 5))"
            )
        for movie, stars in self.stars.items():
            scale.check(stars, f"movie {shown(movie)}")
        return scale

    def _states(self, manifest: Manifest, scale: Scale) -> Bytes:
        if not self._only_stars:
            said = [_STATE[int(opinion)] for opinion in self.opinions.values()]
            return np.array(said, dtype=np.uint8)
        return scale.states(
            np.array(list(self.stars.values()), dtype=np.float64),
            like_at=manifest.weighting.like_at,
            dislike_at=manifest.weighting.dislike_at,
        )

    def _in_stars(self, states: Bytes, manifest: Manifest, theirs: Scale) -> Floats:
        """Stars on the scale of the index; where none are known, those usual for the state."""
        ours, stars = manifest.scale, np.asarray(manifest.opinion_means)[states]
        places = {movie: place for place, movie in enumerate(self.opinions)}
        given = np.array(list(self.stars.values()), dtype=np.float64)
        part = (given - theirs.low) / (theirs.high - theirs.low)
        stars[[places[movie] for movie in self.stars]] = ours.low + part * (ours.high - ours.low)
        return stars

    def __len__(self) -> int:
        return len(self.opinions)

    def __repr__(self) -> str:
        whose = "" if self.user_id is None else f" of user {self.user_id!r}"
        return f"Profile({len(self)} movies{whose})"


@dataclass(frozen=True, eq=False)
class ResolvedProfile:
    """A profile in the terms of one index version."""

    movies: Ints
    """Dense movie numbers, unique and ascending, shape (n,)."""
    states: Bytes
    """0 like, 1 neutral, 2 dislike, shape (n,)."""
    stars: Floats
    """Stars on the scale of the index, those of a mere opinion as usual for it, shape (n,)."""

    @property
    def known(self) -> int:
        """How many of the movies were liked or merely seen.

        What depends on how much a person told goes by this number, so that one more dislike does
        nothing but move kinship away from those who like the movie.
        """
        return int(np.count_nonzero(self.states != DISLIKE))

    def __len__(self) -> int:
        return len(self.movies)


def _check_mapping(opinions: object) -> None:
    if not isinstance(opinions, Mapping):
        raise InvalidInputError(
            f"a profile is made of a mapping of movies to opinions, not of {shown(opinions)}"
        )


def _check_stars(ratings: Opinions) -> None:
    _check_mapping(ratings)
    for movie, stars in ratings.items():
        if isinstance(stars, bool) or not isinstance(stars, Real) or not _finite(stars):
            raise InvalidInputError(
                f"movie {shown(movie)} is rated {shown(stars)}: give finite stars"
            )


def _finite(stars: Real) -> bool:
    try:
        return abs(float(stars)) < _HUGE
    except OverflowError:
        return False


def _scale(scale: tuple[float, float] | Scale) -> Scale:
    if isinstance(scale, Scale):
        return scale
    try:
        low, high = scale
        return Scale(low=low, high=high)
    except (TypeError, ValueError):
        raise InvalidInputError(
            f"{shown(scale)} is not a scale: give (low, high), such as (0.5, 5)"
        ) from None
