"""Archives strangers made are read with care, and nothing of them ever lands on the disk."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import SourceError
from recommender.files.archives import guess_encoding, open_source, open_upload
from tests.hostile import damaged
from tests.ingest.files import cleaned, rows
from tests.support import assert_one_line

RATINGS = b"userId,movieId,rating\n" + b"".join(
    b"%d,%d,%d\n" % (user, movie, 1 + (user + movie) % 5)
    for user in range(40)
    for movie in range(40)
)


def archive(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_is_read_without_unpacking_it(tmp_path: Path, method: int) -> None:
    """Nothing appears beside it."""
    path = archive(tmp_path / "r.zip", {"ratings.csv": RATINGS}, method)
    assert len(rows(cleaned(path))) == 1600
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.zip"]


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/evil.csv", "{}/evil.csv", "x\\..\\..\\evil.csv", "C:\\evil.csv"]
)
def test_a_name_that_climbs_out_is_only_a_name(tmp_path: Path, name: str) -> None:
    """Members are streams; no path of an archive is ever used as one."""
    inner = tmp_path / "in"
    inner.mkdir()
    path = archive(inner / "r.zip", {name.format(tmp_path): RATINGS})
    assert len(rows(cleaned(path))) == 1600
    assert [entry.name for entry in tmp_path.iterdir()] == ["in"]
    assert [entry.name for entry in inner.iterdir()] == ["r.zip"]


def test_a_zip_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Forty megabytes of nothing from forty kilobytes; the error names both sizes and a remedy."""
    path = archive(tmp_path / "bomb.zip", {"ratings.csv": b"0" * (40 << 20)})
    with pytest.raises(SourceError, match=r"unpack to 41,943,040 bytes.*unpack it yourself"):
        cleaned(path)


def test_a_zip_that_unpacks_to_more_than_it_claims_is_damaged(tmp_path: Path) -> None:
    """No more is read than the hundred bytes it claims, and those do not have its checksum."""
    path = archive(tmp_path / "r.zip", {"ratings.csv": RATINGS})
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        start = data.index(mark) + place
        assert data[start : start + 4] == struct.pack("<I", len(RATINGS))
        data[start : start + 4] = struct.pack("<I", 100)
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"ratings\.csv is damaged.*: fetch it again"):
        cleaned(path)


@pytest.mark.parametrize("part", [0.001, 0.3, 0.9, 0.999])
def test_a_truncated_gzip_is_damaged(tmp_path: Path, part: float) -> None:
    """As an interrupted download leaves it."""
    data = gzip.compress(RATINGS)
    (tmp_path / "ratings.csv.gz").write_bytes(data[: max(2, int(len(data) * part))])
    with pytest.raises(SourceError, match=r"ratings\.csv\.gz is damaged \(.+\): fetch it again"):
        cleaned(tmp_path / "ratings.csv.gz")


@pytest.mark.parametrize("place", [12, 300, -6, -2])
def test_a_changed_gzip_is_damaged(tmp_path: Path, place: int) -> None:
    """In its data, its checksum or its length; or by what follows."""
    data = bytearray(gzip.compress(RATINGS))
    data[place] ^= 0xFF
    (tmp_path / "ratings.csv.gz").write_bytes(data)
    with pytest.raises(SourceError, match=r"ratings\.csv\.gz is damaged \(.+\): fetch it again"):
        cleaned(tmp_path / "ratings.csv.gz")
    (tmp_path / "ratings.csv.gz").write_bytes(gzip.compress(RATINGS) + b"something")
    with pytest.raises(SourceError, match=r"is damaged"):
        cleaned(tmp_path / "ratings.csv.gz")


@pytest.mark.parametrize("packed", [True, False])
def test_a_source_of_very_many_files_is_refused(tmp_path: Path, packed: bool) -> None:
    """No ratings come in ten thousand files."""
    path, names = tmp_path / "many", [f"{n}.csv" for n in range(10_001)]
    if packed:
        archive(path, dict.fromkeys(names, b""), 0)
    else:
        path.mkdir()
        for name in names:
            (path / name).touch()
    with pytest.raises(SourceError, match="many holds 10,001 files"):
        cleaned(path)


