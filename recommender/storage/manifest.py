"""The manifest of an index version: all that a reader must know before it asks the engine."""

from __future__ import annotations

import json
import re
import zlib
from typing import Final, Literal

from pydantic import Field, ValidationError

from recommender.errors import IndexDamagedError, IndexFormatError
from recommender.opinion import Scale
from recommender.settings import Frozen, Weighting

__all__ = [
    "FORMAT",
    "Counts",
    "Density",
    "IdKind",
    "Maintenance",
    "Manifest",
    "Source",
    "StarErrors",
    "json_checksum",
    "read_manifest",
    "source_label",
    "write_manifest",
]

FORMAT: Final = 4
"""Number of the index format this Kindred writes and reads."""

IdKind = Literal["int", "str"]


class Source(Frozen):
    """Where the ratings come from."""

    name: str
    """What was ingested, as the person named it."""
    title: str
    """What to call it in a sentence."""
    licence: str | None = None
    """One line on what may be done with the data."""
    citation: str | None = None
    """What to cite when publishing results made with it."""
    synthetic: bool = False
    """Whether the raters are made up."""

    @property
    def label(self) -> str:
        """What a document calls the source of its ids: see :func:`source_label`."""
        return source_label(self.name)


def source_label(name: str) -> str:
    """Name a source without the folders it lay in, which are nobody else's business.

    Examples
    --------
    >>> source_label("/data/ml-1m/")
    'ml-1m'
    """
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1]


class Counts(Frozen):
    """How much is in a version."""

    ratings: int
    """Ratings kept after cleaning."""
    users: int
    """Users who gave them."""
    raters: int
    """Of those, the ones with enough ratings to be neighbours."""
    movies: int
    """Movies in the catalogue."""
    likes: int
    """Ratings that are likes."""
    by_unit: tuple[int, ...]
    """Ratings by stored unit of stars, from 0 on."""


class Density(Frozen):
    """How much raters say, and how much of it two of them say of the same movies."""

    known: float
    """Movies that a stored rater likes or is neutral to, in the mean."""
    shared: float
    """Part of a stored rater's movies that another one rated, in the mean."""


class Maintenance(Frozen):
    """What updates need to know: values fixed by the last full ingest, and what changed since."""

    counted_users: int
    """Users when the movies' weights were fixed."""
    recent_from: int | None
    """First day since 1970 whose likes count as recent; None where ratings have no days."""
    next_user: int
    """Dense number of the next new user; numbers of forgotten ones are not used again."""
    updates: int = 0
    """Updates since the last full ingest: how often ratings were appended or raters forgotten."""
    forgot_raters: bool = False
    """Whether the last update forgot raters, so that no earlier version may be kept."""


class StarErrors(Frozen):
    """How far ratings that were left out lay from the stars predicted for them.

    As multiples of the person's spread (see :func:`recommender.ranking.stars.estimate_stars`), in
    classes by how many rated the movie, and each of these by support, the number of rated movies
    that a prediction rests on.
    """

    variance: float
    """Square of the spread that those of persons are shrunk towards."""
    ratings: tuple[int, ...]
    """Least ratings of a movie in each class of movies, ascending from 1."""
    support: tuple[tuple[int, ...], ...]
    """Least support of the classes in each of these, ascending from 0."""
    below: tuple[tuple[float, ...], ...]
    """10 % quantile of the given stars minus the predicted ones, in each class; 0 at most."""
    above: tuple[tuple[float, ...], ...]
    """90 % quantile; 0 at least."""


class Manifest(Frozen):
    """Everything a reader must know of an index version before it asks the engine anything."""

    format: Literal[4] = FORMAT
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
    """Attributes of raters that the source has: names, and the values stored raters have."""
    weighting: Weighting
    counts: Counts
    maintenance: Maintenance
    mean: float
    """Mean of all ratings, in stars."""
    opinion_means: tuple[float, float, float]
    """Mean stars of a like, a neutral and a dislike."""
    density: Density | None = None
    """That of the last full ingest; None where there are too few raters to tell, and in an index
    that was written before it was counted."""
    star_errors: StarErrors | None = None
    """Errors of predicted stars at the last full ingest; None in an index of likes, and in one
    that was written before they were counted."""
    files: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Size in bytes and CRC-32 of every file of the version, by path (embedded engine)."""
    config_checksums: dict[str, int] = Field(default_factory=dict)
    """No longer written: in indexes made before, a few of the files were listed apart."""
    checksum: int | None = None
    """Checksum of all else in this manifest; None until it is written."""


def json_checksum(value: object) -> int:
    """CRC-32 of a JSON value, whatever the order of its keys and the spaces in its text."""
    return zlib.crc32(json.dumps(value, sort_keys=True).encode())


def write_manifest(manifest: Manifest) -> str:
    """Write a manifest as JSON, with a checksum of all else in it."""
    checksum = json_checksum(json.loads(manifest.model_dump_json(exclude={"checksum"})))
    return manifest.model_copy(update={"checksum": checksum}).model_dump_json(indent=1)


def read_manifest(text: str, place: str) -> Manifest:
    """Read a manifest; ``place`` names it in messages.

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
    # After the format: the manifest of another format may have its checksum elsewhere, or none.
    value = json.loads(text)
    if value.pop("checksum", None) != json_checksum(value):
        raise IndexDamagedError(f"{place} is not as it was written: ingest again")
    return manifest
