"""What is logged of visitors: nothing, at any level, by any library."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.logger import get_logger
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import KindredError, MovieKey, Recommender
from recommender.catalogue.listed_films import Mention
from tests.qdrant_double import READ, WRITE, qdrant_double
from tests.ui.conftest import APP
from tests.ui.driving import go, group, page, rate, say, with_browser
from tests.ui.fresh import fresh
from tests.ui.omdb_double import KEY, OmdbDouble
from ui.posters.fetcher import posters
from ui.server.lifespan import configure_server_logging

TITLE, SEARCHED, PERSON, SHARED = "Zebulon Quagmire", "zebulonn", "user-8088", "1mshared4711"
OURS = ("", "recommender", "ingest", "ui", "kindred")
OTHERS = ("asyncio", "httpcore", "httpx", "qdrant_client", "streamlit", "uvicorn", "websockets")


def source(folder: Path) -> Path:
    """Write forty raters of thirty films, one with a title like no other, and ids that are text."""
    folder.mkdir()
    rows = [
        f"{PERSON if user == 0 else f'u{user}'},{film},{5 if (user + film) % 2 else 2}"
        for user in range(40)
        for film in range(1, 31)
        if (user + film) % 3
    ]
    titles = [f"{film},Film {film} (1990),Drama" for film in range(2, 31)]
    (folder / "ratings.csv").write_text("\n".join(["userId,movieId,rating", *rows]))
    (folder / "movies.csv").write_text(
        "\n".join(["movieId,title,genres", f"1,{TITLE} (1999),Drama", *titles])
    )
    (folder / "links.csv").write_text("movieId,imdbId,tmdbId\n1,0114709,862\n")
    return folder


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Take down all that is logged at any level, by loggers that keep it to themselves too."""
    caplog.set_level(logging.DEBUG)
    kept = [
        (logger, logger.level)
        for name in [*logging.root.manager.loggerDict]
        if (logger := logging.getLogger(name)) and name.partition(".")[0] in OTHERS
    ]
    for logger, _ in kept:
        logger.setLevel(logging.DEBUG)
        if not logger.propagate:
            logger.addHandler(caplog.handler)
    yield caplog
    for logger, level in kept:
        logger.setLevel(level)
        logger.removeHandler(caplog.handler)


def text_of(record: logging.LogRecord) -> str:
    """What was logged, fields too."""
    return f"{record.getMessage()} {vars(record)}"


def check(caplog: pytest.LogCaptureFixture, seen: str, *secrets: str) -> None:
    """See that something was logged, and nothing of what must not be."""
    lines = [text_of(record) for record in caplog.records]
    assert any(seen in line for line in lines)
    for secret in secrets:
        assert [line for line in lines if secret.casefold() in line.casefold()] == []


def test_nothing_a_visitor_says_is_logged(
    tmp_path: Path,
    double: OmdbDouble,
    everything: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is searched, rated and looked at, the address that holds it, and every key."""
    ingest(str(source(tmp_path / "source")), index=tmp_path / "index")
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OMDB_API_KEY", KEY)
    monkeypatch.setenv("OMDB_URL", double.url)
    fresh()
    app = with_browser(AppTest.from_file(str(APP), default_timeout=60))
    app.run().text_input(key="search").set_value(SEARCHED).run()
    assert [card["id"] for card in group(app, "found")["cards"]] == ["1"]
    rate(app, 1, 1)
    say(app, "link", SHARED)
    go(app, "my-taste")
    assert not app.exception
    assert page(app)
    service = posters()
    assert service
    while service.find(["tt0114709"]).awaited:
        pass
    fresh()
    assert "ui.posters.fetcher" in {record.name for record in everything.records}
    check(everything, "'kind': 'rows'", SEARCHED, TITLE, SHARED, KEY, PERSON)
    ours = [text_of(record) for record in everything.records if record.name.startswith("ui")]
    assert not any("tt0114709" in line for line in ours)


def test_nothing_a_program_asks_is_logged(
    tmp_path: Path, everything: pytest.LogCaptureFixture
) -> None:
    """Neither in a folder nor on a server, whose key is sent with each question."""
    questions = source(tmp_path / "source")
    with qdrant_double() as double:
        double.keys = True
        ingest(str(questions), url=double.url, api_key=WRITE)
        with Recommender.connect(double.url, api_key=READ) as rec:
            ask(rec)
    assert "httpx" in {record.name for record in everything.records}
    check(everything, "'kind': 'recommend'", TITLE, SEARCHED, PERSON, READ, WRITE)


def ask(rec: Recommender) -> None:
    """Ask all there is to ask, rightly and wrongly."""
    taste: dict[MovieKey, float] = {TITLE: 1, 2: -1}
    rec.recommend(taste)
    rec.rows(taste)
    rec.explain(taste, 3)
    rec.neighbours(rec.profile_of(PERSON))
    rec.similar(TITLE)
    rec.predict({2: 1}, TITLE)
    rec.match([Mention(TITLE, 1999)])
    rec.search(SEARCHED)
    for wrong in (lambda: rec.recommend({SEARCHED: 1}), lambda: rec.profile_of(f"{PERSON}x")):
        with pytest.raises(KindredError):
            wrong()


def test_streamlit_and_its_server_log_in_our_form(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their warnings; nothing of connections, which names the address of a visitor."""
    names = "streamlit.x", "uvicorn.error"
    loggers = [get_logger(name) for name in names]
    held = [(logger, logger.handlers[:]) for logger in (logging.root, *loggers)]
    levels = [(logging.getLogger(name), logging.getLogger(name).level) for name in (*OURS, *names)]
    monkeypatch.setenv("KINDRED_LOG", "json")
    monkeypatch.setenv("KINDRED_LOG_LEVEL", "info")
    try:
        configure_server_logging()
        for logger in loggers:
            logger.info("127.0.0.1 - WebSocket /_stcore/stream")
            logger.warning("slow")
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        for logger, handlers in held:
            logger.handlers[:] = handlers
        for logger, level in levels:
            logger.setLevel(level)
        for logger in loggers:
            logger.propagate = False
    assert [(line["logger"], line["event"]) for line in lines] == [(name, "slow") for name in names]
