"""What people bring is read for what it says, and what cannot be read is said in one line."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Recommender
from tests.hostile import CELLS, JSON, altered
from tests.ui.exported import IMDB, LETTERBOXD, MOVIELENS, zipped
from tests.ui.profiles import after
from ui.transfer import exports, imports
from ui.transfer.import_draft import Draft
from ui.transfer.imported_films import Precedence
from ui.transfer.imports import ImportedFiles


def pile(**files: str | bytes) -> ImportedFiles:
    """Read files; a name is written with two low lines for its dot."""
    read = ImportedFiles()
    for name, data in files.items():
        raw = data.encode() if isinstance(data, str) else data
        read.add(name.replace("__", "."), raw)
    return read


def astray() -> bytes:
    """Make a zip that says its list begins 40 bytes after where it does."""
    data = bytearray(zipped({"ratings.csv": LETTERBOXD["ratings.csv"]}))
    at = data.rindex(b"PK\5\6") + 16
    data[at : at + 4] = (int.from_bytes(data[at : at + 4], "little") + 40).to_bytes(4, "little")
    return bytes(data)


def ratings_of(read: ImportedFiles) -> Mapping[str, tuple[int | None, float | None]]:
    """Opinion and stars by title."""
    return {film.mention.title: (film.opinion, film.stars) for film in read.films}


def problem(**files: str | bytes) -> str:
    """The one line about the one file that cannot be read."""
    read = pile(**files)
    assert read.films == ()
    (line,) = read.problems
    assert line.isprintable()
    assert len(line) < 300
    return line


def test_ratings_of_imdb_become_stars() -> None:
    """Half of ten; series and what has no rating are left out, and counted."""
    read = pile(ratings__csv=IMDB)
    assert ratings_of(read) == {"Film 8": (1, 4.5), "Film 9": (-1, 1.5)}
    assert read.films[0].mention.imdb_id == "tt0000008"
    assert read.films[0].mention.year == 1968
    assert read.problems == []
    assert read.summaries == [
        "ratings.csv (IMDb): 2 films. Left out: 1 listed as series, 1 without a rating."
    ]


def test_of_letterboxd_the_strongest_statement_counts() -> None:
    """Stars, then those of the diary, latest first, then likes, then what was seen, then saved."""
    read = pile(mine__zip=zipped())
    assert ratings_of(read) == {
        "Film 8": (1, 4.5),
        "[REC]": (-1, 2.0),  # rated two stars, though liked
        "Film 10": (0, None),
        "Film 12": (1, None),
        "Film 14": (None, None),
        "Film 16": (1, 4.0),
    }
    assert read.problems == []
    assert read.summaries[0] == "mine.zip: ratings.csv (Letterboxd): 2 films."


@pytest.mark.parametrize("name", [name for name in LETTERBOXD if "/" not in name][1:])
def test_a_file_of_letterboxd_alone_says_the_same(name: str) -> None:
    """By its own name, also where a browser added a number to it."""
    alone = ImportedFiles()
    alone.add(name.replace(".csv", " (1).csv"), LETTERBOXD[name].encode())
    packed = pile(mine__zip=zipped({name: LETTERBOXD[name]}))
    assert alone.films == packed.films != ()


def test_a_nameless_list_of_letterboxd_is_not_guessed_at() -> None:
    """Seen, liked and to be seen look the same."""
    read = pile(download__csv=LETTERBOXD["watched.csv"])
    assert (read.films, read.problems) == ((), [])
    assert read.questions[0].why == (
        "none of its headings (Date, Name, Year, Letterboxd URI) is a rating; films "
        "without any may be seen or to watch"
    )


def test_ratings_of_movielens_keep_all_ids() -> None:
    """IMDb's number becomes its id."""
    read = pile(movielens__csv=MOVIELENS)
    assert ratings_of(read) == {"Film 8 (1968)": (1, 4.5), "Film 9 (1969)": (-1, 0.5)}
    first, second = (film.mention for film in read.films)
    assert (first.imdb_id, first.tmdb_id, first.movie_id) == ("tt0000008", 108, 8)
    assert (second.imdb_id, second.tmdb_id, second.movie_id) == (None, None, 9)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_ends_are_read(encoding: str, ends: str) -> None:
    """Also a title with a comma, a quotation mark and a line break in it."""
    text = 'Date,Name,Year,Letterboxd URI,Rating\n,"Amélie, ""said""\nMr. Ripley",2001,x,5\n'
    read = pile(ratings__csv=text.replace("\n", ends).encode(encoding))
    assert ratings_of(read) == {'Amélie, "said" Mr. Ripley': (1, 5.0)}


