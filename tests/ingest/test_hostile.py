"""Files made to break a reader: each is one clear error, or rows that are counted and left out."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ingest.reading import Loaded, load
from recommender import SourceError
from recommender.files.archives import open_source
from tests.support import assert_one_line

HEAD = b"userId,movieId,rating\n"
ROWS = b"1,1,5\n1,2,3\n2,1,1\n2,2,4\n"
TIMED = HEAD.replace(b"\n", b",timestamp\n")


def loaded(folder: Path, files: dict[str, bytes]) -> Loaded:
    """Read and clean files."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return load(str(folder))


def refused(folder: Path, files: dict[str, bytes]) -> str:
    """Say why files are not read, in one line of signs that can be shown."""
    with pytest.raises(SourceError) as caught:
        loaded(folder, files)
    assert_one_line(caught.value)
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + HEAD + ROWS,
        (HEAD + ROWS).decode().encode("utf-16"),
        b"\xff\xfe" + (HEAD + ROWS).decode().encode("utf-16-le"),
        b"\xfe\xff" + (HEAD + ROWS).decode().encode("utf-16-be"),
        (HEAD + ROWS).replace(b"\n", b"\r\n"),
        (HEAD + ROWS).replace(b"\n", b"\r"),
        HEAD.replace(b"\n", b"\r\n") + ROWS.replace(b"\n1", b"\r1"),
        b"\n\n \n" + HEAD + ROWS,
    ],
    ids=["utf-8", "utf-16", "utf-16-le", "utf-16-be", "crlf", "cr", "mixed", "blank"],
)
def test_marks_of_encodings_and_any_line_ends_are_no_obstacle(tmp_path: Path, data: bytes) -> None:
    """All four ratings are read, and nothing is left out."""
    found = loaded(tmp_path, {"ratings.csv": data}).ratings
    assert (len(found), found.user_ids, found.movie_ids) == (4, [1, 2], [1, 2])
    assert found.dropped == {}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'"3,1,5', "wrong number of columns"),
        (b"3,1,5" + b",5" * 1_000_000, "wrong number of columns"),
        (b",1,5", "no user"),
        (b"3,,5", "no movie"),
        (b"3,1,NaN", "no rating"),
        (b"3,1,inf", "rating not a number"),
        (b"3,1,1e999", "rating not a number"),
        (b"3,1,0x1p2", "rating not a number"),
        (b"3,1,1_0", "rating not a number"),
        ("3,1,٣".encode(), "rating not a number"),
    ],
    ids=["quote", "million columns", "user", "movie", "nan", "inf", "huge", "hex", "underscore",
         "arabic"],
)  # fmt: skip
def test_a_row_that_says_nothing_is_counted_and_left_out(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    """The others count."""
    found = loaded(tmp_path, {"ratings.csv": HEAD + ROWS * 100 + line + b"\n"}).ratings
    assert len(found) == 4
    assert found.dropped.keys() == {reason, "rated again later"}


@pytest.mark.parametrize(
    ("time", "day"),
    [
        (b"0000-00-00", None), (b"2020-02-30", None), (b"yesterday", None), (b"1e300", None),
        (b"0001-01-01", 0), (b"-99999999999", 0), (b"9999-12-31", 65_535),
        (b"86400", 1), (b"1577836800", 18_262), (b"1577836800000", 18_262),
        (b"1577836800000000000", 18_262), (b"2020-01-01T01:00:00+02:00", 18_261),
    ],
)  # fmt: skip
def test_a_time_is_a_day_or_is_counted_as_none(
    tmp_path: Path, time: bytes, day: int | None
) -> None:
    """Seconds, milliseconds and dates; the nearest day that can be stored where it is no other."""
    rows = b"1,1,5,100\n1,2,3,100\n2,1,1,100\n" * 10 + b"2,2,4," + time + b"\n"
    found = loaded(tmp_path, {"ratings.csv": TIMED + rows}).ratings
    assert found.dropped.get("time not understood", 0) == (day is None)
    assert found.day is not None
    assert day is None or found.day[-1] == day


@pytest.mark.parametrize(
    ("user", "known"),
    [
        (b"-5", -5), (b"9223372036854775807", 2**63 - 1), (b"9" * 40, "9" * 40),
        (b"-" + b"9" * 18, -(10**18 - 1)), (b"=1+1", "=1+1"), (b"1e3", "1e3"),
    ],
)  # fmt: skip
def test_an_id_may_be_anything(tmp_path: Path, user: bytes, known: int | str) -> None:
    """A number where it fits, else text."""
    found = loaded(tmp_path, {"ratings.csv": HEAD + ROWS + user + b",1,2\n"}).ratings
    assert known in found.user_ids


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((HEAD + ROWS).decode().encode("utf-32"), "no ratings found"),
        ((HEAD + ROWS).decode().encode("utf-16-le"), "no ratings found"),
        ((HEAD + ROWS).decode().encode("cp037"), "no ratings found"),
        (HEAD.strip() + b",x" * 1_000_000 + b"\n" + ROWS, "4 wrong number of columns"),
        (HEAD + ROWS + b"3,1,5\0\n", "no ratings found"),
        (HEAD + b"1,1,0x5\n", "'0x5' under 'rating' is not a rating that can be read"),
    ],
    ids=["utf-32", "utf-16 without a mark", "ebcdic", "million headings", "nul", "none"],
)
def test_a_file_that_is_none_is_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    """Whatever it is instead."""
    assert message in refused(tmp_path, {"ratings.csv": data})


