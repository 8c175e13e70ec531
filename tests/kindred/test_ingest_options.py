"""What `kindred ingest` can be told of a source, and what `--check` shows of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.kindred.conftest import Run
from tests.support import FILMS, THREE_RATERS, movies_text, write_source

TABLE = "who,what,how\n1,10,5\n1,20,3\n2,10,4\n2,20,\n"
DATES = "user,movie,rating,date\n1,10,5,03/04/2015\n1,20,3,04/04/2015\n"
ZEROS = "user,movie,rating\n1,10,5\n1,20,0\n2,10,1\n2,20,4\n"


def written(path: Path, text: str) -> Path:
    """Write a source of one file."""
    path.write_text(text, encoding="utf-8")
    return path


def contents(folder: Path) -> dict[Path, bytes]:
    """Everything in a folder; not when it was written, as the engine renews files when it loads."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_check_shows_how_a_source_is_understood(kindred: Run, tmp_path: Path) -> None:
    """Files, columns, scale, the first ratings, what is dropped and what is left aside."""
    source = write_source(tmp_path / "source", {1: {1: 5, 4: 2.5}, 2: {9: 3, 99: 4}}, FILMS)
    written(source / "notes.csv", "day,note\n1,hello\n2,goodbye\n")
    done = kindred("ingest", source, "--check", index=tmp_path / "index")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "3 ratings of 9 movies by 2 people. Nothing was written.",
        "ratings.csv: ratings: user is userId, movie is movieId, rating is rating",
        "movies.csv: movies: movie is movieId, title is title, genres is genres",
        "left aside: notes.csv: its headings are day, note, with no user and movie among them",
        "Scale of the ratings: 0.5-5, like from 4, dislike up to 2.5.",
        "dropped: 1 unknown movie",
        "warning: left out are 1 of 4 rows (25%): unknown movie, such as movie 99",
        "The first ratings, as they are understood:",
        "  user 1, movie 1 (The Matrix): 5 (like)",
        "  user 1, movie 4 (Heat): 2.5 (dislike)",
        "  user 2, movie 9 (Eva): 3 (seen)",
    ]
    assert not (tmp_path / "index").exists()


def test_a_check_prints_the_documented_json_only(kindred: Run, tmp_path: Path) -> None:
    """The report of an ingest, without what only writing tells."""
    source = written(tmp_path / "r.csv", "user,movie,rating,time\nann,10,5,2015-12-31\n")
    done = kindred("ingest", source, "--check", "--json", index=tmp_path / "index")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "source": str(source),
        "ratings": 1,
        "users": 1,
        "movies": 1,
        "dropped": {},
        "scale": "likes only",
        "like_from": None,
        "dislike_to": None,
        "files": [
            {
                "name": "r.csv",
                "kind": "ratings",
                "columns": {"user": "user", "movie": "movie", "rating": "rating", "time": "time"},
                "note": "",
            }
        ],
        "first": [
            {
                "user": "ann",
                "movie": 10,
                "title": None,
                "rating": None,
                "opinion": "like",
                "day": "2015-12-31",
            }
        ],
        "warnings": ["every rating is 5, so that each is read as a like"],
    }
    assert not (tmp_path / "index").exists()


def test_a_check_of_an_append_goes_by_the_index(kindred: Run, tmp_path: Path) -> None:
    """Its scale and catalogue count, and it stays as it is."""
    index = tmp_path / "index"
    source = write_source(tmp_path / "source", THREE_RATERS, FILMS)
    assert kindred("ingest", source, index=index).returncode == 0
    before = contents(index)
    more = written(tmp_path / "more.csv", "userId,movieId,rating\n21,1,5\n21,2,7\n")
    done = kindred("ingest", more, "--append", "--check", index=index)
    assert done.returncode == 0
    assert "Scale of the ratings: 1-5, like from 4, dislike up to 2.5." in done.stdout
    assert "dropped: 1 rating off the scale" in done.stdout
    told = json.loads(kindred("ingest", more, "--append", "--check", "--json", index=index).stdout)
    assert (told["ratings"], told["dropped"]) == (1, {"rating off the scale": 1})
    assert contents(index) == before


