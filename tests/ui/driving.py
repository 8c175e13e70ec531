"""Driving the app in Streamlit's harness: what is on the cards, and clicks on them."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html, UnknownElement

from recommender import Profile
from ui.state.visit import Visit

__all__ = [
    "cards",
    "click",
    "code",
    "group",
    "page",
    "param",
    "profile_in",
    "rate",
    "step",
    "undo",
    "visit",
]


def page(app: AppTest) -> str:
    """Everything written as HTML."""
    return "\n".join(block.value for block in app.get("html") if isinstance(block, Html))


def param(app: AppTest, name: str) -> str:
    """One parameter of the address."""
    value = app.query_params.get(name, "")
    return value if isinstance(value, str) else "".join(value)


def code(app: AppTest) -> str:
    """The taste in the address."""
    return param(app, "taste")


def visit(app: AppTest) -> Visit:
    """The state of the one visitor."""
    found: Visit = app.session_state["visit"]
    return found


def profile_in(app: AppTest) -> Profile:
    """The profile of the one visitor."""
    return visit(app).taste.profile


def _key(app: AppTest) -> str:
    """That of the cards of the page that is open."""
    (key,) = visit(app).taken.keys() - {"cards-undo"}
    return key


def _data(app: AppTest, key: str = "") -> Any:
    key = key or _key(app)
    for component in app.get("bidi_component"):
        assert isinstance(component, UnknownElement)
        if component.key == key:
            proto: Any = component.proto
            return json.loads(proto.json)
    raise AssertionError(f"no {key} on this page")


def group(app: AppTest, name: str) -> dict[str, Any]:
    """Give one group of cards as it was sent to the browser; empty where it is not there."""
    found: list[dict[str, Any]] = [one for one in _data(app)["groups"] if one["name"] == name]
    return found[0] if found else {"cards": [], "under": "", "buttons": []}


def cards(app: AppTest, name: str) -> list[int]:
    """Ids of the films of a group, in order."""
    return [int(card["id"]) for card in group(app, name)["cards"]]


def click(app: AppTest, verb: str, movie_id: object, value: object = None) -> None:
    """Click on a card, or with a group's name on a button beside its heading."""
    data = _data(app)
    act = [data["ack"] + 1, verb, str(movie_id), value, data["visit"], 1.0]
    app.session_state[_key(app)] = {"acts": [act]}
    app.run()
    assert not app.exception


def rate(app: AppTest, movie_id: int, opinion: int | None) -> None:
    """Click Like, Seen or Dislike; None is the click that takes it back."""
    click(app, "rate", movie_id, opinion)


def step(app: AppTest) -> str:
    """What the undo button says that it would do; nothing where it is disabled."""
    profile: str = _data(app, "cards-undo")["step"]
    return profile


def undo(app: AppTest) -> None:
    """Click on it."""
    data = _data(app, "cards-undo")
    act = [data["ack"] + 1, "undo", "", None, data["visit"], 2.0]
    app.session_state["cards-undo"] = {"acts": [act]}
    app.run()
    assert not app.exception


def go(app: AppTest, name: str) -> None:
    """Go to a page, as a click that leads there does."""
    visit(app).goes_to = name
    app.run()
    assert not app.exception
