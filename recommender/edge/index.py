"""Opening a version's folder."""

from __future__ import annotations

from pathlib import Path

from recommender.edge.engine import Shard
from recommender.edge.files import MANIFEST, missing_or_resized
from recommender.errors import IndexDamagedError
from recommender.manifest import read_manifest
from recommender.stored_index import StoredIndex

__all__ = ["open_version"]


def open_version(folder: Path) -> StoredIndex:
    """Open a version folder.

    Raises IndexFormatError where it was written in another format; or IndexDamagedError where files
    are missing or have another size than when they were written.
    """
    text = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace")
    manifest = read_manifest(text, str(folder / MANIFEST))
    if wrong := missing_or_resized(folder, manifest.files):
        raise IndexDamagedError(
            f"{folder / wrong} is missing or not as it was written: ingest again"
        )
    users = Shard.load(folder / "users")
    try:
        return StoredIndex(folder.name, manifest, users, Shard.load(folder / "movies"))
    except BaseException:
        users.close()
        raise