def test_what_excel_saved_again_is_read() -> None:
    """With semicolons, and a comma in the numbers."""
    read = pile(ratings__csv="Date;Name;Year;Letterboxd URI;Rating\n;Heat;1995;x;4,5\n")
    assert ratings_of(read) == {"Heat": (1, 4.5)}


@pytest.mark.parametrize(
    ("rating", "stars"),
    [("10", 5.0), ("1", 0.5), ("7", 3.5), ("7.2", 3.5), ("0", None), ("", None), ("11", None),
     ("-1", None), ("nan", None), ("inf", None), ("good", None), ("9" * 400, None)],
)  # fmt: skip
def test_a_rating_is_on_its_scale_or_left_out(rating: str, stars: float | None) -> None:
    """And the rest of the file is read."""
    read = pile(r__csv=f"Const,Your Rating,Title,Year\ntt1,{rating},Heat,1995\ntt2,6,Ran,1985\n")
    told = {"Heat": stars, "Ran": 3.0}
    assert {film.mention.title: film.stars for film in read.films} == {
        title: value for title, value in told.items() if value is not None
    }
    assert ("Left out: 1 with" in read.summaries[0]) == (stars is None)


def test_of_a_film_rated_twice_the_later_counts() -> None:
    """By day, and by row where there is none."""
    head = "Const,Your Rating,Date Rated,Title,Year\n"
    read = pile(r__csv=f"{head}tt1,9,2024-05-01,Heat,1995\ntt1,2,2023-05-01,Heat,1995\n")
    assert ratings_of(read) == {"Heat": (1, 4.5)}
    read = pile(r__csv=f"{head}tt1,9,,Heat,1995\ntt1,2,,Heat,1995\n")
    assert ratings_of(read) == {"Heat": (-1, 1.0)}


def test_rows_that_are_short_long_or_blank_are_read_as_far_as_they_go() -> None:
    """A missing cell is an empty one."""
    read = pile(
        r__csv="Const,Your Rating,Title,Year\ntt1,8,Heat\n\n,,,\n,8,,\ntt2,8,Ran,1985,?,?\n"
    )
    assert [(film.mention.title, film.mention.year) for film in read.films] == [
        ("Heat", None),
        ("Ran", 1985),
    ]
    assert read.summaries == ["r.csv (IMDb): 2 films. Left out: 1 without a title."]


