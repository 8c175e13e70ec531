"""The posters and facts of this server: those stored, and a queue of films to ask OMDb for."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from recommender import InvalidInputError
from recommender.logs import logged
from recommender.settings import CacheSettings
from ui.posters.omdb import Facts, Failure, Film, Omdb, Picture
from ui.posters.poster_store import PosterStore
from ui.server.singleton import Singleton
from ui.settings import OmdbSettings

__all__ = ["IMDB_ID", "Budget", "Posters", "posters"]

_log = logging.getLogger(__name__)

IMDB_ID = re.compile(r"tt[0-9]{7,10}")

_DAY = 24 * 3600  # seconds
_CONCURRENCY = 4  # requests under way
_MAX_QUEUED = 500  # films, so that a crowd cannot fill the memory
# Seconds for which an answer is stored. A film without a poster may get one; a fault is soon over.
_FOUND_FOR, _NOT_FOUND_FOR, _FAILED_FOR = 30 * _DAY, 7 * _DAY, 3600
_SHARES = 4  # of a day's requests; one client from the Internet has no more than one of these
_MAX_FAILURES, _PAUSE = 4, 60  # after so many in a row nobody is asked, for so many seconds
_UNKNOWN = (0.0, False)  # as an entry that expired long ago, without a poster
_KEY_REFUSED = "OMDb refuses the key: posters are off. Check OMDB_API_KEY."
_USED_UP = "Today's OMDb budget (OMDB_DAILY_LIMIT) is used up, posters come back tomorrow (UTC)."


class Budget(NamedTuple):
    """The day's requests to OMDb, and what is stored of their answers."""

    requests: int  # made today, a day that began at midnight UTC
    limit: int  # of requests a day
    pictures: int  # films whose picture is stored
    bytes: int  # of all that is stored
    notice: str | None  # why OMDb is not asked any more, where that is so


