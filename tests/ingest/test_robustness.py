"""Whatever bytes a file holds, an ingest succeeds or says in one line why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import ingest
from recommender import IndexProblem, Recommender, SourceError
from tests.ingest.files import cleaned
from tests.support import assert_one_line

PLENTY = settings(suppress_health_check=[HealthCheck.too_slow])

fields = st.sampled_from(
    ["1", "2", "12.0", "007", "-3", "", " ", "x", "é", "ñandú", '"', '""', '"a,b"', "4", "4.5",
     "0.5", "1e3", "1e999", "nan", "NA", "null", "2020-02-30", "2020-01-01T00:00:00Z",
     "0000-00-00", "99999-01-01", "1577836800", "1577836800000", "9" * 19, "9" * 40, "+5",
     "--5", "::", "\t", "\0", "\u2028", "\x1c", "𝟙", "٣", "true", "'", "\\", "\ufeff",
     "1 000", "1,5"]
)  # fmt: skip
lines = st.lists(fields, max_size=6)
headers = st.sampled_from(
    ["userId,movieId,rating,timestamp", "user;movie;rating", "user\tmovie\trating\tdate",
     "movie,title,genres", "user,movie", "1,2,3", "1::2::3::4", "", '"user","movie","rating"']
)  # fmt: skip


def read(path: Path) -> None:
    """Read and clean, accepting a SourceError of one line and nothing else."""
    try:
        result = cleaned(path)
    except SourceError as error:
        assert_one_line(error)
        return
    assert len(result.stars) > 0
    assert len(result.user) == len(result.movie) == len(result.stars)
    assert result.user.max() < len(result.user_ids)
    assert result.movie.max() < len(result.movie_ids)
    assert result.scale.low <= result.stars.min() <= result.stars.max() <= result.scale.high + 1e-6


@PLENTY
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """Whether text or not."""
    path = tmp_path_factory.mktemp("any") / "ratings.csv"
    path.write_bytes(data)
    read(path)


@PLENTY
@given(
    header=headers,
    table=st.lists(lines, max_size=8),
    encoding=st.sampled_from(["utf-8", "latin-1", "utf-16", "utf-8-sig", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    junk=st.binary(max_size=3),
)
def test_any_table_of_odd_values_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    header: str,
    table: list[list[str]],
    encoding: str,
    end: str,
    junk: bytes,
) -> None:
    """In any encoding, with any line ends, with bytes of junk at the end."""
    mark = next((mark for mark in ("::", ";", "\t") if mark in header), ",")
    text = end.join([header, *(mark.join(line) for line in table)])
    path = tmp_path_factory.mktemp("odd") / "ratings.csv"
    path.write_bytes(text.encode(encoding, errors="replace") + junk)
    read(path)


@PLENTY
@given(
    head=st.sampled_from([b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"PK\3\4"]), data=st.binary()
)
def test_any_bytes_after_a_mark_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, data: bytes
) -> None:
    """Said to be UTF-16, UTF-8 or a zip, and then not."""
    path = tmp_path_factory.mktemp("mark") / "ratings.csv"
    path.write_bytes(head + data)
    read(path)


@PLENTY
@given(
    movies=st.lists(st.lists(fields, min_size=2, max_size=4), max_size=5),
    links=st.lists(st.lists(fields, min_size=3, max_size=3), max_size=4),
    junk=st.binary(max_size=4),
)
def test_any_catalogue_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    movies: list[list[str]],
    links: list[list[str]],
    junk: bytes,
) -> None:
    """Odd ids, titles, years and links beside good ratings."""
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "ratings.csv").write_bytes(b"user,movie,rating\n1,1,5\n2,2,1\n1,2,3\n")
    for name, header, table in (
        ("movies.csv", "movieId,title,genres,year", movies),
        ("links.csv", "movieId,imdbId,tmdbId", links),
    ):
        text = "\n".join([header, "1,One,A,1999"[: 12 if name[0] == "m" else 7]])
        body = "".join("\n" + ",".join(line) for line in table)
        (folder / name).write_bytes((text + body).encode("utf-8", errors="replace") + junk)
    read(folder)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(
    table=st.lists(
        st.tuples(fields, fields, st.sampled_from(["1", "2", "3", "4.5", "5", "x"])), min_size=1
    )
)
def test_what_can_be_read_can_be_ingested_and_asked(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str, str]]
) -> None:
    """All the way: whatever the ids are, every movie and stored rater can be named."""
    folder = tmp_path_factory.mktemp("whole")
    path = folder / "ratings.csv"
    body = "".join(f"{user},{movie},{stars}\n" for user, movie, stars in table)
    path.write_bytes(("user,movie,rating\n" + body).encode("utf-8", errors="replace"))
    try:
        ingest(str(path), index=folder / "index")
    except (SourceError, IndexProblem) as error:
        assert_one_line(error)
        return
    with Recommender.open(folder / "index") as rec:
        for row in rec.popular(limit=100):
            movie = row.movie.movie_id
            assert rec.movie(f"id:{movie}").movie_id == movie
            rec.recommend({f"id:{movie}": 1})
            rec.similar(f"id:{movie}")
