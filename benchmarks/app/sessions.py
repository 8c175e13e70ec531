"""Fifty people rating at once: how long each waits, and what the server holds.

::

    python -m benchmarks.app.sessions INDEX [--people 50] [--seconds 300] [--json]

INDEX is the folder of an index. The app is served as ``kindred ui`` serves it, and people are
sessions of Streamlit's own protocol, so that no browser takes the processor from the server. Each
comes with 20 to 60 ratings of well-known films that their browser keeps. They click Like, Seen or
Dislike on a film of their lists, wait for the lists that follow, think for two to four seconds, and
click again. With each rating they take their oldest one back, so that profiles keep their sizes.
All marks on a page must be its person's own. Who is shown an error, or loses the connection, is
counted and stays away. The peer, in the same run, is the same with one person alone.
:mod:`benchmarks.app.curves` draws waits and memory over time.

What the server used of the processor is printed beside what the people did: on two cores fifty of
them take some 3 % of one.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from benchmarks.app.curves import Held, curve, held_by
from benchmarks.report import arguments, machine
from recommender import Movie, Recommender
from tests.e2e.conftest import serving
from ui.state.taste import EMPTY

OPINIONS = (1, 1, 0, -1)
KNOWN = 600  # most popular films, of which people have rated some
RATED = (20, 60)
THINK = (2.0, 4.0)  # seconds
_STREAMLIT = Subprotocol("streamlit")


@dataclass
class Person:
    """One session, from the browser's side of the wire."""

    number: int
    connection: ClientConnection
    said: dict[str, int]
    """Opinions by id of the film, the oldest first."""
    kept: dict[str, Any]
    """What their browser keeps: a document of these."""
    waited: list[tuple[float, float]] = field(default_factory=list)
    """When a click was made, and how long its answer took, in seconds."""
    own: bool = True
    """Whether all films on the page were marked with what this person said of them."""
    error: str = ""
    """What made the person leave."""
    _said: dict[str, str] = field(default_factory=dict)
    """What is said by each component, as JSON."""
    _component: str = ""
    _acts: list[list[object]] = field(default_factory=list)
    _query: str = ""
    _films: list[str] = field(default_factory=list)
    _page: str = ""
    _visit: str = ""
    _has: set[str] = field(default_factory=set)
    """Hashes of messages of the last run, which the app need not send again."""

    async def visit(self, everybody: asyncio.Barrier, seconds: float) -> None:
        """Open the page, and rate for some seconds from when everybody sees theirs."""
        try:
            await self._ask()  # which asks for what the browser keeps
            await self._ask()
            await everybody.wait()
            await self._rate(time.monotonic() + seconds)
        except (RuntimeError, OSError, WebSocketException) as error:
            self.error = f"{type(error).__name__}: {error}"
            await everybody.abort()

    async def _rate(self, until: float) -> None:
        dice = random.Random(self.number)
        while time.monotonic() < until:
            await asyncio.sleep(dice.uniform(*THINK))
            film = dice.choice([one for one in self._films if one not in self.said])
            self.said[film] = dice.choice(OPINIONS)
            oldest = next(iter(self.said))
            del self.said[oldest]
            start = time.monotonic()
            for one in (film, oldest):
                act = ["rate", one, self.said.get(one), self._visit, int(time.time() * 1_000), 0]
                self._acts.append([len(self._acts) + 1, *act])
            self._said[self._component] = json.dumps({"acts": self._acts[-2:]})
            await self._ask()
            self.waited.append((start, time.monotonic() - start))

    async def _ask(self) -> None:
        """Have the app run once, and take what it sends."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_script_hash = self._page
        for component, said in self._said.items():
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = component, said
        message.rerun_script.cached_message_hashes.extend(self._has)
        await self.connection.send(message.SerializeToString())
        self._has = set()
        while True:
            told = ForwardMsg.FromString(await self.connection.recv(decode=False))
            if told.HasField("script_finished"):
                return
            if told.metadata.cacheable or told.ref_hash:
                self._has.add(told.ref_hash or told.hash)
            self._take(told)

    def _take(self, told: ForwardMsg) -> None:
        if told.HasField("page_info_changed"):
            self._query = told.page_info_changed.query_string
        elif told.HasField("new_session"):
            self._page = told.new_session.page_script_hash
        elif told.HasField("delta") and told.delta.new_element.HasField("bidi_component"):
            component = told.delta.new_element.bidi_component
            data = json.loads(component.json)
            self._visit = data["visit"]
            if component.component_name == "kindred_taste" and not data["known"]:
                answer = [1, "document", "", {"document": self.kept}, self._visit, 0, 0]
                self._said[component.id] = json.dumps({"acts": [answer]})
            elif component.component_name == "kindred_cards":
                self._component = component.id
                if data["ack"] != len(self._acts):
                    raise RuntimeError(f"{data['ack']} clicks taken of {len(self._acts)}")
                cards = [card for group in data["groups"] for card in group["cards"]]
                self._films = [card["id"] for card in cards]
                self.own &= all(card["said"] == self.said.get(card["id"]) for card in cards)
        elif told.HasField("delta") and told.delta.new_element.HasField("exception"):
            raise RuntimeError(told.delta.new_element.exception.message)


@dataclass
class Load:
    """People who rate at once, and what that took."""

    persons: list[Person] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    """Seconds of processor that the server used meanwhile, and those of the people."""

    @property
    def waits(self) -> list[float]:
        """How long each answer took."""
        return [wait for person in self.persons for _, wait in person.waited]


async def _rate(
    address: str, known: Sequence[Movie], source: str, people: int, seconds: float
) -> Load:
    url = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    server, everybody, load = _server(address), asyncio.Barrier(people + 1), Load()

    def used() -> list[float]:
        return [sum(one.cpu_times()[:2]) for one in (server, psutil.Process())]

    async def watch() -> None:
        with suppress(asyncio.BrokenBarrierError):  # then no answers are told, but the errors
            await everybody.wait()
        before, until = used(), time.monotonic() + seconds
        while time.monotonic() < until:
            load.held.extend(held_by([server]))
            await asyncio.sleep(1)
        load.used = [after - start for start, after in zip(before, used(), strict=True)]

    async with AsyncExitStack() as connections:
        for number in range(people):
            connecting = connect(url, subprotocols=[_STREAMLIT], max_size=None)
            connection = await connections.enter_async_context(connecting)
            load.persons.append(Person(number, connection, *_arriving(number, known, source)))
        await asyncio.gather(watch(), *(one.visit(everybody, seconds) for one in load.persons))
    return load


def _arriving(
    number: int, known: Sequence[Movie], source: str
) -> tuple[dict[str, int], dict[str, Any]]:
    """Choose what somebody rated before, and write it as their browser keeps it."""
    dice = random.Random(f"before {number}")
    films = dice.sample(known, dice.randint(*RATED))
    said = {movie.movie_id: dice.choice(OPINIONS) for movie in films}
    when = dict.fromkeys(said, "2026-01-01T00:00:00.000Z")
    profile = replace(EMPTY, opinions=said, when=when)
    document = profile.to_dict({movie.movie_id: movie for movie in films}, source=source)
    return {str(one): opinion for one, opinion in said.items()}, document


def _server(address: str) -> psutil.Process:
    port = urlsplit(address).port
    for process in psutil.Process().children(recursive=True):
        for one in process.net_connections():
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port:
                return process
    raise RuntimeError(f"nobody listens on {port}")


def _percentiles(name: str, waits: Sequence[float]) -> str:
    p50, p95, p100 = np.percentile(waits, [50, 95, 100]) * 1e3
    return f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {p100:.0f} ms of {len(waits)}"


def _share(name: str, used: float, seconds: float, clicks: int) -> str:
    each = f"{1e3 * used / clicks:.0f} ms for each of {clicks / seconds:.1f} clicks a second"
    return f"{name} used {used / seconds:.0%} of one core, {each}"


def main() -> None:
    """Measure; print waits, memory, and whether all ratings are their person's own."""
    parser = arguments(__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kindred-sessions-"))
    with Recommender.open(given.index) as rec:
        known = [row.movie for row in rec.popular(limit=KNOWN)]
        source = rec.stats().source.label
    with serving(given.index, folder / "log", KINDRED_CACHE=str(folder / "cache")) as address:
        alone = asyncio.run(_rate(address, known, source, 1, 20))
        load = asyncio.run(_rate(address, known, source, given.people, given.seconds))
    shutil.rmtree(folder)
    persons, waits, one, held = load.persons, load.waits, alone.waits, load.held
    waited = [wait for person in persons for wait in person.waited]
    errors = [person.error for person in [*alone.persons, *persons] if person.error]
    if not (waits and one):
        sys.exit(f"nobody got an answer: {errors or 'too little time'}")
    server, others = load.used
    sizes = [size for _, _, size in held]
    minute = min(60, len(held) // 2)
    own = sum(person.own for person in persons)
    told = [
        _percentiles(f"{given.people} people for {given.seconds:.0f} s", waits),
        f"{_percentiles('one alone', one)}; ratio {np.median(waits) / np.median(one):.2f}",
        _share("the server", server, given.seconds, len(waits)),
        _share("people", others, given.seconds, len(waits)),
        f"memory: {sizes[0]:.0f} MiB at first, {max(sizes[:minute]):.0f} after {minute} s, "
        f"{max(sizes[minute:]):.0f} at most after that, {sizes[-1]:.0f} at the end",
        f"errors: {len(errors)} {errors[:3] or ''}",
        f"marks on each page their person's own: {own} of {len(persons)}",
        f"load {os.getloadavg()[0]:.1f}",
    ]
    name = f"app, {given.people} people"
    found = {"told": told, "curve": curve(name, waited, held, errors=len(errors)), **machine()}
    print(json.dumps(found, indent=2) if given.json else "\n".join(told))
    sys.exit(1 if errors or own < len(persons) else 0)


if __name__ == "__main__":
    main()
