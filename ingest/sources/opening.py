"""Where ratings come from: the sample, a data set by name, or files, recognised by content."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import get_args

from ingest.progress import Progress, Quiet
from ingest.sources.detection import Kind, Layout, recognise
from ingest.sources.downloads import CITATION, DATASETS, LICENCE, fetch
from recommender.archives import Member, open_source, printable, reading
from recommender.errors import SourceError
from recommender.storage.manifest import Source

__all__ = ["SAMPLE", "Files", "expanded", "open_files"]

SAMPLE = "sample"
_SAMPLE_SOURCE = Source(
    name=SAMPLE,
    title="the Kindred sample: real films, synthetic raters",
    licence="CC0: the films are real, the raters and their ratings are made up",
    synthetic=True,
)
_KINDS = (
    f"the folder, zip or CSV of the ratings, '{SAMPLE}' for the bundled sample, or the name of a "
    f"data set to download: {', '.join(DATASETS)}"
)
# The splits for cross-validation that ml-100k has beside its ratings.
_SPLIT = re.compile(r"(^|/)u[1-5ab]\.(base|test)$")

Found = tuple[Member, Layout]


@dataclass(frozen=True)
class Files:
    """The files of a source that hold something."""

    source: Source
    ratings: Found
    movies: Found | None = None
    links: Found | None = None
    tags: Found | None = None
    people: Found | None = None


@contextmanager
def open_files(
    name: str, *, progress: Progress | None = None, trust_checksum: bool = False
) -> Iterator[Files]:
    """Open a source by name or path and find its ratings, and what else there is.

    The name of a data set means a download, unless something of that name is in this folder; with
    ``trust_checksum`` without a look at the certificate: see
    :func:`ingest.sources.downloads.fetch`.

    Raises SourceError where there is no such source, or no ratings in it.
    """
    progress = progress or Quiet()
    if not name:
        raise SourceError(f"the source is empty: give {_KINDS}")
    if name == SAMPLE:
        with as_file(files("ingest") / "data" / "sample.zip") as path, open_source(path) as members:
            yield _find(members, _told(_SAMPLE_SOURCE, progress), progress)
        return
    path, source = expanded(name), None
    with reading(name[:200]):
        found = path.exists()
    if found and name in DATASETS:
        progress.note(f"'{name}' is in this folder and is used; nothing is downloaded")
    elif name in DATASETS:
        source = Source(name=name, title=name, licence=LICENCE, citation=CITATION)
        _told(source, progress)
        path = fetch(name, progress=progress, trust_checksum=trust_checksum)
    elif not found:
        raise SourceError(f"there is no file or folder '{printable(name)}': give {_KINDS}")
    with open_source(path) as members:
        given = Source(name=printable(name), title=printable(path.resolve().name))
        yield _find(members, source or _told(_described(given, members), progress), progress)


def expanded(name: str) -> Path:
    """Give the path that a name may be, ``~`` replaced."""
    with contextlib.suppress(RuntimeError):  # "~somebody" who is not there
        return Path(name).expanduser()
    return Path(name)


def _told(source: Source, progress: Progress) -> Source:
    """Say what may be done with the data, and what to cite."""
    for line in (source.licence, source.citation and f"Please cite: {source.citation}"):
        if line:
            progress.note(line)
    return source


def _find(members: list[Member], source: Source, progress: Progress) -> Files:
    found: dict[Kind, list[Found]] = {kind: [] for kind in get_args(Kind)}
    for member in members:
        layout = recognise(member)
        if layout is not None:
            found[layout.kind].append((member, layout))
    if not found["ratings"]:
        names = ", ".join(member.name for member in members[:5]) or "nothing"
        raise SourceError(
            f"no ratings found in '{source.name}' (it holds {names}): give a file with the columns "
            "user, movie, rating and, if there are any, timestamp"
        )
    whole = [one for one in found["ratings"] if not _SPLIT.search(one[0].name)]
    found["ratings"] = whole or found["ratings"]
    for kind, several in found.items():
        if len(several) > 1:
            names = " and ".join(member.name for member, _ in several[:3])
            if kind in ("tags", "people"):
                progress.note(f"there are several {kind} files, {names}: none is used")
                several.clear()
                continue
            raise SourceError(
                f"'{source.name}' holds several {kind} files, {names}: give a folder with one"
            )
    others = {kind: several[0] for kind, several in found.items() if several and kind != "ratings"}
    return Files(source, found["ratings"][0], **others)


def _described(source: Source, members: list[Member]) -> Source:
    """Add licence and citation where the files say that they are MovieLens data."""
    for member in members:
        if Path(member.name).name.casefold().startswith("readme"):
            with reading(member.name), member.open() as stream:
                text = stream.read(1 << 16).lower()
            if b"grouplens" in text and b"movielens" in text:
                return source.model_copy(update={"licence": LICENCE, "citation": CITATION})
    return source
