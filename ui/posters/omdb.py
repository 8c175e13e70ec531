"""OMDb: what it tells of a film, and its poster. Knows nothing of pages, days or memory.

The key travels in the address of a question, so that none may be logged, raised or returned from
here.
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

__all__ = ["Facts", "Film", "Omdb", "Picture", "Verdict"]

_TIMEOUT = httpx.Timeout(4, connect=2)  # seconds without a byte
_DEADLINE = 8.0  # seconds for one answer, or a server that drips could go on for ever
_LONGEST_ANSWER, _LARGEST_PICTURE = 100_000, 2_000_000  # bytes
_LONGEST_FACT = {"Plot": 1_000, "Director": 300, "Actors": 300, "Runtime": 40}  # letters
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
    """Why there is nothing, and what OMDb says then.

    The status is no help: a bad key may come with 200, and an unknown film always does.
    """

    NONE = ("Incorrect IMDb ID.", "Error getting data.", "Movie not found!")
    KEY_REFUSED = ("Invalid API key!", "No API key provided.")
    LIMIT_REACHED = ("Request limit reached!",)
    PASSING = ()  # anything else may work later
    UNREACHED = ("no connection",)  # so may this; the question did not get as far as OMDb


class Picture(NamedTuple):
    """A picture."""

    data: bytes
    type: str
    """Content type, such as ``image/jpeg``."""

    @property
    def sound(self) -> bool:
        """Whether it is what it says it is, and nothing a browser might run."""
        begins = _BEGINS.get(self.type)
        return begins is not None and isinstance(self.data, bytes) and bool(begins.match(self.data))


class Facts(NamedTuple):
    """What OMDb tells of a film, each as one line of plain text; None where it does not say."""

    plot: str | None = None
    director: str | None = None
    actors: str | None = None
    runtime: str | None = None


class Film(NamedTuple):
    """OMDb's answer."""

    facts: Facts
    poster: httpx.URL | None
    """Where the picture is, if there is one that may be fetched."""


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

    async def film(self, imdb_id: str) -> Film | Verdict:
        """Ask for a film; give the reason where nothing is told. Never raises."""
        try:
            async with asyncio.timeout(_DEADLINE):
                return await self._film(imdb_id)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError):
            return Verdict.UNREACHED
        # Whatever a stranger's answer leads to: a fault here must not end all fetching.
        except Exception:
            return Verdict.PASSING

    async def picture(self, film: Film) -> Picture | Verdict:
        """Fetch a film's picture; give the reason where there is none. Never raises."""
        if film.poster is None:
            return Verdict.NONE
        try:
            async with asyncio.timeout(_DEADLINE):
                return await self._picture(film.poster)
        except Exception:  # as above
            return Verdict.PASSING

    async def _film(self, imdb_id: str) -> Film | Verdict:
        question = self._url.copy_with(params={"apikey": self._key, "i": imdb_id})
        _, named, body = await self._get(question, _LONGEST_ANSWER)
        if "json" not in named.lower():
            raise ValueError("the answer is not what OMDb gives")
        answer = json.loads(body)
        if answer.get("Response") != "True":
            said = (verdict for verdict in Verdict if answer.get("Error") in verdict.value)
            return next(said, Verdict.PASSING)
        facts = Facts(*(_fact(answer.get(name), most) for name, most in _LONGEST_FACT.items()))
        poster = answer["Poster"]
        return Film(facts, None if poster == "N/A" else self._allowed(httpx.URL(poster)))

    async def _picture(self, url: httpx.URL) -> Picture | Verdict:
        status, named, data = await self._get(url, _LARGEST_PICTURE)
        if status in (404, 410):
            return Verdict.NONE
        got = Picture(data, named.partition(";")[0].strip().lower())
        return got if status == 200 and got.sound else Verdict.PASSING

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


def _fact(said: object, most: int) -> str | None:
    """Read one fact; raise where it is no text, for then the answer is not one of OMDb's."""
    if said is None or said == "N/A":
        return None
    if not isinstance(said, str):
        raise TypeError("a fact is no text")
    # Half a character may stand in JSON, and nowhere else.
    text = one_line(said[: 2 * most].encode("utf-8", "replace").decode())
    return (text if len(text) <= most else f"{text[: most - 1]}…") or None
