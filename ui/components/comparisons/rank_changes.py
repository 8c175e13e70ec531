"""How the list of recommendations changed with the last step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recommender import Movie, Profile
from ui.text import cite, count

__all__ = ["LOOKED_AT", "RankChange", "compare", "describe", "html_of"]

LOOKED_AT = 50
"""Films of each list to be compared, so that it is known where films came from and went."""

_TOP = 10


@dataclass(frozen=True)
class RankChange:
    """A film of the first ten, before or now. Places count from 1."""

    movie: Movie
    before: int | None
    now: int | None
    """None beyond :data:`LOOKED_AT`."""

    @property
    def left(self) -> bool:
        """Whether it is not of the first ten any more."""
        return self.now is None or self.now > _TOP

    @property
    def steps(self) -> int:
        """Places it went up, below zero where it went down; 0 where it came or left."""
        return self.before - self.now if self.before and self.now else 0


def compare(before: Sequence[Movie], now: Sequence[Movie]) -> tuple[RankChange, ...]:
    """Compare two lists: the first ten of now, and then what is not among them any more."""
    old, new = (
        {movie.movie_id: place for place, movie in enumerate(movies, start=1)}
        for movies in (before, now)
    )
    # A film of both lists is shown once, by its place now.
    films = {movie.movie_id: movie for movie in (*now[:_TOP], *before[:_TOP])}
    return tuple(RankChange(film, old.get(one), new.get(one)) for one, film in films.items())


def describe(compared: Sequence[RankChange], step: str) -> str:
    """Describe in a sentence how much changed; not escaped."""
    there = [change for change in compared if not change.left]
    came = sum(change.before is None or change.before > _TOP for change in there)
    kept = [change.steps for change in there if change.before is not None and change.before <= _TOP]
    up, down = sum(steps > 0 for steps in kept), sum(steps < 0 for steps in kept)
    if not came + up + down and len(there) == len(compared):
        return f"After the {step}, your top ten is unchanged."
    new = f"{count(came, 'film')} entered your top ten" if came else "no film entered your top ten"
    return f"After the {step}, {new}, {up:,} went up and {down:,} went down."


def html_of(compared: Sequence[RankChange], profile: Profile) -> str:
    """Write the list with a word and an arrow for each film."""
    there = "".join(_line(change, *_direction(change)) for change in compared if not change.left)
    gone = "".join(
        _line(change, "k-down", "✕", _where(change, profile)) for change in compared if change.left
    )
    left = f'<h3>No longer in the top ten</h3><ul class="k-moves">{gone}</ul>' if gone else ""
    return f'<ol class="k-moves">{there}</ol>{left}'


def _line(change: RankChange, kind: str, arrow: str, how: str) -> str:
    place = "" if change.left else change.now
    return (
        f'<li><b>{place}</b><span class="k-way {kind}"><i aria-hidden="true">{arrow}</i> {how}'
        f"</span>{cite(change.movie)}</li>"
    )


def _direction(change: RankChange) -> tuple[str, str, str]:
    if change.before is None:
        return "k-up", "★", "new"
    if change.steps == 0:
        return "k-same", "=", "stayed"
    if change.steps > 0:
        return "k-up", "▲", f"up {change.steps}"
    return "k-down", "▼", f"down {-change.steps}"


def _where(change: RankChange, profile: Profile) -> str:
    movie_id = change.movie.movie_id
    if movie_id in profile.opinions:
        return "rated"
    if movie_id in profile.hidden:
        return "not interested"
    return f"now {change.now}" if change.now else "further down"
