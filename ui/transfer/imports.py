"""Reading files from other services. Nothing of a file is kept but its opinions of films."""

from __future__ import annotations

from recommender import SourceError
from recommender.errors import UnknownFileError
from recommender.files.archives import Member, open_upload, printable
from recommender.profile import MOST_FILMS
from ui.text import count, join_words
from ui.transfer import profile_file, ratings_table, trakt_lists
from ui.transfer.imported_films import Film, ImportedFile, preferred
from ui.transfer.table_reader import Table, read_text

__all__ = ["MOST_BYTES", "ImportedFiles"]

MOST_BYTES = 20 << 20
"""Size of one file, packed or not."""

# What Letterboxd packs along: what was deleted, and lists of films that say nothing of taste.
_NOT_RATINGS = {"deleted", "orphaned", "lists"}
_KNOWN = (
    "bring ratings as CSV or JSON with the names they were downloaded by, or a taste saved by "
    "Kindred"
)
# How many files of a zip that were no use are named.
_MOST_NAMED = 3


class ImportedFiles:
    """Films from any number of files, each once, with the entry that counts."""

    def __init__(self) -> None:
        self._films: dict[tuple[object, ...], Film] = {}
        self.summaries: list[str] = []
        """What was read, one line for each file."""
        self.problems: list[str] = []
        """What could not be, likewise."""

    @property
    def films(self) -> tuple[Film, ...]:
        """The films, in the order they first came."""
        return tuple(self._films.values())

    def add(self, name: str, data: bytes) -> None:
        """Read one more file; what is wrong with it becomes a line of :attr:`problems`."""
        name = printable(name)
        try:
            if len(data) > MOST_BYTES:
                raise SourceError(f"{name} has {len(data):,} bytes, of {MOST_BYTES:,} allowed")
            with open_upload(name, data) as members:
                if [member.name for member in members] == [name]:
                    self._read(name, members[0])
                else:
                    self._read_all(name, [member for member in members if _of_use(member.name)])
        except SourceError as error:
            self.problems.append(f"{error}.")

    def _read_all(self, name: str, members: list[Member]) -> None:
        """Read the files of a zip, of which any may be something else.

        Raises SourceError where all of them are.
        """
        unknown = []
        for member in members:
            try:
                self._read(f"{name}: {member.name}", member)
            except UnknownFileError:
                unknown.append(member.name)
            except SourceError as error:
                self.problems.append(f"{error}.")
        if len(unknown) == len(members):
            raise SourceError(f"{name} holds nothing that Kindred can read: {_KNOWN}")
        if unknown:
            more = len(unknown) - _MOST_NAMED
            named = unknown[:_MOST_NAMED] + ([count(more, "other")] if more > 0 else [])
            self.summaries.append(f"{name}: left aside {join_words(named)}.")

    def _read(self, label: str, member: Member) -> None:
        """Read a file.

        Raises UnknownFileError where it is something else, and SourceError where it cannot be read.
        """
        self._keep(label, _read_file(label, member.name, member.read(MOST_BYTES)))

    def _keep(self, name: str, file: ImportedFile) -> None:
        new = {film.key for film in file.films} - self._films.keys()
        if len(self._films) + len(new) > MOST_FILMS:
            raise SourceError(
                f"{name} brings {count(len(new), 'film')} more, and {MOST_FILMS:,} can be brought "
                "at once: bring fewer files"
            )
        for film in file.films:
            self._films[film.key] = preferred(self._films.get(film.key, film), film)
        self.summaries.append(file.summary(name))


def _of_use(path: str) -> bool:
    *folders, last = path.casefold().replace("\\", "/").split("/")
    ignored = _NOT_RATINGS.intersection(folders) or (
        folders[-1:] == ["likes"] and last != "films.csv"
    )
    return last.endswith((".csv", ".tsv", ".json")) and not ignored


def _read_file(label: str, path: str, data: bytes) -> ImportedFile:
    text = read_text(label, data)
    if text.startswith("{"):
        return profile_file.read(label, text)
    if text.startswith("["):
        return trakt_lists.read(label, path, text)
    return ratings_table.read(label, path, Table(label, text))
