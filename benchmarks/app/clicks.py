"""How long a click takes in the app, in Chromium, beside the same cards made of Streamlit's own.

::

    python -m benchmarks.app.clicks INDEX [--clicks 40] [--pages 10] [--ratings 0]

INDEX is the folder of an index. From opening the page to films that can be rated, in a fresh
browser profile each time; and from a click on Like to the lists that follow it, with the films of
all rows on the page and some 36 in sight, and the bytes that go to and fro for it. With
``--ratings`` the browser that clicks keeps so many already. The peer, in the same run, is a page of
36 cards, each a picture, a title and one control, drawn by Streamlit's own widgets, that does
nothing but draw them anew.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.app.browser import chromium
from recommender import Recommender
from tests.e2e.conftest import KEY, document, serving
from ui.state.taste import EMPTY

__all__ = ["CLICK", "USABLE", "opened"]

SIZE: ViewportSize = {"width": 1300, "height": 2600}
PEER = """
import streamlit as st
st.set_page_config(layout="wide")
svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 3"><path d="M0 0h2v3H0z"/></svg>'
grid = st.grid("auto", min_column_width=160, gap="small")
turn = sum(1 for key in st.session_state if st.session_state[key])
for number in range(36):
    with grid.cell():
        st.html(f'<article class="card">{svg}<h3>Film {number}</h3><p>after {turn}</p></article>')
        st.segmented_control(f"Rate film {number}", ["Like", "Seen", "Dislike"], key=f"f{number}",
            label_visibility="collapsed", width="stretch")
"""

USABLE = "document.querySelectorAll('[data-name=starters] .k-say').length >= 12"
"""Whether films can be rated on a page."""
# Nothing is looked for in every frame: without a graphics card each costs what the app could use.
CLICK = """() => new Promise(done => {
    const cards = [...document.querySelectorAll('.k-cards')].find(one => one.__cards).__cards;
    const number = cards.clicks.last + 1, start = performance.now(), update = cards.update;
    cards.update = (data, send) => {
        update.call(cards, data, send);
        if (data.ack < number) return;
        cards.update = update;
        requestAnimationFrame(() => done(performance.now() - start));
    };
    const likes = document.querySelectorAll(
        '[data-name=starters] .k-say [data-value="1"][aria-pressed=false]');
    (likes[0] || document.querySelector('[data-name=top_picks] .k-say [data-value="1"]')).click();
})"""
"""Clicks Like, and gives the milliseconds until the lists that follow are drawn."""
_IN_SIGHT = """[...document.querySelectorAll('.k-card')].filter(card => {
    const box = card.getBoundingClientRect();
    return box.top < innerHeight && box.left < innerWidth && box.bottom > 0; }).length"""
_PEER_CLICK = """number => new Promise(done => {
    const start = performance.now();
    const changed = new MutationObserver(() => {
        const texts = [...document.querySelectorAll('.card p')];
        const all = texts.every(one => one.textContent === `after ${number + 1}`);
        if (texts.length < 36 || !all) return;
        changed.disconnect();
        requestAnimationFrame(() => done(performance.now() - start));
    });
    changed.observe(document.body, {childList: true, characterData: true, subtree: true});
    document.querySelectorAll('[role=radiogroup]')[number].querySelector('[role=radio]').click();
})"""


def opened(browser: Browser, address: str, usable: str) -> tuple[Page, float]:
    """Open a page in a fresh browser profile, and take the milliseconds until it is usable."""
    page = browser.new_context(viewport=SIZE).new_page()
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_function(usable)
    return page, (time.perf_counter() - start) * 1e3


def _kept(
    browser: Browser, address: str, index: Path, ratings: int
) -> tuple[Page, list[list[tuple[str, int]]]]:
    """Open the page in a browser that keeps ratings, and list what goes over the wire from then."""
    with Recommender.open(index) as rec:
        popular = [row.movie.movie_id for row in rec.popular(limit=1_000)]
        rest = range(max(ratings * 8, 1)) if rec.stats().movie_ids == "int" else ()
        known = {movie.movie_id for movie in rec.find(f"id:{one}" for one in rest) if movie}
    films = [*popular[20:], *sorted(known - {*popular})][:ratings]
    profile = replace(EMPTY, opinions={one: (1, 1, 0, -1)[at % 4] for at, one in enumerate(films)})
    page = browser.new_context(viewport=SIZE).new_page()
    page.add_init_script(f"localStorage.setItem({KEY!r}, {json.dumps(document(index, profile))})")
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    traffic: list[list[tuple[str, int]]] = [[]]
    for way in ("Sent", "Received"):

        def note(frame: dict[str, Any], way: str = way) -> None:
            data, binary = frame["response"]["payloadData"], frame["response"]["opcode"] == 2
            traffic[-1].append((way, len(base64.b64decode(data) if binary else data)))

        wire.on(f"Network.webSocketFrame{way}", note)
    page.goto(address)
    page.wait_for_selector("[data-name=top_picks], [data-name=starters]")
    page.wait_for_timeout(3_000)
    return page, traffic


@contextmanager
def _peer(folder: Path) -> Iterator[str]:
    script = folder / "peer.py"
    script.write_text(PEER)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = ("server.headless=true", "browser.gatherUsageStats=false", f"server.port={port}")
    argv = [sys.executable, "-m", "streamlit", "run", str(script), *(f"--{one}" for one in flags)]
    argv += ["--browser.serverAddress=localhost", "--server.address=127.0.0.1"]
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


def _percentiles(name: str, values: Sequence[float]) -> str:
    p50, p95 = np.percentile(values, [50, 95])
    return f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms of {len(values)}"


def main() -> None:
    """Measure, and print percentiles, the ratio to the peer, and what else the machine did."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--ratings", type=int, default=0, help="that the browser keeps already")
    given = parser.parse_args()
    paints, clicks, peers = [], [], []
    with (
        chromium() as browser,
        tempfile.TemporaryDirectory() as name,
        serving(given.index, Path(name, "log"), KINDRED_CACHE=f"{name}/cache") as address,
        _peer(Path(name)) as other,
    ):
        for turn in range(given.pages + 1):
            page, usable = opened(browser, address, USABLE)
            paints += [usable] if turn else []  # the first one warms the machine up
            page.context.close()
        page, traffic = _kept(browser, address, given.index, given.ratings)
        beside, _ = opened(
            browser, other, "document.querySelectorAll('[role=radiogroup]').length >= 36"
        )
        for number in range(given.clicks):
            # Until the page is at rest: no click is to wait for the one before it.
            page.wait_for_timeout(700)
            traffic.append([])
            clicks.append(page.evaluate(CLICK))
            if number < 36:
                beside.wait_for_timeout(400)
                peers.append(beside.evaluate(_PEER_CLICK, number))
        shown = page.evaluate("document.querySelectorAll('.k-card').length")
        in_sight = page.evaluate(_IN_SIGHT)
    print(_percentiles("first films to rate", paints))
    sight = f"{shown} films, {in_sight} of them in sight"
    print(f"{_percentiles('click to updated lists', clicks)}; {sight}")
    # The first click shows the page in which the browser's answer was taken.
    sent, received = (
        np.median([sum(size for way, size in click if way == wanted) for click in traffic[2:]])
        for wanted in ("Sent", "Received")
    )
    print(f"a click with {given.ratings} ratings: {sent:,.0f} bytes sent, {received:,.0f} received")
    print(_percentiles("the peer's 36 cards", peers))
    print(f"ratio {np.median(clicks) / np.median(peers):.2f}; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
