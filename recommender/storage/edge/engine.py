"""The only module that calls Qdrant Edge.

It maps every failure of the engine, Rust panics included, onto :class:`EngineError`, and passes
``with_payload`` and ``with_vector`` explicitly everywhere because their defaults are not reliable.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import qdrant_edge as qe

from recommender.arrays import Ints
from recommender.errors import EngineError
from recommender.storage.edge.checksums import bytes_on_disk
from recommender.storage.encoding import LAST, ExternalId
from recommender.storage.index import Hits, pages
from recommender.storage.rater_conditions import RaterCondition
from recommender.storage.storage_report import Part
from recommender.storage.vectors import PointBatch, SparseVector

__all__ = ["Shard"]

_VECTOR = "ratings"
_SCANNED = 2048  # points read at once
# More than there will ever be: the engine merges segments above this number, and would undo the
# division into segments made here.
_SEGMENTS = 10_000
_KEEP = qe.EdgeOptimizersConfig(default_segment_number=_SEGMENTS)
_VACUUM = qe.EdgeOptimizersConfig(
    default_segment_number=_SEGMENTS, deleted_threshold=0.0, vacuum_min_vector_number=1
)
# Vector entries and points of a segment. The memory for building its search structure grows with
# this and not with the ratings; a few segments are searched as fast as one large one.
_SEGMENT = 8_000_000
# Bytes that must be free on the disk, whatever is written: more than a batch of points takes.
_MIN_FREE = 32 << 20


def _config(optimizers: qe.EdgeOptimizersConfig = _KEEP) -> qe.EdgeConfig:
    return qe.EdgeConfig(
        # Cold: files are mapped, and what is read often stays in the system's cache, which all
        # processes share and comparing the checksums fills.
        sparse_vectors={_VECTOR: qe.EdgeSparseVectorParams(memory=qe.Memory.Cold)},
        payload_memory=qe.Memory.Cold,
        # With the log one process at a time could load a shard. Nothing is lost without it: a
        # version that was not sealed is never published.
        wal_enabled=False,
        optimizers=optimizers,
    )


def _check_free_space(folder: Path, written: int = 0) -> None:
    """Refuse to write where the disk is nearly full.

    The engine writes into the holes of files that it maps: where there is no room for what it puts
    there, the system ends the whole process, whose error nobody can read.
    """
    needed, free = _MIN_FREE + 2 * written, shutil.disk_usage(folder).free
    if free < needed:
        raise EngineError(
            f"no room to write {folder}: {free / 1e6:,.0f} MB are free on that disk and "
            f"{needed / 1e6:,.0f} MB needed; make room there, or give another folder"
        )


def _disk(paths: list[Path]) -> int:
    """Bytes on the disk, without holes: the engine makes files larger than what is in them."""
    return int(sum(map(bytes_on_disk, paths)))


def _files(folder: Path) -> list[Path]:
    """Files of a shard that never change; processes that load it make and delete others."""
    return [path for path in (folder / "segments").rglob("*") if path.is_file()]


@contextmanager
def _engine_errors(action: str, path: Path) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, EngineError):
        raise
    # A panic in Rust arrives as a BaseException that `except Exception` would miss.
    except BaseException as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise EngineError(
            f"Qdrant Edge failed {action} {path}: {reason[:300]} (check that the disk has room, "
            "the folder can be written to and `kindred info --verify` finds it whole; ingest again)"
        ) from error


class Shard:
    """One Edge shard: points with one sparse vector and a payload each."""

    def __init__(
        self, shard: qe.EdgeShard, path: Path, optimizers: qe.EdgeOptimizersConfig = _KEEP
    ) -> None:
        self._shard: qe.EdgeShard | None = shard
        self._path = path
        self._optimizers = optimizers
        self._entries = 0

    @classmethod
    def create(cls, path: Path) -> Shard:
        """Create an empty shard, without a log: it is complete once :meth:`seal` returns."""
        with _engine_errors("creating", path):
            path.mkdir(parents=True)
            _check_free_space(path)
            return cls(qe.EdgeShard.create(str(path), _config()), path)

    @classmethod
    def load(cls, path: Path) -> Shard:
        """Load a sealed shard. Any number of processes may."""
        with _engine_errors("loading", path):
            return cls(qe.EdgeShard.load(str(path)), path)

    @classmethod
    def change(cls, path: Path, *, vacuum: bool) -> Shard:
        """Load a copy of a sealed shard to change it; its configuration need not be there.

        With ``vacuum``, :meth:`seal` writes anew whatever still holds removed or replaced points.
        """
        optimizers = _VACUUM if vacuum else _KEEP
        with _engine_errors("loading", path):
            _check_free_space(path)
            return cls(qe.EdgeShard.load(str(path), _config(optimizers)), path, optimizers)

    def _open(self) -> qe.EdgeShard:
        if self._shard is None:
            raise EngineError(f"{self._path} is closed: open the index again")
        return self._shard

    def add(self, batch: PointBatch) -> None:
        """Store a batch of checked points."""
        with _engine_errors("writing", self._path):
            _check_free_space(self._path)
            self._open().update(qe.UpdateOperation.upsert_points([*_points(batch)]))
        self._entries += len(batch.indices) + len(batch)
        if self._entries >= _SEGMENT:
            self._settle()

    def _settle(self) -> None:
        """Finish the segment that was begun, and release the memory it took."""
        self._entries = 0
        shard = self._open()
        with _engine_errors("optimising", self._path):
            _check_free_space(self._path, _disk(_files(self._path)))
            while shard.optimize():
                pass
            shard.flush()
        self.close()
        # Loading also absorbs the journals of small segments.
        with _engine_errors("loading", self._path):
            self._shard = qe.EdgeShard.load(str(self._path), _config(self._optimizers))

    def remove(self, ids: Ints) -> None:
        """Remove points."""
        with _engine_errors("writing", self._path):
            _check_free_space(self._path)
            self._open().update(qe.UpdateOperation.delete_points(ids.tolist()))

    def index_field(self, name: str, *, integer: bool) -> None:
        """Index a payload field that points are searched by."""
        kind = qe.PayloadSchemaType.Integer if integer else qe.PayloadSchemaType.Keyword
        with _engine_errors("indexing", self._path):
            _check_free_space(self._path)
            self._open().update(qe.UpdateOperation.create_field_index(name, kind))

    def seal(self) -> None:
        """Build the search structures, write everything out and close; files change no more."""
        # For the loading at the end of _settle, which records them: the vacuum is for this once.
        self._optimizers = _KEEP
        self._settle()
        self.close()

    def search(
        self, vector: SparseVector, limit: int, condition: RaterCondition | None = None
    ) -> Hits:
        """Points with the largest positive dot products, ties by ascending id."""
        with _engine_errors("searching", self._path):
            request = qe.QueryRequest(
                limit=limit,
                query=qe.Query.Nearest(
                    qe.SparseVector(vector.indices.tolist(), vector.values.tolist()), using=_VECTOR
                ),
                filter=_filter(condition),
                with_payload=False,
                with_vector=False,
            )
            found = self._open().query(request)
        return Hits.of([int(hit.id) for hit in found], [hit.score for hit in found])

    def payloads(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Payloads of points by id; unknown ids are left out."""
        with _engine_errors("reading", self._path):
            records = self._open().retrieve(list(ids), True, False)
        return dict(_with_payload(records))

    def vectors(self, ids: Sequence[int]) -> dict[int, SparseVector]:
        """Vectors of points by id; unknown ids and empty vectors are left out."""
        with _engine_errors("reading", self._path):
            records = self._open().retrieve(list(ids), False, True)
        found = {}
        for record in records:
            stored = record.vector.get(_VECTOR) if isinstance(record.vector, dict) else None
            if isinstance(stored, qe.SparseVector) and stored.indices:
                found[int(record.id)] = SparseVector.sorted(stored.indices, stored.values)
        return found

    def find(self, field: str, values: Sequence[ExternalId]) -> dict[int, dict[str, Any]]:
        """Payloads of the points whose payload field has one of these values, by point id."""
        found = dict[int, dict[str, Any]]()
        for page in pages(values):
            # The stubs tell lists of ints from lists of texts, and ids may be either.
            condition = qe.FieldCondition(field, match=qe.MatchAny(cast("list[int]", page)))
            found |= self._scroll(len(page), filter=qe.Filter(must=[condition]))[0]
        return found

    def scan(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """All points by ascending id."""
        offset = None
        while True:
            points, offset = self._scroll(_SCANNED, offset=offset)
            yield from points
            if offset is None:
                return

    def _scroll(self, limit: int, **which: Any) -> tuple[Iterator[tuple[int, dict[str, Any]]], Any]:
        """Points by ascending id with their payloads, and the offset of those that follow."""
        request = qe.ScrollRequest(limit=limit, with_payload=True, with_vector=False, **which)
        with _engine_errors("reading", self._path):
            records, offset = self._open().scroll(request)
        return _with_payload(records), offset

    def part(self) -> Part:
        """Tell how it is stored."""
        with _engine_errors("reading", self._path):
            info, disk = self._open().info(), _disk(_files(self._path))
        return Part(info.points_count, info.indexed_vectors_count, info.segments_count, disk)

    def close(self) -> None:
        """Release the shard. Closing twice is allowed."""
        shard, self._shard = self._shard, None
        if shard is not None:
            with _engine_errors("closing", self._path):
                shard.close()


def _points(batch: PointBatch) -> Iterator[qe.Point]:
    # Read where they lie: making lists of them, and freeing these, would take three times as long.
    indices: Any = batch.indices.data
    values: Any = batch.values.data
    bounds = itertools.pairwise(batch.offsets.tolist())
    for point, (start, stop), payload in zip(
        batch.ids.tolist(), bounds, batch.payloads, strict=True
    ):
        vector = qe.SparseVector(indices[start:stop], values[start:stop])
        # An empty vector is left out, as on a server.
        yield qe.Point(point, {_VECTOR: vector} if start < stop else {}, payload)


def _filter(condition: RaterCondition | None) -> qe.Filter | None:
    if condition is None:
        return None
    fields = [
        qe.FieldCondition(name, match=qe.MatchAny(list(v))) for name, v in condition.attributes
    ]
    if condition.active_since is not None:
        fields.append(qe.FieldCondition(LAST, range=qe.RangeFloat(gte=condition.active_since)))
    return qe.Filter(must=[*fields])


def _with_payload(records: list[qe.Record]) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((int(record.id), record.payload or {}) for record in records)
