"""One person's visit: what Streamlit keeps between reruns, and the address that outlives it.

Streamlit may abandon a run at any call to it, callbacks included, when the next click comes in. So
that no click is lost, callbacks here change only plain Python objects, and what was done to cards
is taken from a list of clicks when a run begins: the browser repeats it until it was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

import streamlit as st

from recommender import IndexStats, Movie, Recommender
from ui import link, remembering
from ui.asking import Answer, Question, ask
from ui.engine import version_of
from ui.taste import NOTHING, MovieId, Said, Taste
from ui.words import escape_markdown

__all__ = ["PARAMETER", "Visit", "begin"]

T = TypeVar("T")

_STEP = {1: "like of", 0: "seen mark on", -1: "dislike of", None: "removal of"}
_DONE = {1: "Liked", 0: "Marked as seen:", -1: "Disliked"}
_FOR_ALL = ("others", "done", "more", "undo")  # clicks that are about no film
_MORE = 24
_ANOTHER = "This address holds another list. Your own is remembered, and stays as it is."
PARAMETER = "taste"
"""Name of the parameter of the address."""


@dataclass
class Visit:
    """State of one browser tab. Never shared: it holds a person's ratings."""

    taste: Taste
    version: str
    linked: str
    """The code in the address bar, as last read or written."""
    saved: Said
    """What the address bar was last known to say."""
    notice: str | None = None
    acted: bool = False
    """Whether a widget was used since the last run."""
    moved: bool = False
    """Whether this run follows an address that was changed by hand or by the Back button."""
    came: bool = False
    """Whether this run is the first on its page."""
    page: str = ""
    source: str = ""
    """Name of the source of the ratings, by whose ids films are known."""
    taken: dict[str, int] = field(default_factory=dict)
    """Number of the last click taken from each component of cards, by its key."""
    rating_open: bool = True
    """Whether films to rate are shown, above the recommendations."""
    starters: tuple[Movie, ...] = ()
    passed: set[MovieId] = field(default_factory=set)
    more: int = 0
    """How many recommendations are shown beyond the usual number."""
    last: tuple[Question, Answer] | None = None
    found: dict[str, tuple[object, object]] = field(default_factory=dict)
    """What was worked out last of each name, after what it depends on."""
    chosen: MovieId | None = None
    """The film whose like, or whose calculation, is looked at."""
    goes_to: str | None = None
    """The page a click led to."""

    def answer(self, recommender: Recommender, question: Question) -> Answer:
        """Ask, unless the last question was the same."""
        last = self.last
        if last is None or last[0] != question:
            last = self.last = (question, ask(recommender, question))
        return last[1]

    def once(self, name: str, question: object, work: Callable[[], T]) -> T:
        """Work something out, unless the last question of that name was the same."""
        last = self.found.get(name)
        if last is None or last[0] != (self.version, question):
            last = self.found[name] = ((self.version, question), work())
        return cast("T", last[1])

    def touch(self) -> None:
        """Callback: something was clicked that changes no rating."""
        self.acted, self.notice = True, None

    def remove(self, movie: Movie) -> None:
        """Callback: take back whatever was said of a film."""
        self.touch()
        self.taste.forget(movie.movie_id, f"{_STEP[None]} {movie}")

    def wipe(self) -> None:
        """Callback: forget everything said."""
        self.touch()
        self.taste.replace(Said(), "clearing of everything")

    def go(self, page: str) -> None:
        """Callback: show another page."""
        self.touch()
        self.goes_to = page

    def open_rating(self, is_open: bool) -> None:
        """Callback: show or hide the films to rate."""
        self.touch()
        self.rating_open = is_open

    def do(self, verb: str, movie: Movie | None, value: object) -> None:
        """Take one click on a card, or on a button beside a heading."""
        self.touch()
        if movie is None:
            self._do_for_all(verb)
            return
        movie_id, taste = movie.movie_id, self.taste
        if verb == "rate" and value in (1, 0, -1, None):
            said = None if value is None else int(str(value))
            taste.rate(movie_id, said, f"{_STEP[said]} {movie}")
            if said is not None and movie not in self.starters:
                self._toast(f"{_DONE[said]} **{escape_markdown(movie.title)}**.")
        elif verb == "save" and value:
            taste.watch(movie_id, f"saving of {movie}")
        elif verb == "hide" and value:
            taste.hide(movie_id, f"hiding of {movie}")
            self._toast(f"No more **{escape_markdown(movie.title)}**.")
        elif verb in ("save", "hide"):
            taste.forget(movie_id, f"{_STEP[None]} {movie}")
        elif verb == "pass":
            self.passed.add(movie_id)
        elif verb in ("similar", "how"):
            self.chosen, self.goes_to = movie_id, verb

    def _do_for_all(self, verb: str) -> None:
        if verb == "others":
            self.passed |= {movie.movie_id for movie in self.starters}
            self.starters = ()
        elif verb == "done":
            self.rating_open = False
        elif verb == "more":
            self.more += _MORE
        elif verb == "undo":
            self.taste.undo()

    def _toast(self, text: str) -> None:
        st.toast(f"{text} Undo takes it back.")