def test_a_check_of_an_append_needs_an_index(kindred: Run, tmp_path: Path) -> None:
    """None is made for it."""
    source = written(tmp_path / "r.csv", "user,movie,rating\n1,10,5\n")
    done = kindred("ingest", source, "--append", "--check", index=tmp_path / "index")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: there is no index in ")
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("columns", ["user=who,movie=what,rating=how", "movie=2, user=1,rating=3"])
def test_columns_are_named_by_headings_or_numbers(
    kindred: Run, tmp_path: Path, columns: str
) -> None:
    """Where no heading is known; in any order."""
    source = written(tmp_path / "r.csv", TABLE)
    done = kindred("ingest", source, "--check", "--columns", columns, "--json")
    told = json.loads(done.stdout)
    assert told["files"][0]["columns"] == {"user": "who", "movie": "what", "rating": "how"}
    assert (told["ratings"], told["dropped"]) == (3, {"no rating": 1})


def test_columns_without_a_rating_make_every_row_a_like(kindred: Run, tmp_path: Path) -> None:
    """Only where somebody says so."""
    source = written(tmp_path / "r.csv", TABLE)
    done = kindred("ingest", source, "--check", "--columns", "user=who,movie=what", "--json")
    told = json.loads(done.stdout)
    assert (told["ratings"], told["scale"]) == (4, "likes only")


@pytest.mark.parametrize(
    ("order", "day"), [("day-first", "2015-04-03"), ("month-first", "2015-03-04")]
)
def test_dates_are_read_as_they_are_said_to_be(
    kindred: Run, tmp_path: Path, order: str, day: str
) -> None:
    """3/4/2015 is in March or in April."""
    source = written(tmp_path / "r.csv", DATES)
    done = kindred("ingest", source, "--check", "--dates", order)
    assert f"(dates have the {order.removesuffix('-first')} first)" in done.stdout
    assert f"user 1, movie 10: 5 (like), {day}" in done.stdout.splitlines()[-2]


@pytest.mark.parametrize(
    ("scale", "ratings", "dropped"), [("0:5", 4, {}), ("1:5", 3, {"not rated": 1})]
)
def test_a_scale_says_what_a_zero_is(
    kindred: Run, tmp_path: Path, scale: str, ratings: int, dropped: dict[str, int]
) -> None:
    """The lowest rating, or none."""
    source = written(tmp_path / "r.csv", ZEROS)
    told = json.loads(kindred("ingest", source, "--check", "--scale", scale, "--json").stdout)
    assert (told["ratings"], told["dropped"]) == (ratings, dropped)
    assert told["scale"] == scale.replace(":", "-")


def test_several_sources_are_files_of_one(kindred: Run, tmp_path: Path) -> None:
    """Ratings are read one after the other, and the movies beside them."""
    head, index = "userId,movieId,rating\n", tmp_path / "index"
    files = [
        written(tmp_path / "2014.csv", head + "1,1,5\n1,4,2\n"),
        written(tmp_path / "2015.csv", head + "2,1,4\n1,4,3\n"),
        written(tmp_path / "films.csv", movies_text(FILMS)),
    ]
    report = json.loads(kindred("ingest", *files, "--json", index=index).stdout)
    assert (report["ratings"], report["movies"]) == (3, len(FILMS))
    assert report["dropped"] == {"rated again later": 1}
    assert [(file["name"], file["kind"]) for file in report["files"]] == [
        ("2014.csv", "ratings"),
        ("2015.csv", "ratings"),
        ("films.csv", "movies"),
    ]
    assert report["source"] == "2014.csv, 2015.csv, films.csv"
    assert json.loads(kindred("info", "--json", index=index).stdout)["movies"] == len(FILMS)


