"""Drawn posters: always a well-formed picture, whatever the title."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Movie
from tests.ui.films import HOSTILE
from ui.posters.placeholder_art import GENRES, poster_data_uri, poster_svg

TEXT = "{http://www.w3.org/2000/svg}text"


def _words(svg: str) -> str:
    return " ".join(element.text or "" for element in ElementTree.fromstring(svg).iter(TEXT))


@pytest.mark.parametrize("title", [title for title, _ in HOSTILE.values()])
def test_hostile_titles_stand_on_the_poster_as_written(title: str) -> None:
    """Markup in a title is text on its poster."""
    assert title.replace(" ", "") in _words(poster_svg(title, None, ())).replace(" ", "")


@given(st.text(max_size=300), st.none() | st.integers(1800, 2100), st.lists(st.text(), max_size=3))
def test_every_poster_is_well_formed(title: str, year: int | None, genres: list[str]) -> None:
    """No title, year or genre breaks the XML."""
    svg = poster_svg(title.encode("utf-8", "ignore").decode(), year, tuple(genres))
    assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_endless_titles_are_cut_with_an_ellipsis() -> None:
    """A title that cannot fit ends in dots and stays on the poster."""
    words = _words(poster_svg("Endless " * 200, 1999, ("Drama",)))
    assert "…" in words
    assert len(words) < 200


def test_one_endless_word_is_broken() -> None:
    """A word longer than the poster runs on in the next line."""
    lines = [
        e.text or "" for e in ElementTree.fromstring(poster_svg("W" * 60, None, ())).iter(TEXT)
    ]
    assert max(len(line) for line in lines) < 20


@pytest.mark.parametrize("genre", sorted(GENRES))
def test_every_genre_has_a_motif(genre: str) -> None:
    """Each style draws."""
    assert "<circle" in (svg := poster_svg("A", 1, (genre.title(),))) or "<path" in svg


def test_a_picture_is_an_address_and_the_same_each_time() -> None:
    """The picture of a film can be put into an image, and does not flicker."""
    movie = Movie(1, "The Matrix", 1999, ("Sci-Fi",))
    head, _, body = poster_data_uri(movie).partition(",")
    assert head == "data:image/svg+xml;base64"
    assert "The Matrix" in base64.b64decode(body).decode()
    assert poster_data_uri(movie) == poster_data_uri(movie)


def test_films_of_the_same_genres_look_different() -> None:
    """Motifs of both genres are seen, and the background is not of one colour."""
    svgs = [poster_svg(f"Film {number}", 1990, ("Crime", "Drama")) for number in range(60)]
    marks = {"blinds": "h340v11", "frames": "M18 50", "curtain": "q14 120", "pair": "<circle"}
    seen = {name for name, mark in marks.items() if any(mark in svg for svg in svgs)}
    assert seen == {*marks}
    assert len({svg.split('stop-color="', 1)[1].split(",", 1)[0] for svg in svgs}) > 10
