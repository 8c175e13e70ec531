"""Reading files from other services. Nothing of a file is kept but its opinions of films."""

from __future__ import annotations

from recommender import SourceError
from recommender.archives import Member, open_upload, printable
from recommender.profile import MOST_FILMS
from ui.text import count
from ui.transfer import profile_file
from ui.transfer.imported_films import Film, ImportedFile, preferred
from ui.transfer.service_files import choose_reader
from ui.transfer.table_reader import Table, read_text

__all__ = ["MOST_BYTES", "ImportedFiles"]

MOST_BYTES = 20 << 20
"""Size of one file, packed or not."""

# What Letterboxd packs along: what was deleted, and lists of films that say nothing of taste.
_NOT_RATINGS = {"deleted", "orphaned", "lists"}
_KNOWN = (
    "bring ratings of IMDb, Letterboxd or MovieLens with the names they were downloaded by, or a "
    "taste saved by Kindred"
)


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
                packed = [member.name for member in members] != [name]
                known = [
                    self._read(f"{name}: {member.name}" if packed else name, member)
                    for member in members
                    if not packed or _of_use(member.name)
                ]
            if not any(known):
                what = "holds nothing" if packed else "is nothing"
                raise SourceError(f"{name} {what} that Kindred can read: {_KNOWN}")
        except SourceError as error:
            self.problems.append(f"{error}.")

    def _read(self, label: str, member: Member) -> bool:
        """Read a file, and return False where it is none that is known."""
        try:
            file = _read_file(label, member.name, member.read(MOST_BYTES))
            if file is not None:
                self._keep(label, file)
            return file is not None
        except SourceError as error:
            self.problems.append(f"{error}.")
            return True

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
    return last.endswith((".csv", ".json")) and not ignored


def _read_file(label: str, path: str, data: bytes) -> ImportedFile | None:
    """Read a file, unless it is none that is known."""
    text = read_text(label, data)
    if text.startswith("{"):
        return profile_file.read(label, text)
    table = Table(label, text)
    reader = choose_reader(path, table)
    return reader(table) if reader else None
