"""Titles as MovieLens writes them become titles as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue.titles import split_title

TABLE = [
    ("Heat (1995)", "Heat", 1995),
    ("Matrix, The (1999)", "The Matrix", 1999),
    ("Fish Called Wanda, A (1988)", "A Fish Called Wanda", 1988),
    ("American in Paris, An (1951)", "An American in Paris", 1951),
    ("Dolce vita, La (1960)", "La Dolce vita", 1960),
    ("Atalante, L' (1934)", "L'Atalante", 1934),
    ("Blechtrommel, Die (1979)", "Die Blechtrommel", 1979),
    ("Postino, Il (1994)", "Il Postino", 1994),
    ("Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
     "Amélie (Le Fabuleux destin d'Amélie Poulain)", 2001),
    ("City of Lost Children, The (Cité des enfants perdus, La) (1995)",
     "The City of Lost Children (La Cité des enfants perdus)", 1995),
    ("Seven (a.k.a. Se7en) (1995)", "Seven (a.k.a. Se7en)", 1995),
    ("Eva", "Eva", None),
    ("Matrix, The", "The Matrix", None),
    ("Babylon 5", "Babylon 5", None),
    ("1984 (1984)", "1984", 1984),
    ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
    ("Fawlty Towers (1975-1979)", "Fawlty Towers", 1975),
    ("Fawlty Towers (1975–1979)", "Fawlty Towers", 1975),
    ("The Office (2005- )", "The Office", 2005),
    ("The Office (2005-)", "The Office", 2005),
    ("Heat (1995) ", "Heat", 1995),
    ("  Heat   (1995)", "Heat", 1995),
    ("Heat(1995)", "Heat", 1995),
    ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
    ("(1999)", "(1999)", None),
    ("Film (12345)", "Film (12345)", None),
    ("Film (199)", "Film (199)", None),
    ("Me, Myself & Irene (2000)", "Me, Myself & Irene", 2000),
    ("Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)",
     "The Good, the Bad and the Ugly (Il Buono, il brutto, il cattivo)", 1966),
    ("Odd (bracket", "Odd (bracket", None),
    ("Odd) bracket (", "Odd) bracket (", None),
    ("Nested (a (b) c) (1990)", "Nested (a (b) c)", 1990),
    ("", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "title", "year"), TABLE, ids=[row[0] for row in TABLE])
def test_title_and_year(text: str, title: str, year: int | None) -> None:
    """Articles come to the front, in the other names too, and nothing is lost."""
    assert split_title(text) == (title, year)


@given(st.text())
def test_any_text_is_a_title(text: str) -> None:
    """No letter is lost but for the year, whatever the brackets."""
    title, year = split_title(text)
    if year is None:
        plain = sorted(text.replace(",", "").replace(" ", "").split())
        assert sorted("".join(title.split()).replace(",", "")) == sorted(
            "".join("".join(plain).split())
        )
    assert title == " ".join(title.split())


@given(st.from_regex(r"\A[A-Za-z]{1,12}( [a-z]{1,8}){0,2}\Z"), st.integers(1900, 2099))
def test_a_plain_title_with_its_year_is_taken_apart(title: str, year: int) -> None:
    """Without articles behind a comma nothing moves."""
    assert split_title(f"{title} ({year})") == (title, year)