def test_every_reason_to_drop_a_row_is_documented(kindred: Run, tmp_path: Path) -> None:
    """One row for each, among two hundred good ones; the table of the page has them all."""
    good = [
        f"{user},{movie},{1 + movie % 5},2015-12-31" for user in range(20) for movie in range(10)
    ]
    bad = {
        "wrong number of columns": "1,2",
        "headings repeated": "user,movie,rating,time",
        "user not a number": "admin,2,4,2015-12-31",
        "movie not a number": "1,Heat,4,2015-12-31",
        "no user": ",2,4,2015-12-31",
        "no movie": "1,,4,2015-12-31",
        "unknown movie": "1,99,4,2015-12-31",
        "no rating": "1,2,,2015-12-31",
        "rating not a number": "1,2,x,2015-12-31",
        "no time": "1,2,4,",
        "time not understood": "1,2,4,soon",
        "not rated": "1,2,0,2015-12-31",
        "rating off the scale": "1,2,7,2015-12-31",
        "rated again later": "1,2,4,2015-12-30",
    }
    rows = "\n".join(["user,movie,rating,time", *good, *bad.values()])
    ratings = written(tmp_path / "r.csv", rows + "\n")
    films = written(tmp_path / "m.csv", movies_text({m: (f"Film {m}", "") for m in range(10)}))
    done = kindred("ingest", ratings, films, "--check", "--scale", "1:5", "--json")
    assert json.loads(done.stdout)["dropped"] == dict.fromkeys(bad, 1)
    lines = written(tmp_path / "r.jsonl", '{"user": 1, "movie": 2, "rating": 5}\nx\n')
    done = kindred("ingest", lines, "--check", "--json")
    assert json.loads(done.stdout)["dropped"] == {"not JSON": 1}
    page = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    table = page[page.index("| reason | the row |") :].split("\n\n", 1)[0]
    assert set(re.findall(r"`(.+?)`", table)) == {*bad, "not JSON"}


def test_what_a_source_says_moves_no_cursor(kindred: Run, tmp_path: Path) -> None:
    """An id, a title or a heading may hold what a terminal obeys, and line breaks."""
    text = 'user,movie,"\x1b[2J\nscore"\nan\x1b[2Jn,"He\nat",5\nbob,Up,3\n'
    done = kindred("ingest", written(tmp_path / "r.csv", text), "--check")
    assert done.returncode == 0
    assert "  user an?[2Jn, movie He?at: 5 (like)" in done.stdout.splitlines()
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        (TABLE, [], "its headings are who, what, how"),
        (TABLE, ["--columns", "user=whom,movie=what"], "no table has the columns 'whom', 'what'"),
        (TABLE, ["--columns", "user=who,rating=how"], "name those of user and movie"),
        (TABLE, ["--columns", "user=1,movie=9"], "no table has the columns '1', '9'"),
        (DATES, [], "--dates day-first or --dates month-first"),
        (ZEROS, [], "give --scale 0:5 if 0 is the lowest rating, or --scale 1:5 if it says"),
        (ZEROS, ["--scale", "5:1"], "two ascending numbers"),
        (ZEROS, ["--scale", "0:100"], "no rating is a like: the highest is 5"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    kindred: Run, tmp_path: Path, text: str, arguments: list[str], says: str
) -> None:
    """With what was seen, and the way out; the same by an ingest, which writes nothing."""
    source, index = written(tmp_path / "r.csv", text), tmp_path / "index"
    for check in (["--check"], []):
        done = kindred("ingest", source, *check, *arguments, index=index)
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = (line for line in done.stderr.splitlines() if not line.endswith("%"))
        assert line.startswith("error: ")
        assert says in line
        assert not (index / "current").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["r.csv", "--columns", "user"],
        ["r.csv", "--columns", "user=,movie=what"],
        ["r.csv", "--dates", "year-first"],
        ["r.csv", "--append", "--scale", "1:5"],
        ["r.csv", "--check", "--rollback"],
        ["--check"],
        ["--rollback", "--check"],
    ],
)
def test_wrong_options_are_wrong_usage(kindred: Run, tmp_path: Path, arguments: list[str]) -> None:
    """Exit code 2, and nothing is read."""
    written(tmp_path / "r.csv", TABLE)
    done = kindred("ingest", *arguments, index=tmp_path / "index")
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "index").exists()
