"""One person's visit: what Streamlit keeps between reruns, and the address that outlives it.

Streamlit may abandon a run at any call to it, callbacks included, when the next click comes in. So
that no click is lost, callbacks here change only plain Python objects, and what was done to cards
is taken from a list of clicks when a run begins: the browser repeats it until it was taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recommender import IndexStats, Movie, Recommender
from ui.server.open_index import version_of
from ui.state import link, remembering
from ui.state.questions import Question
from ui.state.taste import MovieId, Said, Taste
from ui.text import escape_markdown

__all__ = ["ENOUGH", "PARAMETER", "Visit", "begin", "hold"]

T = TypeVar("T")

_STEP = {1: "like of", 0: "seen mark on", -1: "dislike of", None: "removal of"}
_DONE = {1: "Liked", 0: "Marked as seen:", -1: "Disliked"}
_FOR_ALL = ("others", "done", "more", "undo")  # clicks that are about no film
_PARTS, _MOST_CLICKS, _LONGEST_ID = 6, 1 << 53, 1_000  # of a click, of a visit, of a film
_MORE = 24
ENOUGH = 3
"""Ratings from which on there is a list of one's own."""
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
    moved: bool = False
    """Whether this run follows an address that the Back or Forward button brought."""
    came: bool = False
    """Whether this run is the first on its page."""
    page: str = ""
    source: str = ""
    """Name of the source of the ratings, by whose ids films are known."""
    partial: bool = False
    """Whether more was said than the address holds, and nothing else holds it."""
    taken: dict[str, int] = field(default_factory=dict)
    """Number of the last click taken from each component, by its key."""
    held: dict[str, list[Any]] = field(default_factory=dict)
    """Clicks that came while the index could not be asked, by the key of their component."""
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    """What clicks are marked with, so that those of a visit that was lost are not taken again."""
    written: dict[str, Said] = field(default_factory=dict)
    """What each code meant that stood in the address, which may hold less than was said."""
    elsewhere: dict[str, Said] = field(default_factory=dict)
    """What was said in other collections, by the name of their source."""
    rating_open: bool = True
    """Whether films to rate are shown, above the recommendations."""
    starters: tuple[Movie, ...] = ()
    passed: set[MovieId] = field(default_factory=set)
    more: int = 0
    """How many recommendations are shown beyond the usual number."""
    asked: Question | None = None
    """What Home asked last."""
    found: dict[str, tuple[object, object]] = field(default_factory=dict)
    """What was worked out last of each name, after what it depends on."""
    chosen: MovieId | None = None
    """The film whose like, or whose calculation, is looked at."""
    goes_to: str | None = None
    """The page a click led to."""

    def once(self, name: str, question: object, work: Callable[[], T]) -> T:
        """Work something out, unless the last question of that name was the same."""
        last = self.found.get(name)
        if last is None or last[0] != (self.version, question):
            last = self.found[name] = ((self.version, question), work())
        return cast("T", last[1])

    def touch(self) -> None:
        """Callback: something was clicked, so that what was said before was read."""
        self.notice = None

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
            said = None if value is None else int(cast("int", value))
            taste.rate(movie_id, said, f"{_STEP[said]} {movie}")
            if said is not None and movie not in self.starters:
                self._toast(f"{_DONE[said]} **{escape_markdown(movie.title)}**.")
            elif said is not None and len(taste.ratings) == ENOUGH:
                st.toast("Your own list is ready below. More films make it better.")
        elif verb == "save" and value:
            taste.watch(movie_id, f"saving of {movie}")
        elif verb == "hide" and value:
            taste.hide(movie_id, f"hiding of {movie}")
            self._toast(f"No more **{escape_markdown(movie.title)}**.")
        elif verb in ("save", "hide"):
            taste.forget(movie_id, f"{_STEP[None]} {movie}")
        elif verb == "pass":
            taste.mark(f"passing over of {movie}", (self.starters, self.passed))
            self.passed = self.passed | {movie_id}
        elif verb in ("similar", "how"):
            self.chosen, self.goes_to = movie_id, verb

    def _do_for_all(self, verb: str) -> None:
        if verb == "others":
            self.taste.mark("change of films", (self.starters, self.passed))
            self.passed = self.passed | {movie.movie_id for movie in self.starters}
            self.starters = ()
        elif verb == "done":
            self.rating_open = False
        elif verb == "more":
            self.more += _MORE
        elif verb == "undo":
            step = self.taste.undo()
            if step and isinstance(step.shown, tuple):
                self.starters, self.passed = step.shown

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
        visit = Visit(Taste(opened.said), version, linked, opened.said, opened.notice)
        visit.source = stats.source.name
        visit.rating_open = len(opened.said.ratings) < ENOUGH
        st.session_state["visit"] = visit
    visit.came = visit.page != page
    visit.moved = _by_history() and not visit.came
    if visit.version != version:
        _move(visit, recommender, stats)
    for verb, movie, value in _clicks(visit, recommender):
        visit.do(verb, movie, value)
    if visit.moved and linked != visit.linked:
        _go_back(visit, linked, recommender)
    visit.page = page  # whose address, of a page just come to, says nothing yet
    if visit.taste.said != visit.saved:
        visit.linked, whole = link.encode_some(visit.taste.said, recommender)
        visit.partial = not (whole or remembering.active())
        visit.saved = visit.taste.said
        latest = [*visit.written.items()][-visit.taste.steps_kept :]
        visit.written = {**dict(latest), visit.linked: visit.saved}
    if linked != visit.linked:
        _write_address(visit.linked)
    remembering.keep(visit.taste.said)
    visit.notice = remembering.news() or visit.notice
    visit.rating_open |= not visit.taste.ratings  # nothing said: there is nothing else to show
    return visit


