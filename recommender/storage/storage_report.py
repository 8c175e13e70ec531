"""How an index is stored: a report for operators."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Part", "Storage"]


@dataclass(frozen=True)
class Part:
    """One of the two sets of points of a version; None is what the engine does not report."""

    points: int
    """Points, as the engine counts them: roughly, while it is optimizing."""
    indexed: int | None
    """Vectors in a finished search structure; others are found too, but more slowly."""
    segments: int
    """Segments, which the engine searches one by one."""
    disk: int | None = None
    """Bytes on the disk, of an embedded index."""
    status: str | None = None
    """Of a server: ``green``; ``yellow`` while it optimizes, ``grey`` where it has yet to begin;
    ``red`` where something failed."""
    shards: int | None = None
    """Parts the set is divided into on a server."""
    replicas: int | None = None
    """Copies of each shard that were asked for."""
    inactive: int | None = None
    """Copies out of use: their node is unavailable, or is catching up."""


@dataclass(frozen=True)
class Storage:
    """How the version that answers is stored."""

    engine: str
    """Name and version of the engine."""
    nodes: int | None
    """Nodes of the cluster; None where there is none, or it may not be asked."""
    users: Part
    """Raters."""
    movies: Part
