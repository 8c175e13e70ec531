"""A profile in the address bar."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.runtime.state.query_params import sanitize_query_string

from recommender import Recommender
from ui.link import MOST, decode, encode, resolve

IDS = st.one_of(st.integers(0, 10**9), st.text(min_size=1).filter(lambda t: t.strip() == t))


@given(st.dictionaries(IDS.map(str), st.sampled_from([1, 0, -1]), max_size=30))
def test_what_is_written_is_read_back(ratings: dict[int | str, int]) -> None:
    """Every profile survives the address bar."""
    assert dict(decode(encode(ratings))) == ratings


def test_the_newest_ratings_are_kept_where_there_are_too_many() -> None:
    """A link never grows beyond what browsers and readers of links take."""
    written = encode(dict.fromkeys(range(MOST + 5), 1))
    assert written["like"][0] == "5"
    assert len(written["like"]) == MOST


def test_streamlit_reads_a_link_of_the_greatest_length() -> None:
    """The longest link this app writes is below the length at which Streamlit ignores it."""
    query = urlencode(encode(dict.fromkeys(range(10**9, 10**9 + MOST), 1)), doseq=True)
    assert sanitize_query_string(f"{query}&embed=true") != ""


def test_other_parameters_and_empty_ids_are_ignored() -> None:
    """Only like, seen and dislike are read."""
    assert decode({"like": ["1", "", "  "], "utm_source": ["x"], "hate": ["2"]}) == [("1", 1)]


def test_known_films_are_found_and_unknown_ones_counted(recommender: Recommender) -> None:
    """A link from another collection loses only what is not here."""
    opened = resolve(
        decode({"like": ["8", "999999"], "dislike": ["9"], "seen": ["x"]}), recommender
    )
    assert opened.ratings == {8: 1, 9: -1}
    assert opened.notice == "This link was opened, but 2 films are not in this collection."


@pytest.mark.parametrize(
    "text", ["-1", "1e9", "٣", "9" * 400, "1;drop", "<b>", "imdb:tt1", "\x00", "8.0"]
)
def test_garbage_is_an_unknown_film(text: str, recommender: Recommender) -> None:
    """Nothing that is not an id of this index does any harm."""
    opened = resolve(decode({"like": [text]}), recommender)
    assert (opened.ratings, opened.unknown) == ({}, 1)


def test_huge_links_are_cut(recommender: Recommender) -> None:
    """A link of ten thousand ratings is read up to the limit, and says so."""
    opened = resolve(decode({"like": [str(n) for n in range(10_000)]}), recommender)
    assert opened.too_many == 10_000 - MOST
    assert len(opened.ratings) == 30
    assert opened.notice is not None
    assert "only the first 900 ratings were read" in opened.notice


def test_nothing_is_said_of_a_link_that_was_read_whole(recommender: Recommender) -> None:
    """No notice without a reason."""
    assert resolve([("8", 1)], recommender).notice is None
