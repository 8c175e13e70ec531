"""The file of all ratings: equal to what the points say, made again, and never in the way."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest import append, forget, ingest
from recommender import Recommender
from recommender.errors import IndexDamagedError
from recommender.storage.edge import EdgeStore, files, ratings_file
from recommender.storage.edge.ratings_file import RatingsWriter
from recommender.storage.edge.versions import check_version
from recommender.storage.index import Index
from recommender.storage.manifest import write_manifest
from tests.support import random_ratings, ratings_text, write_source

RATINGS = random_ratings(3, raters=30)
FIRST, LATER = dict(list(RATINGS.items())[:24]), dict(list(RATINGS.items())[20:])


@pytest.fixture
def store(tmp_path: Path) -> EdgeStore:
    """Give an index of people who rated at different times."""
    times: dict[tuple[int | str, int | str], int] = {
        (user, film): 86_400 * (100 * int(user) + int(film))
        for user, rated in FIRST.items()
        for film in rated
    }
    source = tmp_path / "ratings.csv"
    source.write_text(ratings_text(FIRST, times=times), encoding="utf-8")
    made = EdgeStore(tmp_path / "index")
    ingest(str(source), index=made)
    return made


def _folder(store: EdgeStore) -> Path:
    root = Path(store.place)
    return root / files.VERSIONS / files.read_pointer(root)


def _file(store: EdgeStore) -> Path:
    return _folder(store) / ratings_file.NAME


def _listed(found: tuple[Any, Any]) -> list[Any]:
    lengths, rated = found
    day = None if rated.day is None else rated.day.tolist()
    arrays = (lengths, rated.owner, rated.movie, rated.units)
    return [*(array.tolist() for array in arrays), day]


def _assert_equal(index: Index, numbers: list[int]) -> None:
    """What the file says of raters, and what their points say."""
    asked = np.array(numbers, dtype=np.int64)
    assert _listed(index.ratings(asked)) == _listed(Index.ratings(index, asked))


def _answers(store: EdgeStore) -> Iterator[list[tuple[object, ...]]]:
    with Recommender(store) as rec:
        for user in (1, 5, 9):
            rows = rec.recommend(dict.fromkeys(list(FIRST[user])[:4], 1), limit=20)
            yield [(row.movie, row.score, row.because) for row in rows]


def test_it_says_what_the_points_say(store: EdgeStore) -> None:
    """Of raters in any order, of one twice, and of nobody."""
    with closing(store.open()) as index:
        for numbers in (list(range(24)), [7, 3, 11, 3], []):
            _assert_equal(index, numbers)


def test_ratings_without_times_have_no_days(tmp_path: Path) -> None:
    """As their points have none."""
    store = EdgeStore(tmp_path / "index")
    ingest(str(write_source(tmp_path / "source", RATINGS)), index=store)
    with closing(store.open()) as index:
        assert index.ratings(np.arange(3))[1].day is None
        _assert_equal(index, list(range(30)))


def test_updates_change_it_and_who_is_forgotten_is_not_in_it(tmp_path: Path) -> None:
    """It is then the file of an ingest of all, and without the forgotten that of the others."""
    store, whole = EdgeStore(tmp_path / "index"), EdgeStore(tmp_path / "whole")
    sources = {
        name: str(write_source(tmp_path / name, ratings))
        for name, ratings in {"first": FIRST, "later": LATER, "all": RATINGS}.items()
    }
    ingest(sources["first"], index=store)
    append(sources["later"], index=store)
    ingest(sources["all"], index=whole)
    with closing(store.open()) as index, closing(whole.open()) as other:
        _assert_equal(index, list(range(30)))
        (_, one), (_, two) = index.ratings(np.arange(30)), other.ratings(np.arange(30))
        assert (one.movie.tolist(), one.units.tolist()) == (two.movie.tolist(), two.units.tolist())
    before = _file(store).stat().st_size
    gone = [1, 30]
    forget(gone, index=store)
    with closing(store.open()) as index:
        _assert_equal(index, list(range(1, 29)))
        assert index.ratings(np.array([0]))[1].movie.tolist() == []
    # Eight bytes a rating, and sixteen of the last person, whose number is free at the end.
    forgotten = sum(len(RATINGS[user]) for user in gone)
    assert _file(store).stat().st_size == before - 8 * forgotten - 16


@pytest.mark.parametrize("damage", ["missing", "short", "changed", "empty"])
def test_it_is_made_again_from_the_points(store: EdgeStore, damage: str) -> None:
    """Byte by byte as it was."""
    path = _file(store)
    written = path.read_bytes()
    match damage:
        case "missing":
            path.unlink()
        case "short":
            path.write_bytes(written[:-9])
        case "changed":
            path.write_bytes(written[:30] + bytes([written[30] ^ 1]) + written[31:])
        case _:
            path.write_bytes(b"")
    expected = list(_answers(store))
    assert path.read_bytes() == written
    path.unlink()
    assert store.verify() == ("000001",)
    assert path.read_bytes() == written
    assert list(_answers(store)) == expected
    assert [left.name for left in _folder(store).glob("*.tmp")] == []


def test_it_is_not_made_from_points_that_are_damaged(store: EdgeStore) -> None:
    """The damage is named, and nothing is made of it."""
    _file(store).unlink()
    stored = next((_folder(store) / "users").glob("segments/*/payload_storage/**/*.dat"))
    stored.write_bytes(stored.read_bytes()[:-1])
    with pytest.raises(IndexDamagedError, match=stored.name):
        store.open()
    assert not _file(store).exists()


def test_a_draft_that_finds_no_room_is_taken_away(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full already."""

    def full(writer: RatingsWriter, raters: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    expected = list(_answers(store))
    monkeypatch.setattr(RatingsWriter, "add", full)
    _file(store).unlink()
    assert list(_answers(store)) == expected
    assert not list(_folder(store).glob("ratings*"))


def test_of_a_large_index_wrong_numbers_are_reported_when_they_are_met(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a large index only the size of the file is compared."""
    monkeypatch.setattr("recommender.storage.edge.checksums._fits_cache", lambda _: False)
    path = _file(store)
    written = path.read_bytes()
    for wrong in (b"\xff" * 8 + written[8:], written[:24] + b"\xff" * (len(written) - 24)):
        path.write_bytes(wrong)
        with pytest.raises(IndexDamagedError, match="made again"):
            list(_answers(store))


def test_one_that_is_shortened_while_it_is_open_is_damage(store: EdgeStore) -> None:
    """Reading beyond its end would end the process."""
    with closing(store.open()) as index:
        index.ratings(np.array([3]))
        with _file(store).open("r+b") as file:
            file.truncate(100)
        with pytest.raises(IndexDamagedError, match="made again"):
            index.ratings(np.array([3]))


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_version_that_is_closed_holds_nothing_of_it(store: EdgeStore) -> None:
    """It may hold somebody who is forgotten since."""
    index = store.open()
    assert str(_file(store)) in Path("/proc/self/maps").read_text(encoding="utf-8")
    index.close()
    assert str(_file(store)) not in Path("/proc/self/maps").read_text(encoding="utf-8")


def test_where_it_cannot_be_written_the_points_are_read(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers are the same, and the index counts as whole."""
    expected = list(_answers(store))

    def full(folder: Path, manifest: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ratings_file, "make_again", full)
    _file(store).unlink()
    assert list(_answers(store)) == expected
    monkeypatch.setattr("recommender.storage.edge.versions._LOOK", -1.0)
    with closing(store.open()) as index:
        assert index.is_whole()
    assert not _file(store).exists()


def test_a_version_from_before_there_was_one_is_read_by_its_points(store: EdgeStore) -> None:
    """Its manifest does not name the file."""
    expected, folder = list(_answers(store)), _folder(store)
    manifest = check_version(folder, thorough=True)
    kept = {name: of for name, of in manifest.files.items() if name != ratings_file.NAME}
    old = write_manifest(manifest.model_copy(update={"files": kept}))
    (folder / files.MANIFEST).write_text(old, encoding="utf-8")
    _file(store).unlink()
    assert list(_answers(store)) == expected
    assert not _file(store).exists()
