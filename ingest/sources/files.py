"""Open a source, whatever it is, and tell what each of its files holds."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeGuard, Union, cast, get_args

from ingest.progress import Progress
from ingest.sources.datasets import CITATION, DATASETS, LICENCE
from ingest.sources.detected import COLUMNS, Aside, Columns, Detected, Kind, headings, mostly
from ingest.sources.detection import PERSONAL, detect, name_columns, repeats
from ingest.sources.headings import RATING, normalised
from ingest.sources.open_table import WORKBOOK, open_table
from ingest.sources.tables import FrameTable, Table
from recommender.errors import SourceError
from recommender.files.archives import Member, open_source, printable, reading
from recommender.settings import expand_path
from recommender.storage.manifest import Source
from recommender.validation import shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SAMPLE", "RatingsSource", "SourceFiles", "open_source_files"]

RatingsSource = Union[str, Path, Sequence[str | Path], IO[bytes], "pd.DataFrame"]
"""What ratings are read from: a name or path, several paths, an open file, a DataFrame."""

SAMPLE = "sample"
_SAMPLE_SOURCE = Source(
    name=SAMPLE,
    title="the Kindred sample: real films, synthetic raters",
    licence="CC0: the films are real, the raters and their ratings are made up",
    synthetic=True,
)
_EXPECTED = (
    f"the folder, zip or file of the ratings, '{SAMPLE}' for the bundled sample, or the name of a "
    f"data set to download: {', '.join(DATASETS)}"
)
_SPLIT = re.compile(r"(^|/)u[1-5ab]\.(base|test)$")

_WHICH_RATINGS = "give a folder with one, or name files with the same columns"
# Of two files whose names differ by this, the first holds what the second does, and more.
_TWINS = re.compile(r"[-_.](small|sample)$"), re.compile(r"^(.+)[-_]timestamps$")


@dataclass(frozen=True)
class SourceFiles:
    """The tables of a source: those of its ratings, and one of each other kind at most."""

    source: Source
    ratings: tuple[Detected, ...]
    """Tables of the same columns, read one after the other."""
    movies: Detected | None = None
    links: Detected | None = None
    genres: Detected | None = None
    tags: Detected | None = None
    users: Detected | None = None
    aside: tuple[Aside, ...] = ()
    """Files that are not read."""


@contextmanager
def open_source_files(
    source: RatingsSource,
    *,
    columns: Columns | None = None,
    movies: pd.DataFrame | None = None,
    progress: Progress | None = None,
    trust_checksum: bool = False,
) -> Iterator[SourceFiles]:
    """Open a source and tell its ratings from its other files.

    The name of a data set is downloaded, unless the current folder has a file or folder of that
    name. ``columns`` names those of the ratings where their headings are not known; ``movies`` is
    a table beside the ratings. For ``trust_checksum`` see
    :func:`ingest.sources.downloads.fetch`.

    Raises SourceError where there is no such source, or no ratings in it.
    """
    progress = progress or Progress()
    beside = [] if movies is None else [FrameTable("movies", movies)]
    with ExitStack() as held:
        found: Sequence[Table | Aside]
        if _is_frame(source):
            known = Source(name="DataFrame", title="a DataFrame")
            found = [FrameTable("DataFrame", source)]
        elif isinstance(source, str | Path):
            known, members = _open(str(source), held, progress, trust_checksum=trust_checksum)
            found = [open_table(member) for member in members]
        elif isinstance(source, Sequence):
            found = []
            for path in map(str, source):
                _, members = _open(path, held, progress, trust_checksum=trust_checksum)
                found += [open_table(member) for member in members]
            names = ", ".join(printable(Path(path).name) for path in map(str, source))
            known = Source(name=names, title=names)
        elif not hasattr(source, "read"):
            raise SourceError(f"{shown(source)} is no source of ratings: give {_EXPECTED}")
        else:
            copy = held.enter_context(_on_disk(cast("IO[bytes]", source)))
            name = printable(Path(str(getattr(source, "name", "an open file"))).name)
            known = Source(name=name, title=name)
            members = held.enter_context(open_source(copy))
            only = len(members) == 1 and members[0].name == copy.name
            found = [open_table(replace(m, name=name) if only else m) for m in members]
        several = isinstance(source, Sequence) and not isinstance(source, str)
        yield _settle([*found, *beside], known, columns, progress, several=several)


def _is_frame(source: object) -> TypeGuard[pd.DataFrame]:
    # By its name: pandas is slow to import, and whoever has a DataFrame has imported it.
    return any(kind.__name__ == "DataFrame" for kind in type(source).__mro__)


@contextmanager
def _on_disk(stream: IO[bytes]) -> Iterator[Path]:
    """An open file as a file that can be read any number of times, from anywhere."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings"
        with path.open("wb") as copy:
            try:
                shutil.copyfileobj(stream, copy)
            except TypeError:
                raise SourceError(
                    "the open file gives text and not bytes: open it with mode 'rb'"
                ) from None
        yield path


