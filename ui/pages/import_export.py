"""Bring and take: films from other services, and files to keep."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from recommender import Recommender
from ui.components import page_parts, remember_me
from ui.state.visit import Visit
from ui.text import count, escape_markdown
from ui.transfer import downloads, review, share
from ui.transfer.import_draft import Draft
from ui.transfer.imports import MOST_BYTES, Pile
from ui.transfer.review import Review

__all__ = ["draw", "let_go"]

_KEY = "brought"

_WHERE = """
**Letterboxd**: Settings, Data, *Export your data*. Drop the zip as it is, or any of `ratings.csv`,
`watched.csv`, `watchlist.csv`, `diary.csv` and `films.csv` (your likes), with these names.

**IMDb**: *Your ratings*, *Export*. IMDb prepares `ratings.csv` under *Your exports*. Series and
games are left out.

**MovieLens**: your profile, *export ratings*. It is one CSV.

**Kindred**: `kindred-taste.json`, from below on this page, here or elsewhere.
"""


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the page."""
    brought: Review = st.session_state.setdefault(_KEY, Review())
    if brought.draft and brought.version != visit.version:
        # The films of another version have other numbers, and choices among them are void.
        brought.look_up_again(recommender, visit.version)
    if brought.draft:
        _problems(brought)
        review.draw(brought, brought.draft, recommender, visit)
        return
    _drop(brought, recommender, visit)
    downloads.draw(recommender, visit)
    share.draw(recommender, visit)
    remember_me.draw(visit)


def _drop(brought: Review, recommender: Recommender, visit: Visit) -> None:
    page_parts.section(
        "Bring your films",
        "Ratings you gave elsewhere make this list yours at once.",
    )
    if brought.added and brought.added[1] == visit.taste.said:
        page_parts.note(f"Added {brought.added[0]}. Undo takes all of it back.")
        st.button(
            "See your recommendations",
            key="bring-done",
            type="primary",
            icon=":material/arrow_forward:",
            on_click=visit.go,
            args=("home",),
        )
    _problems(brought)
    with st.expander("Which files, and where to get them"):
        st.markdown(_WHERE)
    files = st.file_uploader(
        "Files from Letterboxd, IMDb, MovieLens or Kindred",
        accept_multiple_files=True,
        key=f"bring-files-{brought.turn}",
        max_upload_size=MOST_BYTES >> 20,
        on_change=visit.touch,
    )
    page_parts.quiet(
        "Your files are read and forgotten at once. Only what they say of films is kept, as if you "
        "had clicked it here."
    )
    if files:
        _read(brought, files, recommender, visit)
        st.rerun()


def _problems(brought: Review) -> None:
    # Of files without a single film there is nothing else to be seen.
    for line in brought.problems if brought.draft else [*brought.told, *brought.problems]:
        page_parts.note(line)


def _read(
    brought: Review, files: Sequence[UploadedFile], recommender: Recommender, visit: Visit
) -> None:
    pile = Pile()
    with st.status(f"Reading {count(len(files), 'file')} …") as status:
        for file in files:
            status.update(label=f"Reading {escape_markdown(file.name[:100])} …")
            pile.add(file.name, file.getvalue())
            let_go(file)
        status.update(label=f"Looking up {count(len(pile.films), 'film')} …")
        draft = Draft.of(pile.films, recommender) if pile.films else None
    brought.begin(draft, visit.version, pile.told, pile.problems)


def let_go(file: UploadedFile) -> None:
    """Take a file out of the server's memory, where Streamlit keeps it until a visit ends."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
