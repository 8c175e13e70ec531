"""What a reader meets in a folder: it says what is wrong, and changes nothing there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recommender import IndexNotFoundError, IndexProblem, Recommender
from recommender.errors import IndexDamagedError
from recommender.health import check_health
from recommender.storage.edge import EdgeStore, checksums, files, versions
from tests.recommender.storage.stores import publish
from tests.support import THREE_RATERS, build_index, likes


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an index of two versions, to copy."""
    folder = tmp_path_factory.mktemp("whole")
    build_index(folder, THREE_RATERS)
    return build_index(folder, THREE_RATERS)


@pytest.fixture
def folder(tmp_path: Path, whole: Path) -> Path:
    """Give a copy of it, whose files have the same holes."""
    for path in filter(Path.is_dir, whole.rglob("*")):
        (tmp_path / "index" / path.relative_to(whole)).mkdir(parents=True, exist_ok=True)
    names = [path.relative_to(whole) for path in whole.rglob("*") if path.is_file()]
    files.copy_version(whole, tmp_path / "index", map(str, names))
    return tmp_path / "index"


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "_LOOK", -1.0)


def _largest(folder: Path, version: str) -> Path:
    found = (folder / "versions" / version).rglob("*")
    return max(filter(Path.is_file, found), key=lambda path: path.stat().st_size)


def _unmount(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _shorten(folder: Path) -> None:
    with _largest(folder, "000002").open("r+b") as file:
        file.truncate(100)


def _break_pointer(folder: Path) -> None:
    (folder / "current").write_text("000001\n")


STATES: dict[str, tuple[Callable[[Path], None], type[IndexProblem] | None]] = {
    "whole": (lambda _: None, None),
    "no pointer": (lambda folder: (folder / "current").unlink(), IndexDamagedError),
    "pointer to nothing": (
        lambda folder: shutil.rmtree(folder / "versions" / "000002"),
        IndexDamagedError,
    ),
    "pointer of garbage": (_break_pointer, IndexDamagedError),
    "shortened": (_shorten, IndexDamagedError),
    "a file gone": (lambda folder: _largest(folder, "000002").unlink(), IndexDamagedError),
    "an empty folder": (_unmount, IndexNotFoundError),
    "no folder": (shutil.rmtree, IndexNotFoundError),
}


def _seen(folder: Path) -> dict[str, object]:
    """Everything below and above a folder: the bytes of files."""
    return {
        path.relative_to(folder.parent).as_posix(): path.is_file() and checksums._checksum(path)
        for path in [folder, *folder.rglob("*"), *folder.parent.iterdir()]
        if path.exists()
    }


def _ask(folder: Path) -> None:
    with Recommender.open(folder) as rec:
        rec.recommend(likes(1, 2, 3))
        rec.stats()
        rec.storage()
        check_health(rec)


@pytest.mark.parametrize("state", STATES)
def test_a_reader_says_what_is_wrong_and_changes_nothing(folder: Path, state: str) -> None:
    """It makes no folder, lock or pointer, mends nothing and deletes nothing."""
    change, expected = STATES[state]
    change(folder)
    (folder / "build.lock").unlink(missing_ok=True)
    before = _seen(folder)
    for read in (_ask, lambda folder: EdgeStore(folder).verify()):
        if expected is None:
            read(folder)
        else:
            with pytest.raises(expected) as caught:
                read(folder)
            assert type(caught.value) is expected
            assert ("--rollback" in str(caught.value)) == (expected is IndexDamagedError)
        assert _seen(folder) == before


ROLLED_BACK = {
    "whole": "000001",
    "no pointer": "000002",
    "pointer to nothing": "000001",
    "pointer of garbage": "000002",
    "shortened": "000001",
    "a file gone": "000001",
}


@pytest.mark.parametrize(("state", "expected"), ROLLED_BACK.items())
def test_a_rollback_works_whenever_a_whole_version_is_there(
    folder: Path, state: str, expected: str
) -> None:
    """Whatever became of the pointer or of the version it names."""
    STATES[state][0](folder)
    assert EdgeStore(folder).rollback() == expected
    with Recommender.open(folder) as rec:
        assert rec.stats().version == expected
        assert rec.recommend(likes(1, 2, 3))


def test_a_rollback_goes_on_to_a_later_version_where_none_before_is_whole(folder: Path) -> None:
    """It was gone back from, and is the only one that can be read now."""
    store = EdgeStore(folder)
    store.rollback()
    _largest(folder, "000001").unlink()
    assert store.rollback() == "000002"
    with pytest.raises(IndexDamagedError, match="000001"):
        store.rollback()  # nothing else is whole
    assert files.read_pointer(folder) == "000002"


@pytest.mark.parametrize("state", ["an empty folder", "no folder"])
def test_what_changes_an_index_makes_nothing_where_nothing_is(folder: Path, state: str) -> None:
    """As in a volume that is not mounted."""
    STATES[state][0](folder)
    before = _seen(folder)
    for change in (EdgeStore(folder).rollback, EdgeStore(folder).updater):
        with pytest.raises(IndexNotFoundError):
            change()
    assert _seen(folder) == before


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ("whole", {"000002", "000003"}),
        ("no pointer", {"000002", "000003"}),
        ("pointer of garbage", {"000002", "000003"}),
        ("shortened", {"000001", "000002", "000003"}),
        ("a file gone", {"000001", "000002", "000003"}),
    ],
)
def test_an_ingest_keeps_what_a_rollback_needs(folder: Path, state: str, kept: set[str]) -> None:
    """The current version, and the newest that is whole where that one is not."""
    STATES[state][0](folder)
    store = EdgeStore(folder)
    assert publish(store) == "000003"
    assert {path.name for path in (folder / "versions").iterdir()} == kept
    before = min(kept) if len(kept) == 3 else "000002"
    assert store.rollback() == before


