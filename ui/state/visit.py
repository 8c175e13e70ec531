"""One person's visit: what Streamlit keeps between reruns, and the address that outlives it.

Streamlit may abandon a run at any call to it, callbacks included, when the next click comes in. To
lose no click, callbacks here change only plain Python objects, and clicks on cards are taken from a
list when a run begins: the browser repeats them until they were taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recommender import IndexStats, Movie, Opinion, Profile, Recommender
from ui.server.open_index import version_of
from ui.state import link, remembering
from ui.state.filter_choice import FilterChoice
from ui.state.taste import EMPTY, MovieId, Taste
from ui.text import done_words, escape_markdown, step_words

__all__ = ["ENOUGH", "PARAMETER", "Visit", "begin", "keep_clicks", "replace_parameters"]

T = TypeVar("T")

_FOR_ALL = ("others", "done", "more", "undo")  # clicks that are about no film
# Parts of a click as clicks.js sends it; the number up to which JavaScript counts exactly;
# characters of an id.
_PARTS, _MOST_CLICKS, _LONGEST_ID = 6, 1 << 53, 1_000
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
    code: str
    """The code in the address bar, as last read or written."""
    in_address: Profile
    """The profile that the address bar was last known to hold."""
    notice: str | None = None
    from_history: bool = False
    """Whether this run follows an address that the Back or Forward button brought."""
    arrived: bool = False
    """Whether this run is the first on its page."""
    page: str = ""
    source: str = ""
    """Name of the source of the ratings, by whose ids films are known."""
    partial: bool = False
    """Whether the address has no room for all of the profile, and nothing else holds it."""
    taken: dict[str, int] = field(default_factory=dict)
    """Number of the last click taken from each component, by its key."""
    kept_clicks: dict[str, list[Any]] = field(default_factory=dict)
    """Clicks that came while the index could not be asked, by the key of their component."""
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    """What clicks are marked with, so that those of a visit that was lost are not taken again."""
    by_code: dict[str, Profile] = field(default_factory=dict)
    """What each code in the address stood for; the code itself may hold less."""
    other_sources: dict[str, Profile] = field(default_factory=dict)
    """Profiles of other collections, by the name of their source."""
    rating_open: bool = True
    """Whether films to rate are shown, above the recommendations."""
    starters: tuple[Movie, ...] = ()
    passed: set[MovieId] = field(default_factory=set)
    more: int = 0
    """How many recommendations are shown beyond the usual number."""
    filters: FilterChoice = field(default_factory=FilterChoice)
    """What the list on Home was last made with, films left out of it included."""
    found: dict[str, tuple[object, object]] = field(default_factory=dict)
    """Last result of each name, after what it depends on: see :meth:`once`."""
    chosen: MovieId | None = None
    """The film that Similar films and How it works are about."""
    goes_to: str | None = None
    """The page a click led to."""

    @property
    def profile(self) -> Profile:
        """What the visitor says of movies now."""
        return self.taste.profile

    def once(self, name: str, question: object, work: Callable[[], T]) -> T:
        """Work something out, unless the last question of that name was the same."""
        last = self.found.get(name)
        if last is None or last[0] != (self.version, question):
            last = self.found[name] = ((self.version, question), work())
        return cast("T", last[1])

    def clear_notice(self) -> None:
        """Callback: take the notice away, which was read by whoever clicks on."""
        self.notice = None

    def callback(self, act: Callable[..., object], *args: object) -> Callable[[], None]:
        """Return a callback that takes the notice away, and then acts."""

        def run() -> None:
            self.clear_notice()
            act(*args)

        return run

    def clear_taste(self) -> None:
        """Callback: begin again with an empty profile."""
        self.clear_notice()
        self.taste.replace(EMPTY, "clearing of everything")

    def go(self, page: str) -> None:
        """Callback: show another page."""
        self.clear_notice()
        self.goes_to = page

    def open_rating(self, is_open: bool) -> None:
        """Callback: show or hide the films to rate."""
        self.clear_notice()
        self.rating_open = is_open

    def take(self, verb: str, movie: Movie | None, value: object) -> None:
        """Apply one click on a card, or on a button beside a heading."""
        self.clear_notice()
        if movie is None:
            self._take_for_all(verb)
            return
        movie_id, taste = movie.movie_id, self.taste
        if verb == "rate" and value in (1, 0, -1, None):
            opinion = None if value is None else Opinion(value)
            taste.rate(movie_id, opinion, f"{step_words(opinion)} {movie}")
            if opinion is not None and movie not in self.starters:
                self._toast(f"{done_words(opinion)} **{escape_markdown(movie.title)}**.")
            elif opinion is not None and len(self.profile) == ENOUGH:
                st.toast("Your own list is ready below. More films make it better.")
        elif verb == "save" and value:
            taste.watch(movie_id, f"saving of {movie}")
        elif verb == "hide" and value:
            taste.hide(movie_id, f"hiding of {movie}")
            self._toast(f"No more **{escape_markdown(movie.title)}**.")
        elif verb in ("save", "hide"):
            taste.forget(movie_id, f"{step_words(None)} {movie}")
        elif verb == "pass":
            # A step that changes no rating, so that Undo brings the same films back.
            taste.mark(f"passing over of {movie}", (self.starters, self.passed))
            self.passed = self.passed | {movie_id}
        elif verb in ("similar", "how"):
            self.chosen, self.goes_to = movie_id, verb

    def _take_for_all(self, verb: str) -> None:
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
        visit = Visit(Taste(opened.profile), version, linked, opened.profile, opened.notice)
        visit.source = stats.source.name
        visit.rating_open = len(opened.profile) < ENOUGH
        st.session_state["visit"] = visit
    # The address of a page just come to says nothing yet: it is written below.
    visit.arrived = visit.page != page
    visit.from_history = _by_history() and not visit.arrived
    # Before the clicks, which are looked up in the new version.
    if visit.version != version:
        _move(visit, recommender, stats)
    for verb, movie, value in _clicks(visit, recommender):
        visit.take(verb, movie, value)
    if visit.from_history and linked != visit.code:
        _go_back(visit, linked, recommender)
    visit.page = page
    if visit.profile != visit.in_address:
        visit.code, whole = link.encode_some(visit.profile, recommender)
        visit.partial = not (whole or remembering.active())
        visit.in_address = visit.profile
        latest = [*visit.by_code.items()][-visit.taste.steps_kept :]
        visit.by_code = {**dict(latest), visit.code: visit.in_address}
    if linked != visit.code:
        replace_parameters([PARAMETER], {PARAMETER: [visit.code]} if visit.code else {})
    remembering.keep(visit.profile)
    visit.notice = remembering.news() or visit.notice
    visit.rating_open |= not len(visit.profile)  # nothing is rated: there is nothing else to show
    return visit


def keep_clicks() -> None:
    """Keep the clicks of a run that cannot take them for one that can."""
    visit: Visit | None = st.session_state.get("visit")
    if visit is not None:
        for key in visit.taken:
            visit.kept_clicks.setdefault(key, []).extend(_acts(key))


def _acts(key: str) -> list[Any]:
    state = st.session_state.get(key)
    acts = state.get("acts") if isinstance(state, Mapping) else None
    return [act for act in acts if _is_click(act)] if isinstance(acts, list) else []


def _by_history() -> bool:
    """Return whether the Back or Forward button started this run."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _opened(linked: str, recommender: Recommender) -> link.OpenedLink:
    """Choose what a new page begins with: the list of its address, or else the remembered one."""
    mine = remembering.recall()
    opened = link.decode(linked, recommender)
    if mine is None:
        return opened
    if linked in ("", link.encode_some(mine, recommender)[0]):
        return link.OpenedLink(mine)
    if not opened.profile.films:
        return link.OpenedLink(mine, f"{opened.notice or ''} Here is your own list.".strip())
    remembering.set_aside()
    return replace(opened, notice=opened.notice or _ANOTHER)


