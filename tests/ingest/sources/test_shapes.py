"""Which column is what: headings of several kinds and languages, no headings, and matrices."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.reading import ReadOptions, load
from ingest.sources.detected import Columns
from recommender import SourceError
from tests.ingest.files import Row, cleaned, raw, rows
from tests.support import assert_one_line

PLAIN: list[Row] = [(1, 10, 4.0, None), (1, 20, 2.5, None), (2, 10, 5.0, None)]
TIMED: list[Row] = [(1, 10, 4.0, 1), (1, 20, 2.5, 2), (2, 10, 5.0, 3)]
TITLED: list[Row] = [
    ("u1", "Heat", 4.0, None),
    ("u1", "The Fly", 2.5, None),
    ("u2", "Heat", 5.0, None),
]

TABLES: dict[str, tuple[str, list[Row]]] = {
    "an id in Spanish": ("id_usuario,id_pelicula,nota\n1,10,4\n1,20,2.5\n2,10,5\n", PLAIN),
    "an id in German": ("NutzerID;FilmID;Wertung\n1;10;4\n1;20;2,5\n2;10;5\n", PLAIN),
    "Polish, with a date": (
        "użytkownik,film,ocena,data\n1,10,4,1970-01-02\n1,20,2.5,1970-01-03\n2,10,5,1970-01-04\n",
        TIMED,
    ),
    "data that are ratings": ("user,movie,data\n1,10,4\n1,20,2.5\n2,10,5\n", PLAIN),
    "the number of IMDb": ("userId,imdb_title_id,rating\n1,10,4\n1,20,2.5\n2,10,5\n", PLAIN),
    "Douban": ("USER_MD5,MOVIE_ID,RATING\n1,10,4\n1,20,2.5\n2,10,5\n", PLAIN),
    "votes for the review beside": (
        "overall,vote,reviewerID,asin\n4,2,1,10\n2.5,,1,20\n5,3,2,10\n",
        PLAIN,
    ),
    "of two times the one that can be read": (
        "reviewerID,asin,overall,reviewTime,unixReviewTime\n"
        '1,10,4,"01 2, 1970",86400\n1,20,2.5,"01 3, 1970",172800\n2,10,5,"01 4, 1970",259200\n',
        TIMED,
    ),
    "stars as signs": ("user,movie,rating\n1,10,★★★★\n1,20,★★½☆☆\n2,10,★★★★★\n", PLAIN),
    "R with names of rows": (
        '"user" "movie" "rating"\n"1" "u1" "Heat" 4\n"2" "u1" "The Fly" 2.5\n"3" "u2" "Heat" 5\n',
        TITLED,
    ),
    "R without": (
        '"user" "movie" "rating"\n"u1" "Heat" 4\n"u1" "The Fly" 2.5\n"u2" "Heat" 5\n',
        TITLED,
    ),
    "a line above the headings": (
        "Ratings of 2015\n\nuser,movie,rating\n1,10,4\n1,20,2.5\n2,10,5\n",
        PLAIN,
    ),
    "a padded line above the headings": (
        "Ratings of 2015,,\nuser,movie,rating\n1,10,4\n1,20,2.5\n2,10,5\n",
        PLAIN,
    ),
    "numbers of IMDb first": (
        "tt0113277,1,4\ntt0114709,1,2.5\ntt0113277,2,5\n",
        [(1, "tt0113277", 4.0, None), (1, "tt0114709", 2.5, None), (2, "tt0113277", 5.0, None)],
    ),
    "titles first": (
        "The Fly,user1,4\nAll Ours,user1,2.5\nThe Fly,user2,5\n",
        [
            ("user1", "All Ours", 2.5, None),
            ("user1", "The Fly", 4.0, None),
            ("user2", "The Fly", 5.0, None),
        ],
    ),
    "a matrix of numbered movies": (
        "user,1,2,3,4,5,6,7,8\n1,4,,,,,,,\n2,,,5,,,,,1\n",
        [(1, 1, 4.0, None), (2, 3, 5.0, None), (2, 8, 1.0, None)],
    ),
    "a matrix with words for nothing": (
        "user,1,2,3,4,5,6,7,8\n1,4,-,-,-,-,-,-,-\n2,-,NaN,5,-,-,-,-,1\n",
        [(1, 1, 4.0, None), (2, 3, 5.0, None), (2, 8, 1.0, None)],
    ),
    "a matrix with means": (
        "user,A,B,C,D,E,F,G,H,mean\n1,4,,,,,,,,4\n2,,,5,,,,,1,3\n",
        [(1, "A", 4.0, None), (2, "C", 5.0, None), (2, "H", 1.0, None)],
    ),
    "a matrix of users below each other": (
        ",user1,user2,user3,user4,user5,user6,user7,user8\nThe Fly,4,,,,,,,\nAll Ours,,,5,,,,,1\n",
        [
            ("user1", "The Fly", 4.0, None),
            ("user3", "All Ours", 5.0, None),
            ("user8", "All Ours", 1.0, None),
        ],
    ),
    "Jester, with the number of ratings": (
        "2,9.5,99,-9.75,99,99,99,99,99\n1,99,99,99,99,99,99,99,0.25\n",
        [(1, 1, 9.5, None), (1, 3, -9.75, None), (2, 8, 0.25, None)],
    ),
    "Jester, without it": (
        "99,9.5,99,-9.75,99,99,99,99,99\n99,99,99,99,99,99,99,99,0.25\n",
        [(1, 2, 9.5, None), (1, 4, -9.75, None), (2, 9, 0.25, None)],
    ),
}


@pytest.mark.parametrize(("text", "expected"), TABLES.values(), ids=TABLES.keys())
def test_columns_are_told_by_heading_and_content(
    tmp_path: Path, text: str, expected: list[Row]
) -> None:
    """Stars to the nearest step of their scale."""
    path = tmp_path / "ratings.csv"
    path.write_text(text, encoding="utf-8")
    found = rows(cleaned(path))
    assert [row[:2] + row[3:] for row in found] == [row[:2] + row[3:] for row in expected]
    assert [row[2] for row in found] == pytest.approx([row[2] for row in expected], abs=0.05)


def many(pattern: str) -> str:
    """Ratings of six users and five movies, one in a line."""
    pairs = [(user, movie) for user in range(1, 7) for movie in range(11, 16)]
    return "".join(
        pattern.format(user=user, movie=movie, stars=user * movie % 5 + 1) + "\n"
        for user, movie in pairs
    )


ASKED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "the rating first": (
        {"ratings.csv": many("{stars},{user},{movie}")},
        {"user": "2", "movie": "3", "rating": "1"},
    ),
    "the rating between": (
        {"ratings.csv": many("{user},{stars},{movie}")},
        {"user": "1", "movie": "3", "rating": "2"},
    ),
    "titles or names of users": (
        {"ratings.csv": many("The {movie},{user},{stars}")},
        {"user": "2", "movie": "1", "rating": "3"},
    ),
    "the movies of the catalogue first": (
        {
            "ratings.csv": many("{movie},{user},{stars}"),
            "movies.csv": "movieId,title\n" + "".join(f"{n},Film {n}\n" for n in range(11, 16)),
        },
        {"user": "2", "movie": "1", "rating": "3"},
    ),
    "views, which are no stars": (
        {"ratings.csv": "user,movie,views\n" + many("{user},{movie},{stars}")},
        {"user": "user", "movie": "movie", "rating": "views"},
    ),
    "a decimal comma between commas": (
        {"ratings.csv": "user,movie,rating\n" + many("{user},{movie},{stars},5")},
        {"user": "1", "movie": "2", "rating": "3"},
    ),
    "fewer headings than columns": (
        {"ratings.csv": "user,movie,rating\n" + many("{user},{movie},{stars},1100000000")},
        {"user": "1", "movie": "2", "rating": "3", "time": "4"},
    ),
    "names of people": (
        {"ratings.csv": "Name,Title,Rating\n" + many("P{user},Film {movie},{stars}")},
        {"user": "name", "movie": "title", "rating": "rating"},
    ),
    "names of people and movies": (
        {"ratings.csv": "Name,Movie,Rating\n" + many("P{user},Film {movie},{stars}")},
        {"user": "name", "movie": "movie", "rating": "rating"},
    ),
    "days, which are no stars": (
        {"ratings.csv": "user,movie,weekday\n" + many("{user},{movie},{stars}")},
        {"user": "user", "movie": "movie", "rating": "weekday"},
    ),
    "headings in letters that are not Latin": (
        {"ratings.csv": "пользователь,фильм,оценка\n" + many("{user},{movie},{stars}")},
        {"user": "пользователь", "movie": "фильм", "rating": "оценка"},
    ),
}


@pytest.mark.parametrize(("files", "columns"), ASKED.values(), ids=ASKED.keys())
def test_what_may_be_read_in_two_ways_is_asked_for(
    tmp_path: Path, files: dict[str, str], columns: Columns
) -> None:
    """In one line, and the answer leads to the ratings."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="--columns") as caught:
        load(str(tmp_path))
    assert_one_line(caught.value)
    found = load(str(tmp_path), ReadOptions(columns=columns)).ratings
    assert (len(found), len(found.user_ids), len(found.movie_ids)) == (30, 6, 5)