def test_year_zero_is_none(tmp_path: Path) -> None:
    """It would be shown as a year, and stands for an unknown one in the index."""
    movies = b"movieId,title,genres\n1,Heat (0000),Drama\n2,Ran (1985),\n"
    source = loaded(tmp_path, {"ratings.csv": HEAD + ROWS, "movies.csv": movies})
    found = source.metadata.movies
    assert [found[movie][:2] for movie in "12"] == [("Heat", None), ("Ran", 1985)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes or links in this system's folders")
def test_a_folder_of_traps_is_read_past_them(tmp_path: Path) -> None:
    """Links that run in a circle or into an endless device, a pipe nobody writes to, a folder."""
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "nowhere.csv").symlink_to(tmp_path / "nothing")
    (tmp_path / "movies.csv").mkdir()
    os.mkfifo(tmp_path / "links.csv")
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "sub" / "tags.csv")
    with pytest.raises(SourceError, match="several ratings files"):
        loaded(tmp_path, {"ratings.csv": HEAD + ROWS})  # once more, through the link
    (tmp_path / "loop").unlink()
    assert len(loaded(tmp_path, {}).ratings) == 4


def test_a_file_that_changes_while_it_is_read_is_what_it_is_then(tmp_path: Path) -> None:
    """Listed whole, and by then shorter, longer, gone, or a zip whose end is another's."""
    path = tmp_path / "ratings.csv"
    path.write_bytes(HEAD + ROWS)
    with open_source(tmp_path) as (member,):
        path.write_bytes(HEAD + ROWS * 1_000)
        assert len(member.read(1 << 20)) == len(HEAD + ROWS * 1_000)
        path.write_bytes(b"")
        assert member.read(100) == b""
        path.unlink()
        with pytest.raises(SourceError, match=r"ratings\.csv cannot be read: No such file"):
            member.read(100)
    packed = tmp_path / "r.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ratings.csv", HEAD + ROWS * 1_000)
    with open_source(packed) as (member,):
        for size in (2_000, 50, 3):
            os.truncate(packed, size)
            with pytest.raises(SourceError, match=r"ratings\.csv is damaged"):
                member.read(1 << 20)


ENDLESS = """
import sys
import zipfile
from pathlib import Path
from ingest.reading import load
from recommender import SourceError
from recommender.storage.memory import peak_mb

head, rows = b"userId,movieId,rating\\n", b"1,1,5\\n1,2,3\\n2,1,1\\n" * 20_000

def report(name, files):
    folder = Path(sys.argv[1]) / name
    folder.mkdir()
    for file, (start, size) in files.items():
        with (folder / file).open("wb") as made:
            made.write(start)
            if size:
                made.truncate(size)  # a hole, which takes no room
    try:
        print(name, len(load(str(folder)).ratings))
    except SourceError as error:
        print(name, error)

report("fine", {"ratings.csv": (head + rows, 0)})
start = peak_mb()
report("line", {"ratings.csv": (head + rows, 10 << 30)})
movies = b"movieId,title\\n" + b"1,x\\n" * 90_000
report("catalogue", {"ratings.csv": (head + rows, 0), "movies.csv": (movies, 10 << 30)})
print("MiB", round((peak_mb() or 0) - (start or 0)))
"""


@pytest.mark.process
def test_ten_gigabytes_are_refused_in_little_memory(tmp_path: Path) -> None:
    """A line and a catalogue of that size, in no more than 1 GiB above what ingesting takes."""
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS, str(tmp_path)], capture_output=True, text=True, check=True
    )
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert lines["fine"] == "3"
    assert "line 60,002 has more than 8,388,608 bytes" in lines["line"]
    assert "movies.csv cannot be read: line 90,002 has more than" in lines["catalogue"]
    assert int(lines["MiB"]) < 1_024


def test_a_mark_that_is_never_closed_costs_its_own_line(tmp_path: Path) -> None:
    """Not the rest of the file: among numbers, and among texts that may break lines."""
    found = loaded(tmp_path, {"ratings.csv": HEAD + b'"' + ROWS}).ratings
    assert (len(found), found.dropped) == (3, {"wrong number of columns": 1})
    text = b"u,film,rating,review\n".replace(b"u,film", b"user,movie")
    rows = b'1,1,5,"Two\nlines"\n1,2,3,"open\n2,1,1,short\n2,2,4,"fine ""too"""\n'
    found = loaded(tmp_path, {"ratings.csv": text + rows}).ratings
    assert found.dropped == {"wrong number of columns": 1}
    assert [found.user_ids[user] for user in found.user] == [1, 2, 2]
