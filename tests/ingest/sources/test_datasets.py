"""Data sets by name, from a real server on this machine: fetched, checked, kept, or refused."""

from __future__ import annotations

import datetime
import hashlib
import io
import os
import socket
import ssl
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from filelock import FileLock

from ingest import ingest
from ingest.progress import Progress, on_stderr
from ingest.sources import downloads
from ingest.sources.datasets import CITATION, DATASETS, LICENCE
from ingest.sources.downloads import fetch
from recommender import InvalidInputError, Recommender, SourceError
from tests.support import THREE_RATERS, assert_one_line, ratings_text

NAME = "ml-tiny"
WAY_OUT = (
    rf"fetch https?://.*/{NAME}\.zip by other means, then run `kindred ingest PATH/{NAME}\.zip`"
)
AGAIN = rf"run this again, which goes on from what is there, or {WAY_OUT}"
FAILED = rf"^{NAME} cannot be downloaded from"


def _data() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(f"{NAME}/ratings.csv", ratings_text(THREE_RATERS))
    return made.getvalue()


DATA = _data()
HALF = len(DATA) // 2


class Server:
    """A server whose behaviour a test chooses, and what it was asked."""

    def __init__(self, scheme: str) -> None:
        self.asked: list[tuple[str, str | None]] = []
        """Path and Range header of every request."""
        self.answer: Answer = whole
        self.done = threading.Event()
        """Set when the test is over, so that whoever waits goes home."""
        self.url = ""
        self.scheme = scheme


Answer = Callable[[Server, BaseHTTPRequestHandler], None]


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """Answer, with a length unless it is given."""
    handler.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Everything, from where it is asked for."""
    asked = handler.headers.get("Range")
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
    if start >= len(DATA):
        send(handler, 416, b"", Content_Range=f"bytes */{len(DATA)}")
    elif asked:
        last = len(DATA) - 1
        send(handler, 206, DATA[start:], Content_Range=f"bytes {start}-{last}/{len(DATA)}")
    else:
        send(handler, 200, DATA)


def without_ranges(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Everything, whatever is asked for."""
    send(handler, 200, DATA)


