"""Ten visitors of a real app whose server hangs: each is told in time, and all come back."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from ingest import ingest
from recommender.storage.open_store import choose_store
from tests.e2e.conftest import serving
from tests.qdrant_double import READ, WRITE, qdrant_double
from tests.ui import films
from tests.ui.profiles import own_profile
from tests.wire import Wire, silence

pytestmark = pytest.mark.process

_STREAMLIT = Subprotocol("streamlit")
_SAID = "Nothing of yours is lost"
_BOUND = 20.0
"""Seconds to be told in. It takes 2.5 on a machine that is not busy; one after the other, ten would
be told in 25."""


class Tab:
    """One visitor, from the browser's side of the wire."""

    def __init__(self, connection: ClientConnection, film: int) -> None:
        self._connection, self._query, self._film = connection, "", film
        self._kept: tuple[str, str] | None = None
        self._page, self._looks = "", dict[str, float]()
        self.html = ""
        """What was drawn by the last run."""

    async def run(self, fragment: str = "") -> None:
        """Have the page, or the part of it that looks again, drawn."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.fragment_id = fragment
        if self._kept:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = self._kept
        await self._connection.send(message.SerializeToString())
        self.html = ""
        while True:
            told = ForwardMsg.FromString(await self._connection.recv(decode=False))
            if told.HasField("script_finished"):
                if told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return
                self.html = ""
            elif told.HasField("new_session"):
                self._page = told.new_session.page_script_hash
            elif told.HasField("page_info_changed"):
                self._query = told.page_info_changed.query_string
            elif told.HasField("auto_rerun"):
                self._looks[told.auto_rerun.fragment_id] = told.auto_rerun.interval
            elif told.delta.new_element.HasField("bidi_component"):
                self._keep(told.delta.new_element.bidi_component)
            elif told.HasField("delta") and told.delta.new_element.HasField("html"):
                self.html += told.delta.new_element.html.body

    def _keep(self, component: BidiComponent) -> None:
        """Have an answer ready for a page that asks what the browser keeps."""
        data = json.loads(component.json)
        if component.component_name == "kindred_taste" and not data["known"]:
            # Nobody's answer is known from somebody else's question.
            profile = own_profile({self._film: 1, self._film + 1: 1})
            when = dict.fromkeys(profile.films, "2026-01-01T00:00:00Z")
            document = replace(profile, when=when).to_dict(source=data["source"])
            act = [data["ack"] + 1, "document", "", {"document": document}, data["visit"], 1, 0]
            self._kept = component.id, json.dumps({"acts": [act]})

    async def told(self) -> float:
        """Open the page, and give the seconds until it says that the index is away."""
        began = time.monotonic()
        await self.run()
        await self.run()
        assert _SAID in self.html
        return time.monotonic() - began

    async def returns(self) -> float:
        """Give the seconds until the page, which looks by itself, is the app again."""
        began = time.monotonic()
        while _SAID in self.html:
            assert time.monotonic() - began < 60
            [(fragment, interval)] = self._looks.items()
            await asyncio.sleep(interval)
            await self.run(fragment)
        assert "k-name" in self.html
        return time.monotonic() - began


async def _visit(address: str, wire: Wire) -> tuple[list[float], list[float]]:
    url = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    async with AsyncExitStack() as stack:
        opening = [connect(url, subprotocols=[_STREAMLIT], max_size=None) for _ in range(11)]
        tabs = [
            Tab(await stack.enter_async_context(one), film)
            for film, one in enumerate(opening, start=1)
        ]
        await tabs[0].run()
        await tabs[0].returns()  # where the index was not open yet
        wire.misbehave(itertools.repeat(silence))
        told = await asyncio.gather(*(tab.told() for tab in tabs[1:]))
        wire.misbehave([])
        return told, await asyncio.gather(*(tab.returns() for tab in tabs[1:]))


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """A server that may hang, with an index."""
    with qdrant_double() as double, Wire.to(double.url) as between:
        double.keys = True
        with closing(choose_store(url=double.url, api_key=WRITE)) as store:
            ingest(str(films.write(tmp_path / "csv")), index=store)
        yield between


def test_ten_visitors_of_a_server_that_hangs_are_told_in_time_and_come_back(
    wire: Wire, tmp_path: Path
) -> None:
    """All at once, and not one after the other; nobody does anything for it."""
    settings = {"QDRANT_URL": wire.url, "QDRANT_API_KEY": READ, "KINDRED_CACHE": str(tmp_path)}
    with serving(None, tmp_path / "log", **settings) as address:
        told, back = asyncio.run(_visit(address, wire))
    print("told after", sorted(round(one, 2) for one in told))
    print("back after", sorted(round(one, 2) for one in back))
    assert max(told) < _BOUND