def test_rows_of_two_widths_are_refused_with_an_example(tmp_path: Path) -> None:
    """Decimal commas between commas split half stars, and whole ones would be left."""
    path = tmp_path / "ratings.csv"
    path.write_text("user,movie,rating\n" + "1,10,4\n1,20,2,5\n2,10,5\n2,20,3,5\n3,10,4\n" * 9)
    with pytest.raises(SourceError, match=r"18 of 45 rows.*line 3: 1,20,2,5.*as a point") as caught:
        load(str(path))
    assert_one_line(caught.value)


def test_a_list_of_films_to_see_is_left_beside_ratings(tmp_path: Path) -> None:
    """Nobody said that they are likes."""
    (tmp_path / "ratings.csv").write_text("user,movie,rating\n1,10,4\n1,20,2.5\n2,10,5\n")
    (tmp_path / "to_see.csv").write_text("user,movie\n1,30\n2,30\n")
    assert rows(cleaned(tmp_path)) == PLAIN


def test_a_catalogue_with_several_ids_is_known_by_that_of_the_ratings(tmp_path: Path) -> None:
    """It is headed as there."""
    (tmp_path / "ratings.csv").write_text("user,book_id,rating\n1,10,4\n1,20,2.5\n2,10,5\n")
    (tmp_path / "books.csv").write_text("isbn,book_id,title\n90,10,Emma\n91,20,Nana\n")
    assert rows(cleaned(tmp_path)) == PLAIN
    assert {key: movie.title for key, movie in raw(tmp_path)[2].items()} == {
        "10": "Emma",
        "20": "Nana",
    }