HEAD = "Const,Your Rating,Title\n"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "x.csv is empty"),
        (b"\xef\xbb\xbf \r\n", "x.csv is empty"),
        (b"<!DOCTYPE html><html>", "x.csv is a web page"),
        (b"\x89PNG\r\n\x1a\n\0\0", "x.csv is not a text file"),
        (b"\xff\xfea\0\0\0", "x.csv is not a text file"),
        (b"one\n1\n", r"nothing that Kindred can read: none of its headings \(one\) is a film"),
        (b"[1, 2]", "x.csv is nothing that Kindred can read"),
        (b'"', "x.csv cannot be read from line 1"),
        (HEAD.encode() + b'tt1,8,"Heat\ntt2,8,Ran\n', "x.csv cannot be read from line 3"),
        (HEAD.encode() + b"tt1,8," + b"a" * 200_000, "x.csv cannot be read from line 2"),
        (b"{}", "x.csv is nothing that Kindred can read: of JSON it reads its own files"),
        (b'{"a": "\\"kindred_taste\\""}', "x.csv is nothing that Kindred can read: of JSON"),
        (b'{"a": {"kindred_taste": 1}}', "x.csv: this is not a file exported by Kindred"),
        (b"{" * 100_000, "x.csv is nothing that Kindred can read"),
        (b'<?xml version="1.0"?><recentrankings/>', "x.csv is XML: export it as CSV or JSON"),
        (zipped({"xl/workbook.xml": "<x/>"}), "x.csv is an Excel file: save it as CSV"),
        (b'{"kindred_taste": 2}', "x.csv: the profile is of version 2"),
        (b'{"kindred_taste": 1, "ratings": [{"opinion": "love"}]}', r"ratings\.0\.opinion"),
        (b"PK\3\4", "x.csv is damaged"),
        (astray(), r"^ratings\.csv is damaged \(negative seek value -40\)"),
        (zipped({"readme.txt": "x"}), "x.csv has nothing that Kindred can read"),
        (zipped({"inner.zip": zipped()}), "x.csv has nothing that Kindred can read"),
        (zipped({f"{n}.csv": "" for n in range(201)}), "x.csv holds 201 files"),
        (gzip.compress(b"", mtime=0), "x.csv is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(data: bytes, told: str) -> None:
    """It names the file, what is wrong, and what to do."""
    line = problem(x__csv=data)
    assert line.endswith(".")
    assert re.search(told, line)


def test_one_bad_file_does_not_keep_others_from_being_read() -> None:
    """Neither beside it nor in the same zip."""
    files = {"ratings.csv": LETTERBOXD["ratings.csv"], "watched.csv": "<html>"}
    read = pile(bad__csv=b"", mine__zip=zipped(files), imdb__csv=IMDB)
    assert len(read.films) == 4
    assert [line.split(" is ")[0] for line in read.problems] == ["bad.csv", "mine.zip: watched.csv"]


@pytest.mark.parametrize("number", ["year", "tmdb_id", "movie_id"])
def test_a_number_no_table_can_show_is_refused(number: str) -> None:
    """By its place in the file."""
    listed = {"title": "Heat", number: int("9" * 30)}
    line = problem(x__json=json.dumps({"kindred_taste": 1, "hidden": [listed]}))
    assert f"(hidden.0.{number}" in line


def document(**fields: object) -> str:
    """Write a profile of one film as JSON."""
    return json.dumps({"kindred_taste": 1, **fields})


@pytest.mark.parametrize(
    ("scale", "given", "opinion", "stars"),
    [
        (None, 4.5, 1, 4.5),
        ([0.5, 5], 3.5, 0, 3.5),
        ([1, 10], 9, 1, 4.5),
        ([1, 10], 7.2, 0, 3.5),
        ([-10, 10], 0, -1, 2.5),
        ([0, 100], 0, -1, 0.5),
    ],
)
def test_stars_of_any_scale_come_onto_half_to_five(
    scale: object, given: float, opinion: int, stars: float
) -> None:
    """To the nearest half; they say the opinion where the file says none."""
    text = document(scale=scale, ratings=[{"title": "Heat", "stars": given}])
    assert ratings_of(pile(x__json=text)) == {"Heat": (opinion, stars)}


def test_an_opinion_of_a_profile_counts_beside_its_stars() -> None:
    """So does the day, where another file says something else of the film."""
    rated = {"title": "Heat", "opinion": "like", "stars": 3, "when": "2024-05-01"}
    (read,) = pile(x__json=document(source="elsewhere", user_id=7, ratings=[rated])).films
    assert (read.opinion, read.stars, read.when) == (1, 3.0, "2024-05-01")


@pytest.mark.parametrize(
    ("scale", "given", "told"),
    [
        ([1, 10], 11, "movie 'Heat' is rated 11, which is not on the scale 1-10"),
        ([5, 1], 3, "its scale runs from 5 to 1"),
        ([-1e308, 1e308], 1.7e308, "is not on the scale"),
    ],
)
def test_stars_off_their_scale_are_refused(scale: object, given: float, told: str) -> None:
    """With the film they were given."""
    text = document(scale=scale, ratings=[{"title": "Heat", "stars": given}])
    assert told in problem(x__json=text)


def test_a_taste_of_a_million_is_refused_at_once() -> None:
    """At its first fault, or at its first film too many."""
    start = '{"kindred_taste": 1, "ratings": ['
    assert "(ratings.0: Input should be an object)" in problem(x__json=f"{start}{'1,' * 10**6}1]}}")
    many = "{}," * 20_000
    line = problem(x__json=start.replace("ratings", "watchlist") + many + "{}]}")
    assert line == "x.json: watchlist has more than 20,000 films: leave some out."


def test_what_names_no_film_is_left_out_and_counted() -> None:
    """A number of IMDb or TMDB is a name; one film listed twice is one."""
    films = [{}, {"title": " "}, {"movie_id": 8}, {"tmdb_id": 1}, {"tmdb_id": 2}, {"tmdb_id": 2}]
    read = pile(x__json=json.dumps({"kindred_taste": 1, "hidden": films}))
    assert read.summaries == [
        "x.json (Kindred): 2 films. More than once: 1 film, of which the latest rating counts. "
        "Left out: 3 without a title."
    ]
    assert [film.mention.tmdb_id for film in read.films] == [1, 2]


def test_size_rows_and_films_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with the number there is and the number that is allowed, or what to do."""
    monkeypatch.setattr("ui.transfer.files.table_reader.MOST_ROWS", 2)
    assert "x.csv has more than 2 rows" in problem(x__csv=HEAD + "tt1,8,A\ntt2,8,B\ntt3,8,C\n")
    monkeypatch.setattr(imports, "MOST_FILMS", 1)
    assert "x.csv adds 2 films, and 1 can be" in problem(x__csv=HEAD + "tt1,8,A\ntt2,8,B\n")
    monkeypatch.setattr(imports, "MOST_BYTES", 10)
    assert problem(x__csv=b"x" * 11) == "x.csv has 11 bytes, and at most 10 are allowed."


@pytest.mark.parametrize("name", ["../../ratings.csv", "/etc/ratings.csv", "a\\..\\ratings.csv"])
def test_a_path_in_a_zip_is_only_a_name(name: str) -> None:
    """Nothing is written anywhere, and what it holds is read."""
    assert len(pile(mine__zip=zipped({name: LETTERBOXD["ratings.csv"]})).films) == 2


@pytest.mark.parametrize("name", ["./\\.", "./\\", "\\", "a//ratings.csv", " .csv"])
def test_a_path_of_nothing_but_signs_is_no_crash(name: str) -> None:
    """It is a name like any other, and mostly that of nothing."""
    read = pile(mine__zip=zipped({name: LETTERBOXD["ratings.csv"]}))
    assert len(read.films) + len(read.problems) >= 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_anybody_ends_them(end: str) -> None:
    """In a cell, at the end of the file, or without an end there."""
    text = f'{HEAD.strip()}{end}tt1,8,"He{end}at"{end}{end}tt2,8,Ran'
    for data in (text, text + end, text + end * 2):
        assert [film.mention.title for film in pile(x__csv=data).films] == ["He at", "Ran"]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (HEAD + text).encode()))
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever is brought is read or told, and never both."""
    read = pile(x__csv=data)
    assert len(read.summaries) + len(read.problems) + len(read.questions) == 1


@given(JSON)
def test_no_json_raises(value: object) -> None:
    """Whatever stands where ratings should."""
    read = pile(x__json=json.dumps({"kindred_taste": 1, "ratings": value, "hidden": [value]}))
    assert read.films == () or read.films[0].precedence is Precedence.HIDDEN


TASTE = {
    "kindred_taste": 1,
    "source": "elsewhere",
    "scale": [0.5, 5],
    "ratings": [
        {"title": "Film 8", "year": 1968, "opinion": "like", "stars": 4.5, "when": "2024-05-01"},
        {"imdb_id": "tt0000009", "opinion": "dislike"},
        {"title": "Film 10", "movie_id": 10, "tmdb_id": 110, "opinion": "seen"},
    ],
    "watchlist": [{"title": "Film 12", "year": 1972}],
    "hidden": [{"title": "Film 14"}],
}


@st.composite
def tables(draw: st.DrawFn) -> str:
    """An export of any service in which a cell is another."""
    head, *rows = draw(st.sampled_from([IMDB, MOVIELENS, LETTERBOXD["ratings.csv"]])).splitlines()
    at = draw(st.integers(0, len(rows) - 1))
    cells = rows[at].split(",")
    cells[draw(st.integers(0, len(cells) - 1))] = draw(CELLS)
    return "\n".join([head, *rows[:at], ",".join(cells), *rows[at + 1 :]])


@given(
    st.tuples(st.just("ratings.csv"), tables())
    | st.tuples(st.just("taste.json"), altered(TASTE).map(json.dumps))
)
def test_what_is_read_can_be_said_and_taken_along(
    recommender: Recommender, brought: tuple[str, str]
) -> None:
    """Whatever a cell or field holds: opinions and stars there are, which come back the same."""
    name, text = brought
    read = ImportedFiles()
    read.add(name, text.encode(errors="replace"))
    for line in (*read.summaries, *read.problems):
        assert 0 < len(line) < 2000
        assert line.isprintable()
    for film in read.films:
        assert film.opinion in (None, 1, 0, -1)
        assert film.stars is None or film.stars * 2 in range(1, 11)
    profile = after(Draft.of(read.films, recommender))
    again = ImportedFiles()
    again.add("kindred-taste.json", exports.kindred(profile, recommender))
    assert (after(Draft.of(again.films, recommender)), again.problems) == (profile, [])


ENDLESS = """
import random, sys, zipfile
from io import BytesIO
from recommender.storage.memory import peak_mb
from ui.transfer.imports import MOST_BYTES, ImportedFiles

head = "Const,Your Rating,Title\\n"
dice = random.Random(1)
cells = "".join(dice.choice("\\U0001f3ac,,,") for _ in range(1000))  # four bytes a letter

def told(name, text):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("ratings.csv", text)
    pile = ImportedFiles()
    pile.add(name, packed.getvalue())
    print(*pile.summaries, *pile.problems)

told("fine", head + "tt1,8,Heat")
start = peak_mb()
told("row", head + cells * 11_000)
told("large", "x" + cells * 13_000)
print(round((peak_mb() or 0) - (start or 0)))
"""


@pytest.mark.process
def test_what_unpacks_to_twenty_megabytes_takes_little_memory() -> None:
    """One row of nothing but cells, and a file of more than is allowed: less than 256 MiB."""
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS], capture_output=True, text=True, check=True
    )
    fine, row, large, mebibytes = done.stdout.splitlines()
    assert "1 film" in fine
    assert "0 films. Left out: 11" in row
    assert "unpacks to more than 20,971,520 bytes" in large
    assert int(mebibytes) < 256
