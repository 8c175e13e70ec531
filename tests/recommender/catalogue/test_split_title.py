"""Titles as MovieLens writes them become titles as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue.titles import Title, normal_key, split_title

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
    ("Witchfinder General (a.k.a. Conqueror Worm, The) (1968)",
     "Witchfinder General (a.k.a. The Conqueror Worm)", 1968),
    ("Lord of the Rings, The: The Two Towers (2002)",
     "The Lord of the Rings: The Two Towers", 2002),
    ("Birdman: Or (The Unexpected Virtue of Ignorance) (2014)",
     "Birdman: Or (The Unexpected Virtue of Ignorance)", 2014),
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


@pytest.mark.parametrize(
    ("text", "year", "title"),
    [
        ("Matrix, The (1999)", None, Title("The Matrix", (), 1999)),
        ("The Matrix", 1999, Title("The Matrix", (), 1999)),
        ("Seven (a.k.a. Se7en)", 1995, Title("Seven", ("Se7en",), 1995)),
        ("Boot, Das (Boat, The) (1981)", None, Title("Das Boot", ("The Boat",), 1981)),
        ("Hidden (a.k.a. Cache) (Caché)", 2005, Title("Hidden", ("Caché",), 2005)),
        ("Communion (a.k.a. Alice, Sweet Alice/Holy Terror) (1976)", None,
         Title("Communion", ("Alice, Sweet Alice", "Holy Terror"), 1976)),
        ("Strike! (a.k.a. All I Wanna Do, The Hairy Bird) (1998)", None,
         Title("Strike!", ("All I Wanna Do", "The Hairy Bird"), 1998)),
        ("Rashomon (Rashômon) (1950)", None, Title("Rashomon", (), 1950)),
        ("Evangelion: 1.0 You Are (Not) Alone (Jo) (2007)", None,
         Title("Evangelion: 1.0 You Are (Not) Alone", ("Jo",), 2007)),
        ("Death Race (2000)", 1975, Title("Death Race (2000)", (), 1975)),
        (" (1999)", None, Title("(1999)", (), None)),
    ],
)  # fmt: skip
def test_a_title_is_read_with_its_other_titles(text: str, year: int | None, title: Title) -> None:
    """Those that differ by more than accents, each once; a year that is given comes first."""
    assert Title.read(text, year) == title


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Godfather: Part II", "godfather 2"),
        ("The Godfather, Part Two", "Godfather II"),
        ("Kill Bill: Vol. 1", "Kill Bill Volume One"),
        ("Se7en", "Seven"),
        ("S1m0ne", "Simone"),
        ("Pride & Prejudice", "Pride and Prejudice"),
        ("Romeo + Juliet", "Romeo and Juliet"),
        ("Kramer vs. Kramer", "Kramer versus Kramer"),
        ("Dr. Strangelove", "Doctor Strangelove"),
        ("Ocean’s Eleven", "Oceans 11"),
        ("WALL·E", "Wall-E"),
        ("M*A*S*H", "MASH"),
        ("E.T.", "ET"),
        ("Alien³", "Alien 3"),
        ("8½", "8 1/2"),
        ("Twenty-Eight Days Later", "28 Days Later"),
        ("The Sixth Sense", "The 6th Sense"),
        ("Amélie", "AMELIE"),
        ("Brødre", "Brodre"),
        ("Kjærlighetens kjøtere", "Kjaerlighetens Kjotere"),
        ("Straße", "Strasse"),
        ("Das Boot", "Boot"),
        ("Spider–Man", "Spiderman"),
    ],
)
def test_ways_to_write_a_title_have_one_normal_form(one: str, other: str) -> None:
    """Articles, numbers, signs, accents and short words aside."""
    assert normal_key(one) == normal_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Godfather", "The Godfather: Part II"),
        ("Alien", "Aliens"),
        ("Die Hard", "Hard"),
        ("Part II", "2"),
        ("!!!", "???"),
    ],
)
def test_other_titles_have_another(one: str, other: str) -> None:
    """Numbers tell the parts of a series apart."""
    assert normal_key(one) != normal_key(other)