def crowded(entries: int) -> bytes:
    """Make a zip whose list names one empty file so many times, each in 47 bytes."""
    head = struct.pack("<4s5H3L2Hc", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, b"a")
    entry = struct.pack("<4s6H3L5H2Lc", b"PK\1\2", 20, 20, *[0] * 7, 1, *[0] * 6, b"a")
    end = (b"PK\5\6", 0, 0, *[entries & 0xFFFF] * 2, len(entry) * entries, len(head), 0)
    return head + entry * entries + struct.pack("<4s4H2LH", *end)


def test_an_upload_of_half_a_million_files_is_refused_before_they_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That would take a minute and a gigabyte."""
    with open_upload("few.zip", crowded(2)) as members:
        assert [member.name for member in members] == ["a", "a"]

    def opened(*_: object) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr(zipfile, "ZipFile", opened)
    with (
        pytest.raises(SourceError, match=r"many\.zip holds 400,000 files"),
        open_upload("many.zip", crowded(400_000)),
    ):
        pass


def test_an_encrypted_zip_is_refused_in_words(tmp_path: Path) -> None:
    """With the way out. The flag of encryption is set by hand in both headers."""
    path = archive(tmp_path / "r.zip", {"ratings.csv": RATINGS})
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + place] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceError, match="unpack it yourself"):
        cleaned(path)


def test_an_unknown_compression_is_refused_in_words(tmp_path: Path) -> None:
    """As newer archivers write it."""
    path = archive(tmp_path / "r.zip", {"ratings.csv": RATINGS})
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        start = data.index(mark) + place
        data[start : start + 2] = struct.pack("<H", 97)
    path.write_bytes(data)
    with pytest.raises(SourceError, match="unpack it yourself"):
        cleaned(path)


@pytest.mark.parametrize("method", [8, 12, 14], ids=["deflate", "bzip2", "lzma"])
def test_a_damaged_member_is_a_source_error(tmp_path: Path, method: int) -> None:
    """Bytes in the middle of the data are not those that were written."""
    path = archive(tmp_path / "r.zip", {"ratings.csv": RATINGS}, method)
    data = bytearray(path.read_bytes())
    middle = len(data) // 3
    for place in range(middle, middle + 40):
        data[place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(SourceError):
        cleaned(path)


@pytest.mark.parametrize(
    "name", [b"\0atings.csv", b"rat\nngs.csv", b"\x1b[2Jngs.csv", b"\xff\xfetings.csv"]
)
def test_an_odd_name_in_an_archive_is_no_crash_and_no_line_break(
    tmp_path: Path, name: bytes
) -> None:
    """An empty name, a line break, an escape sequence: the message stays one printable line."""
    path = archive(tmp_path / "r.zip", {"ratings.csv": b"title\nHeat\n"})
    assert len(name) == len("ratings.csv")
    path.write_bytes(path.read_bytes().replace(b"ratings.csv", name))
    with pytest.raises(SourceError, match="no ratings found") as caught:
        cleaned(path)
    assert_one_line(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("part", [0.01, 0.3, 0.9, 0.99])
def test_a_truncated_zip_is_a_source_error(tmp_path: Path, part: float) -> None:
    """As an interrupted download leaves it."""
    path = archive(tmp_path / "r.zip", {"ratings.csv": RATINGS})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(SourceError):
        cleaned(path)


def test_a_name_in_a_zip_that_is_no_text_is_damage(tmp_path: Path) -> None:
    """In the table at the end as well as before the member."""
    path = archive(tmp_path / "r.zip", {"ratïngs.csv": RATINGS[:400]})
    whole = path.read_bytes()
    name = "ratïngs.csv".encode()
    for place in (whole.index(name), whole.rindex(name)):
        path.write_bytes(whole[:place] + b"\xff" * len(name) + whole[place + len(name) :])
        with pytest.raises(SourceError, match="is damaged"):
            cleaned(path)


def test_a_folder_is_listed_one_level_deep_without_hidden_files(tmp_path: Path) -> None:
    """Deeper folders are somebody else's."""
    for name in ("a.csv", "sub/b.csv", "sub/deep/c.csv", ".hidden.csv", "sub/.DS_Store"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    with open_source(tmp_path) as members:
        assert [(member.name, member.size) for member in members] == [
            ("a.csv", 1),
            ("sub/b.csv", 1),
        ]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"plain", "utf-8"),
        ("Amélie".encode(), "utf-8"),
        ("Amélie".encode("latin-1"), "cp1252"),
        ("é".encode()[:-1], "cp1252"),
        (("é" * 100).encode("latin-1"), "cp1252"),
        ("a".encode("utf-16"), "utf-16"),
        (b"\xfe\xff\0a", "utf-16"),
        (b"", "utf-8"),
    ],
)
def test_an_encoding_is_told_from_a_whole_file(head: bytes, encoding: str) -> None:
    """UTF-8 where it can be, else the encoding of old Windows files."""
    assert guess_encoding(head) == encoding


