"""Whatever bytes a file holds, an ingest succeeds or says in one line why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import ingest
from ingest.reading import load
from ingest.sources.tags import MOST
from recommender import IndexProblem, Recommender, SourceError
from tests.hostile import CELLS
from tests.support import assert_one_line

PLENTY = settings(suppress_health_check=[HealthCheck.too_slow])

lines = st.lists(CELLS, max_size=6)
headers = st.sampled_from(
    ["userId,movieId,rating,timestamp", "user;movie;rating", "user\tmovie\trating\tdate",
     "movie,title,genres", "user,movie", "1,2,3", "1::2::3::4", "", '"user","movie","rating"']
)  # fmt: skip


def read(path: Path) -> None:
    """Read and clean, accepting a SourceError of one line and nothing else."""
    try:
        loaded = load(str(path))
    except SourceError as error:
        assert_one_line(error)
        return
    found, metadata = loaded.ratings, loaded.metadata
    assert len(found) == len(found.user) == len(found.movie) == len(found.stars) > 0
    assert set(found.user.tolist()) == set(range(len(found.user_ids)))
    assert 0 <= found.movie.min() <= found.movie.max() < len(found.movie_ids)
    assert found.scale.low <= found.stars.min() <= found.stars.max() <= found.scale.high + 1e-6
    for ids in (found.user_ids, found.movie_ids):
        assert ids == sorted(set(ids))
    assert all(movie.title for movie in metadata.movies.values())
    assert all(0 < len(tags) <= MOST for tags in metadata.tags.values())


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
    movies=st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5),
    links=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=4),
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


SOURCES: dict[str, dict[str, list[str]]] = {
    "ml-latest": {
        "ratings.csv": ["userId,movieId,rating,timestamp", "1,1,4.5,978302109", "2,1,2,978302110"],
        "movies.csv": ["movieId,title,genres", '1,"Film, The (1995)",Drama|War'],
        "links.csv": ["movieId,imdbId,tmdbId", "1,0113277,949"],
        "tags.csv": ["userId,movieId,tag,timestamp", "1,1,twist ending,1", "2,1,Twist!,2"],
    },
    "ml-1m": {
        "ratings.dat": ["1::1::5::978302109", "2::1::3::978302110"],
        "movies.dat": ["1::Film (1995)::Drama|War"],
        "users.dat": ["1::F::25::10::48067", "2::M::1::4::48067"],
    },
    "ml-100k": {
        "u.data": ["1\t1\t5\t881250949", "2\t1\t3\t881250950"],
        "u.user": ["1|24|M|writer|85711", "2|53|F|other|94043"],
        "u.item": ["1|Film (1995)|01-Jan-1995||http://x/" + "|0" * 18 + "|1"],
    },
    "likes": {"likes.tsv": ["user\titem", "ann\tm1", "bob\tm1"]},
    "people": {
        "ratings.csv": ["1,1,5", "2,1,3"],
        "people.csv": ["userid,age,gender,zip", "1,24,M,1", "2,25-34,F,2"],
    },
}
"""Sources in the layouts that bring more than ratings: lines by file."""


@PLENTY
@given(data=st.data(), files=st.sampled_from([*SOURCES.values()]))
def test_a_source_with_another_cell_or_line_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, files: dict[str, list[str]]
) -> None:
    """A cell of any of its files exchanged, a line missing or there twice, another encoding."""
    name, lines = data.draw(st.sampled_from([*files.items()]))
    at = data.draw(st.integers(0, len(lines) - 1))
    mark = next(mark for mark in ("::", "\t", ",", "|") if mark in lines[at])
    cells = lines[at].split(mark)
    cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(CELLS)
    other = mark.join(cells)
    instead = data.draw(st.sampled_from([[other], [other], [lines[at], other], []]))
    changed = {**files, name: [*lines[:at], *instead, *lines[at + 1 :]]}
    folder = tmp_path_factory.mktemp("source")
    for name, lines in changed.items():
        encoding = data.draw(st.sampled_from(["utf-8", "utf-8", "latin-1", "utf-16"]))
        (folder / name).write_bytes("\n".join([*lines, ""]).encode(encoding, errors="replace"))
    read(folder)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(
    table=st.lists(
        st.tuples(CELLS, CELLS, st.sampled_from(["1", "2", "3", "4.5", "5", "x"])), min_size=1
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
