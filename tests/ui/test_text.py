"""Titles as written, numbers that add up, reasons in plain words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Movie, Reason
from ui.text import Line, count, escape_html, escape_markdown, percents, reasons, sentence

# What can be written in one line: no control characters, no invisible joiner.
TITLES = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2060\ufffe\uffff")
)
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def _read_back(markdown: str) -> str:
    """Undo backslashes and drop the invisible joiner, as a reader's eye does."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace("\u2060", "")


@pytest.mark.parametrize("sign", PUNCTUATION)
def test_every_sign_markdown_may_read_is_escaped(sign: str) -> None:
    """No punctuation sign is left bare in a label."""
    assert escape_markdown(f"a{sign}b").replace("\u2060", "") == f"a\\{sign}b"


@given(TITLES)
def test_escaped_markdown_reads_as_the_title(title: str) -> None:
    """Nothing but runs of spaces is lost."""
    assert _read_back(escape_markdown(title)).split() == title.split()


@pytest.mark.parametrize("pattern", [":smile:", ":material/home:", "www.x.org", "a@b.org", " -- "])
def test_patterns_rewritten_after_parsing_are_broken_up(pattern: str) -> None:
    """Streamlit finds emoji names, links and arrows in parsed text: none must be left whole."""
    bare = escape_markdown(f"A{pattern}B").replace("\\", "")
    assert pattern not in bare
    assert "\u2060" in bare


@given(TITLES)
def test_escaped_html_has_no_markup(title: str) -> None:
    """No bracket or quote is left, and a browser reads the title back."""
    escaped = escape_html(title)
    assert not set(escaped) & set("<>\"'")
    assert html.unescape(escaped).split() == title.split()


@pytest.mark.parametrize("write", [escape_markdown, escape_html])
def test_line_breaks_and_control_characters_become_a_space(write: Callable[[str], str]) -> None:
    """A title is one line, without characters no document may hold."""
    assert write("A\n\nB\x00C\x1b") == "A B C"


def test_counts_agree_with_their_noun() -> None:
    """One film, two films, a thousand with a comma."""
    assert [count(1, "film"), count(2, "film"), count(1200, "film")] == [
        "1 film",
        "2 films",
        "1,200 films",
    ]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.545, 0.3, 0.155], [55, 30, 15]),
        ([1 / 3, 1 / 3, 1 / 3], [34, 33, 33]),
        ([1.04, -0.04], [104, -4]),
        ([1.0], [100]),
        ([], []),
    ],
)
def test_percents_add_up_to_a_hundred(shares: list[float], expected: list[int]) -> None:
    """Rounding loses nothing, and negative shares stay negative."""
    assert percents(shares) == expected


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_percents_are_off_by_less_than_one(shares: list[float]) -> None:
    """No percentage is further from its share than rounding may take it."""
    for share, percent in zip(shares, percents(shares), strict=True):
        assert abs(percent - 100 * share) < 1.0001


def test_reasons_say_what_the_person_said() -> None:
    """Liked, seen and disliked films each have their words, for and against."""
    said: dict[int | str, int] = {1: 1, 2: 0, 3: -1}
    because = [
        Reason(Movie(1, "The Matrix", 1999), 0.74),
        Reason(Movie(2, "Alien", 1979), 0.3),
        Reason(Movie(3, "Titanic", 1997), -0.04),
    ]
    lines = [f"{line.figure} {line.why} {line.title}" for line in reasons(because, said, 5)]
    assert lines == [
        "74\u00a0% because you liked The Matrix",
        "30\u00a0% because you have seen Alien",
        "−4\u00a0% in spite of your dislike of Titanic",
    ]


def test_reasons_left_over_are_one_line_that_completes_the_hundred() -> None:
    """What is not spelled out is counted, and all lines add up."""
    because = [Reason(Movie(n, f"Film {n}"), 0.25) for n in range(4)]
    lines = reasons(because, dict.fromkeys(range(4), 1), 2)
    assert [(line.percent, line.title) for line in lines] == [
        (25, "Film 0"),
        (25, "Film 1"),
        (50, "2 other ratings"),
    ]


@pytest.mark.parametrize(
    ("by_genre", "ends"), [(0.24, "raters."), (0.25, "raters. 25\u00a0% goes by genre.")]
)
def test_genres_are_mentioned_from_a_quarter_of_a_score_on(by_genre: float, ends: str) -> None:
    """Below that they hardly matter."""
    lines = [Line(100, "because you liked", "Alien")]
    assert sentence(lines, "Liked by 2 of 40", by_genre).endswith(ends)