def test_an_encoding_is_told_from_the_beginning_of_a_file() -> None:
    """A character cut in two at the end of the beginning is no reason to doubt."""
    assert guess_encoding("xé".encode()[:-1], whole=False) == "utf-8"
    assert guess_encoding(b"x\xe9x", whole=False) == "cp1252"


@given(st.binary(max_size=200))
def test_any_bytes_have_some_encoding(head: bytes) -> None:
    """One of three."""
    assert guess_encoding(head) in {"utf-8", "utf-16", "cp1252"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this system's folders")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    """Opening one without a writer would hang."""
    os.mkfifo(tmp_path / "pipe")
    with (
        pytest.raises(SourceError, match="neither a file nor a folder"),
        open_source(tmp_path / "pipe"),
    ):
        pass


def sent(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make a zip, as a visitor of the app sends it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return made.getvalue()


def test_an_upload_is_a_file_or_what_is_in_a_zip() -> None:
    """Whatever it is called; what is gzipped is unpacked."""
    files = {"ratings.csv": RATINGS, "../../likes/films.csv": b"Name", "__MACOSX/._x": b"?"}
    with open_upload("mine.csv", sent(files)) as members:
        assert {member.name: member.read(1 << 20) for member in members} == {
            "ratings.csv": RATINGS,
            "../../likes/films.csv": b"Name",
        }
    for data in (RATINGS, gzip.compress(RATINGS), b""):
        with open_upload("mine.zip", data) as members:
            assert [(member.name, member.read(1 << 20)) for member in members] == [
                ("mine.zip", RATINGS if data else b"")
            ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (sent({f"{n}.csv": b"" for n in range(201)}, 0), "mine holds 201 files"),
        (sent({"a.csv": b"0" * (40 << 20)}), "a.csv in mine would unpack to 41,943,040 bytes"),
        (sent({"a.csv": RATINGS})[:-30], "mine is damaged"),
        (b"PK\3\4", "mine is damaged"),
    ],
    ids=["many", "bomb", "cut", "nothing"],
)
def test_an_upload_that_is_not_to_be_trusted_is_refused(data: bytes, message: str) -> None:
    """Before anything of it is read, in one line."""
    with pytest.raises(SourceError, match=message) as caught, open_upload("mine", data):
        pass
    assert_one_line(caught.value)


def test_a_file_is_read_as_far_as_whoever_reads_it_allows() -> None:
    """Whatever it unpacks to."""
    with open_upload("mine", gzip.compress(RATINGS)) as (member,):
        assert member.read(len(RATINGS)) == RATINGS
        with pytest.raises(SourceError, match="mine unpacks to more than 100 bytes"):
            member.read(100)


PACKED = [
    *(sent({"ratings.csv": RATINGS[:400], "a/b.csv": b"x"}, method) for method in (0, 8, 12, 14)),
    gzip.compress(RATINGS[:400], mtime=0),
    sent({"ratings.csv.gz": gzip.compress(RATINGS[:400], mtime=0)}),
]


@given(data=st.sampled_from(PACKED).flatmap(damaged))
def test_an_archive_damaged_anywhere_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """For an ingest or sent to the app: some bytes matter to nobody, others are a SourceError."""
    path = tmp_path_factory.mktemp("archive") / "mine.zip"
    path.write_bytes(data)
    for opened in (open_source(path), open_upload("mine.zip", data)):
        try:
            with opened as members:
                for member in members:
                    assert len(member.read(1000)) <= 1000
        except SourceError as error:
            assert_one_line(error)