def cut(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Half of it, and then no more."""
    send(handler, 200, DATA[:HALF], Content_Length=str(len(DATA)))


def stall(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Half of it, and then nothing for as long as the test lasts."""
    cut(server, handler)
    server.done.wait(60)


def silence(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Nothing at all."""
    server.done.wait(60)


def other_bytes(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """As many bytes, but others."""
    send(handler, 200, DATA[:-1] + b"!")


def status(code: int) -> Answer:
    """No file."""
    return lambda server, handler: send(handler, code, b"<html>\nsorry\n</html>")


def redirect(to: Callable[[Server], str]) -> Answer:
    """Another address for every one that is not there already."""

    def answer(server: Server, handler: BaseHTTPRequestHandler) -> None:
        if handler.path.startswith("/moved/"):
            whole(server, handler)
        else:
            send(handler, 302, b"", Location=to(server))

    return answer


@contextmanager
def serving(certificate: trustme.LeafCert | None = None) -> Iterator[Server]:
    """Serve on 127.0.0.1, over TLS if there is a certificate."""
    server = Server("https" if certificate else "http")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append((self.path, self.headers.get("Range")))
            server.answer(server, self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quietly(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of people who hang up."""

    with Quietly(("127.0.0.1", 0), Handler) as running:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            running.socket = context.wrap_socket(
                running.socket, server_side=True, do_handshake_on_connect=False
            )
        server.url = f"{server.scheme}://127.0.0.1:{running.server_address[1]}"
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.done.set()
            running.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whoever signs the certificates of this module."""
    return trustme.CA()


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA) -> None:
    """One small data set, a cache of its own, a trusted authority, no proxy."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "cache"))
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(DATASETS, NAME, hashlib.sha256(DATA).hexdigest())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with a good certificate, as the mirror."""
    with serving(authority.issue_cert("127.0.0.1")) as running:
        monkeypatch.setenv("KINDRED_MIRROR", running.url + "/")
        yield running


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """Where an unfinished download is kept."""
    return tmp_path / "cache" / "datasets" / f"{NAME}.zip.part"


def keep(part: Path, data: bytes) -> None:
    """Leave an unfinished download."""
    part.parent.mkdir(parents=True)
    part.write_bytes(data)


def left(part: Path) -> list[str]:
    """What a run left in the cache, without the lock."""
    return [entry.name for entry in sorted(part.parent.iterdir()) if entry.suffix != ".lock"]


def refused(match: str, *, trust_checksum: bool = False) -> None:
    """Check that it ends in one line that says what, with the way out."""
    with pytest.raises(SourceError, match=match) as caught:
        fetch(NAME, progress=Progress(), trust_checksum=trust_checksum)
    assert_one_line(caught.value)


def test_a_name_is_downloaded_ingested_and_recorded_with_licence_and_citation(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are shown before anything is fetched, and never on standard output."""
    report = ingest(NAME, index=tmp_path / "index", progress=on_stderr())
    assert (report.source, report.ratings) == (NAME, 27)
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert lines[:3] == [LICENCE, f"Please cite: {CITATION}", "download 0%"]
    assert "download 100%" in lines
    with Recommender.open(tmp_path / "index") as rec:
        source = rec.stats().source
    assert (source.name, source.title, source.licence, source.citation, source.synthetic) == (
        NAME, NAME, LICENCE, CITATION, False,
    )  # fmt: skip
    assert server.asked == [(f"/{NAME}.zip", None)]


def test_the_second_time_needs_no_network(
    server: Server, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the cache is checked and used."""
    first = fetch(NAME, progress=Progress())
    assert first.read_bytes() == DATA
    assert left(part) == [f"{NAME}.zip"]
    monkeypatch.setenv("KINDRED_MIRROR", "https://nowhere.invalid")
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")
    assert fetch(NAME, progress=Progress()) == first
    assert len(server.asked) == 1


def test_licence_and_citation_are_shown_also_where_nothing_is_fetched(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever uses the data should know, not only whoever fetched it."""
    fetch(NAME, progress=Progress())
    ingest(NAME, index=tmp_path / "index", progress=on_stderr())
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count(LICENCE), shown.err.count(CITATION)) == ("", 1, 1)


def test_a_download_that_only_lacked_its_last_step_is_not_fetched_again(
    server: Server, part: Path
) -> None:
    """All bytes were there when it was interrupted, and the host says that there are no more."""
    keep(part, DATA)
    assert fetch(NAME, progress=Progress()).read_bytes() == DATA
    assert server.asked == [(f"/{NAME}.zip", f"bytes={len(DATA)}-")]


def test_a_file_in_the_cache_that_was_changed_is_fetched_again(server: Server, part: Path) -> None:
    """The checksum is that of the file, not of its history."""
    keep(part.with_suffix(""), b"something else")
    assert fetch(NAME, progress=Progress()).read_bytes() == DATA


def test_a_cut_download_goes_on_where_it_was(server: Server, part: Path) -> None:
    """What came before the cut is asked for only once."""
    server.answer = cut
    refused(rf"{FAILED} 127\.0\.0\.1 \(peer closed connection .*\): {AGAIN}$")
    assert part.read_bytes() == DATA[:HALF]
    server.answer = whole
    assert fetch(NAME, progress=Progress()).read_bytes() == DATA
    assert server.asked == [(f"/{NAME}.zip", None), (f"/{NAME}.zip", f"bytes={HALF}-")]
    assert left(part) == [f"{NAME}.zip"]


def test_a_stalled_download_goes_on_where_it_was(
    server: Server, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence in the middle, or from the start."""
    monkeypatch.setattr(downloads, "TIMEOUT", 0.3)
    server.answer = silence
    refused(rf"{FAILED} 127\.0\.0\.1 \(.*timed out\): {AGAIN}$")
    server.answer = stall
    refused(rf"{FAILED} 127\.0\.0\.1 \(.*timed out\): {AGAIN}$")
    server.answer = whole
    assert fetch(NAME, progress=Progress()).read_bytes() == DATA
    assert server.asked[-1][1] == f"bytes={HALF}-"


def test_an_interrupted_download_goes_on_where_it_was(server: Server, part: Path) -> None:
    """By the keys that end a program, when there are some bytes."""

    class Impatient(Progress):
        @contextmanager
        def stage(self, name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
            assert (name, total) == ("download", len(DATA))

            def advance(steps: int) -> None:
                if steps:
                    raise KeyboardInterrupt

            yield advance

    server.answer = stall
    with pytest.raises(KeyboardInterrupt):
        fetch(NAME, progress=Impatient())
    assert left(part) == [part.name]
    kept = part.stat().st_size
    assert 0 < kept <= HALF
    server.answer = whole
    assert fetch(NAME, progress=Progress()).read_bytes() == DATA
    assert server.asked[-1][1] == f"bytes={kept}-"


@pytest.mark.parametrize(
    ("kept", "answer", "asked"),
    [
        (DATA[:9], without_ranges, ["bytes=9-"]),
        (b"", whole, [None]),
    ],
    ids=["no ranges", "nothing is there"],
)
def test_where_it_cannot_go_on_it_starts_over(
    server: Server, part: Path, kept: bytes, answer: Answer, asked: list[str | None]
) -> None:
    """The Range headers the server saw, in order."""
    keep(part, kept)
    server.answer = answer
    assert fetch(NAME, progress=Progress()).read_bytes() == DATA
    assert [header for _, header in server.asked] == asked


def test_more_than_there_should_be_is_refused_and_removed(server: Server, part: Path) -> None:
    """As a file that a mirror replaced by a shorter one; the next run starts from nothing."""
    keep(part, DATA + b"more")
    refused(rf"does not have the pinned checksum: .* removed; run this again, or {WAY_OUT}$")
    assert fetch(NAME, progress=Progress()).read_bytes() == DATA
    assert [header for _, header in server.asked] == [f"bytes={len(DATA) + 4}-", None]


@pytest.mark.parametrize("trust_checksum", [False, True])
def test_wrong_bytes_are_refused_and_removed(
    server: Server, part: Path, trust_checksum: bool
) -> None:
    """Whether or not the certificate is looked at; the next run starts from nothing."""
    server.answer = other_bytes
    refused(
        rf"does not have the pinned checksum: .*tampered.* removed; run this again, or {WAY_OUT}$",
        trust_checksum=trust_checksum,
    )
    assert left(part) == []


@pytest.mark.parametrize("code", [404, 500])
def test_an_error_of_the_server_is_told_with_its_number(server: Server, code: int) -> None:
    """And not what the page says that comes with it."""
    server.answer = status(code)
    refused(rf"{FAILED} 127\.0\.0\.1 \(.* error '{code} [A-Za-z ]+' for url .*\): {AGAIN}$")


def _certificate(authority: trustme.CA, kind: str) -> trustme.LeafCert:
    if kind == "expired":
        past = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
        before = past - datetime.timedelta(days=1)
        return authority.issue_cert("127.0.0.1", not_before=before, not_after=past)
    if kind == "other host":
        return authority.issue_cert("127.0.0.2")
    return trustme.CA().issue_cert("127.0.0.1")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "has expired"),
        ("other host", "is not valid for '127.0.0.1'"),
        ("unknown authority", "unable to get local issuer certificate"),
    ],
)
def test_a_bad_certificate_is_refused_unless_the_checksum_is_trusted(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    """Said which way it is bad; nothing was asked of the server before."""
    with serving(_certificate(authority, kind)) as server:
        monkeypatch.setenv("KINDRED_MIRROR", server.url)
        refused(
            rf"{FAILED} 127\.0\.0\.1 \(.*{words}.*\): {AGAIN}, or add "
            r"--trust-checksum, which goes by the pinned checksum instead$"
        )
        assert server.asked == []
        assert fetch(NAME, progress=Progress(), trust_checksum=True).read_bytes() == DATA


def test_nobody_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who listens, or no such host."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("KINDRED_MIRROR", f"https://127.0.0.1:{unused.getsockname()[1]}")
        refused(rf"{FAILED} 127\.0\.0\.1 \(.*refused.*\): {AGAIN}$")
    monkeypatch.setenv("KINDRED_MIRROR", "https://nowhere.invalid")
    refused(rf"{FAILED} nowhere\.invalid \(.+\): {AGAIN}$")


def test_a_server_that_does_not_take_up_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It listens, but nobody answers its TLS."""
    monkeypatch.setattr(downloads, "TIMEOUT", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("KINDRED_MIRROR", f"https://127.0.0.1:{silent.getsockname()[1]}")
        refused(rf"{FAILED} 127\.0\.0\.1 \(.*timed out\): {AGAIN}$")


def test_a_connection_that_cannot_be_set_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that name no certificates, or no proxy."""
    monkeypatch.setenv("HTTPS_PROXY", "gopher://127.0.0.1")
    refused(rf"^no connection can be set up \(.*gopher.*\): mend .*proxy variables, or {WAY_OUT}$")
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")
    refused(rf"^no connection can be set up \(.*\): mend SSL_CERT_FILE.*, or {WAY_OUT}$")


def test_an_address_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable's name."""
    monkeypatch.setenv("KINDRED_MIRROR", "ftp://files")
    with pytest.raises(InvalidInputError, match=r"^KINDRED_MIRROR is 'ftp://files': write"):
        fetch(NAME, progress=Progress())


def test_a_redirection_is_followed(server: Server) -> None:
    """On this server, to another address."""
    server.answer = redirect(lambda server: f"{server.url}/moved/{NAME}.zip")
    assert fetch(NAME, progress=Progress()).read_bytes() == DATA
    assert [path for path, _ in server.asked] == [f"/{NAME}.zip", f"/moved/{NAME}.zip"]


def test_a_mirror_may_be_a_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one in a laboratory; the checksum is pinned."""
    with serving() as plain:
        monkeypatch.setenv("KINDRED_MIRROR", plain.url)
        assert fetch(NAME, progress=Progress()).read_bytes() == DATA


def test_redirections_without_end_are_told(server: Server) -> None:
    """One after the other to the same place."""
    server.answer = redirect(lambda server: f"{server.url}/{NAME}.zip")
    refused(rf"{FAILED} 127\.0\.0\.1 \(.*redirects.*\): {AGAIN}$")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is full")
def test_a_disk_that_fills_up_is_told(server: Server, part: Path) -> None:
    """With the folder, and the way to another."""
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    refused(
        r"folder .*datasets cannot be used \(.*No space left.*\): set KINDRED_CACHE .* has room$"
    )


def test_a_cache_that_cannot_be_written_is_told(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "file"))
    refused(r"download folder .*file.datasets cannot be used \(.+\): set KINDRED_CACHE")


def test_one_process_downloads_at_a_time(server: Server, part: Path) -> None:
    """The other is told to wait; one that finds the file done does not care."""
    part.parent.mkdir(parents=True)
    with FileLock(part.parent / f"{NAME}.lock"):
        refused(rf"^another process is downloading {NAME}: wait")
        assert server.asked == []
    fetch(NAME, progress=Progress())
    with FileLock(part.parent / f"{NAME}.lock"):
        fetch(NAME, progress=Progress())


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_what_is_in_this_folder_comes_before_a_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """Whoever has a folder or file of that name means it, and is told so."""
    if kind == "folder":
        (tmp_path / NAME).mkdir()
        (tmp_path / NAME / "ratings.csv").write_text(ratings_text(THREE_RATERS))
    else:
        (tmp_path / NAME).write_bytes(DATA)
    monkeypatch.setenv("KINDRED_MIRROR", "https://nowhere.invalid")
    assert ingest(NAME, index=tmp_path / "index", progress=on_stderr()).ratings == 27
    assert f"'{NAME}' is in this folder and is used" in capsys.readouterr().err


def test_an_unknown_name_is_answered_with_those_there_are(tmp_path: Path) -> None:
    """A slip in a name is seen at once."""
    with pytest.raises(
        SourceError, match=r"'ml-2m'.* sample.* download: .*ml-1m, .*ml-32m"
    ) as caught:
        ingest("ml-2m", index=tmp_path / "index")
    assert_one_line(caught.value)


def test_every_pinned_checksum_is_one() -> None:
    """As many digits as its kind has."""
    for checksum in DATASETS.values():
        digits = checksum.removeprefix("md5:")
        assert len(digits) == (64 if digits == checksum else 32)
        int(digits, 16)
