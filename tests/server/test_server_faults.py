"""Servers that misbehave: whatever they do, a call ends in its time, in one line that helps."""

from __future__ import annotations

import itertools
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from qdrant_client import QdrantClient, models

from recommender import Recommender
from recommender.errors import (
    EngineError,
    EngineUnavailableError,
    IndexDamagedError,
    IndexFormatError,
    IndexProblem,
    InvalidInputError,
)
from recommender.settings import Layout, ServerSettings
from recommender.storage.server import ServerStore, error_mapping
from recommender.storage.server.engine import Collection
from tests.qdrant_double import WRITE, QdrantDouble, qdrant_double, stall, times
from tests.recommender.storage.engines import memory
from tests.recommender.storage.stores import points, publish, vector
from tests.support import assert_one_line
from tests.wire import Fault, Wire, reset, says, silence

NOWHERE = "127.0.0.1", 9
AWAY, ERROR = EngineUnavailableError, EngineError


@pytest.fixture(scope="module")
def filled() -> Iterator[QdrantDouble]:
    """Serve an index that nobody changes."""
    with qdrant_double() as double:
        double.keys = True
        with closing(served(double)) as store:
            publish(store)
        yield double


@pytest.fixture
def double(filled: QdrantDouble) -> Iterator[QdrantDouble]:
    """Serve it without faults."""
    filled.seen.clear()
    yield filled
    filled.fault = None


def served(double: QdrantDouble, *, grpc: bool = False) -> ServerStore:
    """Give a store on a double, with the key that writes."""
    given = {"grpc": grpc, "grpc_port": double.grpc_port, "api_key": WRITE}
    return ServerStore(ServerSettings.read(url=double.url, **given))


def wired(wire: Wire, *, scheme: str = "http", grpc: bool = False) -> ServerStore:
    """Give a store that has a second for each call, through a wire."""
    url = f"{scheme}://{wire.address[0]}:{wire.address[1]}"
    given = {"grpc": grpc, "grpc_port": wire.address[1], "timeout": 1, "api_key": WRITE}
    return ServerStore(ServerSettings.read(url=url, **given))


def answer(body: bytes, *headers: str, status: str = "200 OK", size: int | None = None) -> Fault:
    """Answer a call of REST."""
    return says(head(*headers, status=status, size=len(body) if size is None else size), body)


