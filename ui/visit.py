"""One person's visit: what Streamlit keeps between reruns, and the address that outlives it.

Streamlit may abandon a run at any call to it, callbacks included, when the next click comes in. So
that no click is lost, callbacks here change only plain Python objects, and a rating is taken from
the state its control is in when a run begins, not from the event of clicking it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from recommender import Movie, Recommender
from ui import link
from ui.asking import Answer, Question, ask
from ui.taste import MovieId, Taste
from ui.words import escape_markdown

__all__ = ["SAID", "Visit", "begin"]

SAID = {"Like": 1, "Seen": 0, "Dislike": -1}
"""What the rating control offers, and what it means."""

_STEP = {1: "like of", 0: "seen mark on", -1: "dislike of", None: "removal of"}
_DONE = {1: "Liked", 0: "Marked as seen:", -1: "Disliked"}


@dataclass
class Visit:
    """State of one browser tab. Never shared: it holds a person's ratings."""

    taste: Taste
    version: str
    linked: list[tuple[str, int]]
    """Ratings in the address bar, as last read or written."""
    saved: dict[MovieId, int]
    """Ratings of which the address bar was last known to be right."""
    notice: str | None = None
    acted: bool = False
    """Whether a widget started this run. If not, a changed address is the Back button's doing."""
    controls: dict[str, tuple[Movie, str | None]] = field(default_factory=dict)
    """Rating controls on the page by key: whose they are, and what they showed when drawn."""
    rating_open: bool = True
    """Whether films to rate are shown, above the recommendations."""
    starters: tuple[Movie, ...] = ()
    passed: set[MovieId] = field(default_factory=set)
    more: int = 0
    """How many recommendations are shown beyond the usual number."""
    listed: int = 30
    """How many of one's own ratings are listed."""
    last: tuple[Question, Answer] | None = None
    shown: list[Movie] = field(default_factory=list)
    """Movies of the cards drawn in this run."""

    def answer(self, recommender: Recommender, question: Question) -> Answer:
        """Ask, unless the last question was the same."""
        last = self.last
        if last is None or last[0] != question:
            last = self.last = (question, ask(recommender, question))
        return last[1]

    def touch(self) -> None:
        """Callback: something was clicked that changes no rating."""
        self.acted, self.notice = True, None

    def undo(self) -> None:
        """Callback: go one step back."""
        self.touch()
        self.taste.undo()

    def remove(self, movie: Movie) -> None:
        """Callback: take a rating back."""
        self.touch()
        self.taste.rate(movie.movie_id, None, f"{_STEP[None]} {movie}")

    def wipe(self) -> None:
        """Callback: forget all ratings."""
        self.touch()
        self.taste.replace({}, "clearing of all ratings")

    def open_rating(self, is_open: bool) -> None:
        """Callback: show or hide the films to rate."""
        self.touch()
        self.rating_open = is_open

    def pass_over(self) -> None:
        """Callback: other films to rate."""
        self.touch()
        self.passed |= {movie.movie_id for movie in self.starters}
        self.starters = ()

    def show_more(self) -> None:
        """Callback: more recommendations."""
        self.touch()
        self.more += 24

    def list_more(self) -> None:
        """Callback: more of one's own ratings."""
        self.touch()
        self.listed += 30


def begin(recommender: Recommender) -> Visit:
    """Find the visit of this run, and bring it in line with clicks, address and index."""
    version = recommender.stats().version
    linked = link.decode({name: st.query_params.get_all(name) for name in st.query_params})
    visit: Visit | None = st.session_state.get("visit")
    if visit is None:
        opened = link.resolve(linked, recommender)
        visit = Visit(Taste(opened.ratings), version, linked, opened.ratings, opened.notice)
        visit.rating_open = not opened.ratings
        st.session_state["visit"] = visit
    _take_ratings(visit)
    if visit.version != version:
        pairs = [(str(movie_id), said) for movie_id, said in visit.taste.ratings.items()]
        opened = link.resolve(pairs, recommender, most=len(pairs))
        # Older steps may name movies this version does not have: they cannot be gone back to.
        visit.taste, visit.version, visit.notice = Taste(opened.ratings), version, opened.notice
        visit.starters, visit.passed = (), set()
    elif not visit.acted and sorted(linked) != sorted(visit.linked):
        opened = link.resolve(linked, recommender)
        visit.taste.replace(opened.ratings, "going back")
        visit.linked, visit.saved, visit.notice = linked, opened.ratings, opened.notice
    if visit.taste.ratings != visit.saved or linked != visit.linked:
        _write_address(visit)
    visit.acted, visit.shown = False, []
    visit.rating_open |= not visit.taste.ratings  # nothing said: there is nothing else to show
    return visit


def _take_ratings(visit: Visit) -> None:
    for key, (movie, drawn) in list(visit.controls.items()):
        if key not in st.session_state:  # not on the page any more
            del visit.controls[key]
            continue
        word = st.session_state[key]
        if word == drawn:
            continue
        said = SAID.get(word)
        visit.touch()
        visit.taste.rate(movie.movie_id, said, f"{_STEP[said]} {movie}")
        visit.controls[key] = (movie, word)
        if said is not None and key.startswith("rate-pick-"):
            # The card is about to leave: say where it went.
            st.toast(f"{_DONE[said]} **{escape_markdown(movie.title)}**. Undo takes it back.")


def _write_address(visit: Visit) -> None:
    ours = link.encode(visit.taste.ratings)
    # One call, because each change of a parameter is one more entry in the browser's history.
    params = {name: st.query_params.get_all(name) for name in st.query_params}
    others = {name: values for name, values in params.items() if name not in link.NAMES}
    st.query_params.from_dict(others | ours)
    visit.linked, visit.saved = link.decode(ours), visit.taste.ratings