@pytest.mark.parametrize(
    ("catalogue", "title"),
    [
        ("movieId,title,original_title\n10,Amelie,Le Destin\n", "Amelie (Le Destin)"),
        ("movieId,primaryTitle,originalTitle\n10,Amelie,Le Destin\n", "Amelie (Le Destin)"),
        ("movieId,title,original_title\n10,Amélie,amelie\n", "Amélie"),
        ("movieId,title,original_title\n10,Amelie,\n", "Amelie"),
        ("movieId,original_title\n10,Amelie\n", "Amelie"),
    ],
)
def test_an_original_title_stands_behind_the_title(
    tmp_path: Path, catalogue: str, title: str
) -> None:
    """Where there is one and it differs; alone it is the title."""
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,10,4\n2,10,5\n")
    (tmp_path / "movies.csv").write_text(catalogue)
    assert raw(tmp_path)[2]["10"].title == title


def test_the_parts_that_spark_writes_are_read_as_one(tmp_path: Path) -> None:
    """All files of its folder."""
    (tmp_path / "part-00000-ab.csv").write_text("user,movie,rating\n1,10,4\n1,20,2.5\n")
    (tmp_path / "part-00001-ab.csv").write_text("user,movie,rating\n2,10,5\n")
    (tmp_path / "_SUCCESS").write_text("")
    assert rows(cleaned(tmp_path)) == PLAIN


def test_a_table_that_repeats_its_users_and_names_no_movie_is_refused_with_its_headings(
    tmp_path: Path,
) -> None:
    """It is no table of people."""
    path = tmp_path / "plays.tsv"
    path.write_text("userID\tartistID\tweight\n1\t7\t300\n1\t8\t20\n2\t7\t5\n")
    with pytest.raises(SourceError, match=r"userID, artistID, weight.*--columns"):
        load(str(path))


@pytest.mark.parametrize(
    ("heading", "cells", "scale"),
    [
        ("rating (1-10)", ("3", "5", "8"), "1-10"),
        ("stars 0.5 to 5", ("3", "5", "4"), "0.5-5"),
        ("rating", ("3/10", "5/10", "8/10"), "1-10"),
        ("rating", ("0/5", "4.5/5", "5/5"), "0-5"),
        # What looks like a scale and is none.
        ("rating 2020-01", ("3", "5", "4"), "1-5"),
        ("rating", ("3/0", "5/0", "4/0"), "1-5"),
    ],
)
def test_a_heading_or_the_cells_may_tell_the_scale(
    tmp_path: Path, heading: str, cells: tuple[str, ...], scale: str
) -> None:
    """So that 5 of 10 is a dislike even where nobody gave more than 5."""
    lines = [f"{user},{10 + user},{cell}" for user, cell in enumerate(cells)]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join([f"user,movie,{heading}", *lines]), encoding="utf-8")
    assert str(cleaned(path).scale) == scale
