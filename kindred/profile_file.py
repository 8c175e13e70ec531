"""Reading what a person said of films from a file, for the index that is asked.

It is a profile saved here or by the app, or what another service exports and the app imports.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kindred.output import print_note
from recommender import (
    AmbiguousMovieError,
    InvalidInputError,
    MovieKey,
    Profile,
    Recommender,
    UnknownMovieError,
)
from recommender.profile import ProfileDocument, source_label
from ui.state.taste import Taste
from ui.transfer.files.named_columns import Open, TableReading
from ui.transfer.import_draft import Draft
from ui.transfer.imports import ImportedFiles

__all__ = ["read_profile"]

# What helps where a table leaves open how it is read.
_WAYS: dict[Open, str] = {
    "columns": "name its columns, as in --columns title=Film,rating=Stars",
    "unrated": "call it watchlist.csv or watched.csv if it is that, or name its ratings with "
    "--columns",
    "scale": "say which with --scale, as in --scale 0.5:5, or --scale 0:1 for thumbs",
}


def read_profile(file: Path, rec: Recommender, reading: TableReading | None = None) -> Profile:
    """Read a profile from a file, or from standard input where that is named ``-``.

    A table is read as ``reading`` says. Films that the index does not have are left out; a note on
    standard error counts them.

    Raises InvalidInputError where the file cannot be read or says nothing of films, or where it has
    films and none of them is in the index.
    """
    place = "standard input" if str(file) == "-" else f"'{file}'"
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{place}: it cannot be read ({error.strerror or error})") from None
    # Editors may put a mark in front, which JSON does not allow.
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if reading and text.startswith((b"{", b"[")):
        raise InvalidInputError(f"{place} is JSON: --columns and --scale are for tables")
    if text.startswith(b"{") and b'"kindred_taste"' in text:
        return _saved(place, text.decode(errors="replace"), rec)
    return _exported(place, content, rec, reading)


def _exported(
    place: str, content: bytes, rec: Recommender, reading: TableReading | None
) -> Profile:
    """Read what another service exported; only films that are found for certain count."""
    files = ImportedFiles()
    files.add(place.strip("'"), content, reading)
    problems = [f"{one.name}: {one.why}: {_WAYS[one.about]}" for one in files.questions]
    problems += files.problems
    if not files.films:
        raise InvalidInputError([*problems, *files.summaries][0].rstrip("."))
    for line in (*files.summaries, *problems):
        print_note(line)
    draft = Draft.of(files.films, rec)
    films, missing, unsure = len(draft.films), len(draft.missing), len(draft.unsure)
    if not draft.found:
        raise InvalidInputError(
            f"none of the {films:,} films of {place} is for certain in this index: bring the file "
            "in the app, which asks which film is meant, or ask an index with more films"
        )
    if missing or unsure:
        print_note(
            f"left out of the {films:,} films of {place}: {missing:,} not in this index, "
            f"{unsure:,} that may be one of several; to decide, bring the file in the app, and "
            "give here what that saves for Kindred"
        )
    taste = Taste()
    taste.say(draft.changes(taste.profile).said, "import")
    return taste.profile


def _saved(place: str, text: str, rec: Recommender) -> Profile:
    """Read what Kindred saved."""
    try:
        document = ProfileDocument.read(text)
    except InvalidInputError as error:
        raise InvalidInputError(f"{place}: {error}") from None
    source = rec.stats().source.name
    document, nameless = _without_foreign_ids(document, source)
    profile = Profile.from_dict(document.model_dump(), source=source)
    keys = profile.films
    found = zip(keys, rec.find(keys), strict=True)
    gone = {key for key, movie in found if movie is None and not _is_title(key, rec)}
    missing, films = nameless + sum(key in gone for key in keys), nameless + len(keys)
    if films and missing == films:
        raise InvalidInputError(
            f"none of the {films:,} films of {place} is in this index: ask an index of the source "
            "that they come from"
        )
    if missing:
        print_note(f"{missing:,} of the {films:,} films of {place} are not in this index")
    return profile.without(*gone)


def _without_foreign_ids(document: ProfileDocument, source: str) -> tuple[ProfileDocument, int]:
    """Leave out films known by an id of another source alone, and count them.

    Here that id may be another film's.
    """
    lists = {name: getattr(document, name) for name in ("ratings", "watchlist", "hidden")}
    kept = {
        name: [
            film
            for film in films
            if source_label(film.source or document.source or source) == source_label(source)
            or film.imdb_id
            or film.tmdb_id is not None
            or film.title
        ]
        for name, films in lists.items()
    }
    left_out = sum(map(len, lists.values())) - sum(map(len, kept.values()))
    return document.model_copy(update=kept), left_out


def _is_title(key: MovieKey, rec: Recommender) -> bool:
    """Tell whether a key that is no id of the index is the title of one of its movies."""
    # An id is never read as a title, though a film may be called 1917.
    if not isinstance(key, str) or key.startswith(("imdb:", "tmdb:")):
        return False
    try:
        rec.movie(key)
    except (UnknownMovieError, AmbiguousMovieError):
        return False
    return True