def _open(
    name: str, held: ExitStack, progress: Progress, *, trust_checksum: bool
) -> tuple[Source, list[Member]]:
    """Open a source by name or path, and list its files."""
    if not name:
        raise SourceError(f"the source is empty: give {_EXPECTED}")
    if name == SAMPLE:
        path = held.enter_context(as_file(files("ingest") / "data" / "sample.zip"))
        _note_licence(_SAMPLE_SOURCE, progress)
        return _SAMPLE_SOURCE, held.enter_context(open_source(path))
    path, source = expand_path(name), None
    # It may lie in a folder that this user may not enter, or be too long for the file system.
    with reading(name[:200]):
        exists = path.exists()
    if exists and name in DATASETS:
        progress.note(f"'{name}' is in this folder and is used; nothing is downloaded")
    elif name in DATASETS:
        source = Source(name=name, title=name, licence=LICENCE, citation=CITATION)
        _note_licence(source, progress)
        # Imported here, because most sources are there, and HTTP clients are slow to import.
        from ingest.sources.downloads import fetch  # noqa: PLC0415

        path = fetch(name, progress=progress, trust_checksum=trust_checksum)
    elif not exists:
        raise SourceError(f"there is no file or folder '{printable(name)}': give {_EXPECTED}")
    members = held.enter_context(open_source(path))
    if any(member.name == "xl/workbook.xml" for member in members):
        raise SourceError(f"{printable(path.name)}: {WORKBOOK}")
    if source is None:
        source = Source(name=printable(name), title=printable(path.resolve().name))
        source = _with_licence(source, members)
        _note_licence(source, progress)
    return source, members


def _note_licence(source: Source, progress: Progress) -> None:
    """Show the licence of the data and what to cite."""
    for line in (source.licence, source.citation and f"Please cite: {source.citation}"):
        if line:
            progress.note(line)


def _settle(
    tables: Sequence[Table | Aside],
    source: Source,
    columns: Columns | None,
    progress: Progress,
    *,
    several: bool,
) -> SourceFiles:
    """Choose the tables that are read; ``several`` ratings files were named one by one."""
    found: dict[Kind, list[Detected]] = {kind: [] for kind in get_args(Kind)}
    aside: list[Aside] = []
    for table in tables:
        one = table if isinstance(table, Aside) else _detect(table, columns)
        if isinstance(one, Aside):
            aside.append(one)
        else:
            found[one.kind].append(one)
    for kind, files_ in found.items():
        found[kind], left = _without_twins(files_)
        aside += left
    rated = [file for file in found["ratings"] if "stars" in file.roles]
    if rated:  # a list of films to see or to read is none of likes
        unrated = [file for file in found["ratings"] if file not in rated]
        aside += [
            Aside(file.table.name, "it has no ratings, as other files do") for file in unrated
        ]
        found["ratings"] = rated
    if not found["ratings"]:
        raise _no_ratings(source, aside, [f for files_ in found.values() for f in files_], columns)
    parts = several or all(_is_part(file) for file in found["ratings"])
    same = len({tuple(file.columns.items()) for file in found["ratings"]}) == 1
    for kind, files_ in found.items():
        if len(files_) < 2 or (kind == "ratings" and parts and same):
            continue
        names = " and ".join(file.table.name for file in files_[:3])
        # An index can do without tags and users; choosing among other files would be a guess.
        if kind in ("tags", "users", "genres"):
            progress.note(f"there are several {kind} files, {names}: none is used")
            aside += [Aside(file.table.name, f"one of several files of {kind}") for file in files_]
            files_.clear()
            continue
        raise SourceError(
            f"'{source.name}' holds several {kind} files, {names}: "
            + (_WHICH_RATINGS if kind == "ratings" else "give a folder with one")
        )
    ratings = tuple(found.pop("ratings"))
    others = {kind: files_[0] for kind, files_ in found.items() if files_}
    if "movies" in others:
        joined = _joined(others["movies"], others.get("links"), ratings)
        if isinstance(joined, Aside):
            aside.append(joined)
            del others["movies"]
        else:
            others["movies"] = joined
    return SourceFiles(source, ratings, aside=tuple(aside), **others)


