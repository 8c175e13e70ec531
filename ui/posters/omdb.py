"""A client of OMDb: the facts of a film, and its poster; when to ask is decided elsewhere.

The key is part of the URL of a request, so that no URL may be logged, raised or returned from here.
"""

from __future__ import annotations

import json
import logging
import re
from enum import Enum
from typing import NamedTuple

import httpx

from ui.settings import OmdbSettings

__all__ = ["Answer", "Omdb", "Verdict", "picture_type"]

_TIMEOUT = httpx.Timeout(4, connect=2)  # seconds without a byte
_MAX_ANSWER, _MAX_PICTURE = 100_000, 2_000_000  # bytes
_FACTS = ("Plot", "Director", "Actors", "Runtime")
_HOSTS = re.compile(r"([a-z0-9-]+\.)+(media-amazon|ssl-images-amazon|media-imdb)\.com")
_SIGNATURES = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}

# httpx logs the URL of each request, httpcore each header of the answer, of which the Location of
# a redirect may repeat it.
for _name in ("httpx", "httpcore.http11"):
    logging.getLogger(_name).addFilter(lambda record: "apikey" not in record.getMessage())


class Verdict(Enum):
    """What came of a request, each with the errors by which OMDb says so.

    The HTTP status does not tell: a bad key may come with 200, and an unknown film always does. The
    names are written to the log.
    """

    FOUND = (None,)
    NONE = ("Incorrect IMDb ID.", "Error getting data.", "Movie not found!")
    KEY_REFUSED = ("Invalid API key!", "No API key provided.")
    LIMIT_REACHED = ("Request limit reached!",)
    PASSING = ()  # anything else may be over later


class Answer(NamedTuple):
    """What OMDb has of a film."""

    verdict: Verdict
    """FOUND if there is a poster, NONE if there is none or no such film, or why nothing is known of
    one."""
    facts: dict[str, str] | None = None
    """Those of plot, director, actors and runtime that OMDb knows; None where it did not answer."""
    picture: bytes | None = None
    """The poster."""


class Omdb:
    """Asks OMDb by IMDb id, and fetches the pictures its answers name. Safe to share by threads.

    Raises whatever httpx does where the environment names no usable certificates or proxy.
    """

    def __init__(self, settings: OmdbSettings) -> None:
        self._url = httpx.URL(settings.url)
        self._key = settings.api_key.get_secret_value() if settings.api_key else ""
        # Uncompressed, because a small answer may unpack to a huge one before its size is checked.
        self._client = httpx.Client(timeout=_TIMEOUT, headers={"Accept-Encoding": "identity"})

    def film(self, imdb_id: str) -> Answer:
        """Ask for a film, and fetch its poster. Never raises."""
        # By id alone: OMDb fails or finds other films where "t", "y" or "page" is given too.
        url = self._url.copy_with(params={"apikey": self._key, "i": imdb_id})
        try:
            found = json.loads(self._get(url, _MAX_ANSWER)[1])
            error = found.get("Error")
            verdict = next((one for one in Verdict if error in one.value), Verdict.PASSING)
            facts = {n.lower(): found[n] for n in _FACTS if found.get(n, "N/A") != "N/A"}
        except Exception:  # whatever is in an answer must not end the fetching of others
            return Answer(Verdict.PASSING)
        if verdict is Verdict.FOUND:
            return self._with_picture(facts, found.get("Poster"))
        return Answer(verdict, {} if verdict is Verdict.NONE else None)

    def _with_picture(self, facts: dict[str, str], address: str) -> Answer:
        try:
            url = None if address == "N/A" else self._allowed(httpx.URL(address))
            if url is None:
                return Answer(Verdict.NONE, facts)
            status, data = self._get(url, _MAX_PICTURE)
        except Exception:  # as above
            return Answer(Verdict.PASSING, facts)
        if status == 200 and picture_type(data):
            return Answer(Verdict.FOUND, facts, data)
        return Answer(Verdict.NONE if status in (404, 410) else Verdict.PASSING, facts)

    def _allowed(self, url: httpx.URL) -> httpx.URL | None:
        """Return the URL if it is of OMDb's picture hosts, then by https, or of OMDB_URL's origin:
        an answer must not be able to send this server to an address in its own network."""
        own = self._url
        if url.userinfo:
            return None
        if (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port):
            return url
        known = url.scheme in ("http", "https") and url.port is None and _HOSTS.fullmatch(url.host)
        return url.copy_with(scheme="https") if known else None

    def _get(self, url: httpx.URL, limit: int) -> tuple[int, bytes]:
        """Return status and body; raise ValueError beyond ``limit`` bytes."""
        with self._client.stream("GET", url) as answer:
            data = bytearray()
            for part in answer.iter_raw():
                data += part
                if len(data) > limit:
                    raise ValueError("the answer is too long")
            return answer.status_code, bytes(data)


def picture_type(data: bytes) -> str | None:
    """Return the content type of a picture by its first bytes; None of what a browser might run."""
    return next((kind for kind, begin in _SIGNATURES.items() if begin.match(data)), None)
