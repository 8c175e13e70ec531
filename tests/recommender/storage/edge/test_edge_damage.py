"""An index that is not as it was written: reported, never served, and there is a way out."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest

from recommender.errors import EngineError, IndexDamagedError, IndexProblem
from recommender.storage.edge import EdgeStore, checksums, files
from recommender.storage.edge.versions import check_version
from recommender.storage.manifest import Manifest
from tests.recommender.storage.stores import fill, manifest, publish, vector

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an index of two versions, to copy; the one before has another mean."""
    folder = tmp_path_factory.mktemp("whole") / "index"
    publish(EdgeStore(folder), mean=3.0)
    publish(EdgeStore(folder))
    return folder


@pytest.fixture
def store(tmp_path: Path, whole: Path) -> EdgeStore:
    """Give a copy of it to damage."""
    names = [path.relative_to(whole) for path in whole.rglob("*") if path.is_file()]
    files.copy_version(whole, tmp_path / "index", map(str, names))
    return EdgeStore(tmp_path / "index")


def _current(store: EdgeStore) -> Path:
    return Path(store.place) / "versions" / "000002"


def _flip(path: Path, at: int, bit: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


def _stored(store: EdgeStore, part: str = "users") -> Path:
    """Give the file with the vectors."""
    return next((_current(store) / part).glob("segments/*/vector_storage-*/store/page_0.dat"))


def _mended(store: EdgeStore) -> None:
    """Go back to the whole version, and ingest again."""
    assert store.rollback() == "000001"
    with closing(store.open()) as index:
        assert index.manifest.mean == 3.0
        assert index.neighbours(vector({0: 1.0}), limit=9).ids.tolist() == [1, 0, 3]
    publish(store)
    store.open().close()


@pytest.mark.parametrize("part", ["users", "movies"])
def test_a_bit_that_flipped_is_reported_when_the_index_is_opened(
    store: EdgeStore, part: str
) -> None:
    """The size is right still; the message names the file and the way back."""
    path = _stored(store, part)
    _flip(path, 3, 5)
    back = "or go back to one that is whole: `kindred ingest --rollback`"
    with pytest.raises(IndexDamagedError, match=back) as caught:
        store.open()
    assert str(path) in str(caught.value)
    _mended(store)


def test_a_byte_in_a_hole_is_noticed(store: EdgeStore) -> None:
    """Holes are not read, but no longer are what they were."""
    path = _stored(store)
    _flip(path, path.stat().st_size - 1)
    with pytest.raises(IndexDamagedError, match=r"page_0\.dat"):
        store.open()


@pytest.mark.parametrize("parts", [[], [5], [0, 5], [7, 0, 5], [7, 0, 0], [4096, 0, 1 << 21]])
def test_a_checksum_is_that_of_all_bytes(tmp_path: Path, parts: list[int]) -> None:
    """Whatever of them are holes: sizes of data and holes in turn."""
    path, expected = tmp_path / "file", b""
    with path.open("wb") as file:
        for number, size in enumerate(parts):
            expected += (b"x" if number % 2 == 0 else b"\0") * size
            if number % 2 == 0:
                file.seek(len(expected) - size)
                file.write(b"x" * size)
        file.truncate(len(expected))
    prints = checksums.file_checksums(tmp_path)
    assert prints == {"file": (len(expected), zlib.crc32(expected))}


def test_a_digit_of_the_manifest_that_changed_is_damage(store: EdgeStore) -> None:
    """Every value there changes answers; so is a manifest whose checksum is gone."""
    path = _current(store) / "manifest.json"
    whole = path.read_text()
    path.write_text(whole.replace('"damping": 5.0', '"damping": 4.0'))
    with pytest.raises(IndexDamagedError, match=r"manifest\.json is not as it was written"):
        store.open()
    without = json.loads(whole)
    del without["checksum"]
    path.write_text(json.dumps(without))
    with pytest.raises(IndexDamagedError, match=r"manifest\.json is not as it was written"):
        store.open()
    path.write_text(whole.replace('"damping": 5.0', '"damping": 4.0'))
    _mended(store)


def test_a_pointer_that_changed_names_no_other_version(store: EdgeStore) -> None:
    """One bit is between 2 and 3; going back goes to the newest version."""
    publish(store)
    pointer = Path(store.place) / "current"
    _flip(pointer, 5)
    assert pointer.read_text().startswith("000002")
    with pytest.raises(IndexDamagedError, match="--rollback"):
        store.open()
    assert store.rollback() == "000003"
    store.open().close()


def test_a_pointer_without_a_checksum_is_damaged(store: EdgeStore) -> None:
    """Even where the version it names is there."""
    (Path(store.place) / "current").write_text("000001\n")
    with pytest.raises(IndexDamagedError, match="--rollback"):
        store.open()


def test_a_configuration_that_changed_is_damage(store: EdgeStore) -> None:
    """The engine writes it anew whenever it loads a shard, as it was."""
    store.open().close()
    assert store.verify() == ("000002", "000001")
    path = _current(store) / "users" / "edge_config.json"
    path.write_text(path.read_text().replace("cold", "cached", 1))
    with pytest.raises(IndexDamagedError, match=r"edge_config\.json"):
        store.verify()


def test_a_segment_of_another_version_is_noticed(store: EdgeStore) -> None:
    """The engine would search it too."""
    other = next(_current(store).with_name("000001").glob("users/segments/*"))
    shutil.copytree(other, _current(store) / "users" / "segments" / other.name)
    with pytest.raises(IndexDamagedError, match=other.name):
        store.open()
    _mended(store)


def test_beyond_the_cache_only_verifying_looks_at_bytes(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whatever copies the index: a copy would have checksums of its own."""
    monkeypatch.setattr(checksums, "_fits_cache", lambda _: False)
    path = _stored(store)
    _flip(path, path.stat().st_size - 1)
    store.open().close()
    for ask in (store.verify, store.updater):
        with pytest.raises(IndexDamagedError, match="ingest again"):
            ask()
    _mended(store)


def test_what_may_not_be_read_is_no_damage(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ingesting again would not help."""
    secret, stat = _stored(store), Path.stat

    def refuse(path: Path, **given: bool) -> os.stat_result:
        if path == secret:
            raise PermissionError(13, "Permission denied")
        return stat(path, **given)

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(IndexProblem, match=r"cannot read the index in .*: Permission denied"):
        store.open()


def test_a_version_kept_before_is_verified_too(store: EdgeStore) -> None:
    """A rollback needs it."""
    _flip(next(_current(store).with_name("000001").glob("movies/segments/*/segment.json")), 3)
    store.open().close()
    with pytest.raises(IndexDamagedError, match="000001/movies"):
        store.verify()
    with pytest.raises(IndexDamagedError, match="000001/movies"):
        store.rollback()
    with closing(store.open()) as index:
        assert index.version == "000002"


def test_no_rollback_is_offered_from_a_version_that_is_not_current(
    store: EdgeStore,
) -> None:
    """After a rollback there is a later one, and going back again would leave the whole one."""
    publish(store)
    assert store.rollback() == "000002"
    later = _current(store).with_name("000003")
    _flip(next(later.glob("users/segments/*/segment.json")), 3)
    with pytest.raises(IndexDamagedError, match=r"000003/users.*ingest again$"):
        store.verify()


def test_a_version_deleted_while_it_is_verified_is_no_damage(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ingest that ends meanwhile deletes those that nothing points to."""
    check = check_version

    def late(folder: Path, *, thorough: bool) -> Manifest:
        if folder.name == "000001":
            shutil.rmtree(folder)
            raise IndexDamagedError("a file is missing")
        return check(folder, thorough=thorough)

    monkeypatch.setattr("recommender.storage.edge.versions.check_version", late)
    assert store.verify() == ("000002",)


def test_a_pointer_replaced_by_its_like_is_noticed(store: EdgeStore) -> None:
    """The same number of a file at the same time, as coarse clocks and reuse allow."""
    path = Path(store.place) / "current"
    before, found = store.token(), path.stat()
    path.write_text(f"000001 {zlib.crc32(b'000001'):08x}\n")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert path.stat().st_ino == found.st_ino
    assert store.token() != before


def test_a_disk_that_is_nearly_full_is_an_error_in_time(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system would end the process at a write into a hole of a mapped file."""
    with closing(store.writer()) as writer:
        fill(writer)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 1 << 20))
        with pytest.raises(EngineError, match="no room to write"):
            writer.finish(manifest())
    assert sorted(path.name for path in _current(store).parent.iterdir()) == ["000001", "000002"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limits")
@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_a_limit_that_leaves_too_little_memory_is_an_error_in_time(
    store: EdgeStore, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine would end the process, or hang."""
    import resource  # noqa: PLC0415 - not on Windows

    which = getattr(resource, limit)
    limits = {which: (100 << 20, resource.RLIM_INFINITY)}
    infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits.get(kind, infinite))
    with pytest.raises(EngineError, match=f"{limit} lets this process take 100 MiB"):
        store.writer()
    monkeypatch.undo()
    publish(store)


def test_a_version_that_cannot_be_pointed_to_is_taken_away(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a version that nobody opens would fill the disk."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "replace_pointer", full)
    with pytest.raises(IndexProblem, match="No space left"):
        publish(store)
    assert sorted(path.name for path in _current(store).parent.iterdir()) == ["000001", "000002"]


def test_a_version_is_durable_before_it_is_pointed_to(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files and a draft of the pointer, then its folder's entry, then that of the pointer."""
    root, synced, real = Path(store.place), list[str](), files.sync

    def sync(path: Path) -> None:
        real(path)
        at = path.relative_to(root).as_posix()
        synced.append(f"{at} {files.read_pointer(root)} {(root / 'versions/000003').exists()}")

    monkeypatch.setattr(files, "sync", sync)
    publish(store)
    draft = f"versions/000003.{os.getpid()}.building"
    first = synced.index(f"current.{os.getpid()}.tmp 000002 False")
    assert {f"{draft}/manifest.json 000002 False", f"{draft} 000002 False"} <= set(synced[:first])
    assert synced[first + 1 : first + 3] == ["versions 000002 True", ". 000003 True"]
