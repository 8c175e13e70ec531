"""Rules write titles as other services do, and what is found of them is counted right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.quality.title_rules import RULES, Catalogue, Film
from benchmarks.quality.titles import (
    SEARCHES,
    as_written,
    by_all_titles,
    searched,
    timed,
    wilson,
)
from recommender import Recommender
from tests.support import FILMS, THREE_RATERS, Titles, build_index

# A title of digits alone that is the id of another film.
TITLES: Titles = {**FILMS, 10: ("1 (2013)", "Documentary")}
LINKS = "movieId,imdbId,tmdbId\n1,0133093,603\n2,0078748,348\n3,0088846,68\n"


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """An index of ten films, three of them with ids of IMDb."""
    folder = tmp_path_factory.mktemp("titles")
    with Recommender.open(build_index(folder, THREE_RATERS, TITLES, links=LINKS)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "name", "others", "year"),
    [
        (
            "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
            "The City of Lost Children",
            ("La Cité des enfants perdus",),
            1995,
        ),
        ("Crow, The: Wicked Prayer (2005)", "The Crow: Wicked Prayer", (), 2005),
        ("Avventura, L' (Adventure, The) (1960)", "L'Avventura", ("The Adventure",), 1960),
        (
            "Birdman: Or (The Unexpected Virtue of Ignorance) (2014)",
            "Birdman: Or (The Unexpected Virtue of Ignorance)",
            (),
            2014,
        ),
        ("Hard Eight (a.k.a. Sydney, a.k.a. 8) (1996)", "Hard Eight", ("Sydney", "8"), 1996),
        ("Fully Functional (EPIX)", "Fully Functional", (), None),
    ],
)
def test_a_title_is_taken_apart(
    text: str, name: str, others: tuple[str, ...], year: int | None
) -> None:
    """Article in front, other titles out of brackets, notes dropped."""
    film = Film.read(1, text)
    assert (film.name, film.others, film.year) == (name, others, year)


WRITTEN = {
    "Part II or 2": ("The Godfather: Part II", "The Godfather: Part 2"),
    "Vol. or Volume": ("Kill Bill: Vol. 1", "Kill Bill: Volume 1"),
    "& or and": ("Lilo & Stitch", "Lilo and Stitch"),
    "colon or dash": ("Alien: Covenant", "Alien - Covenant"),
    "accents lost": ("Brødre and Amélie", "Brodre and Amelie"),
    "typographic signs": ("Ocean's \"11\" - 'A'", "Ocean’s “11” – ‘A’"),
    "article left out": ("The Matrix", "Matrix"),
    "another article": ("The Matrix", "A Matrix"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_writes_a_title_in_another_way(rule: str) -> None:
    """Each does what its name says, and leaves a title alone that it is not about."""
    _, change = RULES[rule]
    title, expected = WRITTEN[rule]
    assert change(title) == expected
    assert change("Heat") == "Heat"


def test_only_the_number_of_a_sequel_is_written_in_another_way() -> None:
    """There is a film called Rocky, and none called Henry."""
    films = ["Rocky (1976)", "Rocky II (1979)", "Henry V (1989)"]
    catalogue = Catalogue(Film.read(at, text) for at, text in enumerate(films))
    assert catalogue.other_numeral("Rocky II") == "Rocky 2"
    assert catalogue.other_numeral("Rocky 2") == "Rocky II"
    assert catalogue.other_numeral("Henry V") == "Henry V"


def test_films_are_equally_right_where_title_and_year_do_not_tell_them_apart() -> None:
    """Those of 1960 and 1998, by year; in 1979, or without one, either is as good."""
    old, new = Film.read(1, "Psycho (1960)"), Film.read(2, "Psycho (1998)")
    catalogue = Catalogue([old, new])
    assert catalogue.right(old, "A Psycho", 1961) == {1}
    assert catalogue.right(old, "Psycho", 1997) == frozenset()
    assert catalogue.right(old, "Psycho", 1979) == {1, 2}
    assert catalogue.right(new, "Psycho", None) == {1, 2}
    assert catalogue.right(old, "Vertigo", 1960) == frozenset()


def test_a_seed_draws_the_same_films_and_writes_them_alike() -> None:
    """Of a hundred, thirty at a time; some are not as in the catalogue, and all may be found."""
    films = [Film.read(at, f"Road, The: Part {at} & More ({1950 + at})") for at in range(100)]
    written = Catalogue(films).written(30, seed=1)
    assert written == Catalogue(films).written(30, seed=1)
    assert written != Catalogue(films).written(30, seed=2)
    assert len({one.right for one in written}) == 30
    rules = {rule for one in written for rule in one.rules}
    assert {"article to the front", "& or and", "year off by one"} <= rules


def test_all_titles_are_counted_by_what_they_resolve_to(rec: Recommender) -> None:
    """Without year two films are called Psycho, and 1 is the id of another film."""
    texts = [title for title, _ in TITLES.values()]
    films = [Film.read(movie, title) for movie, (title, _) in TITLES.items()]
    rows = by_all_titles(rec, texts, films)
    assert [row["this film"] for row in rows] == [10, 10, 7]
    assert [row["ambiguous, named"] for row in rows] == [0, 0, 2]
    assert [row["an id"] for row in rows] == [0, 0, 1]
    # Films of other ids than the index has: one title is that of another film, one of none.
    others = [Film.read(7, "Heat (1995)"), Film.read(8, "Vertigo (1958)"), Film.read(1, "Psycho")]
    row = by_all_titles(rec, ["Heat (1995)", "Vertigo (1958)", "Psycho"], others)[0]
    assert (row["wrong"], row["unresolved"], row["ambiguous, not named"]) == (1, 1, 1)


def test_what_services_write_is_counted_by_rule_and_outcome(rec: Recommender) -> None:
    """Alien is found, Casablanca is another film here, nothing is called Vertigo."""
    titles = {2: "Alien (1979)", 9: "Casablanca (1942)", 4: "Vertigo (1958)"}
    films = [Film.read(movie, title) for movie, title in titles.items()]
    rows, missed = as_written(rec, films, [0, 1])
    everything = next(row for row in rows if row["rule"] == "all")
    outcomes = ("films", "found", "wrong", "suggested", "missing")
    assert [everything[one] for one in outcomes] == [6, 2, 2, 0, 2]
    assert everything["95 %"] == "9.7% to 70.0%"
    assert {str(row["title"]).split(" (")[0] for row in missed} == {"Casablanca", "Vertigo"}
    assert sum(int(str(r["films"])) for r in rows if r["rule"] in ("changed", "unchanged")) == 6


def test_equally_right_films_are_found_where_all_are_suggested(rec: Recommender) -> None:
    """Without a year nobody can tell which Psycho is meant."""
    rows, missed = as_written(rec, [Film.read(6, "Psycho"), Film.read(7, "Psycho")], [0])
    assert (rows[0]["found"], missed) == (2, [])


def test_the_interval_is_that_of_wilson() -> None:
    """For none of ten z² / (10 + z²) is the upper bound; for all of them it is mirrored."""
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def test_searches_are_counted_by_the_first_film(rec: Recommender) -> None:
    """A typing error is found, alien is not Brazil, and a film that is not there does not count."""
    lists = {
        "one": [{"typed": "matrx", "imdb": "tt0133093"}, {"typed": "alien", "imdb": "tt0088846"}],
        "two": [{"typed": "vertigo", "imdb": "tt0052357"}],
    }
    rows, missed = searched(rec, lists)
    assert rows == [{"searches": "one", "films": 2, "film first": 1}]
    assert missed == [{"typed": "alien", "wanted": "Brazil (1985)", "first": "Alien (1979)"}]


def test_searches_are_timed_in_as_many_titles_as_asked_for() -> None:
    """Those of the films, and others made of their words."""
    row = timed([Film.read(1, "Alien Nation (1988)")], ["alien", "natoin"], many=20)
    assert row["titles"] == 20
    assert row["at"] in ("alien", "natoin")


def test_no_search_is_in_both_lists() -> None:
    """The second list is about what the search was not made with."""
    tuned, held_out = ({one["typed"] for one in SEARCHES[name]} for name in ("tuned", "held_out"))
    assert len(tuned) == len(SEARCHES["tuned"])
    assert not tuned & held_out
