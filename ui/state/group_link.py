"""A link for several people, opened and made: ``#together=Ana~CODE,Ben~CODE``."""

from __future__ import annotations

from dataclasses import replace

from recommender import InvalidInputError, Recommender
from ui.state import link
from ui.state.link import MOST_PEOPLE, Entry
from ui.state.people import People, Person
from ui.state.taste import said_in
from ui.state.visit import ENOUGH, Visit
from ui.text import count, join_words

__all__ = ["code_of", "open_group"]


def code_of(person: Person, recommender: Recommender) -> str | None:
    """Write what somebody rated as a code; None where it is too much for one."""
    return link.encode(replace(person.visit.profile, watchlist=(), hidden=()), recommender)


def open_group(people: People, visit: Visit, code: str, recommender: Recommender) -> None:
    """Add the people of a link, and let a visit go to their page, with a notice that names them."""
    try:
        entries = link.decode_group(code, recommender)
    except InvalidInputError as problem:
        visit.notice = f"{problem}."
        return
    found = [entry for entry in entries if len(entry.opened.profile)]
    own = _own_among(found, people)
    lines = [] if own is None else _recognise(own, people)
    names = [people.own.shown_name if one is own else _take_in(one, people) for one in found]
    if taken := [name for name in names if name]:
        lines.insert(0, f"From the link: {join_words(taken)}.")
    if left := [one.name for one, name in zip(found, names, strict=True) if not name]:
        lines.append(f"There was no room for {join_words(left)}: at most {MOST_PEOPLE} people.")
    lines += [f"{one.name}: {one.opened.notice}" for one in entries if one.opened.notice]
    visit.notice, visit.goes_to = " ".join(lines), "together"


def _own_among(entries: list[Entry], people: People) -> Entry | None:
    """Return the entry that is of whom the device belongs to."""
    for entry in entries:
        if entry.name.casefold() == people.own.name.casefold():
            return entry
    same = [
        entry
        for entry in entries
        # A few films may be anybody's.
        if len(entry.opened.profile) >= ENOUGH and _says_all_of(people.own, entry)
    ]
    return max(same, key=lambda entry: len(entry.opened.profile), default=None)


def _says_all_of(person: Person, entry: Entry) -> bool:
    return said_in(entry.opened.profile).items() <= said_in(person.visit.profile).items()


def _recognise(own: Entry, people: People) -> list[str]:
    """Take an entry for one's own, and say what has to be said about it."""
    if not people.own.name and not people.named(own.name):
        people.rename(people.own, own.name)
    if _says_all_of(people.own, own):
        return []
    return [f"{own.name} was taken for you, by the name: nothing was added to your ratings."]


def _take_in(entry: Entry, people: People) -> str | None:
    """Add somebody of a link, or what it says of somebody, and return the name they have here.

    None where there is no room.
    """
    said, person = said_in(entry.opened.profile), people.named(entry.name)
    if person is None or person is people.own:
        if len(people.everyone) >= MOST_PEOPLE:
            return None
        return people.add_taste(people.free_name(entry.name), said).name
    person.visit.taste.say(said, f"adding of {count(len(said), 'film')}")
    if not person.here:
        people.set_here(person, True)
    return person.name
