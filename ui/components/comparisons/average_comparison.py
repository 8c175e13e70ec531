"""A person's stars beside the average of each film: figures, and a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recommender import Movie, Opinion, Profile
from recommender.catalogue.summary import Overview
from ui.state.taste import SCALE
from ui.text import count

__all__ = ["Difference", "compare", "describe", "describe_opinions", "furthest"]

_TO_JUDGE = 5  # films from which on something is said
_EACH_WAY = 5  # films of the picture above the average, and below it
_SMALL = 0.05  # stars that would be written as 0.0
_KNOWN = 5  # ratings of a film from which on its average says something


@dataclass(frozen=True)
class Difference:
    """A film that the person gave stars."""

    movie: Movie
    own: float
    usual: float
    """Average of everybody, on the scale of the app."""

    @property
    def stars(self) -> float:
        """How many stars the person gave more than everybody, below zero for fewer."""
        return self.own - self.usual


def compare(
    profile: Profile, movies: Iterable[Movie], everybody: Overview
) -> tuple[Difference, ...]:
    """Set the person's stars beside the averages, furthest above first; none where there are none.

    Stars of everybody are read as the part of the highest that they are, as those of an import.
    """
    if not everybody.stars:
        return ()
    base, top = min(everybody.stars[0][0], 0.0), everybody.stars[-1][0]
    found = (
        Difference(
            movie, profile.stars[movie.movie_id], (movie.mean - base) / (top - base) * SCALE.high
        )
        for movie in movies
        if movie.movie_id in profile.stars and movie.mean is not None and movie.ratings >= _KNOWN
    )
    return tuple(sorted(found, key=lambda one: -one.stars))


def furthest(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """Choose the films furthest above the average and furthest below it, for a picture."""
    above = [one for one in differences if one.stars > _SMALL][:_EACH_WAY]
    below = [one for one in differences if one.stars < -_SMALL][-_EACH_WAY:]
    return (*above, *below)


def describe(differences: Sequence[Difference]) -> str:
    """Describe how the person's stars differ from the average, and where most; not escaped."""
    mean = sum(one.stars for one in differences) / len(differences)
    size = count(len(differences), "film")
    text = f"Over {size}, you give as many stars as the average"
    if abs(mean) >= _SMALL:
        text = f"Over {size}, you give {abs(mean):.1f} stars {'more' if mean > 0 else 'less'}"
        text += " than the average"
    most = max(differences, key=lambda one: abs(one.stars))
    far = f"{most.own:g} against {most.usual:.1f}"
    return f"{text}; you are furthest from it on {most.movie}, with {far}."


def describe_opinions(profile: Profile, movies: Iterable[Movie]) -> str:
    """Describe what others give the films a person likes and dislikes; empty where it is unknown.

    Not escaped.
    """
    means: dict[Opinion, list[float]] = {opinion: [] for opinion in Opinion}
    for movie in movies:
        if movie.mean is not None and movie.ratings >= _KNOWN:
            means[Opinion(int(profile.opinions[movie.movie_id]))].append(movie.mean)
    liked, disliked = means[Opinion.LIKE], means[Opinion.DISLIKE]
    if len(liked) < _TO_JUDGE:
        return ""
    text = f"The films you like have {sum(liked) / len(liked):.1f} stars on average"
    if disliked:
        text += f", those you dislike {sum(disliked) / len(disliked):.1f}"
    return f"{text}. Give films stars to see where you differ most from others."
