"""Open a source, which is the sample, a data set by name or a path, and detect its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import get_args

from ingest.progress import Progress
from ingest.sources.detection import Kind, Layout, detect_layout
from ingest.sources.downloads import CITATION, DATASETS, LICENCE, fetch
from recommender.archives import Member, open_source, printable, reading
from recommender.errors import SourceError
from recommender.settings import expand_path
from recommender.storage.manifest import Source

__all__ = ["SAMPLE", "SourceFiles", "open_source_files"]

SAMPLE = "sample"
_SAMPLE_SOURCE = Source(
    name=SAMPLE,
    title="the Kindred sample: real films, synthetic raters",
    licence="CC0: the films are real, the raters and their ratings are made up",
    synthetic=True,
)
_EXPECTED = (
    f"the folder, zip or CSV of the ratings, '{SAMPLE}' for the bundled sample, or the name of a "
    f"data set to download: {', '.join(DATASETS)}"
)
# ml-100k has splits for cross-validation beside its ratings, which they would repeat.
_SPLIT = re.compile(r"(^|/)u[1-5ab]\.(base|test)$")

DetectedFile = tuple[Member, Layout]


@dataclass(frozen=True)
class SourceFiles:
    """The detected files of a source, one of each kind at most."""

    source: Source
    ratings: DetectedFile
    movies: DetectedFile | None = None
    links: DetectedFile | None = None
    tags: DetectedFile | None = None
    users: DetectedFile | None = None


@contextmanager
def open_source_files(
    name: str, *, progress: Progress | None = None, trust_checksum: bool = False
) -> Iterator[SourceFiles]:
    """Open a source by name or path and detect its ratings and other files.

    The name of a data set is downloaded, unless the current folder has a file or folder of that
    name. For ``trust_checksum`` see :func:`ingest.sources.downloads.fetch`.

    Raises SourceError where there is no such source, or no ratings in it.
    """
    progress = progress or Progress()
    if not name:
        raise SourceError(f"the source is empty: give {_EXPECTED}")
    if name == SAMPLE:
        with as_file(files("ingest") / "data" / "sample.zip") as path, open_source(path) as members:
            _note_licence(_SAMPLE_SOURCE, progress)
            yield _detect(members, _SAMPLE_SOURCE, progress)
        return
    path, source = expand_path(name), None
    # It may lie in a folder that this user may not enter, or be too long for the file system.
    with reading(name[:200]):
        exists = path.exists()
    if exists and name in DATASETS:
        progress.note(f"'{name}' is in this folder and is used; nothing is downloaded")
    elif name in DATASETS:
        source = Source(name=name, title=name, licence=LICENCE, citation=CITATION)
        _note_licence(source, progress)
        path = fetch(name, progress=progress, trust_checksum=trust_checksum)
    elif not exists:
        raise SourceError(f"there is no file or folder '{printable(name)}': give {_EXPECTED}")
    with open_source(path) as members:
        if source is None:
            source = Source(name=printable(name), title=printable(path.resolve().name))
            source = _with_licence(source, members)
            _note_licence(source, progress)
        yield _detect(members, source, progress)


def _note_licence(source: Source, progress: Progress) -> None:
    """Show the licence of the data and what to cite."""
    for line in (source.licence, source.citation and f"Please cite: {source.citation}"):
        if line:
            progress.note(line)


def _detect(members: list[Member], source: Source, progress: Progress) -> SourceFiles:
    found: dict[Kind, list[DetectedFile]] = {kind: [] for kind in get_args(Kind)}
    for member in members:
        layout = detect_layout(member)
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
            # An index can do without tags and users; choosing among other files would be a guess.
            if kind in ("tags", "users"):
                progress.note(f"there are several {kind} files, {names}: none is used")
                several.clear()
                continue
            raise SourceError(
                f"'{source.name}' holds several {kind} files, {names}: give a folder with one"
            )
    others = {kind: several[0] for kind, several in found.items() if several and kind != "ratings"}
    return SourceFiles(source, found["ratings"][0], **others)


def _with_licence(source: Source, members: list[Member]) -> Source:
    """Add licence and citation where a README says that this is MovieLens data."""
    for member in members:
        if Path(member.name).name.casefold().startswith("readme"):
            with reading(member.name), member.open() as stream:
                text = stream.read(1 << 16).lower()
            if b"grouplens" in text and b"movielens" in text:
                return source.model_copy(update={"licence": LICENCE, "citation": CITATION})
    return source
