"""Reading files from other services. Nothing of a file is kept but its opinions of films."""

from __future__ import annotations

from recommender import SourceError
from recommender.errors import UnknownFileError
from recommender.files.archives import Member, open_upload, printable
from recommender.profile import MOST_FILMS
from ui.text import count, join_words
from ui.transfer.files import json_lists, profile_file, ratings_table
from ui.transfer.files.named_columns import Question, TableReading
from ui.transfer.files.table_reader import Table, read_text
from ui.transfer.imported_films import Film, ImportedFile, preferred

__all__ = ["MOST_BYTES", "ImportedFiles"]

MOST_BYTES = 20 << 20
"""Size of one file, packed or not."""

# What Letterboxd packs along of what was deleted.
_DELETED = {"deleted", "orphaned"}
_WORKBOOK = "xl/workbook.xml"
_KNOWN = (
    "import ratings as CSV or JSON, under the names they were downloaded with, or a file exported "
    "by Kindred"
)
_LISTS = (".csv", ".tsv", ".json")
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
        self.questions: list[Question] = []
        """Tables that leave open how they are read."""

    @property
    def films(self) -> tuple[Film, ...]:
        """The films, in the order they first came."""
        return tuple(self._films.values())

    def add(self, name: str, data: bytes, reading: TableReading | None = None) -> None:
        """Read one more file, a table of it as is said by ``reading``.

        What is wrong with it becomes a line of :attr:`problems`.
        """
        name = printable(name)
        try:
            if len(data) > MOST_BYTES:
                raise SourceError(
                    f"{name} has {len(data):,} bytes, and at most {MOST_BYTES:,} are allowed"
                )
            with open_upload(name, data) as members:
                if [member.name for member in members] == [name]:
                    if question := self._read(name, members[0], reading):
                        self.questions.append(question)
                elif any(member.name == _WORKBOOK for member in members):
                    raise SourceError(f"{name} is an Excel file: save it as CSV")
                else:
                    of_use = [one for one in members if not _skipped(one.name)]
                    self._read_all(name, of_use, reading)
        except SourceError as error:
            self.problems.append(f"{error}.")

    def answer(self, question: Question, reading: TableReading) -> str:
        """Read the table of a question; what is wrong with the answer is returned, in one line."""
        try:
            file = ratings_table.read(question.name, question.path, question.table, reading)
            if isinstance(file, Question):
                return f"{file.name}: {file.why}: choose the scale."
            self._keep(file)
        except SourceError as error:
            return f"{error}."
        self.questions.remove(question)
        return ""

    def _read_all(self, name: str, members: list[Member], reading: TableReading | None) -> None:
        """Read the files of a zip, of which any may be something else.

        Raises SourceError where all of them are, or where one ``reading`` is given for several.
        """
        lists = [one for one in members if one.name.casefold().endswith(_LISTS)]
        if reading and len(lists) > 1:
            raise SourceError(
                f"{name} holds several tables: unpack it, and import the one you mean"
            )
        unknown = [one.name for one in members if one not in lists]
        for member in lists:
            try:
                question = self._read(f"{name}: {member.name}", member, reading)
            except UnknownFileError:
                unknown.append(member.name)
            except SourceError as error:
                self.problems.append(f"{error}.")
            else:
                # Of several files those that are no lists of films for certain are left out.
                if question and (question.about == "scale" or len(lists) == 1):
                    self.questions.append(question)
                elif question:
                    unknown.append(member.name)
        if len(unknown) == len(members):
            raise SourceError(f"{name} has nothing that Kindred can read: {_KNOWN}")
        if unknown:
            more = len(unknown) - _MOST_NAMED
            named = unknown[:_MOST_NAMED] + ([count(more, "other")] if more > 0 else [])
            self.summaries.append(f"{name}: left out {join_words(named)}.")

    def _read(
        self, label: str, member: Member, reading: TableReading | None = None
    ) -> Question | None:
        """Read a file; what it leaves open is returned.

        Raises UnknownFileError where it is something else, and SourceError where it cannot be read.
        """
        file = _read_file(label, member.name, member.read(MOST_BYTES), reading)
        if isinstance(file, Question):
            return file
        self._keep(file)
        return None

    def _keep(self, file: ImportedFile) -> None:
        new = file.films.keys() - self._films.keys()
        if len(self._films) + len(new) > MOST_FILMS:
            raise SourceError(
                f"{file.name} adds {count(len(new), 'film')}, and {MOST_FILMS:,} can be imported "
                "at once: import fewer files"
            )
        for key, film in file.films.items():
            self._films[key] = preferred(self._films.get(key, film), film)
        self.summaries.append(file.summary())


def _skipped(path: str) -> bool:
    """Tell what Letterboxd packs along that is no list of films, or a list no more."""
    *folders, last = path.casefold().replace("\\", "/").split("/")
    of_others = folders[-1:] == ["likes"] and last != "films.csv"
    return of_others or not _DELETED.isdisjoint(folders)


def _read_file(
    label: str, path: str, data: bytes, reading: TableReading | None
) -> ImportedFile | Question:
    text = read_text(label, data)
    if text.startswith("{") and '"kindred_taste"' in text:
        return profile_file.read(label, text)
    if text.startswith(("{", "[")):
        return json_lists.read(label, path, text)
    return ratings_table.read(label, path, Table(label, text), reading)
