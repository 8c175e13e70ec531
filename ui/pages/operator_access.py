"""Whether a visitor is the operator of this server, which they show by its key."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

import streamlit as st

from ui.components.page_parts import note, section
from ui.server.client_ip import client_network
from ui.server.singleton import Singleton
from ui.settings import OperatorSettings
from ui.state.visit import Visit

__all__ = ["Gate", "draw_login", "is_operator"]

_TRIES, _WITHIN = 5, 60.0  # wrong keys, and seconds
_MOST_CALLERS = 10_000
_LONGEST_KEY = 500
_BADGE, _FIELD = "operator", "operator-key"


class Gate:
    """Lets in who knows the key, and for a while no caller who tried too many wrong ones."""

    def __init__(self, key: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._key, self._clock = _digest(key), clock
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()  # the latest caller last
        self._lock = threading.Lock()
        self.badge = object()
        """What a visitor has who was let in; nothing a browser sends can be this."""

    def closed(self, who: str = "") -> bool:
        """Tell whether no key of this caller is looked at now, be it right or wrong."""
        wrong = self._wrong.get(who, deque())
        return len(wrong) == _TRIES and self._clock() - wrong[0] < _WITHIN

    def opens(self, key: str, who: str = "") -> bool:
        """Tell whether this is the key; in the same time for all wrong ones."""
        with self._lock:
            if self.closed(who):
                return False
            right = hmac.compare_digest(_digest(key), self._key)
            if not right:
                self._wrong.setdefault(who, deque(maxlen=_TRIES)).append(self._clock())
                self._wrong.move_to_end(who)
                while len(self._wrong) > _MOST_CALLERS:
                    self._wrong.popitem(last=False)
            return right


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


@Singleton
def _gate() -> Gate | None:
    key = OperatorSettings.read().key
    return Gate(key.get_secret_value()) if key else None


def is_operator() -> bool:
    """Tell whether the visitor of this run is the operator."""
    gate = _gate()
    return gate is not None and st.session_state.get(_BADGE) is gate.badge


def draw_login(visit: Visit) -> None:
    """Draw what an operator is let in by, or the way out; one line where there is no key."""
    gate = _gate()
    if gate is None:
        note("Nobody can be operator: the server was started without KINDRED_OPERATOR_KEY.")
    elif is_operator():
        section("You are the operator", "Until you close this page or leave.")
        st.button("Leave", key="operator-leave", on_click=_leave, args=(visit,))
    else:
        section("Operator", "Whoever runs this server can switch what it serves.")
        st.text_input(
            "Key of the operator",
            key=_FIELD,
            type="password",
            max_chars=_LONGEST_KEY,
            autocomplete="current-password",
            on_change=_try,
            args=(visit, gate),
        )


def _try(visit: Visit, gate: Gate) -> None:
    visit.touch()
    key = st.session_state[_FIELD]
    st.session_state[_FIELD] = ""  # it is kept nowhere
    if not key:
        return
    who = client_network(st.context.ip_address)
    if gate.opens(key, who):
        st.session_state[_BADGE] = gate.badge
    elif gate.closed(who):
        visit.notice = "Too many wrong keys. Wait a minute, then try again."
    else:
        visit.notice = "That is not the key of the operator."


def _leave(visit: Visit) -> None:
    visit.touch()
    st.session_state.pop(_BADGE, None)
