"""What the metadata of a collection tells of the version it belongs to."""

from __future__ import annotations

import re
from typing import NamedTuple

from qdrant_client import models

__all__ = ["BEAT", "MANIFEST", "NUMBER", "PENDING", "VERSION", "WRITER", "Version", "recorded"]

# Keys; flat, because a server merges what it is given into what it has.
VERSION, WRITER = "kindred_version", "kindred_writer"
MANIFEST, BEAT, PENDING = "kindred_manifest", "kindred_beat", "kindred_pending"
NUMBER = re.compile(r"\d{6,}")
"""What a version's number looks like."""


class Version(NamedTuple):
    """A version as its collections' metadata tell it."""

    number: str
    manifest: str | None
    """None while it is in the making."""
    beat: int
    pending: str
    """The change that was begun in it and is not whole; empty where there is none."""


def recorded(info: models.CollectionInfo) -> Version | None:
    """Version that a collection belongs to; None where Kindred did not make it."""
    told = info.config.metadata or {}
    number, manifest = told.get(VERSION), told.get(MANIFEST)
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        return None
    manifest = manifest if isinstance(manifest, str) else None
    return Version(number, manifest, told.get(BEAT, 0), told.get(PENDING, ""))
