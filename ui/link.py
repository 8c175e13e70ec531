"""A person's ratings as query parameters: ``?like=2571&like=260&dislike=1721&seen=296``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recommender import Movie, Recommender, UnknownMovieError
from ui.taste import MovieId

__all__ = ["MOST", "NAMES", "Opened", "decode", "encode", "resolve"]

MOST = 900
"""Ratings a link holds. Streamlit throws the whole of a longer query away, at 1,000 parameters."""

NAMES = {"like": 1, "seen": 0, "dislike": -1}
"""Parameters that are ours, and what they say of a movie."""

_LONGEST_ID = 200
_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)


@dataclass(frozen=True)
class Opened:
    """What a link held: the ratings the index knows, and how many it does not."""

    ratings: dict[MovieId, int]
    unknown: int = 0
    too_many: int = 0

    @property
    def notice(self) -> str | None:
        """One friendly sentence, where something was left out."""
        parts = []
        if self.unknown:
            noun = "film is" if self.unknown == 1 else "films are"
            parts.append(f"{self.unknown:,} {noun} not in this collection")
        if self.too_many:
            parts.append(f"only the first {MOST:,} ratings were read")
        return f"This link was opened, but {' and '.join(parts)}." if parts else None


def encode(ratings: Mapping[MovieId, int]) -> dict[str, list[str]]:
    """Write ratings as query parameters."""
    said = [(str(movie_id), rating) for movie_id, rating in [*ratings.items()][-MOST:]]
    lists = {name: [text for text, value in said if value == of] for name, of in NAMES.items()}
    return {name: ids for name, ids in lists.items() if ids}


def decode(params: Mapping[str, Sequence[str]]) -> list[tuple[str, int]]:
    """Read pairs of id and rating; empty ids and other parameters are ignored."""
    pairs: Iterator[tuple[str, int]] = (
        (text.strip(), rating) for name, rating in NAMES.items() for text in params.get(name, ())
    )
    return list(dict(pair for pair in pairs if pair[0]).items())


def resolve(pairs: Sequence[tuple[str, int]], recommender: Recommender, most: int = MOST) -> Opened:
    """Look ids up, as many as a link may hold, and count those that lead nowhere."""
    numbers = recommender.stats().movie_ids == "int"
    ratings: dict[MovieId, int] = {}
    unknown = 0
    for text, rating in pairs[:most]:
        movie = _find(text, numbers, recommender)
        if movie is None:
            unknown += 1
        else:
            ratings[movie.movie_id] = rating
    return Opened(ratings, unknown, max(0, len(pairs) - most))


def _find(text: str, numbers: bool, recommender: Recommender) -> Movie | None:
    if len(text) > _LONGEST_ID:
        return None
    try:
        if not numbers:
            return recommender.movie(f"id:{text}")
        if _NUMBER.fullmatch(text):
            return recommender.movie(int(text))
    except UnknownMovieError:
        pass
    return None