def head(*headers: str, status: str = "200 OK", size: int = 0) -> bytes:
    """Give what comes before a body."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "", ""]
    return "\r\n".join(lines).encode()


REST = {
    "silent": (silence, AWAY, "did not answer in time.*QDRANT_TIMEOUT"),
    "resets": (reset, AWAY, "cannot be reached"),
    "resets in its answer": (says(head(size=999), b"{", broken=True), AWAY, "cannot be reached"),
    "hangs up in its answer": (answer(b"{", size=999), AWAY, "cannot be reached"),
    "says nothing of HTTP": (says(b"\x15\x03\x01\x00\x02\x02\x46"), ERROR, "no Qdrant.*https"),
    "packs badly": (answer(b"no gzip", "Content-Encoding: gzip"), ERROR, "no Qdrant"),
    "is no UTF-8": (answer(b'"\xff"'), ERROR, "no Qdrant"),
    "answers null": (answer(b"null"), ERROR, "no Qdrant"),
    "answers a list": (answer(b"[1]"), ERROR, "no Qdrant"),
    "is busy": (answer(b"", status="429 Too Many Requests"), AWAY, "asked too much"),
    "is starting": (
        answer(b"\x1b[2J\r\nwait", status="503 Service Unavailable"),
        AWAY,
        "503 .*wait",
    ),
    "repeats the key": (answer(WRITE.encode() * 99, status="500 Oh"), AWAY, "500"),
    "repeats it oddly": (answer(WRITE.encode() * 99, status="203 Hm"), ERROR, "203"),
}
GRPC = {
    "silent": (silence, AWAY, "did not answer in time.*QDRANT_TIMEOUT"),
    "resets": (reset, AWAY, "cannot be reached|in time"),
    "speaks HTTP 1": (answer(b"welcome"), AWAY, "cannot be reached|in time"),
    "says nothing of HTTP": (says(b"\x15\x03\x01\x00\x02\x02\x46"), AWAY, "cannot be reached"),
}


@pytest.mark.parametrize(
    ("grpc", "name"), [*((False, name) for name in REST), *((True, name) for name in GRPC)]
)
def test_what_a_server_does_instead_of_answering_is_reported(grpc: bool, name: str) -> None:
    """Every time, in one line without the key."""
    fault, kind, message = (GRPC if grpc else REST)[name]
    with Wire(NOWHERE) as wire, closing(wired(wire, grpc=grpc)) as store:
        wire.misbehave(itertools.repeat(fault))
        with pytest.raises(IndexProblem, match=message) as problem:
            store.open()
        assert type(problem.value) is kind
        assert_one_line(problem.value)
        assert WRITE not in str(problem.value)
        assert str(problem.value).isprintable()


def test_no_error_repeats_a_key_that_was_used() -> None:
    """Some servers name what they were asked with; half a key at the end of a line is one too."""
    settings = ServerSettings.read(url="http://there", api_key=WRITE)
    for text in (f"INVALID_ARGUMENT api-key={WRITE}", "-" * 290 + WRITE * 99):
        failure = error_mapping.Failure(400, text)
        line = str(error_mapping.error_for(failure, "reading", settings))
        assert "***" in line
        assert WRITE[:4] not in line


class Watched:
    """Counts the connections to a wire, of which the first ones meet a fault."""

    def __init__(self, wire: Wire, faults: int, fault: Fault) -> None:
        self.count = 0
        wire.misbehave(self._faults(faults, fault))

    def _faults(self, faults: int, fault: Fault) -> Iterator[Fault]:
        for _ in range(faults):
            self.count += 1
            yield fault


@pytest.mark.parametrize("grpc", [False, True])
def test_a_read_whose_connection_breaks_is_made_once_more(double: QdrantDouble, grpc: bool) -> None:
    """At once, and with nobody told; whether the connection was old or new."""
    port = double.grpc_port if grpc else urlsplit(double.url).port
    kept = Wire(("127.0.0.1", port or 0), host="127.0.0.2")  # where connections are kept
    with kept as wire, closing(wired(wire, grpc=grpc)) as store:
        some = store.collection("000001", "users")
        some.count()
        wire.cut()
        wire.mend()
        some.count()
        if grpc:  # which tells of broken connections and of nodes that go in one word
            double.fault = times(1, 503)
        else:
            wire.cut()
            wire.mend()
            wire.misbehave([reset])
        some.count()


def test_it_is_made_no_third_time(double: QdrantDouble) -> None:
    """Nor is a write made again within its call: whoever writes repeats it after a pause."""
    with Wire.to(double.url) as wire, closing(wired(wire)) as store:
        some = store.collection("000001", "users")
        for call, times_made in ((some.count, 2), (lambda: some.describe({"key": "value"}), 1)):
            seen = Watched(wire, 9, reset)
            with pytest.raises(EngineUnavailableError, match="cannot be reached"):
                call()
            assert seen.count == times_made


def test_a_redirection_is_not_followed(double: QdrantDouble) -> None:
    """It would take the key to another host."""
    with Wire(NOWHERE) as wire, closing(wired(wire)) as store:
        elsewhere = answer(b"", f"Location: {double.url}/", status="307 Elsewhere")
        wire.misbehave(itertools.repeat(elsewhere))
        with pytest.raises(EngineError, match="no Qdrant server"):
            store.open()
    assert double.seen == []


# How long it takes


def gone(held: ExitStack) -> str:
    """Give the address of a server that takes no more connections, as one that is gone."""
    listener = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _ in range(3):
        waiting = held.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(listener.getsockname())
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("grpc", [False, True])
@pytest.mark.parametrize("how", ["silent", "refusing", "gone"])
def test_opening_waits_no_longer_than_it_may(
    how: str, grpc: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment allows; the first call that is not answered ends it."""
    monkeypatch.setenv("QDRANT_TIMEOUT", "600")
    with ExitStack() as held:
        wire = held.enter_context(Wire(NOWHERE))
        seen = Watched(wire, 9, silence)
        url = gone(held) if how == "gone" else wire.url
        if how == "refusing":
            wire.cut()
        monkeypatch.setenv("QDRANT_URL", url)
        monkeypatch.setenv("QDRANT_GRPC", str(grpc))
        monkeypatch.setenv("QDRANT_GRPC_PORT", url.rpartition(":")[2])
        message = "cannot be reached" if how == "refusing" else "did not answer in time"
        began = time.monotonic()
        with pytest.raises(EngineUnavailableError, match=message):
            Recommender.open(timeout=1.5)
        with pytest.raises(EngineUnavailableError, match=message):
            Recommender.connect(url, timeout=1.5)
        assert time.monotonic() - began < 30
        if how == "silent" and not grpc:
            assert seen.count == 2


