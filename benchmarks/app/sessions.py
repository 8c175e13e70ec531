"""Twenty people rating at once: how long each waits, and what the server holds.

::

    python -m benchmarks.app.sessions INDEX [--people 20] [--seconds 120] [--json]

INDEX is the folder of an index. The app is served as ``kindred ui`` serves it, and people are
sessions of Streamlit's own protocol, so that no browser takes the processor from the server. Each
opens the page, clicks Like, Seen or Dislike on a film that is there, waits for the lists that
follow, thinks for one to three seconds, and clicks again. All marks on a page must be its person's
own. Who is shown an error, or loses the connection, is counted and stays away. The peer, in
the same run, is the same with one person alone. :mod:`benchmarks.app.curves` draws waits and memory
over time.
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
from dataclasses import dataclass, field
from pathlib import Path
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
from tests.e2e.conftest import serving

WORDS = (1, 0, -1)
_STREAMLIT = Subprotocol("streamlit")


@dataclass
class Person:
    """One session, from the browser's side of the wire."""

    number: int
    connection: ClientConnection
    said: dict[str, int] = field(default_factory=dict)
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
            await asyncio.sleep(dice.uniform(1, 3))
            film = dice.choice([one for one in self._films if one not in self.said])
            self.said[film] = dice.choice(WORDS)
            start = time.monotonic()
            act = ["rate", film, self.said[film], self._visit, int(time.time() * 1_000), 0]
            self._acts.append([len(self._acts) + 1, *act])
            self._said[self._component] = json.dumps({"acts": self._acts[-3:]})
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
        await self.connection.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(await self.connection.recv(decode=False))
            if told.HasField("script_finished"):
                return
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
                answer = [1, "document", "", {"document": {}}, self._visit, 0, 0]
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


async def _rate(address: str, people: int, seconds: float, held: list[Held]) -> list[Person]:
    url = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    server, everybody = _server(address), asyncio.Barrier(people + 1)

    async def watch() -> None:
        with suppress(asyncio.BrokenBarrierError):  # then no answers are told, but the errors
            await everybody.wait()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            held.extend(held_by([server]))
            await asyncio.sleep(1)

    async with AsyncExitStack() as connections:
        persons = [
            Person(
                number,
                await connections.enter_async_context(
                    connect(url, subprotocols=[_STREAMLIT], max_size=None)
                ),
            )
            for number in range(people)
        ]
        await asyncio.gather(watch(), *(one.visit(everybody, seconds) for one in persons))
    return persons


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


def main() -> None:
    """Measure; print waits, memory, and whether all ratings are their person's own."""
    parser = arguments(__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kindred-sessions-"))
    held: list[Held] = []
    with serving(given.index, folder / "log", KINDRED_CACHE=str(folder / "cache")) as address:
        alone = asyncio.run(_rate(address, 1, 20, []))
        persons = asyncio.run(_rate(address, given.people, given.seconds, held))
    shutil.rmtree(folder)
    waited = [wait for person in persons for wait in person.waited]
    waits, one = ([w for p in some for _, w in p.waited] for some in (persons, alone))
    errors = [person.error for person in [*alone, *persons] if person.error]
    if not (waits and one):
        sys.exit(f"nobody got an answer: {errors or 'too little time'}")
    sizes = [size for _, _, size in held]
    minute = min(60, len(held) // 2)
    own = sum(person.own for person in persons)
    told = [
        _percentiles(f"{given.people} people for {given.seconds:.0f} s", waits),
        f"{_percentiles('one alone', one)}; ratio {np.median(waits) / np.median(one):.2f}",
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
