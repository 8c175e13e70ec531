"""OMDb: what each answer and fault leads to, and that the key stays inside."""

from __future__ import annotations

import json
import logging
import socket

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.omdb_double import ANSWERS, KEY, OmdbDouble, picture
from ui.posters import omdb
from ui.posters.omdb import Answer, Omdb, Verdict, picture_type
from ui.settings import OmdbSettings

FACTS = {"plot": "Toys come alive.", "runtime": "81 min"}
FOUND, NONE, PASSING = Verdict.FOUND, Verdict.NONE, Verdict.PASSING


def ask(url: str, imdb_id: str = "tt0114709") -> Answer:
    """Ask for one film."""
    return Omdb(OmdbSettings.read(url=url, api_key=KEY)).film(imdb_id)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less than in earnest."""
    monkeypatch.setattr(omdb, "_TIMEOUT", httpx.Timeout(0.5))


@pytest.mark.parametrize(
    ("does", "kind"),
    [("hit", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp")],
)
def test_a_hit_gives_the_picture(does: str, kind: str, double: OmdbDouble) -> None:
    """The question is the key, first, and the id, nothing else."""
    double.does = lambda _: does
    data = picture(kind.removeprefix("image/").upper())
    assert ask(double.url) == Answer(FOUND, FACTS, data)
    assert picture_type(data) == kind
    assert double.queries == [f"apikey={KEY}&i=tt0114709"]


@pytest.mark.parametrize(
    ("does", "verdict"),
    [
        ("bad key", Verdict.KEY_REFUSED),
        ("bad key with 200", Verdict.KEY_REFUSED),
        ("no key", Verdict.KEY_REFUSED),
        ("limit", Verdict.LIMIT_REACHED),
        ("not there", NONE),
        ("no data", NONE),
        ("not found", NONE),
        ("no poster", NONE),
        ("dead link", NONE),
        ("gone", NONE),
        ("other host", NONE),
        ("file", NONE),
        ("nonsense", NONE),
        ("unheard of", PASSING),
        ("html", PASSING),
        ("forbidden", PASSING),
        ("500", PASSING),
        ("522", PASSING),
        ("524", PASSING),
        ("invalid", PASSING),
        ("not an object", PASSING),
        ("deep", PASSING),
        ("endless", PASSING),
        ("packed", PASSING),
        ("named a page", NONE),
        ("named nothing", NONE),
        ("cut", PASSING),
        ("moved", PASSING),
        ("stall", PASSING),
        ("broken link", PASSING),
        ("wrong type", PASSING),
        ("too large", PASSING),
        ("pretending", PASSING),
        ("unnamed", FOUND),
        ("redirect", PASSING),
        ("redirect inside", PASSING),
        ("drawing", PASSING),
        ("number", PASSING),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_every_answer_and_fault_has_its_verdict(
    does: str, verdict: Verdict, double: OmdbDouble, caplog: pytest.LogCaptureFixture
) -> None:
    """The body decides, not the status; the key is in no log, and nothing is raised."""
    double.does = lambda _: does
    for name in ("", "httpx", "httpcore", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    assert ask(double.url).verdict is verdict
    assert len(double.calls) == 1
    assert "/picture.jpg" not in double.fetched
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({"Plot": "A.", "Director": "B", "Actors": "C, D", "Runtime": "81 min"}, 4),
        ({"Plot": "A.", "Director": "N/A"}, 1),
        ({}, 0),
    ],
)
def test_only_what_omdb_knows_is_a_fact(
    fields: dict[str, object], facts: int, double: OmdbDouble
) -> None:
    """ "N/A" and fields that are missing are none."""
    double.facts = fields
    all_four = {"plot": "A.", "director": "B", "actors": "C, D", "runtime": "81 min"}
    assert ask(double.url).facts == dict([*all_four.items()][:facts])


@pytest.mark.parametrize(("does", "facts"), [("500", None), ("limit", None), ("not there", {})])
def test_of_a_film_that_is_not_there_nothing_is_known(
    does: str, facts: dict[str, str] | None, double: OmdbDouble
) -> None:
    """Which is more than no answer."""
    double.does = lambda _: does
    assert ask(double.url).facts == facts


def test_facts_are_there_though_the_picture_fails(double: OmdbDouble) -> None:
    """They came before it."""
    double.does = lambda _: "broken link"
    assert ask(double.url) == Answer(PASSING, FACTS)


@given(
    st.binary()
    | st.dictionaries(
        st.sampled_from(["Response", "Error", "Poster", "Plot"]), st.text() | st.none()
    )
    .map(json.dumps)
    .map(str.encode)
)
def test_whatever_is_answered_is_an_answer(body: bytes) -> None:
    """Nothing is raised, and no picture is fetched from where an answer likes."""
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, content=body)

    asking = Omdb(OmdbSettings.read(url="https://omdb.test", api_key=KEY))
    asking._client = httpx.Client(transport=httpx.MockTransport(answer))
    assert isinstance(asking.film("tt0133093"), Answer)
    assert asked == ["omdb.test"]


@pytest.mark.parametrize(
    "data", [b"", b"<svg/>", b"<html>", b"GIF89a", b"RIFF0000WAVE", b" \xff\xd8\xff"]
)
def test_what_a_browser_might_run_is_no_picture(data: bytes) -> None:
    """By its first bytes, whatever it is called."""
    assert picture_type(data) is None


def test_the_double_is_asked_every_answer() -> None:
    """No answer the double knows is left untested."""
    cases = test_every_answer_and_fault_has_its_verdict.pytestmark  # type: ignore[attr-defined]
    tested = {case[0] for mark in cases if mark.name == "parametrize" for case in mark.args[1]}
    assert set(ANSWERS) <= tested


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_not_there_is_a_passing_fault(caplog: pytest.LogCaptureFixture) -> None:
    """A refused connection may be over in an hour."""
    caplog.set_level(logging.DEBUG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert ask(f"http://127.0.0.1:{free.getsockname()[1]}") == Answer(PASSING)
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://m.media-amazon.com/images/M/x.jpg", True),
        ("https://images-na.ssl-images-amazon.com/x.jpg", True),
        ("https://ia.media-imdb.com/x.jpg", True),
        ("http://localhost:8080/x.jpg", True),
        ("https://localhost:8080/x.jpg", False),
        ("http://localhost:8081/x.jpg", False),
        ("http://m.media-amazon.com/x.jpg", True),
        ("https://m.media-amazon.com:8443/x.jpg", False),
        ("https://m.media-amazon.com.example.org/x.jpg", False),
        ("http://m.media-amazon.com:8080/x.jpg", False),
        ("https://media-amazon.com/x.jpg", False),
        ("https://.media-amazon.com/x.jpg", False),
        ("https://a..media-amazon.com/x.jpg", False),
        ("https://someone@m.media-amazon.com/x.jpg", False),
        ("http://someone:else@localhost:8080/x.jpg", False),  # pragma: allowlist secret
        ("https://media-amazon.com@10.0.0.1/x.jpg", False),
        ("https://evilmedia-amazon.com/x.jpg", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://2130706433/latest/meta-data", False),
        ("https://0x7f000001/x.jpg", False),
        ("https://127.1/x.jpg", False),
        ("https://[::1]/x.jpg", False),
        ("https://[::ffff:169.254.169.254]/x.jpg", False),
        ("https://m.media-amazon.com./x.jpg", False),
        ("https://m.media-\u0430mazon.com/x.jpg", False),
        ("https://m.media-amazon.com\\@10.0.0.1/x.jpg", False),
        ("https://m.media-amazon.com%2f@10.0.0.1/x.jpg", False),
        ("https://m.media-amazon.com%00.example.org/x.jpg", False),
        ("//m.media-amazon.com/x.jpg", False),
        ("https:///m.media-amazon.com/x.jpg", False),
        ("javascript:alert(1)", False),
        ("data:image/png;base64,iVBORw0KGgo=", False),
        ("ftp://m.media-amazon.com/x.jpg", False),
        ("/x.jpg", False),
    ],
)
def test_pictures_come_from_known_hosts_only(address: str, allowed: bool) -> None:
    """An answer cannot send the server to an address of its choice."""
    asking = Omdb(OmdbSettings.read(url="http://localhost:8080"))
    got = asking._allowed(httpx.URL(address))
    assert (got is not None) is allowed
    if got and got.host != "localhost":
        assert got.scheme == "https"


@pytest.mark.parametrize("does", ["hit", "moved", "bad key", "500", "cut"])
def test_the_key_is_in_no_log_behind_a_proxy_either(
    does: str, double: OmdbDouble, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Which is sent the whole address; nor in what is shown of any object that is logged."""
    double.does = lambda _: does
    caplog.set_level(1)
    monkeypatch.setenv("HTTP_PROXY", double.url)
    monkeypatch.setenv("NO_PROXY", "")
    got = ask("http://omdb.example")
    assert double.queries == [f"apikey={KEY}&i=tt0114709"]
    assert KEY not in caplog.text + repr(got) + repr([record.__dict__ for record in caplog.records])