@pytest.mark.parametrize("grpc", [False, True])
def test_a_question_ends_at_the_first_call_that_is_not_answered(
    double: QdrantDouble, grpc: bool
) -> None:
    """It is not asked once more; the next question is answered if the server is back."""
    with closing(served(double, grpc=grpc)) as store:
        store.open().close()
    given = {"grpc": grpc, "grpc_port": double.grpc_port, "api_key": WRITE, "timeout": 1.5}
    store = ServerStore(ServerSettings.read(url=double.url, **given))
    with closing(store), closing(store.open()) as opened:
        double.seen.clear()
        double.fault = stall(1.5)
        with pytest.raises(EngineUnavailableError, match="did not answer in time"):
            opened.neighbours(vector({0: 1.0}), limit=3)
        assert len(double.seen) == 1
        double.fault = None
        assert len(opened.neighbours(vector({0: 1.0}), limit=3).ids) == 3


def test_of_many_who_ask_a_silent_server_all_wait_for_one_call(
    double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not one after the other; when it is back, they are answered."""
    monkeypatch.setattr("recommender.storage.server.versions.REFRESH", 600.0)
    store = ServerStore(ServerSettings.read(url=double.url, api_key=WRITE, timeout=1))
    with Recommender(store) as rec, ThreadPoolExecutor(10) as threads:
        store.renew()
        double.seen.clear()
        double.fault = stall(1.5)
        asked = [threads.submit(rec.recommend, {10: 1, 11: 1}) for _ in range(10)]
        assert {type(one.exception(60)) for one in asked} == {EngineUnavailableError}
        assert len(double.seen) == 1
        double.fault = None
        store.renew()
        assert rec.recommend({10: 1, 11: 1}) is not None


def test_nodes_share_the_time_of_a_call() -> None:
    """Each has whole seconds; those for which none are left are asked by the next call."""
    with ExitStack() as held:
        wires = [held.enter_context(Wire(NOWHERE)) for _ in range(3)]
        seen = [Watched(wire, 9, silence) for wire in wires]
        url = ",".join(wire.url for wire in wires)
        store = ServerStore(ServerSettings.read(url=url, timeout=2.5))
        held.callback(store.close)
        for counts in ([1, 1, 0], [2, 1, 1]):
            with pytest.raises(EngineUnavailableError, match="did not answer in time"):
                store.names()
            assert [one.count for one in seen] == counts


def test_the_proxy_that_the_environment_names_is_asked(
    double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for servers that need none."""
    monkeypatch.setenv("HTTP_PROXY", double.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for url, path in (("http://192.0.2.8:6333", "http://192.0.2.8:6333/"), (double.url, "/")):
        double.seen.clear()
        with closing(ServerStore(ServerSettings.read(url=url))) as store, suppress(IndexProblem):
            store.engine()
        assert ("GET", path) in double.seen


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SSL_CERT_FILE", "/nonexistent"),
        ("HTTP_PROXY", "ftp://127.0.0.1"),
        ("ALL_PROXY", "socks5://127.0.0.1"),
    ],
)
def test_an_environment_that_cannot_be_used_is_reported(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to mend."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInputError, match="mend SSL_CERT_FILE") as problem:
        ServerStore(ServerSettings.read(url="http://192.0.2.1:6333"))
    assert_one_line(problem.value)


SOME = points({0: {0: 1.0}}, [{"user": 1}])
CALLS: dict[str, Callable[[Collection], object]] = {
    "create": lambda c: c.create({}, Layout()),
    "describe": lambda c: c.describe({"key": "value"}),
    "info": lambda c: c.info(),
    "add": lambda c: c.add(SOME),
    "remove": lambda c: c.remove([1]),
    "index_field": lambda c: c.index_field("user", integer=True),
    "count": lambda c: c.count(),
    "part": lambda c: c.part(),
    "delete": lambda c: c.delete(),
    "search": lambda c: c.search(vector({0: 1.0}), 1),
    "payloads": lambda c: c.payloads([1]),
    "vectors": lambda c: c.vectors([1]),
    "find": lambda c: c.find("user", [1]),
    "scan": lambda c: list(c.scan()),
}
ACTS: dict[str, Callable[[ServerStore], object]] = {
    "token": lambda s: s.token(),
    "current": lambda s: s.current(),
    "engine": lambda s: s.engine(),
    "open": lambda s: s.open(),
    "writer": lambda s: s.writer(),
    "updater": lambda s: s.updater(),
    "rollback": lambda s: s.rollback(),
    "names": lambda s: s.names(),
    "versions": lambda s: s.versions(),
    "drop": lambda s: s.drop("000001"),
    "switch": lambda s: s.switch("000001"),
    "verify": lambda s: s.verify(),
    "may_write": lambda s: s.may_write(),
}
IDLE = {"close"}
"""What asks the server nothing."""


@pytest.mark.slow
@pytest.mark.parametrize("grpc", [False, True])
def test_every_call_ends_though_nobody_answers(grpc: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked of a collection or a store; none is left out here.

    As far as it answers, it may not be written to.
    """
    assert {*CALLS} | IDLE >= {name for name in vars(Collection) if name[0] != "_"}
    assert {*ACTS} | IDLE >= {name for name in vars(ServerStore) if name[0] != "_"}
    monkeypatch.setattr("recommender.storage.server.retries._GIVE_UP", 0.0)
    nobody = Wire(NOWHERE)
    nobody.misbehave(itertools.repeat(silence))
    with (
        nobody as wire,
        closing(wired(wire, grpc=grpc)) as store,
        ThreadPoolExecutor(32) as threads,
    ):
        some = store.collection("000001", "users")
        asked = {name: threads.submit(call, some) for name, call in CALLS.items()}
        asked |= {name: threads.submit(act, store) for name, act in ACTS.items()}
        ends = {name: type(future.exception(60)) for name, future in asked.items()}
    assert ends == dict.fromkeys(asked, EngineUnavailableError) | {"may_write": type(None)}


@pytest.mark.parametrize("grpc", [False, True])
@pytest.mark.parametrize("after", ["-1", "Sat, 01 Jan 2028 00:00:00 GMT", "0", "1e9", ""])
def test_a_pause_that_makes_no_sense_is_one_of_ours(
    double: QdrantDouble, grpc: bool, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is made again."""
    monkeypatch.setattr("recommender.storage.server.retries._PAUSES", (0.01,))
    with closing(served(double, grpc=grpc)) as store:
        double.fault = times(1, 429, "UpdateAliases" if grpc else "/aliases", after=after)
        store.switch("000001")


@pytest.mark.parametrize("grpc", [False, True])
@pytest.mark.parametrize("after", ["121", "1000000000"])
def test_a_pause_longer_than_our_patience_is_not_made(
    double: QdrantDouble, grpc: bool, after: str
) -> None:
    """But told at once that the server has too much to do."""
    with closing(served(double, grpc=grpc)) as store:
        double.fault = times(1, 429, "UpdateAliases" if grpc else "/aliases", after=after)
        with pytest.raises(EngineUnavailableError, match="asked too much"):
            store.switch("000001")


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Give an authority that nobody trusts yet."""
    return trustme.CA()


def certified(authority: trustme.CA, *names: str, **given: object) -> ssl.SSLContext:
    """Give what a server with a certificate needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    authority.issue_cert(*names, **given).configure_cert(context)  # type: ignore[arg-type]
    return context


def test_a_server_whose_authority_is_trusted_is_asked(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of one's own is named by an environment variable."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with qdrant_double(tls=certified(authority, "127.0.0.1")) as double:
        assert double.url.startswith("https://")
        with closing(served(double)) as store:
            publish(store)
            store.open().close()


PAST = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "case", ["untrusted", "expired", "another host", "no TLS", "untrusted gRPC"]
)
def test_a_connection_that_is_not_safe_is_refused_before_the_key_is_sent(
    case: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not tried again, as it stays so."""
    if not case.startswith("untrusted"):
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    name = "example.org" if case == "another host" else "127.0.0.1"
    given = {"not_after": PAST} if case == "expired" else {}
    tls = certified(authority, name, **given)
    with qdrant_double(tls=tls) as double, Wire.to(double.url) as wire:
        if case == "no TLS":
            wire.misbehave(itertools.repeat(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
        with closing(wired(wire, scheme="https", grpc=case.endswith("gRPC"))) as store:
            with pytest.raises(EngineError, match=r"no safe connection.*SSL_CERT_FILE") as problem:
                store.switch("000001")
            assert type(problem.value) is EngineError
            assert_one_line(problem.value)
        assert double.seen == []


# What others put in the place of ours

USERS, FILMS_OF_OURS = "kindred-000001-users", "kindred-000001-movies"
OTHER = {"text": models.SparseVectorParams()}


def replace(client: QdrantClient, name: str, point: int | None) -> None:
    """Put somebody else's collection in the place of one of ours, with a point or none."""
    metadata = client.get_collection(name).config.metadata
    client.delete_collection(name)
    client.create_collection(
        name, vectors_config={}, sparse_vectors_config=OTHER, metadata=metadata
    )
    if point is not None:
        client.upsert(name, [models.PointStruct(id=point, vector={}, payload={"text": "hello"})])


@pytest.mark.parametrize("point", [None, 0])
def test_another_collection_in_the_place_of_the_movies_is_damage(point: int | None) -> None:
    """It is empty, or its points are not ours: told when the index is opened."""
    engine = QdrantClient(":memory:")
    with memory(engine=engine) as store:
        publish(store)
        replace(engine, FILMS_OF_OURS, point)
        with pytest.raises(IndexDamagedError, match="ingest again") as problem:
            Recommender(store)
        assert_one_line(problem.value)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        (USERS, "length", "long"),
        (USERS, "ratings", 5),
        (FILMS_OF_OURS, "title", 5),
        (FILMS_OF_OURS, "genres", [1]),
        (FILMS_OF_OURS, "year", "x"),
        (FILMS_OF_OURS, "likes", 10**30),
        (FILMS_OF_OURS, "mean", "x"),
        (FILMS_OF_OURS, "movie_id", [1]),
    ],
)
def test_payloads_of_another_type_are_damage(name: str, field: str, value: object) -> None:
    """And no error of Python's or numpy's."""
    engine = QdrantClient(":memory:")
    with memory(engine=engine) as store:
        publish(store)
        engine.set_payload(name, {field: value}, points=[0, 1, 2, 3])
        with pytest.raises(IndexDamagedError, match="ingest again") as problem:
            Recommender(store).recommend({10: 1, 11: 1})
        assert_one_line(problem.value)


def test_a_change_that_another_kindred_began_is_refused_and_holds_nobody_up() -> None:
    """It cannot be told what it was; whoever ingests anew may."""
    engine = QdrantClient(":memory:")
    with memory(engine=engine) as store:
        publish(store)
        engine.update_collection(USERS, metadata={"kindred_pending": '{"new": 1}'})
        with pytest.raises(IndexFormatError, match="another Kindred began a change"):
            store.updater()
        assert int(publish(store)) > 1
