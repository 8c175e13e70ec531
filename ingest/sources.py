"""Where ratings come from: the bundled sample, or files, recognised by content."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from ingest.recognise import Kind, Layout, recognise
from recommender.archives import Member, open_source, printable, reading
from recommender.errors import SourceError
from recommender.manifest import Source

__all__ = ["SAMPLE", "Files", "open_files"]

SAMPLE = "sample"
_SAMPLE_SOURCE = Source(
    name=SAMPLE,
    title="the Kindred sample: real films, synthetic raters",
    licence="CC0: the films are real, the raters and their ratings are made up",
    synthetic=True,
)
_LICENCE = "MovieLens data: for research, not for commercial use without permission; see its README"
_CITATION = (
    "F. M. Harper and J. A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM TiiS 5(4):19. https://doi.org/10.1145/2827872"
)

Found = tuple[Member, Layout]


@dataclass(frozen=True)
class Files:
    """The files of a source that hold something."""

    source: Source
    ratings: Found
    movies: Found | None = None
    links: Found | None = None


@contextmanager
def open_files(name: str) -> Iterator[Files]:
    """Open a source by name or path and find its ratings, movies and links.

    Raises SourceError where there is no such source, or no ratings in it.
    """
    if name == SAMPLE:
        with as_file(files("ingest") / "data" / "sample.zip") as path, open_source(path) as members:
            yield _find(members, _SAMPLE_SOURCE)
        return
    path = Path(name)
    with contextlib.suppress(RuntimeError):  # "~somebody" who is not there
        path = path.expanduser()
    with reading(name[:200]):
        found = path.exists()
    if not found:
        raise SourceError(
            f"there is no file or folder '{printable(name)}': give the folder, zip or CSV of the "
            f"ratings, or '{SAMPLE}' for the bundled sample"
        )
    with open_source(path) as members:
        source = Source(name=printable(name), title=printable(path.resolve().name))
        yield _find(members, _described(source, members))


def _find(members: list[Member], source: Source) -> Files:
    found: dict[Kind, list[Found]] = {"ratings": [], "movies": [], "links": []}
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
    for kind, several in found.items():
        if len(several) > 1:
            names = " and ".join(member.name for member, _ in several[:3])
            raise SourceError(
                f"'{source.name}' holds several {kind} files, {names}: give a folder with one"
            )
    first = {kind: several[0] if several else None for kind, several in found.items()}
    return Files(source, found["ratings"][0], first["movies"], first["links"])


def _described(source: Source, members: list[Member]) -> Source:
    """Add licence and citation where the files say that they are MovieLens data."""
    for member in members:
        if Path(member.name).name.casefold().startswith("readme"):
            with reading(member.name), member.open() as stream:
                text = stream.read(1 << 16).lower()
            if b"grouplens" in text and b"movielens" in text:
                return source.model_copy(update={"licence": _LICENCE, "citation": _CITATION})
    return source
