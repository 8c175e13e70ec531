"""For whoever runs this server and shows its key: storage and the cost of posters."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator

import streamlit as st

from recommender import Recommender
from recommender.storage.storage_report import Part
from ui.components.page_parts import facts, note, section
from ui.posters.fetcher import Budget, posters
from ui.server.client_ip import client_network
from ui.server.singleton import Singleton
from ui.settings import OperatorSettings
from ui.state.visit import Visit
from ui.text import count

__all__ = ["Gate", "budget_facts", "draw", "draw_login", "is_operator", "storage_facts"]

# So many wrong keys of one caller within so many seconds, and it has to wait.
_TRIES, _WITHIN = 5, 60.0
_MOST_CALLERS = 10_000
_LONGEST_KEY = 500
_BADGE, _FIELD = "operator", "operator-key"


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the way in and, for who is in, what only the operator may see."""
    with st.expander("For whoever runs this server", expanded=is_operator()):
        draw_login(visit)
        if not is_operator():
            return
        section("Storage", "How the version that answers is stored.")
        facts(storage_facts(recommender))
        service = posters()
        section("Posters", "Pictures and plots from OMDb.")
        if service is None:
            note("There are none: the server was started without OMDB_API_KEY.")
        else:
            facts(budget_facts(service.budget()))


def storage_facts(recommender: Recommender) -> Iterator[tuple[str, str]]:
    """Yield what is known of the storage of an index, by name."""
    stats, storage = recommender.stats(), recommender.storage()
    yield "Place", stats.place
    yield "Ingested as", stats.source.name
    yield "Engine", storage.engine
    if storage.nodes is not None:
        yield "Nodes", f"{storage.nodes:,}"
    yield "Raters", _part(storage.users)
    yield "Films", _part(storage.movies)


def _part(part: Part) -> str:
    parts = [
        count(part.points, "point"),
        "" if part.indexed is None else f"{part.indexed:,} indexed",
        count(part.segments, "segment"),
        "" if part.disk is None else f"{_megabytes(part.disk)} on disk",
        part.status or "",
        "" if part.shards is None else count(part.shards, "shard"),
        f"{part.replicas} of each" if part.replicas else "",
        f"{part.inactive} out of use" if part.inactive else "",
    ]
    return ", ".join(filter(None, parts))


def budget_facts(budget: Budget) -> Iterator[tuple[str, str]]:
    """Yield what OMDb has cost and returned, by name."""
    yield "Requests today", f"{budget.requests:,} of {budget.limit:,} (a day begins at 0:00 UTC)"
    yield "Kept", f"{count(budget.pictures, 'picture')}, {_megabytes(budget.bytes)}"
    if budget.notice:
        yield "Notice", budget.notice


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


class Gate:
    """Lets in who knows the key, and for a while no caller who tried too many wrong ones."""

    def __init__(self, key: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._key, self._clock = _digest(key), clock
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()  # the latest caller last
        self._lock = threading.Lock()
        self.badge = object()
        """What a visitor has who was let in; nothing a browser sends can be this."""

    def closed(self, who: str = "") -> bool:
        """Return whether this caller has to wait: no key is looked at, right or wrong."""
        wrong = self._wrong.get(who, deque())
        return len(wrong) == _TRIES and self._clock() - wrong[0] < _WITHIN

    def opens(self, key: str, who: str = "") -> bool:
        """Return whether this is the key; wrong keys take the same time."""
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
    """Return whether the visitor of this run is the operator."""
    gate = _gate()
    return gate is not None and st.session_state.get(_BADGE) is gate.badge


def draw_login(visit: Visit) -> None:
    """Draw what an operator is let in by, or the way out; one line where there is no key."""
    gate = _gate()
    if gate is None:
        note("Nobody can be operator: the server was started without KINDRED_OPERATOR_KEY.")
    elif is_operator():
        section("You are the operator", "Until you close this page or leave.")
        st.button("Leave", key="operator-leave", on_click=visit.callback(_leave))
    else:
        section("Operator", "For whoever runs this server.")
        st.text_input(
            "Key of the operator",
            key=_FIELD,
            type="password",
            max_chars=_LONGEST_KEY,
            autocomplete="current-password",
            on_change=visit.callback(_log_in, visit, gate),
        )


def _log_in(visit: Visit, gate: Gate) -> None:
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


def _leave() -> None:
    st.session_state.pop(_BADGE, None)
