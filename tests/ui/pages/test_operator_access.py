"""Who is let in as operator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.driving import page
from tests.ui.fresh import fresh
from ui.pages.operator import Gate

KEY = "open-sesame-4711"


SCRIPT = """
import streamlit as st
from ui.pages.operator import draw_login, is_operator
from ui.state.taste import EMPTY, Taste
from ui.state.visit import Visit

visit = st.session_state.setdefault("visit", Visit(Taste(), "", "", EMPTY))
draw_login(visit)
st.html(f"<p>operator: {is_operator()}</p><p>{visit.notice}</p>")
"""


@pytest.fixture(autouse=True)
def _own() -> Iterator[None]:
    fresh()
    yield
    fresh()


def opened() -> AppTest:
    """Open the page as another visitor."""
    return AppTest.from_string(SCRIPT, default_timeout=30).run()


def enter(app: AppTest, key: str) -> None:
    """Type a key."""
    app.text_input(key="operator-key").set_value(key).run()
    assert not app.exception


def test_without_a_key_nobody_is_operator() -> None:
    """And nothing is shown but how to have one."""
    app = opened()
    assert "KINDRED_OPERATOR_KEY" in page(app)
    assert "operator: False" in page(app)
    assert not app.text_input
    assert not app.button


def test_who_knows_the_key_is_let_in_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until they leave; the key itself stays nowhere."""
    monkeypatch.setenv("KINDRED_OPERATOR_KEY", KEY)
    app, other = opened(), opened()
    assert "operator: False" in page(app)
    for wrong in (KEY[:-1], KEY + " ", KEY.upper(), "é", ""):
        enter(app, wrong)
        assert "operator: False" in page(app)
    assert "not the key" in page(app)
    enter(app, KEY)
    assert "operator: True" in page(app)
    assert KEY not in repr(app.session_state)
    assert KEY not in page(app)
    assert "operator: False" in page(other.run())
    app.button(key="operator-leave").click().run()
    assert "operator: False" in page(app)


def test_too_many_wrong_keys_make_their_caller_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """In all their tabs, and also with the right key, or guessing would go on."""
    monkeypatch.setenv("KINDRED_OPERATOR_KEY", KEY)
    app = opened()
    for number in range(5):
        enter(app, f"wrong-{number}")
    assert "Wait a minute" in page(app)
    enter(opened(), KEY)
    assert "operator: False" in page(app)


def test_wrong_keys_keep_nobody_else_out() -> None:
    """The operator comes from elsewhere; and who is remembered of those who guess is bounded."""
    gate = Gate(KEY, lambda: 0.0)
    for _ in range(5):
        assert not gate.opens("wrong", "192.0.2.1")
    assert not gate.opens(KEY, "192.0.2.1")
    assert gate.opens(KEY, "192.0.2.2")
    for number in range(10_001):
        gate.opens("wrong", str(number))
    assert len(gate._wrong) == 10_000


def test_after_a_minute_keys_are_looked_at_again() -> None:
    """Five wrong ones within any minute are enough; right ones do not count."""
    now = [0.0]
    gate = Gate(KEY, lambda: now[0])
    for second in (0, 10, 20, 30):
        now[0] = second
        assert not gate.opens("wrong")
        assert gate.opens(KEY)
    now[0] = 59
    assert not gate.opens("wrong")
    assert not gate.opens(KEY)
    now[0] = 60
    assert gate.opens(KEY)
    assert not gate.opens("wrong")
    assert not gate.opens(KEY)
    now[0] = 70
    assert gate.opens(KEY)
