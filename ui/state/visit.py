"""One person's visit: what Streamlit keeps between the runs of one browser tab.

What the visitor said is kept by their browser (see :mod:`ui.state.browser_storage`), which writes
down each click on a film by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import streamlit as st
from pydantic import BaseModel, ValidationError

from recommender import (
    InvalidInputError,
    Movie,
    MovieFilter,
    Opinion,
    Profile,
    RaterFilter,
    Recommender,
)
from ui.state import browser_storage, link
from ui.state.taste import SCALE, MovieId, Said, Taste, said_in
from ui.text import count, done_words, escape_markdown, step_words

__all__ = [
    "ABOUT_A_FILM",
    "ENOUGH",
    "SEARCH",
    "STORAGE",
    "FilterChoice",
    "Guest",
    "Listed",
    "Visit",
]

T = TypeVar("T")

_MORE = 24
_OFTEN = 3  # days on which a film was shown, from which on it comes last
_HALVES = [half / 2 for half in range(1, 11)]
_FILM = "film"
"""Name of the parameter of the address for the film that a page is about."""
ABOUT_A_FILM = ("film", "how")
"""Names of the pages that are about one film."""
STORAGE = "taste"
"""Key of the component that speaks for the browser's storage."""
SEARCH = "search"
"""Key of the field that searches for films."""
ENOUGH = 3
"""Ratings from which on there is a list of one's own."""


@dataclass(frozen=True)
class FilterChoice:
    """Which films a visitor wants to see, how adventurous the list is, and whose ratings count."""

    movies: MovieFilter = field(default_factory=MovieFilter)
    adventurous: float | None = None
    raters: RaterFilter = field(default_factory=RaterFilter)


@dataclass(frozen=True)
class Guest:
    """Somebody's taste that came with a link: it is looked at, and never mixed with one's own."""

    code: str
    profile: Profile


@dataclass
class Listed:
    """Films of a list as they were found. They keep their places until one looks for others."""

    question: object
    films: Sequence[MovieId]
    rows: int
    """How many are shown."""