def test_an_ingest_beside_a_pointer_to_nothing_keeps_the_version_that_is_left(folder: Path) -> None:
    """Which a rollback then finds."""
    STATES["pointer to nothing"][0](folder)
    publish(EdgeStore(folder))
    assert EdgeStore(folder).rollback() == "000001"


def test_a_first_version_that_is_just_being_published_is_not_yet_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no damage: an app that waits for its first index would show an error for a moment."""
    folder, real, found = tmp_path / "index", files.sync, list[IndexProblem]()

    def sync(path: Path) -> None:
        real(path)
        if path == folder / "versions":
            try:
                EdgeStore(folder).open().close()
            except IndexProblem as problem:
                found.append(problem)

    monkeypatch.setattr(files, "sync", sync)
    publish(EdgeStore(folder))
    assert [type(problem) for problem in found] == [IndexNotFoundError] * 2
    EdgeStore(folder).open().close()


# Open recommenders


def _answer(rec: Recommender) -> list[tuple[object, float]]:
    return [(row.movie.movie_id, row.score) for row in rec.recommend(likes(1, 2, 3))]


def _rename(path: Path, to: Path) -> None:
    path.rename(to)


def _move_version(folder: Path) -> Callable[[], None]:
    version, away = folder / "versions" / "000002", folder.parent / "away"
    version.rename(away)
    return lambda: _rename(away, version)


def _move_all(folder: Path) -> Callable[[], None]:
    away = folder.with_name("away")
    folder.rename(away)
    return lambda: _rename(away, folder)


def _move_pointer(folder: Path) -> Callable[[], None]:
    pointer, away = folder / "current", folder.parent / "away"
    pointer.rename(away)
    return lambda: _rename(away, pointer)


def _shorten_file(folder: Path) -> Callable[[], None]:
    path = _largest(folder, "000002")
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(100)

    def restore() -> None:
        path.unlink()  # as a restored backup does: it is another file, and not that which is mapped
        path.write_bytes(data)

    return restore


@pytest.mark.parametrize("take", [_move_version, _move_all, _move_pointer, _shorten_file])
def test_an_open_recommender_notices_that_its_index_is_gone_and_that_it_is_back(
    folder: Path, take: Callable[[Path], Callable[[], None]]
) -> None:
    """It says so, changes nothing, and answers again by itself."""
    with Recommender.open(folder) as rec:
        expected = _answer(rec)
        give_back = take(folder)
        before = _seen(folder) if folder.exists() else {}
        for ask in (lambda: rec.recommend(likes(1, 2, 3)), rec.stats, lambda: check_health(rec)):
            with pytest.raises(IndexDamagedError):
                ask()
        assert (_seen(folder) if folder.exists() else {}) == before
        give_back()
        assert _answer(rec) == expected
        rec.storage()


def test_an_index_that_was_served_and_is_deleted_is_not_one_that_never_was(folder: Path) -> None:
    """Whoever opens it anew cannot know; whoever had it open does."""
    with Recommender.open(folder) as rec:
        _unmount(folder)
        with pytest.raises(IndexDamagedError, match="was open and is gone"):
            rec.stats()
        with pytest.raises(IndexNotFoundError):
            Recommender.open(folder)
        assert list(folder.iterdir()) == []
        publish(EdgeStore(folder))
        assert rec.stats().version == "000001"


def test_files_are_looked_at_once_in_a_while(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at every question of a click; within half a minute of a change."""
    assert versions._LOOK < 0
    monkeypatch.undo()
    assert 0 < versions._LOOK < 30
    now = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    looked: list[object] = []
    with Recommender.open(folder) as rec:
        monkeypatch.setattr(versions, "find_missing", lambda *_: looked.append(None))
        for seconds in (0, 0, 30, 0, 30):
            now[0] += seconds
            rec.stats()
    assert len(looked) == 2
