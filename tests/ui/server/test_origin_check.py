"""Pages of other sites, and names that are not the app's, get nothing and hold nobody up."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from recommender import InvalidInputError
from tests.e2e.conftest import environment
from tests.ui.omdb_double import KEY, OmdbDouble
from ui.launch import streamlit_command
from ui.server.origin_check import origin_check
from ui.settings import AppSettings

EVIL = "https://evil.example"
FILM = "tt0000007"


def passes(kind: str, host: str, origin: str | None = None, address: str = "127.0.0.1") -> bool:
    """Whether a web socket, or a request of this method, gets through the check."""
    headers = [(b"host", host.encode())] if host else []
    headers += [(b"origin", origin.encode())] if origin is not None else []
    scope = {"type": kind, "headers": headers, "server": (address, 8501)}
    if kind != "websocket":
        scope |= {"type": "http", "method": kind}
    passed, sent = [], []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope)

    async def receive() -> Message:
        return {"type": f"{scope['type']}.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        await origin_check(inner)(scope, receive, send)

    asyncio.run(run())
    assert bool(passed) == (not sent)
    if sent:
        assert (sent[0].get("code") or sent[0].get("status")) in (1008, 403)
    return bool(passed)


@pytest.mark.parametrize("kind", ["websocket", "POST", "PUT", "PATCH", "DELETE", "ODD"])
@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("localhost:8501", "http://localhost:8501", True),
        ("LOCALHOST:8501", None, True),
        ("127.0.0.1:8501", "http://127.0.0.1:8501", True),
        ("[::1]:8501", "http://[::1]:8501", True),
        ("localhost", "https://localhost", True),
        ("localhost:8501", None, True),
        ("localhost:8501", EVIL, False),
        ("localhost:8501", "null", False),
        ("localhost:8501", "", False),
        ("localhost:8501", "://localhost:8501", False),
        ("localhost:8501", "http://localhost:8501.evil.example", False),
        ("localhost:8501", "http://localhost:8502", False),
        ("localhost:8501", "http://127.0.0.1:8501", False),
        ("evil.example:8501", "http://evil.example:8501", False),
        ("evil.example:8501", None, False),
        ("localhost.evil.example", "http://localhost.evil.example", False),
    ],
)
def test_what_changes_something_comes_from_the_apps_own_pages(
    kind: str, host: str, origin: str | None, own: bool
) -> None:
    """Or from a program, which names no origin."""
    assert passes(kind, host, origin) is own


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_link_elsewhere_may_lead_to_the_app(method: str) -> None:
    """What only reads may have any origin, but not any host: a name can be made to point here."""
    assert passes(method, "localhost:8501", EVIL)
    assert not passes(method, "evil.example:8501")


@pytest.mark.parametrize(
    "host", ["", "a b", "localhost;script-src", "localhost:x", "localhost/", "a@localhost", "é"]
)
def test_what_is_no_host_is_refused(host: str) -> None:
    """It would be put into the policy of the page."""
    assert not passes("GET", host)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("192.168.1.7", "192.168.1.7:8501"),
        ("::ffff:192.168.1.7", "192.168.1.7:8501"),
        ("2001:db8::7", "[2001:db8::7]:8501"),
    ],
)
def test_the_address_a_request_came_to_is_the_apps(address: str, host: str) -> None:
    """So that an app that listens on all addresses answers under each of them, and no other."""
    assert passes("websocket", host, f"http://{host}", address)
    assert not passes("websocket", "192.168.1.8:8501", None, address)


def test_the_operator_lists_further_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a proxy passes them on, with any port; the names within or below them are others."""
    monkeypatch.setenv("KINDRED_ALLOWED_HOSTS", "films.example.org, Nas")
    for host in ("films.example.org", "films.example.org:8443", "nas:8501", "localhost"):
        assert passes("websocket", host, f"https://{host}")
    for host in ("example.org", "www.films.example.org", "nas.evil.example"):
        assert not passes("websocket", host, f"https://{host}")


