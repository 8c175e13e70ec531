"""What an index version says of itself."""

from __future__ import annotations

import json
import zlib
from typing import Final, Literal

from pydantic import Field, ValidationError

from recommender.errors import IndexDamagedError, IndexFormatError
from recommender.opinion import Scale
from recommender.settings import Frozen, Weighting

__all__ = [
    "FORMAT",
    "Counts",
    "IdKind",
    "Manifest",
    "Source",
    "Upkeep",
    "read_manifest",
    "value_checksum",
    "write_manifest",
]

FORMAT: Final = 3
"""Number of the index format this Kindred writes and reads."""

IdKind = Literal["int", "str"]


class Source(Frozen):
    """Where the ratings come from."""

    name: str
    """What was ingested, as the person named it."""
    title: str
    """What to call it in a sentence."""
    licence: str | None = None
    """The line that says what may be done with the data."""
    citation: str | None = None
    """What to cite when publishing results made with it."""
    synthetic: bool = False
    """Whether the raters are made up."""


class Counts(Frozen):
    """How much is in a version."""

    ratings: int
    """Ratings kept after cleaning."""
    users: int
    """People who gave them."""
    raters: int
    """Of those, the ones with enough ratings to be neighbours."""
    movies: int
    """Movies in the catalogue."""
    likes: int
    """Ratings that are likes."""
    given: tuple[int, ...] | None = None
    """How many ratings each stored unit of stars has, from 0 on; None in versions that go back to
    before this was counted."""


class Upkeep(Frozen):
    """What later changes go by: what was fixed when all was built, and what comes next."""

    weighed: int
    """People there were when the movies' weights were fixed."""
    recent_from: int | None
    """First day since 1970 whose likes tell what is trending; None where ratings have no days."""
    next_user: int
    """Dense number of the next person who is new; those of forgotten people are not given again."""
    updates: int = 0
    """How often ratings were appended, or people forgotten, since all of it was built."""
    alone: bool = False
    """Whether people were forgotten last, so that no version before may be kept."""


class Manifest(Frozen):
    """Everything a reader must know of an index version before it asks the engine anything."""

    format: Literal[3] = FORMAT
    """Format of collections, payloads and this manifest."""
    kindred: str
    """Version of Kindred that wrote it."""
    created: str
    """When it was built or last changed, in UTC (ISO 8601)."""
    source: Source
    scale: Scale
    timed: bool
    """Whether ratings carry the day they were given."""
    movie_ids: IdKind
    user_ids: IdKind
    attributes: dict[str, tuple[str, ...]]
    """What the source tells of its raters: names, and the values stored raters have."""
    weighting: Weighting
    counts: Counts
    upkeep: Upkeep
    mean: float
    """Mean of all ratings, in stars."""
    state_means: tuple[float, float, float]
    """Mean stars of a like, a neutral and a dislike."""
    files: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Size in bytes and CRC-32 of every file of the version, by path (embedded engine)."""
    rewritten: dict[str, int] = Field(default_factory=dict)
    """Checksum of the value of files that loading rewrites, by path; none in older versions."""
    check: int | None = None
    """Checksum of all else in this manifest; None on a server, and in older versions."""


def value_checksum(value: object) -> int:
    """CRC-32 of a JSON value, however it is written."""
    return zlib.crc32(json.dumps(value, sort_keys=True).encode())


def write_manifest(manifest: Manifest) -> str:
    """Write a manifest, with a checksum of all else in it."""
    check = value_checksum(json.loads(manifest.model_dump_json(exclude={"check"})))
    return manifest.model_copy(update={"check": check}).model_dump_json(indent=1)


def read_manifest(text: str, place: str) -> Manifest:
    """Read a manifest.

    Raises IndexFormatError where it was written in another format, or is not a manifest at all; or
    IndexDamagedError where it is not as it was written.
    """
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise IndexFormatError(
            f"{place} cannot be read by this Kindred, which reads index format {FORMAT} "
            f"({field}: {first['msg']}): ingest again, or use the Kindred that wrote it"
        ) from None
    value = json.loads(text)
    if value.pop("check", None) not in (None, value_checksum(value)):
        raise IndexDamagedError(f"{place} is not as it was written: ingest again")
    return manifest
