"""What every message of an error is, whatever it quotes."""

from __future__ import annotations

import pickle

import pytest

from recommender import SourceError, UnknownMovieError
from recommender.errors import EngineUnavailableError


@pytest.mark.parametrize(
    ("quoted", "told"),
    [
        ("two\nlines", "two lines"),
        ("\x1b[2Jgone", "?[2Jgone"),
        ("tab\tand\r\nend", "tab and  end"),
        ("half \ud800 a character", "half ? a character"),
        ("\u202eright to left", "?right to left"),
        ("Amélie «ü» 七人の侍", "Amélie «ü» 七人の侍"),
    ],
)
def test_a_message_is_one_line_that_a_terminal_can_show(quoted: str, told: str) -> None:
    """Line breaks become blanks, and what a terminal obeys, or cannot write, question marks."""
    assert str(SourceError(f"no '{quoted}': do this")) == f"no '{told}': do this"
    assert str(EngineUnavailableError(quoted, after=1.0)) == told


def test_a_message_of_an_endless_value_ends_with_the_way_out() -> None:
    """The middle is left out."""
    error = UnknownMovieError(f"no movie '{'x' * 10**6}': find its id with `kindred search TITLE`")
    assert len(str(error)) < 1_600
    assert str(error).startswith("no movie 'xxx")
    assert str(error).endswith("xxx': find its id with `kindred search TITLE`")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
