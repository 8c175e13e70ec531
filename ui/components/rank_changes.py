"""How the list of recommendations changed with what was said last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recommender import Movie
from ui.state.taste import MovieId, Said
from ui.text import count, escape_html

__all__ = ["LOOKED_AT", "Move", "html_of", "moves", "words"]

LOOKED_AT = 50
"""Films of each list to be compared, so that it is known where films came from and went."""

_TOP = 10


@dataclass(frozen=True)
class Move:
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


def moves(before: Sequence[Movie], now: Sequence[Movie]) -> tuple[Move, ...]:
    """Compare two lists: the first ten of now, and then what is not among them any more."""
    old, new = (
        {movie.movie_id: place for place, movie in enumerate(movies, start=1)}
        for movies in (before, now)
    )
    kept = [Move(movie, old.get(movie.movie_id), new[movie.movie_id]) for movie in now[:_TOP]]
    top = {movie.movie_id for movie in now[:_TOP]}
    gone = [
        Move(movie, old[movie.movie_id], new.get(movie.movie_id))
        for movie in before[:_TOP]
        if movie.movie_id not in top
    ]
    return (*kept, *gone)


def words(compared: Sequence[Move], step: str) -> str:
    """Say in a sentence how much changed; not escaped."""
    there = [move for move in compared if not move.left]
    came = sum(move.before is None or move.before > _TOP for move in there)
    kept = [move.steps for move in there if move.before is not None and move.before <= _TOP]
    up, down = sum(steps > 0 for steps in kept), sum(steps < 0 for steps in kept)
    if not came + up + down and len(there) == len(compared):
        return f"After the {step}, your first ten are as they were."
    parts = [
        f"{count(came, 'film')} came into your first ten" if came else "no film came in",
        f"{up:,} went up",
        f"{down:,} went down",
    ]
    return f"After the {step}, {parts[0]}, {parts[1]} and {parts[2]}."


def html_of(compared: Sequence[Move], said: Said) -> str:
    """Write the list with a word and an arrow for each film."""
    there = "".join(_line(str(move.now), move, *_way(move)) for move in compared if not move.left)
    gone = "".join(
        _line("", move, "k-down", "✕", _where(move, said)) for move in compared if move.left
    )
    left = f'<h3>No longer in the first ten</h3><ul class="k-moves">{gone}</ul>' if gone else ""
    return f'<ol class="k-moves">{there}</ol>{left}'


def _line(place: str, move: Move, kind: str, arrow: str, how: str) -> str:
    return (
        f'<li><b>{place}</b><span class="k-way {kind}"><i aria-hidden="true">{arrow}</i> {how}'
        f"</span><cite>{escape_html(str(move.movie))}</cite></li>"
    )


def _way(move: Move) -> tuple[str, str, str]:
    if move.before is None:
        return "k-up", "★", "new"
    if move.steps == 0:
        return "k-same", "=", "stayed"
    if move.steps > 0:
        return "k-up", "▲", f"up {move.steps}"
    return "k-down", "▼", f"down {-move.steps}"


def _where(move: Move, said: Said) -> str:
    movie_id: MovieId = move.movie.movie_id
    if movie_id in said.ratings:
        return "rated"
    if movie_id in said.hidden:
        return "not interested"
    return f"now {move.now}" if move.now else "further down"