def _detect(table: Table, columns: Columns | None) -> Detected | Aside:
    if columns is not None and (named := name_columns(table, columns)):
        return named
    try:
        one = detect(table)
    except SourceError as error:
        # Another file of the source may have the ratings; without one this is the reason.
        return Aside(table.name, str(error).removeprefix(f"{table.name}: "), complete=True)
    if columns is not None and isinstance(one, Detected) and one.kind == "ratings":
        return Aside(table.name, f"{headings(table)}, which are not those of --columns")
    return one


def _is_part(file: Detected) -> bool:
    """Whether a file is one of the parts in which a data set gives its ratings."""
    # Netflix, and what Spark writes.
    pattern = r"combined_data_[1-4]\.txt|(^|/)part-[0-9]{5}[^/]*$"
    return re.search(pattern, file.table.name) is not None


def _without_twins(found: list[Detected]) -> tuple[list[Detected], list[Aside]]:
    """Leave out files that repeat what another of them holds."""
    # ml-100k has splits for cross-validation beside its ratings, which they would repeat.
    whole = [file for file in found if not _SPLIT.search(file.table.name)] or found
    stems = {Path(file.table.name).stem: file for file in whole}
    small, timed = _TWINS
    repeated = {stem for stem in stems if small.search(stem) and small.sub("", stem) in stems}
    repeated |= {match[1] for stem in stems if (match := timed.match(stem))}
    kept = [file for file in whole if Path(file.table.name).stem not in repeated]
    left = [file for file in found if file not in kept]
    return kept, [Aside(file.table.name, "another file holds what it does") for file in left]


def _joined(
    movies: Detected, links: Detected | None, ratings: Sequence[Detected]
) -> Detected | Aside:
    """The movies, if the ids that their file knows them by lead to those of the ratings."""
    heading = ratings[0].table.heading(ratings[0].roles["movie"])
    # A catalogue may have several ids: that of the ratings is headed as there.
    names = [normalised(head) for head in movies.table.heads]
    if names.count(normalised(heading)) == 1:
        own = names.index(normalised(heading))
        return replace(movies, roles=movies.roles | {"movie": own})
    if "movie" in movies.roles:
        return movies
    values = ratings[0].table.values(ratings[0].roles["movie"])
    in_imdb = mostly(values, lambda cell: re.fullmatch("tt[0-9]+", cell) is not None)
    fits = {"tmdb": "tmdb" in heading.casefold(), "imdb": in_imdb or "imdb" in heading.casefold()}
    for role, own in movies.roles.items():
        if fits.get(role):
            return replace(movies, roles=movies.roles | {"movie": own})
    if links is not None and {"tmdb", "imdb"} & links.roles.keys() & movies.roles.keys():
        return movies
    return Aside(
        movies.table.name,
        "its ids are those of TMDB or IMDb, and no file links them to the movies of the ratings",
    )


def _no_ratings(
    source: Source, aside: Sequence[Aside], others: Sequence[Detected], columns: Columns | None
) -> SourceError:
    personal = [f"{one.name} {one.reason}" for one in aside if one.reason.startswith(PERSONAL)]
    # Movies with ratings, and nobody who gave them.
    personal += [
        f"{file.table.name} {PERSONAL} ({headings(file.table)})"
        for file in others
        if RATING.intersection(map(normalised, file.table.heads))
        and not repeats(file.table, next(iter(file.roles.values())))
    ]
    if personal:
        return SourceError(personal[0])
    if len(aside) == 1 and not others and aside[0].complete:
        return SourceError(f"no ratings found in '{source.name}': {aside[0].reason}")
    told = [f"{one.name}: {one.reason}" for one in aside[:5]]
    told += [f"{file.table.name}: {file.kind}, {headings(file.table)}" for file in others[:5]]
    holds = "; ".join(told) or "it holds nothing, or only in folders of its folders"
    if columns is not None:
        named = ", ".join(f"'{name}'" for name in columns.values())
        return SourceError(
            f"no ratings found in '{source.name}': no table has the columns {named} ({holds})"
        )
    return SourceError(
        f"no ratings found in '{source.name}' ({holds}): give a table of users, movies and "
        f"ratings; where its headings are others, say which is which with {COLUMNS}"
    )


def _with_licence(source: Source, members: list[Member]) -> Source:
    """Add licence and citation where a README says that this is MovieLens data."""
    for member in members:
        if Path(member.name).name.casefold().startswith("readme"):
            with reading(member.name), member.open() as stream:
                text = stream.read(1 << 16).lower()
            if b"grouplens" in text and b"movielens" in text:
                return source.model_copy(update={"licence": LICENCE, "citation": CITATION})
    return source
