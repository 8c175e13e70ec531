"""A client of OMDb: the facts of a film, and its poster; when to ask is decided elsewhere.

The key is part of the URL of a request, so that no URL may be logged, raised or returned from here.
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
from recommender.catalogue.titles import one_line
from ui.settings import OmdbSettings

__all__ = ["Facts", "Failure", "Film", "Omdb", "Picture"]

_TIMEOUT = httpx.Timeout(4, connect=2)  # seconds without a byte
_DEADLINE = 8.0  # seconds for one answer: a server that sends byte by byte meets no timeout
_MAX_ANSWER, _MAX_PICTURE = 100_000, 2_000_000  # bytes
_MAX_FACT = {"Plot": 1_000, "Director": 300, "Actors": 300, "Runtime": 40}  # characters
_HOSTS = re.compile(r"([a-z0-9-]+\.)+(media-amazon|ssl-images-amazon|media-imdb)\.com")
# The content type is the server's word, so that the first bytes are looked at too.
_SIGNATURES = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}

# httpx logs the URL of each request, httpcore each header of the answer, of which the Location of
# a redirect may repeat it.
for _name in ("httpx", "httpcore.http11"):
    logging.getLogger(_name).addFilter(lambda record: "apikey" not in record.getMessage())


class Failure(Enum):
    """Why there is no film or picture, and the messages by which OMDb says so.

    The HTTP status does not tell: a bad key may come with 200, and an unknown film always does. The
    names are written to the log.
    """

    NONE = ("Incorrect IMDb ID.", "Error getting data.", "Movie not found!")
    KEY_REFUSED = ("Invalid API key!", "No API key provided.")
    LIMIT_REACHED = ("Request limit reached!",)
    PASSING = ()  # anything else may be over later
    # So may this, and OMDb did not count the request. Its text, which OMDb never says, is there
    # because two members of an enum cannot have equal values.
    UNREACHED = ("no connection",)


class Picture(NamedTuple):
    """A picture."""

    data: bytes
    type: str
    """Content type, such as ``image/jpeg``."""

    @property
    def is_valid(self) -> bool:
        """Whether the data are of the type named, and nothing a browser might run."""
        signature = _SIGNATURES.get(self.type)
        # From a damaged file the data may come as a number or text.
        return bool(signature and isinstance(self.data, bytes) and signature.match(self.data))


class Facts(NamedTuple):
    """Facts about a film, each one line of plain text; None where OMDb has none."""

    plot: str | None = None
    director: str | None = None
    actors: str | None = None
    runtime: str | None = None


class Film(NamedTuple):
    """OMDb's answer."""

    facts: Facts
    poster: httpx.URL | None
    """URL of the picture, if there is one that may be fetched."""


class Omdb:
    """Asks OMDb by IMDb id, and fetches the pictures its answers name.

    Raises InvalidInputError where the environment names no usable certificates or proxy.
    """

    def __init__(self, settings: OmdbSettings) -> None:
        self._url = httpx.URL(settings.url)
        self._key = settings.api_key.get_secret_value() if settings.api_key else ""
        # Uncompressed, because a small answer may unpack to a huge one before its size is checked.
        headers = {"Accept-Encoding": "identity"}
        try:
            self._client = httpx.AsyncClient(timeout=_TIMEOUT, headers=headers)
        except Exception as problem:  # OSError, ImportError, InvalidURL: by what is set wrongly
            reason = " ".join(str(problem).split())
            raise InvalidInputError(
                f"no connection to OMDb can be set up ({reason}): "
                "mend SSL_CERT_FILE, SSL_CERT_DIR or the proxy variables"
            ) from problem

    async def film(self, imdb_id: str) -> Film | Failure:
        """Ask for a film; return the reason where there is no answer. Never raises."""
        try:
            async with asyncio.timeout(_DEADLINE):
                return await self._film(imdb_id)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError):
            return Failure.UNREACHED
        # Whatever is in an answer must not end the fetching of others.
        except Exception:
            return Failure.PASSING

    async def picture(self, film: Film) -> Picture | Failure:
        """Fetch a film's picture; return the reason where there is none. Never raises."""
        if film.poster is None:
            return Failure.NONE
        try:
            async with asyncio.timeout(_DEADLINE):
                return await self._picture(film.poster)
        except Exception:  # as above
            return Failure.PASSING

    async def _film(self, imdb_id: str) -> Film | Failure:
        # By id alone: OMDb fails or finds other films where "t", "y" or "page" is given too.
        url = self._url.copy_with(params={"apikey": self._key, "i": imdb_id})
        _, content_type, body = await self._get(url, _MAX_ANSWER)
        if "json" not in content_type.lower():  # a page of whatever stands before OMDb
            raise ValueError("the answer is not what OMDb gives")
        answer = json.loads(body)
        if answer.get("Response") != "True":
            known = (failure for failure in Failure if answer.get("Error") in failure.value)
            return next(known, Failure.PASSING)
        facts = Facts(*(_fact(answer.get(name), limit) for name, limit in _MAX_FACT.items()))
        poster = answer["Poster"]
        return Film(facts, None if poster == "N/A" else self._allowed(httpx.URL(poster)))

    async def _picture(self, url: httpx.URL) -> Picture | Failure:
        status, content_type, data = await self._get(url, _MAX_PICTURE)
        if status in (404, 410):
            return Failure.NONE
        picture = Picture(data, content_type.partition(";")[0].strip().lower())
        return picture if status == 200 and picture.is_valid else Failure.PASSING

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

    async def _get(self, url: httpx.URL, limit: int) -> tuple[int, str, bytes]:
        """Return status, content type and body; raise ValueError beyond ``limit`` bytes."""
        async with self._client.stream("GET", url) as answer:
            data = bytearray()
            async for part in answer.aiter_raw():
                data += part
                if len(data) > limit:
                    raise ValueError("the answer is too long")
            return answer.status_code, answer.headers.get("Content-Type", ""), bytes(data)


def _fact(value: object, limit: int) -> str | None:
    """Read one fact; raise TypeError where it is no text, as every field of OMDb is."""
    if value is None or value == "N/A":
        return None
    if not isinstance(value, str):
        raise TypeError("a fact is no text")
    # JSON may hold half of a surrogate pair, which could be sent to no browser.
    text = one_line(value[: 2 * limit].encode("utf-8", "replace").decode())
    return (text if len(text) <= limit else f"{text[: limit - 1]}…") or None
