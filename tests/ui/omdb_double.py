"""A server on this computer that answers as OMDb does, rightly or with any of its faults."""

from __future__ import annotations

import gzip
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from PIL import Image

KEY = "secret4711"


def picture(kind: str = "JPEG", colour: str = "#b0413e") -> bytes:
    """A small real picture, two wide by three high."""
    file = io.BytesIO()
    Image.new("RGB", (200, 300), colour).save(file, kind)
    return file.getvalue()


def _error_body(message: str) -> bytes:
    return json.dumps({"Response": "False", "Error": message}).encode()


# What OMDb, or what stands between it and us, answers: status, content type, body.
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "not there": (200, "application/json", _error_body("Incorrect IMDb ID.")),
    "no data": (200, "application/json", _error_body("Error getting data.")),
    "not found": (200, "application/json", _error_body("Movie not found!")),
    "bad key": (401, "application/json", _error_body("Invalid API key!")),
    "bad key with 200": (200, "application/json", _error_body("Invalid API key!")),
    "no key": (401, "application/json", _error_body("No API key provided.")),
    "limit": (401, "application/json", _error_body("Request limit reached!")),
    "unheard of": (200, "application/json", _error_body("Something new.")),
    "html": (200, "text/html", b"<html><body>The service is unavailable.</body></html>"),
    "forbidden": (403, "text/html", b"<html>Forbidden</html>"),
    "500": (500, "text/html", b"<html>Internal Server Error</html>"),
    "522": (522, "text/html", b"error code: 522"),
    "524": (524, "text/html", b"error code: 524"),
    "invalid": (200, "application/json", b'{"Title":"Toy Story","Poster":'),
    "not an object": (200, "application/json", b"[1, 2]"),
    "deep": (200, "application/json", b"[" * 90_000),
    "endless": (200, "application/json", b" " * 3_000_000),
    # A thousand times as much, unpacked.
    "packed": (200, "application/json", gzip.compress(b" " * 30_000_000)),
    "named a page": (200, "text/html", b'{"Response": "True", "Poster": "N/A"}'),
    "named nothing": (200, "", b'{"Response": "True", "Poster": "N/A"}'),
}
# Where a hit says that its poster is; a path leads back to this server.
POSTERS: dict[str, str] = {
    "hit": "/picture.jpg",
    "png": "/picture.png",
    "webp": "/picture.webp",
    "no poster": "N/A",
    "wrong type": "/wrong-type",
    "too large": "/too-large",
    "pretending": "/pretending",
    "unnamed": "/unnamed",
    "redirect": "/redirect",
    "redirect inside": "/redirect-inside",
    "drawing": "/drawing",
    "dead link": "/404",
    "gone": "/410",
    "broken link": "/500",
    "other host": "http://127.0.0.2:9/picture.jpg",
    "file": "file:///etc/hostname",
    "nonsense": "http://[",
    "number": "",
}


class OmdbDouble:
    """What the server is set to do, and the requests it saw."""

    def __init__(self) -> None:
        self.does: Callable[[str], str] = lambda imdb_id: "hit"
        """How a request for a film is answered: a name from ANSWERS or POSTERS, or ``stall``,
        ``cut``, ``moved``."""
        self.picture: Callable[[str], bytes] = lambda imdb_id: picture()
        self.facts: dict[str, object] = {"Plot": "Toys come alive.", "Runtime": "81 min"}
        """Fields of a hit beside title, year, id and poster."""
        self.seconds = 0.0
        """How long an answer takes; ``stall`` takes ten seconds."""
        self.calls: list[dict[str, str]] = []
        """The query of each request, in the order they came."""
        self.queries: list[str] = []
        self.fetched: list[str] = []
        """Paths of the pictures asked for."""
        self.most_at_once = 0
        self.url = ""
        self.now = 0
        """How many wait for their answer."""
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    @property
    def ids(self) -> list[str]:
        """The films asked for, in order."""
        return [call["i"] for call in self.calls]

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count how many wait for their answer at once."""
        with self._lock:
            self.now += 1
            self.most_at_once = max(self.most_at_once, self.now)
        try:
            yield
        finally:
            with self._lock:
                self.now -= 1


class _Handler(BaseHTTPRequestHandler):
    double: OmdbDouble

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/":
            self._answer(parts.query)
        else:
            self.double.fetched.append(parts.path)
            self._picture(parts.path)

    def _answer(self, query: str) -> None:
        double, asked = self.double, dict(parse_qsl(query))
        double.queries.append(query)
        double.calls.append(asked)
        does = double.does(asked["i"])
        # Not while it is sent: whoever has the last byte may ask again before the sending returns.
        with double.counting():
            double.stopped.wait(10 if does == "stall" else double.seconds)
        if does == "cut":
            self.connection.close()
        elif does == "moved":
            self._send(302, "text/html", b"", {"Location": f"/elsewhere?{query}"})
        elif does in ANSWERS:
            packed = {"Content-Encoding": "gzip"} if does == "packed" else None
            self._send(*ANSWERS[does], packed)
        else:
            at = POSTERS.get(does, "/picture.jpg")
            poster = f"{double.url}{at}?{asked['i']}" if at.startswith("/") else at
            hit: dict[str, object]
            hit = {"Title": "Toy Story", "Year": "1995", "imdbID": asked["i"], "Poster": poster}
            body = (
                hit
                | double.facts
                | {"Response": "True"}
                | ({"Poster": 7} if does == "number" else {})
            )
            self._send(200, "application/json; charset=utf-8", json.dumps(body).encode())

    def _picture(self, path: str) -> None:
        asked = urlsplit(self.path).query
        match path.strip("/"):
            case "picture.jpg":
                self._send(200, "image/jpeg", self.double.picture(asked))
            case "picture.png":
                self._send(200, "image/png", picture("PNG"))
            case "picture.webp":
                self._send(200, "image/webp; q=1", picture("WEBP"))
            case "wrong-type":
                self._send(200, "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
            case "too-large":
                self._send(200, "image/jpeg", picture() + bytes(2_000_001))
            case "pretending":
                self._send(200, "image/jpeg", b"<html><script>alert(1)</script></html>")
            case "unnamed":
                self._send(200, "", picture())
            case "redirect":
                self._send(302, "text/plain", b"", {"Location": f"{self.double.url}/picture.jpg"})
            case "redirect-inside":
                self._send(307, "image/jpeg", picture(), {"Location": "http://169.254.169.254/"})
            case "drawing":
                self._send(200, "image/jpeg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
            case status:
                self._send(int(status), "text/html", b"<html>")

    def _send(
        self, status: int, kind: str, body: bytes, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:  # the client closed the connection
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def omdb_double() -> Iterator[OmdbDouble]:
    """Serve on a free port of this computer."""
    double = OmdbDouble()
    handler = type("Handler", (_Handler,), {"double": double})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        double.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield double
        finally:
            double.stopped.set()
            server.shutdown()
            thread.join()
