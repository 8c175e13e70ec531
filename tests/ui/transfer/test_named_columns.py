"""Tables whose columns a person names: what is guessed, what is read so, and what is wrong."""

from __future__ import annotations

import csv
import io
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Scale
from tests.hostile import CELLS
from tests.ui.exported import zipped
from ui.transfer.files.headings import NAMED
from ui.transfer.files.named_columns import TableReading, Unrated
from ui.transfer.imports import ImportedFiles

TABLE = """\
Wat;Cuándo;Puntos;Año;Liga
Heat;31/1/24;3;1995;tt0113277
Ran;;2;1985;tt0089881
Jaws;1/2/24;;1975;tt0073195
"""
ALL = {"title": "Wat", "date": "2", "rating": "puntos", "year": "4", "imdb": "Liga"}


def asked(text: str = TABLE) -> ImportedFiles:
    """Bring a table that leaves something open."""
    files = ImportedFiles()
    files.add("mine.csv", text.encode())
    assert len(files.questions) == 1
    return files


def said(files: ImportedFiles) -> list[str]:
    """What is said of each film."""
    return [f"{film} {film.opinion_words} {film.when}".strip() for film in files.films]


def test_columns_are_guessed_by_what_is_in_them() -> None:
    """Where the headings say nothing."""
    (question,) = asked().questions
    assert question.guess == {"title": 0, "date": 1, "rating": 2, "year": 3, "imdb": 4}
    assert [row[0] for row in question.rows] == ["Heat", "Ran", "Jaws"]


def test_a_table_is_read_by_the_columns_that_are_named() -> None:
    """By headings or by numbers, on the scale that is said; all of it is in the line."""
    files = asked()
    problem = files.answer(files.questions[0], TableReading(ALL, Scale(low=1, high=5)))
    assert (problem, files.questions) == ("", [])
    assert said(files) == ["Heat (1995) seen, 3 stars 2024-01-31", "Ran (1985) disliked, 2 stars"]
    assert [film.mention.imdb_id for film in files.films] == ["tt0113277", "tt0089881"]
    assert files.summaries == [
        "mine.csv: 2 films, rated from 1 to 5. Left out: 1 without a rating."
    ]


def test_a_table_without_headings_keeps_its_first_film() -> None:
    """Where what stands over the ratings is one."""
    files = asked("Heat;5\nRan;4,5\n")
    assert files.questions[0].guess == {"title": 0, "rating": 1}
    assert files.answer(files.questions[0], TableReading({"title": "1", "rating": "2"})) == ""
    assert said(files) == ["Heat liked, 5 stars", "Ran liked, 4.5 stars"]


def test_a_heading_that_is_a_word_for_a_rating_is_no_film() -> None:
    """As in a table of likes."""
    files = asked("Wat;Like\nHeat;1\nRan;0\n")
    reading = TableReading({"title": "Wat", "rating": "Like"}, "likes")
    assert files.answer(files.questions[0], reading) == ""
    assert said(files) == ["Heat liked", "Ran disliked"]


def test_of_a_zip_the_only_table_is_read_as_is_said() -> None:
    """Of several nothing tells which is meant."""
    reading = TableReading(ALL, Scale(low=1, high=5))
    files = ImportedFiles()
    files.add("mine.zip", zipped({"a.csv": TABLE, "b.txt": "x"}), reading)
    assert said(files)[1:] == ["Ran (1985) disliked, 2 stars"]
    files.add("more.zip", zipped({"a.csv": TABLE, "b.csv": TABLE}), reading)
    assert files.problems == [
        "more.zip holds several tables: unpack it, and import the one you mean."
    ]


def test_a_position_in_a_list_is_not_guessed_to_be_a_rating() -> None:
    """Nor what everybody thinks, where what is asked is what films without a rating are."""
    (question,) = asked("Rank,Title,Average Rating\n1,Heat,8\n2,Ran,9\n").questions
    assert (question.about, question.guess) == ("unrated", {"title": 1})
    (question,) = asked("Nr,Wat\n1,Heat\n2,Ran\n").questions
    assert (question.about, question.guess) == ("columns", {"title": 1})


