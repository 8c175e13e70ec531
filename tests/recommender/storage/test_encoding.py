"""What the collections hold comes back as it was put in."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import IndexDamagedError
from recommender.storage.encoding import (
    MovieRecord,
    movie_payload,
    pack_ratings,
    rater_payload,
    read_movie,
    read_rater,
    unpack_ratings,
)
from tests.hostile import altered

rating = st.tuples(st.integers(0, 10**7), st.integers(0, 254), st.integers(0, 2**16 - 1))
ratings = st.lists(rating, max_size=8, unique_by=lambda one: one[0]).map(sorted)


def pack(rows: list[list[tuple[int, int, int]]], *, timed: bool) -> list[str]:
    """Pack the ratings of several raters."""
    flat = np.array([r for row in rows for r in row], dtype=np.int64).reshape(-1, 3)
    offsets = np.cumsum([0, *map(len, rows)])
    return pack_ratings(flat[:, 0], flat[:, 1], flat[:, 2] if timed else None, offsets)


@given(rows=st.lists(ratings, max_size=5), timed=st.booleans())
def test_ratings_of_several_raters_unpack_to_what_was_packed(
    rows: list[list[tuple[int, int, int]]], timed: bool
) -> None:
    """Owners, movies, units and days, raters without ratings included."""
    packed = pack(rows, timed=timed)
    assert len(packed) == len(rows)
    found = unpack_ratings([base64.b64decode(text) for text in packed], timed=timed)
    days = [day for row in rows for _, _, day in row]
    assert (None if found.day is None else found.day.tolist()) == (days if timed else None)
    expected = [(owner, m, units) for owner, row in enumerate(rows) for m, units, _ in row]
    columns = (found.owner.tolist(), found.movie.tolist(), found.units.tolist())
    assert list(zip(*columns, strict=True)) == expected


@pytest.mark.parametrize(("timed", "width"), [(False, 3), (True, 5)])
def test_the_format_is_little_endian_records_in_base64(timed: bool, width: int) -> None:
    """``u16`` step, ``u8`` units and ``u16`` day: the bytes are the contract with old indexes."""
    (text,) = pack([[(1, 9, 20_000), (258, 2, 1)]], timed=timed)
    day, next_day = ((20_000).to_bytes(2, "little"), b"\x01\x00") if timed else (b"", b"")
    data = b"\x01\x00\x09" + day + b"\x01\x01\x02" + next_day
    assert base64.b64decode(text) == data
    assert len(data) == 2 * width


@pytest.mark.parametrize("first", [0, 65_534, 65_535, 65_536, 131_070, 10**6])
def test_a_step_of_any_width_is_one_rating(first: int) -> None:
    """Records that only go far are no ratings, and carry nothing over to the next rater."""
    rows = [[(first, 1, 5), (first + 70_000, 2, 6)], [(3, 4, 7)]]
    packed = [base64.b64decode(text) for text in pack(rows, timed=True)]
    found = unpack_ratings(packed, timed=True)
    assert found.movie.tolist() == [first, first + 70_000, 3]
    assert found.units.tolist() == [1, 2, 4]
    assert found.day is not None
    assert found.day.tolist() == [5, 6, 7]
    assert unpack_ratings(packed, timed=True, movies=first + 1).movie.tolist() == [
        number for number in (first, 3) if number <= first
    ]


def test_days_outside_16_bits_are_kept_at_the_ends() -> None:
    """Before 1970 and after 2149."""
    texts = pack([[(1, 2, -5)], [(1, 2, 70_000)]], timed=True)
    assert [base64.b64decode(text)[-2:] for text in texts] == [b"\x00\x00", b"\xff\xff"]


@pytest.mark.parametrize("packed", [[b"ab"], [b"abc", b"de"], [b"abcd", b"xy"]])
def test_bytes_that_are_not_whole_records_are_damage(packed: list[bytes]) -> None:
    """Nor do two wrong lengths make a right one."""
    with pytest.raises(IndexDamagedError, match="ingest again"):
        unpack_ratings(packed, timed=False)


@given(st.lists(st.binary(max_size=20), max_size=4), st.booleans())
def test_any_bytes_are_ratings_in_bounds_or_damage(packed: list[bytes], timed: bool) -> None:
    """No movie is outside those asked for, and no filler record is taken for a rating."""
    try:
        found = unpack_ratings(packed, timed=timed, movies=1000)
    except IndexDamagedError:
        return
    assert len(found.owner) == len(found.movie) == len(found.units)
    assert ((found.owner >= 0) & (found.owner < len(packed))).all()
    assert ((found.movie >= 0) & (found.movie < 1000) & (found.units != 255)).all()


RATER = {"user_id": 1, "length": 2.5, "ratings": "AQAF", "rating_count": 1, "last_day": 3}
FILM = {"movie_id": 1, "title": "Heat", "year": 1995, "genres": ["Drama"], "tags": ["x"],
        "imdb_id": "tt0113277", "tmdb_id": 949, "ratings": 3, "likes": 1, "mean": 3.5, "recent": 1,
        "counted_ratings": 3, "length": 1.0}  # fmt: skip


@given(altered(RATER), altered(FILM))
def test_a_payload_with_another_value_is_read_or_damage(
    rater: dict[str, object], film: dict[str, object]
) -> None:
    """No other exception reaches a caller."""
    for read, payload in ((read_rater, rater), (read_movie, film)):
        try:
            assert read(7, payload).number == 7
        except IndexDamagedError:
            assert payload not in (RATER, FILM)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"user_id": 1, "length": 1.0},
        {"user_id": 1, "length": 1.0, "ratings": "A"},
        {"user_id": 1, "length": 1.0, "ratings": "é"},
        {"user_id": 1, "length": 1.0, "ratings": "!!!!"},
        {"user_id": 1, "length": 1.0, "ratings": 7},
        {"length": 1.0, "ratings": "AAAA"},
    ],
)
def test_a_payload_that_is_no_rater_is_damage(payload: dict[str, object]) -> None:
    """A field missing, of another type, or no base64."""
    with pytest.raises(IndexDamagedError, match="ingest again"):
        read_rater(1, payload)


@given(
    user=st.integers() | st.text(),
    length=st.floats(0, 1e6),
    last=st.none() | st.integers(0, 65535),
)
def test_a_rater_survives_the_payload(user: int | str, length: float, last: int | None) -> None:
    """Id of either kind, length and ratings."""
    payload = rater_payload(user, length, "AAAA", 3, last)
    assert tuple(read_rater(7, payload)) == (7, user, length, b"\0\0\0")
    assert payload.get("last_day") == last
    assert ("last_day" in payload) == (last is not None)


def test_attributes_stand_in_fields_of_their_own() -> None:
    """One called like a field of the payload takes nothing's place."""
    payload = rater_payload(1, 2.0, "AAAA", 3, None, {"user": "x", "last": "y"})
    assert payload == rater_payload(1, 2.0, "AAAA", 3, None) | {"is_user": "x", "is_last": "y"}


movies = st.builds(
    MovieRecord,
    number=st.integers(0, 100),
    movie_id=st.integers() | st.text(),
    title=st.text(),
    year=st.none() | st.integers(1, 3000),
    genres=st.lists(st.text(), max_size=3).map(tuple),
    imdb_id=st.none() | st.just("tt0133093"),
    tmdb_id=st.none() | st.integers(1),
    ratings=st.integers(0),
    likes=st.integers(0),
    mean=st.none() | st.floats(0, 10),
    recent=st.integers(0),
    tags=st.lists(st.text(), max_size=3).map(tuple),
)


@given(movies)
def test_a_movie_survives_the_payload(movie: MovieRecord) -> None:
    """Unknown fields are left out and come back as None."""
    payload = movie_payload(movie)
    assert None not in payload.values()
    assert "number" not in payload
    assert read_movie(movie.number, payload) == movie


@pytest.mark.parametrize("payload", [{}, {"genres": []}, {"genres": 1}, {"genres": [], "odd": 1}])
def test_a_movie_that_is_none_is_damage(payload: dict[str, object]) -> None:
    """No other exception reaches a caller."""
    with pytest.raises(IndexDamagedError, match="ingest again"):
        read_movie(0, payload)