def begin(recommender: Recommender, page: str) -> Visit:
    """Find the visit of this run, and bring it in line with clicks, address and index."""
    stats = recommender.stats()
    version = version_of(stats)
    linked = st.query_params.get(PARAMETER, "")
    visit: Visit | None = st.session_state.get("visit")
    if visit is None:
        opened = _opened(linked, recommender)
        # What is remembered is not in the address yet.
        saved = opened.said if linked else NOTHING
        visit = Visit(Taste(opened.said), version, linked, saved, opened.notice)
        visit.page, visit.source = page, stats.source.name
        visit.rating_open = not opened.said.ratings
        st.session_state["visit"] = visit
    for verb, movie, value in _clicks(visit, recommender):
        visit.do(verb, movie, value)
    visit.came = visit.page != page
    visit.moved = not (visit.acted or visit.came)
    if visit.version != version:
        _move(visit, recommender, stats)
    elif visit.moved and linked != visit.linked:
        opened = link.decode(linked, recommender)
        visit.taste.replace(opened.said, "going back")
        visit.linked, visit.saved, visit.notice = linked, opened.said, opened.notice
    visit.page = page  # whose address, of a page just come to, says nothing yet
    if visit.taste.said != visit.saved:
        visit.linked = link.encode_latest(visit.taste.said, recommender)
        visit.saved = visit.taste.said
    if linked != visit.linked:
        _write_address(visit.linked)
    remembering.keep(visit.taste.said)
    visit.notice = remembering.news() or visit.notice
    visit.acted = False
    visit.rating_open |= not visit.taste.ratings  # nothing said: there is nothing else to show
    return visit


def _opened(linked: str, recommender: Recommender) -> link.Opened:
    """Give what a new page begins with: what its address says, or else what is remembered."""
    mine = remembering.recall()
    if mine is None:
        return link.decode(linked, recommender)
    if linked in ("", link.encode_latest(mine, recommender)):
        return link.Opened(mine)
    remembering.set_aside()
    opened = link.decode(linked, recommender)
    return replace(opened, notice=opened.notice or _ANOTHER)


def _move(visit: Visit, recommender: Recommender, stats: IndexStats) -> None:
    """Go on with another version of the index, or another index."""
    said = visit.taste.said
    if stats.source.name == visit.source:
        opened = _known(said, recommender)
    else:
        opened = link.decode(visit.linked, recommender)
    # Older steps may name movies this version does not have: they cannot be gone back to.
    visit.taste, visit.notice = Taste(opened.said), opened.notice
    visit.version, visit.source = version_of(stats), stats.source.name
    visit.starters, visit.passed, visit.chosen, visit.last = (), set(), None, None
    visit.found = {}


def _known(said: Said, recommender: Recommender) -> link.Opened:
    every = (*said.ratings, *said.watchlist, *said.hidden)
    there = recommender.find(f"id:{movie_id}" for movie_id in every)
    gone = {known for known, movie in zip(every, there, strict=True) if movie is None}
    for movie_id in gone:
        said = said.without(movie_id)
    noun = "film is" if len(gone) == 1 else "films are"
    lost = f"The ratings were renewed: {len(gone):,} {noun} not among them any more."
    return link.Opened(said, lost if gone else None)


def _clicks(visit: Visit, recommender: Recommender) -> Iterator[tuple[str, Movie | None, object]]:
    """Give what was clicked on cards since the last run."""
    for key in visit.taken:
        state = st.session_state.get(key)
        for number, verb, movie_id, value in (state and state.get("acts")) or []:
            if number <= visit.taken[key]:
                continue
            visit.taken[key] = number
            movie = None if verb in _FOR_ALL else _find(movie_id, recommender)
            if movie is not None or verb in _FOR_ALL:
                yield verb, movie, value


def _find(movie_id: str, recommender: Recommender) -> Movie | None:
    (movie,) = recommender.find([f"id:{movie_id}"])
    return movie


def _write_address(code: str) -> None:
    # One call, because each change of a parameter is one more entry in the browser's history.
    params = {name: st.query_params.get_all(name) for name in st.query_params}
    params.pop(PARAMETER, None)
    st.query_params.from_dict(params | ({PARAMETER: [code]} if code else {}))
