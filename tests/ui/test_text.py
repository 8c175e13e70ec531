"""Titles as written, numbers that add up, reasons in plain words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.text import count, escape_html, escape_markdown, percents

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


def test_percents_add_up_to_a_total_that_was_rounded_before() -> None:
    """Three times 1.4 are 4, or 5 where others were rounded down for them."""
    assert percents([0.014, 0.014, 0.014]) == [2, 1, 1]
    assert percents([0.014, 0.014, 0.014], 5) == [2, 2, 1]


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_percents_are_off_by_less_than_one(shares: list[float]) -> None:
    """No percentage is further from its share than rounding may take it."""
    for share, percent in zip(shares, percents(shares), strict=True):
        assert abs(percent - 100 * share) < 1.0001