class Posters:
    """Posters and facts from OMDb.

    To draw a page costs a look into a dictionary here, and a place in the queue. All requests, and
    all work on disk, are made by one thread that no page waits for. Answers are stored in
    ``folder``; ``clock`` gives seconds since 1970.
    """

    def __init__(
        self, settings: OmdbSettings, folder: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self._omdb, self._limit, self._clock = Omdb(settings), settings.daily_limit, clock
        self._store = PosterStore(folder)
        self._known = self._store.known()
        self._queue: dict[str, str] = {}  # film to client, the next one last
        self._in_progress: set[str] = set()
        # For facts. Used by the thread of the loop only, because futures are not safe to share.
        self._waits: dict[str, asyncio.Future[None]] = {}
        self._lock = threading.Lock()  # of the queue; held for moments, never during a request
        self._key_refused, self._exhausted_on = False, ""
        self._requests_by: Counter[str] = Counter()  # client
        self._requests_on = ""  # the day they are counted for
        self._failures, self._paused_at = 0, float("-inf")
        self._slots = asyncio.Semaphore(_CONCURRENCY)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="posters", daemon=True).start()

    @property
    def notice(self) -> str | None:
        """Why OMDb is not asked any more, where that is so."""
        if self._key_refused:
            return _KEY_REFUSED
        if self._exhausted_on == self._today():
            return _USED_UP
        return None

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).date().isoformat()

    def _is_paused(self) -> bool:
        """Return whether OMDb is not asked: for good, for today, or a minute after failures."""
        return bool(self.notice) or 0 <= self._clock() - self._paused_at < _PAUSE

    def _has_poster(self, imdb_id: str) -> bool | None:
        """Return whether a film has a poster; None where that is unknown or out of date."""
        until, has_poster = self._known.get(imdb_id, _UNKNOWN)
        return has_poster if self._is_fresh(until) else None

    def _is_fresh(self, until: float) -> bool:
        # Nothing is stored for longer than 31 days: the clock was ahead when that was written.
        return 0 < until - self._clock() <= 31 * _DAY

    def address(self, imdb_id: str) -> str | None:
        """Return the address of a poster that is stored. Relative: a proxy may add a path."""
        has_poster = self._has_poster(imdb_id)
        if has_poster is None and self._is_paused():  # an old poster is better than none
            _, has_poster = self._known.get(imdb_id, _UNKNOWN)
        return f"posters/{imdb_id}" if has_poster else None

    def picture(self, imdb_id: str) -> Picture | None:
        """Return the picture at that address."""
        found = self._store.picture(imdb_id)
        if found is None:  # another server with this folder may have deleted it
            self._known.pop(imdb_id, None)
        return found

    def request(self, imdb_ids: Iterable[str], client: str = "") -> None:
        """Have posters fetched, the first of these first, and all before earlier requests.

        ``client`` names one from the Internet, who cannot use up the whole day's requests.
        """
        if not self._is_paused():
            self._enqueue((name for name in imdb_ids if self._has_poster(name) is None), client)

    def _enqueue(self, imdb_ids: Iterable[str], client: str) -> None:
        with self._lock:  # all at once, or the last would be asked for before the first
            accepted = [
                imdb_id
                for imdb_id in dict.fromkeys(imdb_ids)
                if imdb_id not in self._in_progress and IMDB_ID.fullmatch(imdb_id)
                if imdb_id in self._queue or self._has_share_left(client)
            ]
            for imdb_id in reversed(accepted):
                new = imdb_id not in self._queue
                self._queue[imdb_id] = self._queue.pop(imdb_id, client)
                if len(self._queue) > _MAX_QUEUED:
                    del self._queue[next(iter(self._queue))]
                elif new:
                    asyncio.run_coroutine_threadsafe(self._process_next(), self._loop)

    def _has_share_left(self, client: str) -> bool:
        if self._requests_on != self._today():
            self._requests_by, self._requests_on = Counter(), self._today()
        return not client or self._requests_by[client] < max(self._limit // _SHARES, 1)

    async def facts(self, imdb_id: str, client: str = "") -> Facts | Failure:
        """Return the facts of a film, or the reason why there are none.

        A caller may give up waiting: the request goes on, and its answer is stored. ``client`` is
        as in :meth:`request`.
        """
        found = asyncio.run_coroutine_threadsafe(self._facts(imdb_id, client), self._loop)
        return await asyncio.wrap_future(found)

    async def _facts(self, imdb_id: str, client: str) -> Facts | Failure:
        until, facts = self._store.facts(imdb_id)
        refused = False
        if not self._is_fresh(until) and not self._is_paused() and IMDB_ID.fullmatch(imdb_id):
            self._enqueue([imdb_id], client)
            refused = not self.is_pending([imdb_id])
            if not refused:
                wait = self._waits.setdefault(imdb_id, self._loop.create_future())
                await asyncio.shield(wait)  # others may wait for the same
                _, facts = self._store.facts(imdb_id)
        if facts is not None:  # old ones where nothing new came
            return facts if any(facts) else Failure.NONE
        if self._key_refused:
            return Failure.KEY_REFUSED
        return Failure.LIMIT_REACHED if refused or self.notice else Failure.PASSING

    def _end_waits(self) -> None:
        """End the waits for films that are not asked for any more."""
        with self._lock:
            ended = self._waits.keys() - self._queue.keys() - self._in_progress
        for imdb_id in ended:
            self._waits.pop(imdb_id).set_result(None)

    def budget(self) -> Budget:
        """Return the requests made today, and what is stored."""
        pictures = sum(has_poster for _, has_poster in [*self._known.values()])
        made, size = self._store.requests(self._today()), self._store.size()
        return Budget(made, self._limit, pictures, size, self.notice)

    def is_pending(self, imdb_ids: Iterable[str]) -> bool:
        """Return whether any of these is queued or being asked for."""
        with self._lock:
            return any(name in self._queue or name in self._in_progress for name in imdb_ids)

    async def _process_next(self) -> None:
        async with self._slots:
            with self._lock:
                if self._is_paused():
                    self._queue.clear()
                # The newest, whose page is still being looked at.
                imdb_id, client = self._queue.popitem() if self._queue else ("", "")
                self._in_progress |= {imdb_id} if imdb_id else set()
            if imdb_id:
                await self._try_look_up(imdb_id, client)
            self._end_waits()

    async def _try_look_up(self, imdb_id: str, client: str) -> None:
        try:
            await self._look_up(imdb_id, client)
        except Exception as problem:  # or every page would ask for it again at once
            # Not its message, which may hold the key; nor which film somebody looked at.
            _log.warning("a film was not looked up: %s", type(problem).__name__)
            with suppress(Exception):
                self._postpone(imdb_id)
        finally:
            with self._lock:
                self._in_progress.discard(imdb_id)

    async def _look_up(self, imdb_id: str, client: str) -> None:
        # Another server with this folder may have asked for it meanwhile.
        self._known |= self._store.known(imdb_id)
        wants_picture = self._has_poster(imdb_id) is None
        wants_facts = imdb_id in self._waits and not self._is_fresh(self._store.facts(imdb_id)[0])
        if not (wants_picture or wants_facts):
            return
        today = self._today()
        if not self._has_share_left(client):  # any more: many films may have been queued before
            return
        if not (counted := self._store.count_request(today, self._limit)):
            if counted is None:
                self._postpone(imdb_id)
            else:
                self._exhausted_on = today
            return
        self._requests_by[client] += 1
        with logged(_log, "asked OMDb") as fields:
            answer = await self._omdb.film(imdb_id)
            fields["verdict"] = answer.name if isinstance(answer, Failure) else "FOUND"
        result: Film | Picture | Failure = answer
        if isinstance(answer, Film):
            self._save_facts(imdb_id, answer.facts)
            if wants_picture:
                with logged(_log, "fetched a picture") as fields:
                    result = await self._omdb.picture(answer)
                    fields["verdict"] = result.name if isinstance(result, Failure) else "FOUND"
        elif answer is Failure.NONE:
            self._save_facts(imdb_id, Facts())
        self._update_limits(result, today, client)
        if result in (Failure.PASSING, Failure.UNREACHED):
            self._postpone(imdb_id)
        elif wants_picture and (isinstance(result, Picture) or result is Failure.NONE):
            self._save_picture(imdb_id, result if isinstance(result, Picture) else None)

    def _update_limits(self, result: Film | Picture | Failure, today: str, client: str) -> None:
        failed = result in (Failure.PASSING, Failure.UNREACHED)
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= _MAX_FAILURES:
            self._paused_at = self._clock()
        if result is Failure.UNREACHED:
            self._store.uncount_request(today)
            self._requests_by[client] -= 1
            self._exhausted_on = ""  # it may have been the last of the day
        elif result is Failure.KEY_REFUSED:
            self._key_refused = True
        elif result is Failure.LIMIT_REACHED:
            # On disk too: OMDb does not tell how many requests are left, and another server or the
            # next start would ask again.
            self._store.count_all_requests(today, self._limit)
            self._exhausted_on = today

    def _save_picture(self, imdb_id: str, picture: Picture | None) -> None:
        until = self._clock() + (_FOUND_FOR if picture else _NOT_FOUND_FOR)
        if self._store.save_picture(imdb_id, until, picture):
            self._known[imdb_id] = (until, picture is not None)
        else:
            self._postpone(imdb_id)

    def _save_facts(self, imdb_id: str, facts: Facts) -> None:
        until = self._clock() + (_FOUND_FOR if any(facts) else _NOT_FOUND_FOR)
        self._store.save_facts(imdb_id, until, facts)
        if wait := self._waits.pop(imdb_id, None):  # facts need not wait for the picture
            wait.set_result(None)

    def _postpone(self, imdb_id: str) -> None:
        """Ask again in an hour, and keep to what is known until then, be it a picture."""
        until = self._clock() + _FAILED_FOR
        if self._has_poster(imdb_id) is None:
            self._known[imdb_id] = (until, self._known.get(imdb_id, _UNKNOWN)[1])
        self._store.extend(imdb_id, until)


@Singleton
def posters() -> Posters | None:
    """Return the posters of this server; None without a key or a usable network configuration.

    Raises InvalidInputError where a setting cannot be used.
    """
    settings = OmdbSettings.read()
    folder = CacheSettings.read().cache / "posters"
    try:
        return Posters(settings, folder) if settings.api_key else None
    except InvalidInputError as problem:
        _log.warning("there are no posters: %s", problem)
        return None
