"""Driving the app in Streamlit's harness, where no script runs: answers and clicks of a browser."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html, UnknownElement

from recommender import Profile
from ui.state.taste import EMPTY
from ui.state.visit import STORAGE, Visit

__all__ = [
    "answer",
    "cards",
    "click",
    "group",
    "page",
    "param",
    "profile_in",
    "rate",
    "step",
    "undo",
    "visit",
    "with_browser",
]


def page(app: AppTest) -> str:
    """Everything written as HTML."""
    return "\n".join(block.value for block in app.get("html") if isinstance(block, Html))


def param(app: AppTest, name: str) -> str:
    """One parameter of the address."""
    value = app.query_params.get(name, "")
    return value if isinstance(value, str) else "".join(value)


def visit(app: AppTest) -> Visit:
    """The state of the one visitor."""
    found: Visit = app.session_state["visit"]
    return found


def profile_in(app: AppTest) -> Profile:
    """The profile of the one visitor."""
    return visit(app).taste.profile


def now() -> int:
    """The time as a browser gives it, in milliseconds."""
    return time.time_ns() // 1_000_000


def say(app: AppTest, verb: str, value: object) -> None:
    """Say something as the script that speaks for the browser's storage does."""
    known = visit(app)
    act = [known.taken[STORAGE] + 1, verb, "", value, known.name, now(), known.taste.number]
    app.session_state[STORAGE] = {"acts": [act]}
    app.run()
    assert not app.exception


def answer(
    app: AppTest,
    profile: Profile = EMPTY,
    link: str = "",
    tab: object = None,
    shown: object = None,
    **more: object,
) -> None:
    """Tell the server what the browser keeps; ``more`` are fields of the document."""
    dated = replace(profile, when=dict.fromkeys(profile.films, "2026-01-01T00:00:00.000Z"))
    document = dated.to_dict(source=visit(app).source) | more
    say(app, "document", {"document": document, "link": link, "tab": tab, "shown": shown})


def with_browser(app: AppTest, profile: Profile = EMPTY, link: str = "") -> AppTest:
    """Have each run answered that asks what the browser keeps: nothing yet of other people."""
    plain = vars(app).setdefault("run_without_browser", app.run)

    def run(**given: Any) -> AppTest:
        plain(**given)
        if "visit" in app.session_state and not visit(app).answered:
            answer(app, *((EMPTY,) if visit(app).person else (profile, link)))
        return app

    app.run = run  # type: ignore[method-assign]
    return app


def sent(app: AppTest) -> Any:
    """What the script that speaks for the storage was sent."""
    return _components(app)[STORAGE]


def _components(app: AppTest) -> dict[str, Any]:
    """What each component of the page was sent, by its key."""
    found = {}
    for component in app.get("bidi_component"):
        assert isinstance(component, UnknownElement)
        proto: Any = component.proto
        found[str(component.key)] = json.loads(proto.json)
    return found


def _holding(app: AppTest, film_or_group: str) -> tuple[str, Any]:
    """Give the cards that hold a film or a group, or else those of the page, with their key."""
    of_page, *search = sorted(
        (one for one in _components(app).items() if "groups" in one[1]),
        key=lambda one: one[0] == "cards-search",
    )
    for key, data in (of_page, *search):
        for group in data["groups"]:
            if film_or_group in (group["name"], *(card["id"] for card in group["cards"])):
                return key, data
    return of_page


def group(app: AppTest, name: str) -> dict[str, Any]:
    """Give one group of cards as it was sent to the browser; empty where it is not there."""
    for data in _components(app).values():
        for one in data.get("groups", ()):
            if one["name"] == name:
                found: dict[str, Any] = one
                return found
    return {"cards": [], "under": "", "buttons": []}


def cards(app: AppTest, name: str) -> list[int]:
    """Ids of the films of a group, in order."""
    return [int(card["id"]) for card in group(app, name)["cards"]]


def click(app: AppTest, verb: str, movie_id: object, value: object = None) -> None:
    """Click on a card, or with a group's name on a button beside its heading."""
    key, data = _holding(app, str(movie_id))
    act = [data["ack"] + 1, verb, str(movie_id), value, data["visit"], now(), 0]
    app.session_state[key] = {"acts": [act]}
    app.run()
    assert not app.exception


def rate(app: AppTest, movie_id: int, opinion: int | None) -> None:
    """Click Like, Seen or Dislike; None is the click that takes it back."""
    click(app, "rate", movie_id, opinion)


def step(app: AppTest) -> str:
    """What the undo button says that it would do; nothing where it is disabled."""
    words: str = _components(app)[STORAGE]["step"]
    return words


def undo(app: AppTest) -> None:
    """Click on it."""
    say(app, "undo", None)


def go(app: AppTest, name: str) -> None:
    """Go to a page, as a click that leads there does."""
    visit(app).goes_to = name
    app.run()
    assert not app.exception
