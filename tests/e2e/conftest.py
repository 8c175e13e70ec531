"""The real app, served as ``kindred ui`` serves it, and a real browser in front of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ingest import ingest
from recommender import Profile, Recommender
from tests.forking import Forked, Forking
from ui.launch import ENVIRONMENT, streamlit_command

expect.set_options(timeout=30_000)

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    *("--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
KEY = "kindred/1/"
"""Of what the browser keeps."""
Serve = Callable[..., AbstractContextManager[str]]
Visit = Callable[..., Page]


def environment(index: Path | None, **more: str) -> dict[str, str]:
    """Give this environment, with one index, a cache beside it, and only these other settings."""
    cleared = ("KINDRED_", "QDRANT_", "OMDB_", "STREAMLIT_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(cleared)}
    if index is not None:
        inherited |= {"KINDRED_INDEX": str(index), "KINDRED_CACHE": str(index.parent / "cache")}
    return ENVIRONMENT | inherited | more


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, or a reason why these tests do not run.

    Not for the whole session: it keeps an event loop running, which other tests cannot have.
    """
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("KINDRED_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@contextmanager
def serving(
    index: Path | None, log: Path, forking: Forking | None = None, /, **more: str
) -> Iterator[str]:
    """Serve the app over an index folder, or what the settings say, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv, variables = streamlit_command(port, browser=False), environment(index, **more)
    with log.open("w") as output:
        server = (
            forking.start(argv, variables, [log, log])
            if forking
            else subprocess.Popen(argv, cwd=ROOT, env=variables, stdout=output, stderr=output)
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address, server, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    assert "Traceback" not in _LEFT.sub("", log.read_text(errors="replace"))


# What the server says where a visitor leaves in the middle of the handshake; it is its own matter.
_LEFT = re.compile(
    r"Exception in ASGI application\n(?:(?!Exception in ASGI).)*?WebSocketDisconnected"
    r"(?:(?!Exception in ASGI).)*?a close message has been sent\.",
    re.DOTALL,
)


def _wait_for(address: str, server: subprocess.Popen[bytes] | Forked, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}_stcore/health", timeout=5) as answer:
                # Every address answers 200: only the text tells.
                if answer.read() == b"ok":
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    pytest.fail(f"the app did not start: {log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def forking() -> Iterator[Forking]:
    """What serves the app without importing everything each time."""
    with Forking.app() as started:
        yield started


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory, forking: Forking) -> Serve:
    """Serve the app over an index folder, with settings, and a log that may be named."""

    def served(
        index: Path | None, log: Path | None = None, **settings: str
    ) -> AbstractContextManager[str]:
        log = log or tmp_path_factory.mktemp("log") / "server.log"
        return serving(index, log, forking, **settings)

    return served


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the bundled sample's index."""
    index = tmp_path_factory.mktemp("sample") / "index"
    ingest("sample", index=index)
    return index


@pytest.fixture(scope="session")
def sample_app(serve: Serve, sample_index: Path) -> Iterator[str]:
    """Address of the app over the bundled sample."""
    with serve(sample_index) as address:
        yield address


def document(index: Path, profile: Profile) -> str:
    """Write what a browser keeps of a taste."""
    with Recommender.open(index) as opened:
        found = zip(profile.films, opened.find(profile.films), strict=True)
        dated = replace(profile, when=dict.fromkeys(profile.films, "2026-01-01T00:00:00.000Z"))
        movies = {key: movie for key, movie in found if movie is not None}
        return json.dumps(dated.to_dict(movies, source=opened.stats().source.label))


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open an address in a fresh browser profile; the page may call nobody else.

    ``keeps`` is a document that the browser keeps already; ``script`` runs before all others.
    """
    strangers: list[str] = []
    failures: list[str] = []
    with ExitStack() as contexts:

        def opened(
            address: str,
            width: int = 1300,
            scheme: str = "light",
            keeps: str | None = None,
            script: str = "",
        ) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            contexts.callback(context.close)
            if keeps:
                kept = f"localStorage.setItem({KEY!r}, {json.dumps(keeps)})"
                # In a picture that is opened by itself there is no storage.
                context.add_init_script(
                    f"try {{ if (!localStorage.getItem({KEY!r})) {kept} }} catch {{}}"
                )
            if script:
                context.add_init_script(script)
            page = context.new_page()
            ours = urlsplit(address).netloc
            page.on(
                "request",
                lambda request: (
                    strangers.append(request.url)
                    if urlsplit(request.url).netloc not in ("", ours)
                    else None
                ),
            )
            page.on("pageerror", lambda error: failures.append(str(error)))
            page.set_default_timeout(30_000)
            page.goto(address)
            return page

        yield opened
    assert strangers == []
    assert failures == []
