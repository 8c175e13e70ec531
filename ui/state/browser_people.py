"""The list in which a browser keeps the people on this device.

``people.js`` keeps it, beside a document for each (see :mod:`ui.state.browser_storage`). Whoever is
not in it any more was removed in another tab.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from recommender import Recommender
from ui.state import browser_storage
from ui.state.link import LONGEST_NAME, MOST_PEOPLE
from ui.state.people import People

__all__ = ["changes", "hear"]

_Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class _Own(BaseModel):
    name: _Name = ""
    here: bool = True


class _Entry(BaseModel):
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
    name: Annotated[_Name, Field(min_length=1)]
    here: bool


class _List(BaseModel):
    own: _Own = _Own()
    people: list[_Entry]


class _News(BaseModel):
    """What the browser says of them."""

    kept: _List | None
    """None where it keeps nothing."""
    documents: dict[str, Any]
    """What those said whom this tab meets only now, by id."""
    number: int = 0
    """Number of the change that it has written."""
    tastes: dict[str, int] = {}
    """Numbers of the changes of tastes that it has written, by id of the person."""
    rating: str = ""
    """Id of who was rating in this tab before F5."""


def changes(people: People, recommender: Recommender) -> str:
    """Write what the browser does not know yet, as JSON.

    Raises InvalidInputError where there are more than 20,000 films in a list.
    """
    return json.dumps(
        {
            # Another visit of this tab may have had a change of the same number.
            "visit": people.own.visit.name,
            "number": people.number,
            "own": {"name": people.own.name, "here": people.own.here},
            "people": [{"id": one.id, "name": one.name, "here": one.here} for one in people.others],
            "gone": [*people.gone],
            "documents": {
                person_id: {
                    "changes": browser_storage.changes(taste, recommender),
                    "number": taste.number,
                }
                for person_id, taste in people.unsent.items()
            },
        }
    )


def hear(people: People, given: object, recommender: Recommender) -> None:
    """Take what the browser says of them; what it cannot have said is left alone."""
    try:
        news = _News.model_validate(given)
    except ValidationError:  # the page may be older than the server, or not be ours
        return
    people.heard = True
    people.known = max(people.known, min(news.number, people.number))
    for person in people.everyone:
        person.visit.taste.know(news.tastes.get(person.id, 0))
    if news.kept is not None:
        _bring_in_line(people, news.kept)
    for person in people.others:
        if person.id in news.documents:
            person.visit.merge(news.documents[person.id], recommender)
    if not people.rating:
        people.turn = news.rating


def _bring_in_line(people: People, kept: _List) -> None:
    """Take over the list, which another tab may have changed."""
    left = {person.id: person for person in people.others}
    # What was changed here is not overwritten: the browser writes it next.
    is_newer = people.number == people.known
    if is_newer:
        people.own.name, people.own.here = kept.own.name, kept.own.here
    people.others = []
    for entry in kept.people:
        if entry.id in people.gone or len(people.everyone) >= MOST_PEOPLE:
            continue
        person = left.pop(entry.id, None)
        if person is None or is_newer:
            person = person or people.newcomer(entry.id)
            # Two tabs may have given one name to two people.
            person.name, person.here = people.free_name(entry.name), entry.here
        people.others.append(person)
    # Those who were in the list and are so no more were removed.
    people.others += [one for one in left.values() if one.id not in people.kept]
    people.kept = frozenset(entry.id for entry in kept.people)