@pytest.mark.parametrize(
    ("unrated", "words"),
    [("watched", "seen"), ("watchlist", "to watch"), ("likes", "liked"), ("left out", None)],
)
def test_films_without_a_rating_are_what_the_person_says(
    unrated: Unrated, words: str | None
) -> None:
    """Nothing, where they are left out."""
    files = asked()
    scale = Scale(low=1, high=5)
    reading = TableReading(ALL, scale, unrated)
    assert files.answer(files.questions[0], reading) == ""
    last = said(files)[-1]
    assert last == (f"Jaws (1975) {words} 2024-02-01" if words else "Ran (1985) disliked, 2 stars")


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        (["1", "0"], ["liked", "disliked"]),
        (["1", "2"], ["disliked", "liked"]),
        (["-1", "1", "0"], ["disliked", "liked", "seen"]),
        (["0", "0"], ["disliked", "disliked"]),
        (["1", "1"], ["liked", "liked"]),
    ],
)
def test_thumbs_are_opinions_without_stars(ratings: list[str], words: list[str]) -> None:
    """The highest is a like, the lowest a dislike, and what lies between was seen."""
    files = asked("Film;Daumen\n" + "".join(f"{n};{cell}\n" for n, cell in enumerate(ratings)))
    columns = {"title": "1", "rating": "2"}
    assert files.answer(files.questions[0], TableReading(columns, "likes")) == ""
    assert [film.opinion_words for film in files.films] == words


@pytest.mark.parametrize(
    ("columns", "scale", "told"),
    [
        (
            ALL,
            None,
            "under “Puntos” go up to 3, so the scale may end at 5 or elsewhere: choose",
        ),
        (
            ALL,
            Scale(low=0.5, high=1),
            ", read this way, has no films: 2 with a rating above 1 or below 0",
        ),
        (
            ALL | {"rating": "Wat"},
            None,
            ", read this way, has no films: 3 with a rating that is not a number",
        ),
        (ALL | {"rating": "6"}, None, "it has no column “6”: choose of Wat, Cuándo, Puntos"),
    ],
)
def test_a_wrong_answer_is_one_line_and_the_table_stays(
    columns: dict[str, str], scale: Scale | None, told: str
) -> None:
    """It can be answered anew."""
    files = asked()
    problem = files.answer(files.questions[0], TableReading(columns, scale))
    assert told in problem
    assert problem.startswith("mine.csv")
    assert (len(files.questions), files.films) == (1, ())


def test_a_file_with_too_many_films_is_refused_after_its_first_rows() -> None:
    """Before it is read to the end: that takes seconds."""
    row = "tt{},8,{},{}\n"
    kinds = ("Movie", "TV Series")
    head = "Const,Your Rating,Title,Title Type\n"
    files = ImportedFiles()
    many = "".join(row.format(n, n, kinds[0]) for n in range(25_000))
    files.add("r.csv", f'{head}{many}tt1,8,"'.encode())  # a mark is missing at the end
    assert files.problems == [
        "r.csv has more than 20,000 films, the most that can be imported at once: import a part "
        "of it."
    ]
    series = "".join(row.format(n, n, kinds[n % 2]) for n in range(26_000))
    files.add("s.csv", (head + series).encode())
    assert files.summaries == ["s.csv (IMDb): 13,000 films. Left out: 13,000 listed as series."]


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5),
    st.dictionaries(st.sampled_from(NAMED), st.integers(0, 4).map(str)),
    st.sampled_from([None, "likes", Scale(low=0, high=10)]),
)
def test_any_answer_about_any_table_is_a_line_or_films(
    rows: list[list[str]], columns: dict[str, str], scale: Scale | Literal["likes"] | None
) -> None:
    """Whatever the cells hold and whichever columns are named."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c"], *rows])
    files = ImportedFiles()
    files.add("x.csv", text.getvalue().encode(errors="replace"))
    for question in [*files.questions]:
        problem = files.answer(question, TableReading(columns, scale, "watched"))
        assert problem.isprintable()
        assert (question in files.questions) == bool(problem)
    assert all(line.isprintable() for line in files.summaries + files.problems)
