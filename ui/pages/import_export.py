"""Import and export: films from other services, and files to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import segno
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from recommender import KindredError, Profile, Recommender
from recommender.profile import MOST_FILMS
from ui.components import page_parts
from ui.server import open_index
from ui.state import link
from ui.state.browser_storage import dated
from ui.state.visit import Visit
from ui.text import count, escape_html, escape_markdown
from ui.transfer import column_form, exports, review
from ui.transfer.files.table_reader import MOST_ROWS
from ui.transfer.import_draft import Draft
from ui.transfer.imports import MOST_BYTES, ImportedFiles
from ui.transfer.review import Review
from ui.transfer.uploads import discard_upload

__all__ = ["draw", "make_file"]

_KEY = "brought"
_Export = Callable[[Profile, Recommender], bytes]
# What can be done with each file and what it cannot hold, in the order of the files.
_USES = (
    "Import it here, or in another Kindred, and everything comes back.",
    "For Excel, Numbers or LibreOffice. It can be imported here, too.",
    "On Letterboxd: Settings, Data, Import your data. It takes stars and films seen: likes "
    "and dislikes without stars become seen.",
    "On Letterboxd: your watchlist, Import films to watchlist.",
    "For sites that read an IMDb export, such as TMDB or Simkl. Only films with stars, from one to "
    "ten.",
    "On Letterboxd: a new list, Import.",
)

_WHERE = """
**Letterboxd**: Settings, Data, *Export your data*. Import the zip as it is, or any of
`ratings.csv`, `watched.csv`, `watchlist.csv`, `diary.csv` and `films.csv` (your likes), with these
names. Files made for Letterboxd to import are read, too.

**IMDb**: *Your ratings* or *Your watchlist*, *Export*. IMDb prepares the file under *Your exports*.
Unrated films of the watchlist are saved to yours; series and games are left out.

**MovieLens**: your profile, *export ratings*. It is one CSV.

**Trakt** and **Simkl**: `ratings-movies.json`, `watched-movies.json`, `watchlist.json`, the zip of
them, Simkl's backup, or a CSV of either.

**Kindred**: `kindred-taste.json`, or any other file exported below on this page.

**Others**: any CSV with a title or an IMDb or TMDB number, such as those of TMDB, Criticker,
Filmweb and Netflix, or one of your own. Where its headings are unclear, you choose the columns.
"""


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the page."""
    current: Review = st.session_state.setdefault(_KEY, Review())
    # The films of another version have other numbers, and choices among them are void.
    if current.draft and current.version != visit.version:
        again = Draft.of(current.draft.films, recommender)
        current.begin(current.files, again, visit.version)
    if current.files.questions:
        column_form.draw(current.files, visit)
        return
    if current.files.films and current.draft is None:
        _look_up(current, recommender, visit)
    if current.draft:
        _notes(current.files.problems)
        review.draw(current, current.draft, recommender, visit)
        return
    _drop(current, recommender, visit)
    _downloads(recommender, visit)
    _share(recommender, visit)


def _drop(current: Review, recommender: Recommender, visit: Visit) -> None:
    page_parts.section(
        "Import your films", "With your ratings from elsewhere your list is ready at once."
    )
    if current.added and current.added[1] == visit.profile:
        page_parts.note(
            f"Added {current.added[0]}. Undo takes it all back. Only this browser keeps your "
            "ratings, and browsers forget: save a copy below, as a link or a file."
        )
        st.button(
            "See your recommendations",
            key="bring-done",
            type="primary",
            icon=":material/arrow_forward:",
            on_click=visit.go,
            args=("discover",),
        )
    # Of files without a single film there is nothing else to be seen.
    _notes([*current.files.summaries, *current.files.problems])
    with st.expander("Which files, and where to get them"):
        st.markdown(_WHERE)
    files = st.file_uploader(
        "Files from Letterboxd, IMDb, MovieLens, Trakt, Kindred or others",
        accept_multiple_files=True,
        key=f"bring-files-{current.turn}",
        max_upload_size=MOST_BYTES >> 20,
        on_change=visit.clear_notice,
    )
    page_parts.small_text(
        f"Up to {MOST_BYTES >> 20} MB and {MOST_ROWS:,} rows a file, {MOST_FILMS:,} films in all. "
        "Files are read and then forgotten: only your ratings and lists are kept."
    )
    if files:
        # This begins another turn, so that the uploader has a new key and shows no files any more.
        _read(current, files)
        st.rerun()


