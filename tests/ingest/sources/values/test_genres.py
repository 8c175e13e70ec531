"""Genres in one cell, however a source writes them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.values.genres import split_genres

CELLS: list[tuple[str, tuple[str, ...]]] = [
    ("Action|Drama", ("Action", "Drama")),
    ("Action, Drama", ("Action", "Drama")),
    (" Action ;Drama; ", ("Action", "Drama")),
    ("Drama", ("Drama",)),
    ("Drama|Drama|Action", ("Drama", "Action")),
    ("", ()),
    ("  ", ()),
    ("(no genres listed)", ()),
    ("N/A", ()),
    (r"\N", ()),
    ("Drama|unknown", ("Drama",)),
    # Lists
    ('["Action", "Drama"]', ("Action", "Drama")),
    ("['Action', 'Drama']", ("Action", "Drama")),
    ("('Action', 'Drama')", ("Action", "Drama")),
    ("['Action' 'Drama'\n 'War']", ("Action", "Drama", "War")),
    ("[\"Children's\", 'Drama']", ("Children's", "Drama")),
    ("['Action, Adventure']", ("Action, Adventure",)),
    ("[{'id': 16, 'name': 'Animation'}, {'id': 35, 'name': 'Comedy'}]", ("Animation", "Comedy")),
    ('[{"id": 16, "name": "Animation"}]', ("Animation",)),
    ('[{"id": 16, "name": null}, 35]', ()),
    ("{'id': 16, 'name': 'Animation'}", ("Animation",)),
    ("[]", ()),
    # What is no list, or only the start of one
    ("[{'id': 16, 'name': 'Anim", ()),
    ("['Action', 'Dra", ()),
    ("[__import__('os').getcwd()]", ()),
    (r"['\d']", (r"\d",)),
    ("[[" * 4_000, ()),
    ("[" + "-" * 9_000 + "1]", ()),
    ("[" + "'Action'," * 10_000 + "]", ()),
    ("[" + "9" * 5_000 + "]", ()),
]


@pytest.mark.parametrize(("text", "genres"), CELLS, ids=[text[:20] for text, _ in CELLS])
def test_a_cell_is_split_into_names(text: str, genres: tuple[str, ...]) -> None:
    """In their order and each once; nothing is made up from what cannot be read."""
    assert split_genres(text) == genres


def test_names_may_be_separated_by_blanks() -> None:
    """Only where the column is of that type: elsewhere a name has blanks."""
    assert split_genres("Animation  Children's", blanks=True) == ("Animation", "Children's")
    assert split_genres("Film Noir") == ("Film Noir",)
    assert split_genres("(no genres listed)", blanks=True) == ()


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1), unique=True))
def test_any_names_are_the_same_in_every_writing(names: list[str]) -> None:
    """JSON and Python, plain and as objects."""
    kept = tuple(name for name in names if name.casefold() != "unknown")
    objects = [{"id": place, "name": name} for place, name in enumerate(names)]
    for text in (json.dumps(names), repr(names), json.dumps(objects), repr(objects)):
        assert split_genres(text) == kept


@given(st.text())
def test_any_text_has_genres_or_none(text: str) -> None:
    """And never an error."""
    for start in ("", "[", "[{'"):
        assert all(name == name.strip() != "" for name in split_genres(start + text))
