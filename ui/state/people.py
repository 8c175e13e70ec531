"""The people who watch together on this device, and who of them is rating now.

Each has a visit of their own, and so a taste, filters and lists that are theirs alone. The browser
keeps who they are, and a document for each (see :mod:`ui.state.browser_people`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import streamlit as st

from recommender import InvalidInputError, Profile
from ui.state.link import LONGEST_NAME, MOST_PEOPLE, plain_name
from ui.state.taste import MovieId, Said, Taste
from ui.state.visit import Visit
from ui.text import count

__all__ = ["People", "Person", "Watcher", "current"]

_OWN_NAME = "You"
"""Name of whom this device belongs to, as long as they have given none."""
_KEPT = ("people", "visit", "pages")
"""What stays when somebody else rates; all other state is what pages keep for one person."""


@dataclass(eq=False)
class Person:
    """Somebody on this device."""

    visit: Visit
    name: str = ""
    """As it was given; empty for whom the device belongs to, until they give one."""
    here: bool = True
    """Whether they watch tonight."""

    @property
    def id(self) -> str:
        """What their document is named by; empty for whom the device belongs to."""
        return self.visit.person

    @property
    def shown_name(self) -> str:
        """The name that pages show."""
        return self.name or _OWN_NAME


class Watcher(NamedTuple):
    """Somebody who watches tonight."""

    name: str
    colour: int
    """Place in the palette, from 0."""
    profile: Profile


@dataclass
class People:
    """Everybody on this device."""

    own: Person
    """Whom the device belongs to."""
    others: list[Person] = field(default_factory=list)
    rating: str = ""
    """Id of whoever is rating."""
    turn: str = ""
    """Id of whoever rates from the next run on."""
    heard: bool = False
    """Whether the browser has said whom it keeps."""
    number: int = 0
    """Number of the last change of the list that was made here."""
    known: int = 0
    """Number of the last of them that the browser has."""
    kept: frozenset[str] = frozenset()
    """Ids of those that the browser had when it spoke last."""
    gone: set[str] = field(default_factory=set)
    """Ids of those who were removed here."""

    @property
    def everyone(self) -> tuple[Person, ...]:
        """All of them, whom the device belongs to first."""
        return (self.own, *self.others)

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Their visits."""
        return tuple(person.visit for person in self.everyone)

    @property
    def now(self) -> Person:
        """Whoever is rating."""
        return next((one for one in self.others if one.id == self.rating), self.own)

    @property
    def unsent(self) -> dict[str, Taste]:
        """Tastes that the browser does not know, by id; that of whoever is rating left out.

        It is sent with their visit.
        """
        tastes = {one.id: one.visit.taste for one in self.everyone if one is not self.now}
        return {key: taste for key, taste in tastes.items() if taste.known != taste.number}

    def tonight(self) -> dict[str, Watcher]:
        """Return who watches tonight and has rated something, by name."""
        return {
            person.shown_name: Watcher(person.shown_name, colour, person.visit.profile)
            for colour, person in enumerate(self.everyone)
            if person.here and len(person.visit.profile)
        }

    def free_name(self, wanted: str = "Guest") -> str:
        """Return a name that nobody has: the one wanted, or with a number behind it."""
        name, number = wanted, 1
        while self.named(name):
            number += 1
            name = f"{wanted[: LONGEST_NAME - 2]} {number}"
        return name

    def add(self, text: str) -> Person:
        """Add somebody who has said nothing yet.

        Raises InvalidInputError where the name cannot be used, or there is no room.
        """
        name = self._checked(text)
        if len(self.everyone) >= MOST_PEOPLE:
            raise InvalidInputError(
                f"{MOST_PEOPLE} people are here, {name} would be one more: remove somebody first"
            )
        person = self.newcomer(secrets.token_hex(4), name)
        self.others.append(person)
        self.number += 1
        return person

    def add_taste(self, text: str, said: Mapping[MovieId, Said]) -> Person:
        """Add somebody with what they say of films.

        Raises InvalidInputError as :meth:`add` does.
        """
        person = self.add(text)
        person.visit.taste.say(said, f"adding of {count(len(said), 'film')}")
        return person

    def rename(self, person: Person, text: str) -> None:
        """Give somebody another name.

        Raises InvalidInputError where it cannot be used.
        """
        person.name = self._checked(text, person)
        self.number += 1

    def set_here(self, person: Person, here: bool) -> None:
        """Say whether somebody watches tonight."""
        person.here = here
        self.number += 1

    def remove(self, person: Person) -> None:
        """Forget somebody, with all that they said."""
        self.others.remove(person)
        self.gone.add(person.id)
        for visit in self.visits:  # a list for all of them holds what they rated
            visit.found.pop("together", None)
        self.number += 1

    def hand_to(self, person: Person, page: str) -> None:
        """Let somebody rate from the next run on, beginning on a page."""
        self.now.visit.close_guest()
        self.turn, person.visit.goes_to = person.id, page

    def change_turn(self) -> bool:
        """Let whoever's turn it is rate, and return whether that is another than before."""
        if self.turn not in {one.id for one in self.others}:
            self.turn = ""
        if self.turn == self.rating:
            return False
        # First, as Streamlit may end the run at any of these.
        kept = {*_KEPT}.union(*(one.taken for one in self.visits))
        for key in [*st.session_state]:
            if key not in kept:
                del st.session_state[key]
        self.rating = self.turn
        # Clicks that were not taken yet are in the browser's storage.
        self.now.visit.known, self.now.visit.storage = False, ""
        return True

    def newcomer(self, person_id: str, name: str = "") -> Person:
        """Return somebody who is not on the list yet."""
        own = self.own.visit
        return Person(Visit(own.version, own.source, person_id), name)

    def named(self, name: str) -> Person | None:
        """Return who has a name, in capitals or not."""
        wanted = name.casefold()
        return next((one for one in self.everyone if one.shown_name.casefold() == wanted), None)

    def _checked(self, text: str, whose: Person | None = None) -> str:
        name = plain_name(text)
        if not name:
            raise InvalidInputError("The name is empty: type one")
        if len(name) > LONGEST_NAME:
            raise InvalidInputError(
                f"“{name[:LONGEST_NAME]}…” has {len(name)} characters: "
                f"shorten the name to {LONGEST_NAME}"
            )
        if self.named(name) not in (None, whose):
            raise InvalidInputError(f"The name “{name}” is taken: choose another")
        return name


def current() -> People:
    """Return the people of the browser tab that this run belongs to."""
    people: People = st.session_state["people"]
    return people