def _notes(lines: Sequence[str]) -> None:
    for line in lines:
        page_parts.note(line)


def _read(current: Review, files: Sequence[UploadedFile]) -> None:
    files_read = ImportedFiles()
    with st.status(f"Reading {count(len(files), 'file')} …") as status:
        for file in files:
            status.update(label=f"Reading {escape_markdown(file.name[:100])} …")
            files_read.add(file.name, file.getvalue())
            discard_upload(file)
    current.begin(files_read)


def _look_up(current: Review, recommender: Recommender, visit: Visit) -> None:
    films = current.files.films
    with st.status(f"Looking up {count(len(films), 'film')} …"):
        draft = Draft.of(films, recommender)
    current.begin(current.files, draft, visit.version)
    st.rerun()


def _downloads(recommender: Recommender, visit: Visit) -> None:
    """Draw the buttons of files to export. A file is made when somebody asks for it."""
    profile, source = dated(visit.profile, visit.taste), recommender.stats().source.label
    everything = partial(exports.kindred, missing=visit.missing)
    page_parts.section("Export your films", "Everything you rated and saved here is yours.")
    watchlist = profile.watchlist
    files: tuple[tuple[str, _Export, str, object], ...] = (
        ("Everything, for Kindred", everything, "taste.json", profile.films or visit.missing),
        ("Everything, as a spreadsheet", exports.spreadsheet, "taste.csv", profile.films),
        ("Ratings, for Letterboxd", exports.letterboxd, "ratings.csv", profile.movies),
        ("Watchlist, for Letterboxd", exports.letterboxd_watchlist, "watchlist.csv", watchlist),
        ("Stars, in the format of IMDb", exports.imdb, "imdb-ratings.csv", profile.stars),
        ("100 recommendations, for Letterboxd", exports.letterboxd_picks, "recommendations.csv", 1),
    )
    for (label, export, name, films), use in zip(files, _USES, strict=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                label,
                partial(make_file, export, profile, source),
                f"kindred-{name}",
                "application/json" if name.endswith(".json") else "text/csv",
                key=f"take-kindred-{name}",
                icon=":material/download:",
                disabled=not films,
                on_click="ignore",  # or the page would run again, for nothing
            )
            page_parts.small_text(use)


def make_file(export: _Export, profile: Profile, source: str) -> bytes:
    """Make a file from the live index, which may be newer than the page.

    What goes wrong is written into the file, as a download button has no other place for it.
    """
    try:
        recommender = open_index.recommender()
        if recommender.stats().source.label == source:
            return export(profile, recommender)
        problem = "this page is about another collection of films: reload it"
    except KindredError as error:
        problem = str(error)
    return f"This file could not be made: {problem}.\n".encode()


def _share(recommender: Recommender, visit: Visit) -> None:
    """Draw the link, or say why a file is needed instead."""
    page_parts.section("Share your taste", "Whoever opens this link sees your list.")
    profile = visit.profile
    if not len(profile):
        page_parts.note("Rate a film first: there is nothing to share yet.")
        return
    code = link.encode(replace(profile, watchlist=(), hidden=()), recommender)
    if code is None:
        page_parts.note(
            f"Your {count(len(profile), 'rating')} do not fit into a link of "
            f"{link.LONGEST:,} characters. Share the file “Everything, for Kindred” instead: "
            "it can be imported on this page."
        )
        return
    address = page_parts.address_of(visit, f"taste={code}")
    st.code(address, language=None, wrap_lines=True)
    page_parts.small_text(
        "It holds the numbers of films and your ratings of them, and nothing else: no titles, no "
        "name, no watchlist. Browsers never send this part of an address to a server."
    )
    with st.expander("Open it on a phone", icon=":material/qr_code_2:"):
        page_parts.small_text(
            "Point the phone's camera at this. The list opens there, with a button to keep it."
        )
        picture = segno.make(address, error="l", micro=False).svg_data_uri(scale=3, light="#fff")
        st.html(
            f'<img class="k-code" src="{escape_html(picture)}" alt="QR code of the link above">'
        )
