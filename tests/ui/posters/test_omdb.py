"""OMDb: what each answer and fault leads to, and that the key stays inside."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback

import httpx
import pytest

from recommender import InvalidInputError
from tests.ui.omdb_double import ANSWERS, KEY, OmdbDouble, picture
from ui.posters import omdb
from ui.posters.omdb import Facts, Failure, Film, Omdb, Picture
from ui.settings import OmdbSettings


def ask(url: str, imdb_id: str = "tt0114709") -> Picture | Failure:
    """Ask for one poster."""

    async def asking() -> Picture | Failure:
        omdb = Omdb(OmdbSettings.read(url=url, api_key=KEY))
        answer = await omdb.film(imdb_id)
        return await omdb.picture(answer) if isinstance(answer, Film) else answer

    return asyncio.run(asking())


def facts_of(url: str) -> Facts | Failure:
    """Ask for the facts of one film."""

    async def asking() -> Facts | Failure:
        got = await Omdb(OmdbSettings.read(url=url, api_key=KEY)).film("tt0114709")
        return got.facts if isinstance(got, Film) else got

    return asyncio.run(asking())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less than in earnest."""
    monkeypatch.setattr(omdb, "_TIMEOUT", httpx.Timeout(0.5))
    monkeypatch.setattr(omdb, "_DEADLINE", 1.0)


@pytest.mark.parametrize(
    ("does", "kind"),
    [("hit", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp")],
)
def test_a_hit_gives_the_picture(does: str, kind: str, double: OmdbDouble) -> None:
    """The question is the key, first, and the id, nothing else."""
    double.does = lambda _: does
    got = ask(double.url)
    assert isinstance(got, Picture)
    assert got.type == kind
    assert got.data == picture(kind.removeprefix("image/").upper())
    assert double.queries == [f"apikey={KEY}&i=tt0114709"]


@pytest.mark.parametrize(
    ("does", "failure"),
    [
        ("bad key", Failure.KEY_REFUSED),
        ("bad key with 200", Failure.KEY_REFUSED),
        ("no key", Failure.KEY_REFUSED),
        ("limit", Failure.LIMIT_REACHED),
        ("not there", Failure.NONE),
        ("no data", Failure.NONE),
        ("not found", Failure.NONE),
        ("no poster", Failure.NONE),
        ("dead link", Failure.NONE),
        ("gone", Failure.NONE),
        ("other host", Failure.NONE),
        ("file", Failure.NONE),
        ("nonsense", Failure.NONE),
        ("unheard of", Failure.PASSING),
        ("html", Failure.PASSING),
        ("forbidden", Failure.PASSING),
        ("500", Failure.PASSING),
        ("522", Failure.PASSING),
        ("524", Failure.PASSING),
        ("invalid", Failure.PASSING),
        ("not an object", Failure.PASSING),
        ("deep", Failure.PASSING),
        ("endless", Failure.PASSING),
        ("packed", Failure.PASSING),
        ("named a page", Failure.PASSING),
        ("named nothing", Failure.PASSING),
        ("cut", Failure.PASSING),
        ("moved", Failure.PASSING),
        ("stall", Failure.PASSING),
        ("drip", Failure.PASSING),
        ("broken link", Failure.PASSING),
        ("dripping picture", Failure.PASSING),
        ("wrong type", Failure.PASSING),
        ("too large", Failure.PASSING),
        ("pretending", Failure.PASSING),
        ("unnamed", Failure.PASSING),
        ("redirect", Failure.PASSING),
        ("redirect inside", Failure.PASSING),
        ("drawing", Failure.PASSING),
        ("number", Failure.PASSING),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_every_answer_and_fault_has_its_verdict(
    does: str, failure: Failure, double: OmdbDouble, caplog: pytest.LogCaptureFixture
) -> None:
    """The body decides, not the status; the key is in no log, and nothing is raised."""
    double.does = lambda _: does
    for name in ("", "httpx", "httpcore", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    assert ask(double.url) is failure
    assert len(double.calls) == 1
    assert "/picture.jpg" not in double.fetched
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({"Plot": "A.", "Director": "B", "Actors": "C, D", "Runtime": "81 min"}, 4),
        ({"Plot": "A.", "Director": "N/A", "Actors": " ", "Runtime": None}, 1),
        ({}, 0),
    ],
)
def test_facts_of_omdb_are_text_or_nothing(
    fields: dict[str, object], facts: int, double: OmdbDouble
) -> None:
    """ "N/A", blanks and fields that are missing are nothing."""
    double.facts = fields
    all_four = ("A.", "B", "C, D", "81 min")
    assert facts_of(double.url) == Facts(*all_four[:facts])


@pytest.mark.parametrize("wrong", [81, 8.1, True, ["81 min"], {"min": 81}])
@pytest.mark.parametrize("name", ["Plot", "Director", "Actors", "Runtime"])
def test_a_fact_that_is_no_text_is_a_passing_fault(
    name: str, wrong: object, double: OmdbDouble
) -> None:
    """Whoever answered so was not OMDb."""
    double.facts = {name: wrong}
    assert facts_of(double.url) is Failure.PASSING


def test_facts_are_one_plain_line_of_bounded_length(double: OmdbDouble) -> None:
    """No line breaks, no control characters, no half characters; what is too long is cut."""
    double.facts = {"Plot": "x" * 5_000, "Director": " A\n\tB\x00C\ud83d ", "Actors": "é" * 300}
    got = facts_of(double.url)
    assert isinstance(got, Facts)
    assert (got.plot or "") == "x" * 999 + "…"
    assert (got.director, got.actors) == ("A B C?", "é" * 300)


def test_the_double_is_asked_every_answer() -> None:
    """No answer the double knows is left untested."""
    cases = test_every_answer_and_fault_has_its_verdict.pytestmark  # type: ignore[attr-defined]
    tested = {case[0] for mark in cases if mark.name == "parametrize" for case in mark.args[1]}
    assert set(ANSWERS) <= tested


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_not_there_was_not_reached(caplog: pytest.LogCaptureFixture) -> None:
    """Refused connections and unknown names may be over in an hour."""
    caplog.set_level(logging.DEBUG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert ask(f"http://127.0.0.1:{free.getsockname()[1]}") is Failure.UNREACHED
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_CERT_FILE", "/nonexistent"),
        ("ALL_PROXY", "gopher://127.0.0.1:1080"),
        ("HTTPS_PROXY", "foo:bar"),
    ],
)
def test_an_unusable_environment_is_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to mend, and not the key."""
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInputError, match=r"^no connection to OMDb .+ SSL_CERT") as problem:
        Omdb(OmdbSettings.read(api_key=KEY))
    assert "\n" not in str(problem.value)
    assert KEY not in str(problem.value)


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


def test_a_proxys_password_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the proxy is of no use."""
    for scheme, port in (("gopher", "1"), ("http", "port")):
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://me:{'pa55word'}@proxy:{port}")
        with pytest.raises(InvalidInputError) as problem:
            Omdb(OmdbSettings.read(api_key=KEY))
        assert "pa55word" not in "".join(traceback.format_exception(problem.value))
