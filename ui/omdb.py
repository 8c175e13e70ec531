"""OMDb: whether a film has a poster, and the picture. Knows nothing of pages, days or memory.

The key travels in the address, so that no address may be logged, raised or returned from here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from enum import Enum
from typing import NamedTuple

import httpx

from recommender import InvalidInputError
from ui.settings import OmdbSettings

__all__ = ["Omdb", "Picture", "Verdict"]

_TIMEOUT = httpx.Timeout(4, connect=2)  # seconds without a byte
_DEADLINE = 15.0  # seconds for one film, or a server that drips could go on for ever
_LONGEST_ANSWER, _LARGEST_PICTURE = 100_000, 2_000_000  # bytes
_HOSTS = re.compile(r"([a-z0-9-]+\.)+(media-amazon|ssl-images-amazon|media-imdb)\.com")
_BEGINS = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}

# One logs each address asked, the other each header that comes back, and with it where a
# redirect leads.
for _name in ("httpx", "httpcore.http11"):
    logging.getLogger(_name).addFilter(lambda record: "apikey" not in record.getMessage())


class Verdict(Enum):
    """Why there is no picture, and what OMDb says then.

    The status is no help: a bad key may come with 200, and an unknown film always does.
    """

    NONE = ("Incorrect IMDb ID.", "Error getting data.", "Movie not found!")
    KEY_REFUSED = ("Invalid API key!", "No API key provided.")
    LIMIT_REACHED = ("Request limit reached!",)
    PASSING = ()  # anything else may work later
    UNREACHED = ("no connection",)  # so may this; the question did not get as far as OMDb


class Picture(NamedTuple):
    """A picture that is what it says it is."""

    data: bytes
    type: str
    """Content type, such as ``image/jpeg``."""


class Omdb:
    """Asks OMDb by IMDb id, and fetches the pictures its answers lead to.

    Raises InvalidInputError where the environment names no usable certificates or proxy.
    """

    def __init__(self, settings: OmdbSettings) -> None:
        self._url = httpx.URL(settings.url)
        self._key = settings.api_key.get_secret_value() if settings.api_key else ""
        # Uncompressed, because a small answer may unpack to a huge one.
        headers = {"Accept-Encoding": "identity"}
        try:
            self._client = httpx.AsyncClient(timeout=_TIMEOUT, headers=headers)
        except Exception as problem:  # OSError, ImportError, InvalidURL: whatever is wrong there
            reason = " ".join(str(problem).split())
            raise InvalidInputError(
                f"no connection to OMDb can be set up ({reason}): "
                "mend SSL_CERT_FILE, SSL_CERT_DIR or the proxy variables"
            ) from problem

    async def poster(self, imdb_id: str) -> Picture | Verdict:
        """Give a film's picture, or the reason why there is none; never raises."""
        try:
            async with asyncio.timeout(_DEADLINE):
                return await self._poster(imdb_id)
        # Whatever a stranger's answer leads to: a fault here must not end all fetching.
        except Exception:
            return Verdict.PASSING

    async def _poster(self, imdb_id: str) -> Picture | Verdict:
        question = self._url.copy_with(params={"apikey": self._key, "i": imdb_id})
        try:
            _, _, body = await self._get(question, _LONGEST_ANSWER)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError):
            return Verdict.UNREACHED
        answer = json.loads(body)
        if answer.get("Response") != "True":
            said = (verdict for verdict in Verdict if answer.get("Error") in verdict.value)
            return next(said, Verdict.PASSING)
        if answer["Poster"] == "N/A" or not (url := self._allowed(httpx.URL(answer["Poster"]))):
            return Verdict.NONE
        status, named, data = await self._get(url, _LARGEST_PICTURE)
        if status in (404, 410):
            return Verdict.NONE
        kind = named.partition(";")[0].strip().lower()
        if status != 200 or not _BEGINS[kind].match(data):
            return Verdict.PASSING
        return Picture(data, kind)

    def _allowed(self, url: httpx.URL) -> httpx.URL | None:
        """Allow OMDb's picture hosts, by https, and OMDB_URL's own origin: an answer must not be
        able to send this server to an address inside its own network."""
        ours = self._url
        if url.userinfo:
            return None
        if (url.scheme, url.host, url.port) == (ours.scheme, ours.host, ours.port):
            return url
        known = url.scheme in ("http", "https") and url.port is None and _HOSTS.fullmatch(url.host)
        return url.copy_with(scheme="https") if known else None

    async def _get(self, url: httpx.URL, most: int) -> tuple[int, str, bytes]:
        """Give status, content type and at most so many bytes; more is a fault."""
        async with self._client.stream("GET", url) as answer:
            data = bytearray()
            async for part in answer.aiter_raw():
                data += part
                if len(data) > most:
                    raise ValueError("the answer is too long")
            return answer.status_code, answer.headers.get("Content-Type", ""), bytes(data)