def hold() -> None:
    """Keep the clicks of a run that cannot take them for one that can."""
    visit: Visit | None = st.session_state.get("visit")
    if visit is not None:
        for key in visit.taken:
            visit.held.setdefault(key, []).extend(_acts(key))


def _acts(key: str) -> list[Any]:
    state = st.session_state.get(key)
    acts = state.get("acts") if isinstance(state, Mapping) else None
    return [act for act in acts if _sound(act)] if isinstance(acts, list) else []


def _by_history() -> bool:
    """Tell whether the Back or Forward button brought this run about."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _opened(linked: str, recommender: Recommender) -> link.Opened:
    """Give what a new page begins with: what its address says, or else what is remembered."""
    mine = remembering.recall()
    opened = link.decode(linked, recommender)
    if mine is None:
        return opened
    if linked in ("", link.encode_some(mine, recommender)[0]):
        return link.Opened(mine)
    if not opened.said:
        return link.Opened(mine, f"{opened.notice or ''} Here is your own list.".strip())
    remembering.set_aside()
    return replace(opened, notice=opened.notice or _ANOTHER)


def _go_back(visit: Visit, linked: str, recommender: Recommender) -> None:
    """Follow the address to what it meant when it was written."""
    visit.linked = linked
    if not linked and remembering.active():
        return  # an address from before they were recalled
    opened = link.decode(linked, recommender)
    said = visit.written.get(linked, opened.said)
    visit.taste.replace(said, "step back")
    visit.saved, visit.notice = said, None if linked in visit.written else opened.notice


def _move(visit: Visit, recommender: Recommender, stats: IndexStats) -> None:
    """Go on with another version of the index, or another index."""
    if stats.source.name == visit.source:
        films = visit.taste.films()
        found = recommender.find(f"id:{movie_id}" for movie_id in films)
        gone = {known for known, movie in zip(films, found, strict=True) if movie is None}
        lost = len(gone & {*visit.taste.said})
        visit.taste.drop(gone)
        noun = "film is" if lost == 1 else "films are"
        words = f"The ratings were renewed: {lost:,} {noun} not among them any more."
        visit.notice = words if lost else None
        visit.chosen = None if visit.chosen in gone else visit.chosen
    else:
        visit.elsewhere[visit.source] = visit.taste.said
        mine = remembering.recall() if remembering.active() else None
        mine = mine or visit.elsewhere.get(stats.source.name)
        opened = link.Opened(mine) if mine else link.decode(visit.linked, recommender)
        # Earlier steps, and clicks not yet taken, name films by the ids of another collection.
        visit.held = {}
        for key, taken in visit.taken.items():
            fresh = (act[0] for act in _acts(key) if act[4] == visit.name)
            visit.taken[key] = max([taken, *fresh])
        visit.taste, visit.notice, visit.chosen = Taste(opened.said), opened.notice, None
    visit.version, visit.source = version_of(stats), stats.source.name
    visit.starters, visit.passed, visit.asked = (), set(), None
    visit.found, visit.written = {}, {}


def _clicks(visit: Visit, recommender: Recommender) -> Iterator[tuple[str, Movie | None, object]]:
    """Give what was clicked since the last run, in the order of the clicks."""
    fresh = []
    for key in visit.taken:
        for act in [*visit.held.pop(key, []), *_acts(key)]:
            number, verb, movie_id, value, name, at = act
            if name == visit.name and number > visit.taken[key]:
                visit.taken[key] = number
                fresh.append((at, verb, movie_id, value))
    for _, verb, movie_id, value in sorted(fresh, key=lambda act: act[0]):
        movie = None if verb in _FOR_ALL else _find(movie_id, recommender)
        if movie is not None or verb in _FOR_ALL:
            yield verb, movie, value


def _sound(act: object) -> bool:
    """Tell whether this is a click: the page may be of another version, or not be ours at all."""
    if not isinstance(act, list) or len(act) != _PARTS:
        return False
    number, verb, movie_id, value, _, at = act
    return (
        isinstance(number, int)
        and 0 < number < _MOST_CLICKS
        and isinstance(verb, str)
        and isinstance(movie_id, str)
        and len(movie_id) <= _LONGEST_ID
        and (value is None or isinstance(value, int))
        and isinstance(at, int | float)
        and abs(at) < _MOST_CLICKS
    )


def _find(movie_id: str, recommender: Recommender) -> Movie | None:
    (movie,) = recommender.find([f"id:{movie_id}"])
    return movie


def _write_address(code: str) -> None:
    # One call, because each change of a parameter is one more entry in the browser's history.
    params = {name: st.query_params.get_all(name) for name in st.query_params}
    params.pop(PARAMETER, None)
    st.query_params.from_dict(params | ({PARAMETER: [code]} if code else {}))
