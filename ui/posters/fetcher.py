"""The posters and facts of this server: those stored, and the few that OMDb is asked for."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from recommender.logs import logged
from recommender.settings import CacheSettings
from ui.posters.omdb import Omdb, Verdict
from ui.posters.poster_store import FAULTS, PosterStore, Stored
from ui.server.singleton import Singleton
from ui.settings import OmdbSettings

__all__ = ["Found", "Posters", "posters"]

_log = logging.getLogger(__name__)

_DAY = 24 * 3600  # seconds
# Seconds for which an answer is stored. A film without a poster may get one; a fault is soon over;
# with another key a film may be asked for at once.
_KEPT_FOR = {Verdict.FOUND: 30 * _DAY, Verdict.NONE: 7 * _DAY, Verdict.KEY_REFUSED: 0}
_FAILED_FOR = 3600
_AT_ONCE = 4  # requests
_KEY_REFUSED = "OMDb refuses the key: posters are off. Check OMDB_API_KEY."
_USED_UP = "Today's OMDb limit (OMDB_DAILY_LIMIT) is used up: posters return tomorrow (UTC)."


class Found(NamedTuple):
    """What is known of films."""

    stored: dict[str, Stored]
    """What is stored, be it out of date."""
    awaited: list[str]
    """Those of which more may be known in a moment: look for them again."""
    notice: str | None
    """Why OMDb is not asked any more, where that is so."""


class Posters:
    """Posters and facts from OMDb.

    There is no queue: a page looks again and again for the films in sight, and a few of them are
    asked for at a time, each in a thread that nobody waits for. Answers are stored in ``folder``;
    ``clock`` gives seconds since 1970.
    """

    def __init__(
        self, settings: OmdbSettings, folder: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self._omdb, self._limit, self._clock = Omdb(settings), settings.daily_limit, clock
        self._store = PosterStore(folder / "posters.sqlite")
        self._lock = threading.Lock()
        self._under_way: set[str] = set()
        self._key_refused = False

    def find(self, imdb_ids: Collection[str]) -> Found:
        """Return what is stored of films, and have OMDb asked for the first that are missing.

        Where the file of the answers cannot be used, nothing is found and nobody asked.
        """
        with suppress(*FAULTS), self._lock:
            return self._find(imdb_ids)
        return Found({}, [], None)

    def _find(self, imdb_ids: Collection[str]) -> Found:
        now, today = self._clock(), self._today()
        stored = self._store.films(imdb_ids)
        fresh = {imdb_id for imdb_id, film in stored.items() if film.until > now}
        missing = [one for one in imdb_ids if one not in fresh | self._under_way]
        if missing and not self._key_refused:
            first = missing[: _AT_ONCE - len(self._under_way)]
            # On disk before the request, so that no film is asked for over and over again if its
            # answer cannot be stored.
            for imdb_id in self._store.begin(first, now + _FAILED_FOR, today, self._limit):
                threading.Thread(target=self._ask, args=[imdb_id], daemon=True).start()
                self._under_way.add(imdb_id)
        used_up = self._store.requests(today) >= self._limit
        notice = _KEY_REFUSED if self._key_refused else _USED_UP if used_up else None
        awaited = self._under_way if notice else self._under_way.union(missing)
        return Found(stored, [one for one in imdb_ids if one in awaited], notice)

    def picture(self, imdb_id: str) -> bytes | None:
        """Return the picture of a film if it is stored."""
        with suppress(*FAULTS):
            return self._store.picture(imdb_id)
        return None

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).date().isoformat()

    def _ask(self, imdb_id: str) -> None:
        today = self._today()
        with logged(_log, "asked OMDb") as fields:
            verdict, facts, picture = self._omdb.film(imdb_id)
            fields["verdict"] = verdict.name
        until = self._clock() + _KEPT_FOR.get(verdict, _FAILED_FOR)
        body = None if facts is None else json.dumps(facts)
        with self._lock, suppress(*FAULTS):
            self._under_way.discard(imdb_id)
            self._key_refused |= verdict is Verdict.KEY_REFUSED
            self._store.save(imdb_id, until, body, picture)
            if verdict is Verdict.LIMIT_REACHED:
                # OMDb does not tell how many requests are left, and the next start would ask again.
                self._store.use_up(today, self._limit)


@Singleton
def posters() -> Posters | None:
    """Return the posters of this server; None without a key or a usable network configuration.

    Raises InvalidInputError where a setting cannot be used.
    """
    settings = OmdbSettings.read()
    folder = CacheSettings.read().cache / "posters"
    try:
        return Posters(settings, folder) if settings.api_key else None
    except Exception as problem:  # OSError, ImportError, InvalidURL: by what is set wrongly
        _log.warning(
            "there are no posters, as no connection to OMDb can be set up (%s): mend "
            "SSL_CERT_FILE, SSL_CERT_DIR or the proxy variables",
            problem,
        )
        return None