@pytest.mark.parametrize(
    "names", ["https://films.example.org", "films.example.org:443", "a/b", "a b", "*", "a,,b"]
)
def test_what_is_no_host_name_stops_the_start(names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a line that says how to write it."""
    monkeypatch.setenv("KINDRED_ALLOWED_HOSTS", names)
    with pytest.raises(
        InvalidInputError, match=r"^KINDRED_ALLOWED_HOSTS is .+ films\.example\.org"
    ):
        streamlit_command()
    monkeypatch.delenv("KINDRED_ALLOWED_HOSTS")
    assert AppSettings.read().allowed_hosts == frozenset()


def test_a_refusal_is_one_line_that_says_what_to_set(caplog: pytest.LogCaptureFixture) -> None:
    """Origin, host, the header of the proxy and the setting."""
    passes("websocket", "films.example:8501", EVIL)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    for part in (
        *("'films.example:8501'", f"'{EVIL}'", "KINDRED_ALLOWED_HOSTS"),
        "proxy_set_header Host $http_host;",
    ):
        assert part in record.message


# What the app's process connects to, or looks up, is printed.
WATCHED = """
import runpy, sys
def heard(event, values):
    if event == "socket.connect":
        print("CALLED", *values[1], file=sys.stderr, flush=True)
    if event == "socket.getaddrinfo":
        print("CALLED", values[0], file=sys.stderr, flush=True)
sys.addaudithook(heard)
runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def app(linked: Path, double: OmdbDouble, tmp_path: Path) -> Iterator[int]:
    """Port of the app with a key; its log is ``server.log``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    argv = [sys.executable, "-c", WATCHED, *streamlit_command(port, browser=False)[3:]]
    log = tmp_path / "server.log"
    settings = environment(
        linked, OMDB_API_KEY=KEY, OMDB_URL=double.url, KINDRED_CACHE=str(tmp_path)
    )
    root = Path(__file__).parents[3]
    with log.open("w") as output:
        server = subprocess.Popen(argv, cwd=root, env=settings, stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + 90
            while True:
                assert time.monotonic() < deadline, log.read_text()
                try:
                    httpx.get(f"http://127.0.0.1:{port}/_stcore/health").raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.05)
            yield port
        finally:
            server.terminate()
            server.wait(15)


def opened(port: int, origin: str | None, host: str | None = None) -> ClientConnection:
    """Open a web socket as the app's page does."""
    return connect(
        f"ws://{host or f'127.0.0.1:{port}'}/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", port)),
        origin=origin,  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
    )


def draw(session: ClientConnection) -> None:
    """Have the page drawn in a session, and wait until it is."""
    run = BackMsg()
    run.rerun_script.query_string = ""
    session.send(run.SerializeToString())
    message = ForwardMsg()
    while message.WhichOneof("type") != "script_finished":
        message.ParseFromString(bytes(session.recv(60, decode=False)))


@pytest.mark.process
def test_a_page_elsewhere_is_refused_while_others_work(
    app: int, double: OmdbDouble, tmp_path: Path
) -> None:
    """At once, and without a call to anybody; its request for posters spends nothing."""
    url = f"http://127.0.0.1:{app}"
    with opened(app, url) as session, opened(app, None) as program:
        draw(session)
        for origin, host in ((EVIL, None), ("null", None), ("http://evil.example", "evil.example")):
            with pytest.raises(InvalidStatus, match="403"):
                opened(app, origin, host)
        asked = httpx.post(f"{url}/posters?ids={FILM}", headers={"Origin": EVIL})
        assert asked.status_code == 403
        assert httpx.get(url, headers={"Host": "evil.example"}).status_code == 403
        draw(session)
        draw(program)
    assert double.calls == []
    log = (tmp_path / "server.log").read_text()
    assert len(re.findall("^refused: .+$", log, re.MULTILINE)) == 5
    assert "CALLED" not in log


@pytest.mark.process
def test_the_app_calls_nobody_but_omdb(app: int, double: OmdbDouble, tmp_path: Path) -> None:
    """Whose address it connects to when one of its pages asks."""
    own = {"Origin": f"http://127.0.0.1:{app}"}
    asked = httpx.post(f"http://127.0.0.1:{app}/posters?ids={FILM}", headers=own)
    assert asked.json()["awaited"] == [FILM]
    deadline = time.monotonic() + 30
    while not double.fetched and time.monotonic() < deadline:
        time.sleep(0.01)
    assert double.ids == [FILM]
    log = (tmp_path / "server.log").read_text()
    called = re.findall("^CALLED (.+)$", log, re.MULTILINE)
    address = double.url.removeprefix("http://").replace(":", " ")
    assert {*called} <= {address, "127.0.0.1"}
    assert address in called