@dataclass
class Visit:
    """State of one person in one browser tab. Never shared: it holds their ratings."""

    version: str
    source: str
    """Name of the source of the ratings, by whose ids films are known."""
    person: str = ""
    """Id of the person whose visit it is; empty for whom this device belongs to."""
    taste: Taste = field(default_factory=Taste)
    known: bool = False
    """Whether the browser has said what it keeps, and need not say it again."""
    answered: bool = False
    """Whether it has said so once, and pages can be drawn."""
    missing: browser_storage.Missing = field(default_factory=dict)
    """What the browser keeps of films that are not in this index."""
    columns_kept: Mapping[str, object] = field(default_factory=dict)
    """What the browser keeps of how tables are read, by their form: see `transfer.column_form`."""
    columns_chosen: dict[str, dict[str, str]] = field(default_factory=dict)
    """The same, as chosen in this visit."""
    storage: str = ""
    """Why the browser keeps nothing: ``full`` or ``off``; empty where it does."""
    guest: Guest | None = None
    notice: str | None = None
    page: str = ""
    taken: dict[str, int] = field(default_factory=lambda: {STORAGE: 0})
    """Number of the last click taken from each component, by its key."""
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    """What clicks are marked with, so that those of a visit that was lost are not taken again."""
    rating_open: bool = True
    """Whether films to rate are shown, above the recommendations."""
    starters: tuple[Movie, ...] = ()
    starters_of: Mapping[str, Any] | None = None
    """Values of the filters that these were chosen with; None after F5, which changes none."""
    passed: set[MovieId] = field(default_factory=set)
    seen: Mapping[MovieId, int] = field(default_factory=dict)
    """On how many days each film was shown before this visit, as the browser keeps it."""
    more: int = 0
    """How many recommendations are shown beyond the usual number."""
    surprises: list[MovieId] = field(default_factory=list)
    """Films of the watchlist that chance chose, the one that is shown last."""
    filter_values: dict[str, Any] = field(default_factory=dict)
    """What the controls of the filters hold, by name."""
    filters: FilterChoice = field(default_factory=FilterChoice)
    """What the list on Discover was last made with, films left out of it included."""
    found: dict[str, tuple[object, object]] = field(default_factory=dict)
    """Last result of each name, after what it depends on: see :meth:`once`."""
    list_choices: dict[str, str] = field(default_factory=dict)
    """What is chosen on My taste and Together, by name, such as how films are sorted."""
    listed: Listed | None = None
    """The films of a list in the places where they were found."""
    chosen: MovieId | None = None
    """The film that the page is about, where it is about one."""
    goes_to: str | None = None
    """The page a click led to."""

    @property
    def profile(self) -> Profile:
        """What the visitor says of movies now."""
        return self.taste.profile

    @property
    def shown(self) -> Profile:
        """The profile that lists are made for: a guest's while there is one."""
        return self.guest.profile if self.guest else self.profile

    @property
    def left_alone(self) -> frozenset[MovieId]:
        """Films that were shown on several days, and of which nothing is said."""
        said = {*self.profile.films}
        often = (movie_id for movie_id, days in self.seen.items() if days >= _OFTEN)
        return frozenset(movie_id for movie_id in often if movie_id not in said)

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

    def count_missing(self) -> int:
        """Count the films that the visitor spoke of and this index does not know."""
        return sum(1 for name, _ in self.missing.values() if name != "removed")

    def clear_taste(self) -> None:
        """Forget everything, here and in the browser."""
        self.taste.clear("clearing of everything")
        self.missing, self.columns_kept, self.columns_chosen, self.seen = {}, {}, {}, {}

    def recall_columns(self, form: str) -> Mapping[str, str]:
        """Return how a table of this form was read last; empty where none was."""
        kept = self.columns_chosen.get(form) or self.columns_kept.get(form)
        return kept if isinstance(kept, Mapping) else {}

    def keep_guest(self) -> None:
        """Take over what a guest said of films of which the visitor said nothing."""
        if self.guest:
            own = {*self.profile.films}
            new = {one: said for one, said in said_in(self.guest.profile).items() if one not in own}
            self.taste.say(new, f"taking over of {count(len(new), 'film')}")
            self.guest = None

    def close_guest(self) -> None:
        """Return to the visitor's own list."""
        self.guest = None

    def clear_search(self) -> None:
        """Empty the field of the search, which belongs to the page that was left."""
        st.session_state[SEARCH] = ""

    def choose(self, movie_id: MovieId) -> None:
        """Callback: let the page be about a film, one step of the browser's history."""
        self.clear_notice()
        self.chosen = movie_id
        st.query_params[_FILM] = str(movie_id)

    def read_film(self, recommender: Recommender) -> None:
        """Take the film that the address names."""
        linked = st.query_params.get(_FILM)
        (movie,) = recommender.find([f"id:{linked}"]) if linked else (None,)
        self.chosen = movie.movie_id if movie else None
        if linked and movie is None:
            self.notice = "The film of this link is not in this collection."

    @property
    def film_in_address(self) -> str:
        """The film that the address of this page has to name, so that F5 keeps it."""
        about = self.page in ABOUT_A_FILM and self.chosen is not None
        return str(self.chosen) if about else ""

    def go(self, page: str) -> None:
        """Callback: show another page."""
        self.clear_notice()
        self.goes_to = page

    def open_rating(self, is_open: bool) -> None:
        """Callback: show or hide the films to rate."""
        self.clear_notice()
        self.rating_open = is_open

    def take(self, verb: str, movie: Movie | None, value: object, at: int) -> None:
        """Apply one click on a card, or on a button beside a heading."""
        self.clear_notice()
        if movie is None:
            self._take_for_all(verb)
            return
        movie_id, taste = movie.movie_id, self.taste
        if verb == "rate" and value in (1, 0, -1, None):
            opinion = None if value is None else Opinion(value)
            taste.rate(movie_id, opinion, f"{step_words(opinion)} {movie}", at)
            starters = self.starters if self.rating_open else ()
            if opinion is not None and movie not in starters:
                self._toast(f"{done_words(opinion)} **{escape_markdown(movie.title)}**.")
            elif opinion is not None and len(self.profile) == ENOUGH:
                st.toast("Your list is ready below. Each further rating makes it better.")
        elif verb == "stars" and isinstance(value, int | float) and value in _HALVES:
            said = Said(SCALE.opinion(value), float(value))
            taste.say({movie_id: said}, f"{value:g} stars for {movie}", at)
        elif verb == "stars" and value is None:
            said = said_in(self.profile).get(movie_id, Said())._replace(stars=None)
            taste.say({movie_id: said}, f"removal of stars for {movie}", at)
        elif verb == "save" and value:
            taste.watch(movie_id, f"saving of {movie}", at)
        elif verb == "hide" and value:
            taste.hide(movie_id, f"hiding of {movie}", at)
            self._toast(f"Not interested in **{escape_markdown(movie.title)}**.")
        elif verb in ("save", "hide"):
            taste.forget(movie_id, f"{step_words(None)} {movie}", at)
        elif verb == "pass":
            # A step that changes no rating, so that Undo brings the same films back.
            taste.mark(f"skipping of {movie}", self._to_rate)
            self.passed = self.passed | {movie_id}
        elif verb in ABOUT_A_FILM:
            self.chosen, self.goes_to = movie_id, verb

    @property
    def _to_rate(self) -> object:
        return self.starters, self.passed, self.starters_of

    def _take_for_all(self, verb: str) -> None:
        if verb == "others":
            self.taste.mark("change of films", self._to_rate)
            self.passed = self.passed | {movie.movie_id for movie in self.starters}
            self.starters = ()
        elif verb == "done":
            self.rating_open = False
        elif verb == "more":
            self.more += _MORE
        elif verb == "undo":
            shown = self.taste.undo()
            if isinstance(shown, tuple):
                self.starters, self.passed, self.starters_of = shown

    def _toast(self, text: str) -> None:
        st.toast(f"{text} Undo takes it back.")

    def hear(self, verb: str, value: object, recommender: Recommender) -> None:
        """Take what the browser says by itself, and no person clicked."""
        if verb == "storage":
            self.storage = str(value)
        elif verb == "link":  # none, where Back led to an address without one
            self.guest = None
            self._open_link(value, recommender)
        elif verb == "changes":
            self.merge(value, recommender)
        elif isinstance(value, Mapping):
            self.merge(value.get("document"), recommender)
            if isinstance(kept := value.get("columns"), Mapping):
                self.columns_kept = kept
            self.seen = browser_storage.read_shown(value.get("shown"), recommender)
            if films := self.count_missing():
                self.notice = (
                    f"{count(films, 'film')} you rated elsewhere: not in this collection. "
                    "Your browser keeps them."
                )
            self._open_link(value.get("link"), recommender)
            if not self.answered:
                self.rating_open = len(self.profile) < ENOUGH and not self.guest
                self._restore(value.get("tab"), recommender)
            self.known = self.answered = True

    def merge(self, document: object, recommender: Recommender) -> None:
        """Take over what the browser keeps, or part of it."""
        try:
            stored = browser_storage.read(document, recommender)
        except InvalidInputError as problem:
            self.notice = f"What this browser keeps for you cannot be read: {problem}."
            return
        if stored.cleared > self.taste.cleared:
            self.missing, self.seen = {}, {}
        self.taste.merge(stored.films, stored.cleared)
        self.missing |= stored.missing

    def _open_link(self, code: object, recommender: Recommender) -> None:
        if not isinstance(code, str) or not code:
            return
        opened = link.decode(code, recommender)
        self.notice = opened.notice or self.notice
        # Whoever opens a link to their own taste is no guest.
        if said_in(opened.profile).items() - said_in(self.profile).items():
            self.guest = Guest(code, opened.profile)

    def tab_state(self) -> dict[str, Any]:
        """Return what F5 must not change, for the browser to keep as long as its tab is open."""
        return _TabState(
            version=self.version,
            starters=[movie.movie_id for movie in self.starters],
            passed=[*self.passed],
            rating_open=self.rating_open,
            filters=self.filter_values,
            surprises=self.surprises,
            list_choices=self.list_choices,
        ).model_dump()

    def _restore(self, given: object, recommender: Recommender) -> None:
        try:
            tab = _TabState.model_validate(given)
        except ValidationError:  # there is none yet, or it is an older one
            return
        if tab.version == self.version:
            found = recommender.find(f"id:{movie_id}" for movie_id in tab.starters)
            self.starters = tuple(movie for movie in found if movie is not None)
            self.passed, self.rating_open = {*tab.passed}, tab.rating_open
            self.filter_values, self.surprises = tab.filters, tab.surprises
            self.list_choices = tab.list_choices


class _TabState(BaseModel):
    version: str
    starters: list[MovieId]
    passed: list[MovieId]
    rating_open: bool
    filters: dict[str, Any]
    surprises: list[MovieId] = []
    list_choices: dict[str, str] = {}