def _go_back(visit: Visit, linked: str, recommender: Recommender) -> None:
    """Return to the profile that the address stood for when it was written."""
    visit.code = linked
    if not linked and remembering.active():
        return  # an address from before they were recalled
    opened = link.decode(linked, recommender)
    profile = visit.by_code.get(linked, opened.profile)
    visit.taste.replace(profile, "step back")
    visit.in_address, visit.notice = profile, None if linked in visit.by_code else opened.notice


def _move(visit: Visit, recommender: Recommender, stats: IndexStats) -> None:
    """Go on with another version of the index, or another index."""
    if stats.source.name == visit.source:
        films = visit.taste.films()
        found = recommender.find(f"id:{movie_id}" for movie_id in films)
        gone = {movie_id for movie_id, movie in zip(films, found, strict=True) if movie is None}
        lost = len(gone & {*visit.profile.films})
        visit.taste.drop(gone)
        noun = "film is" if lost == 1 else "films are"
        words = f"The ratings were renewed: {lost:,} {noun} not among them any more."
        visit.notice = words if lost else None
        visit.chosen = None if visit.chosen in gone else visit.chosen
    else:
        visit.other_sources[visit.source] = visit.profile
        mine = remembering.recall() if remembering.active() else None
        if mine is None or not mine.films:
            mine = visit.other_sources.get(stats.source.name, EMPTY)
        opened = link.OpenedLink(mine) if mine.films else link.decode(visit.code, recommender)
        # Earlier steps, and clicks not yet taken, name films by the ids of another collection.
        visit.kept_clicks = {}
        for key, taken in visit.taken.items():
            fresh = (act[0] for act in _acts(key) if act[4] == visit.name)
            visit.taken[key] = max([taken, *fresh])
        visit.taste, visit.notice, visit.chosen = Taste(opened.profile), opened.notice, None
    visit.version, visit.source = version_of(stats), stats.source.name
    visit.starters, visit.passed, visit.filters = (), set(), FilterChoice()
    visit.found, visit.by_code = {}, {}


def _clicks(visit: Visit, recommender: Recommender) -> Iterator[tuple[str, Movie | None, object]]:
    """Yield the clicks since the last run, in the order in which they were made."""
    # Of each component only higher numbers than the last one taken: all others are repeated.
    fresh = []
    for key in visit.taken:
        for act in [*visit.kept_clicks.pop(key, []), *_acts(key)]:
            number, verb, movie_id, value, name, at = act
            if name == visit.name and number > visit.taken[key]:
                visit.taken[key] = number
                fresh.append((at, verb, movie_id, value))
    for _, verb, movie_id, value in sorted(fresh, key=lambda act: act[0]):
        movie = None if verb in _FOR_ALL else _find(movie_id, recommender)
        if movie is not None or verb in _FOR_ALL:
            yield verb, movie, value


def _is_click(act: object) -> bool:
    """Return whether this is a click: the page may be older than the server, or not be ours."""
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


def replace_parameters(names: Collection[str], given: Mapping[str, list[str]]) -> None:
    """Put what is given in place of the parameters of these names; all others stay."""
    before = {name: st.query_params.get_all(name) for name in st.query_params}
    after = {name: values for name, values in before.items() if name not in names} | {**given}
    # One call, because each change of a parameter is one more entry in the browser's history.
    if after != before:
        st.query_params.from_dict(after)
