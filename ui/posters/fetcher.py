"""The posters and facts of this server: those known, and wishes for others, granted in the
background."""

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
from ui.posters.omdb import Facts, Film, Omdb, Picture, Verdict
from ui.posters.poster_store import PosterMemory
from ui.server.singleton import Singleton
from ui.settings import OmdbSettings

__all__ = ["IMDB_ID", "Budget", "Posters", "posters"]

_log = logging.getLogger(__name__)

IMDB_ID = re.compile(r"tt[0-9]{7,10}")

_DAY = 24 * 3600
_AT_ONCE = 4
_MOST_WISHES = 500
_KEPT, _NONE_KEPT, _PUT_OFF = 30 * _DAY, 7 * _DAY, 3600  # seconds
_PARTS = 4  # of a day's requests; one stranger has no more than one of these
_FAILURES, _QUIET = 4, 60  # so many faults in a row, and nobody is asked for so many seconds


class Budget(NamedTuple):
    """What asking OMDb has cost and brought."""

    requests: int  # made today, a day that began at midnight UTC
    limit: int  # of requests a day
    pictures: int  # films whose picture is kept
    bytes: int  # room that all that is kept takes
    notice: str | None  # why nobody is asked any more, where that is so


class Posters:
    """Posters and facts from OMDb.

    Drawing a page only looks into a dictionary here and leaves wishes. All asking, and all work on
    disk, is done by one thread that nobody waits for. Answers are kept in ``folder``; ``clock``
    gives seconds since 1970.
    """

    def __init__(
        self, settings: OmdbSettings, folder: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self._omdb, self._limit, self._clock = Omdb(settings), settings.daily_limit, clock
        self._memory = PosterMemory(folder)
        self._known = self._memory.known()
        self._wishes: dict[str, str] = {}  # and whose they are; the newest last
        self._asked: set[str] = set()
        self._waits: dict[str, asyncio.Future[None]] = {}  # for facts; the loop's thread's own
        self._lock = threading.Lock()  # held for moments, never while asking
        self._refused, self._spent_on = False, ""
        self._had: Counter[str] = Counter()  # requests that each stranger led to
        self._had_on = ""
        self._failures, self._quiet_since = 0, float("-inf")
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="posters", daemon=True).start()

    @property
    def notice(self) -> str | None:
        """Why nobody is asked any more, where that is so."""
        if self._refused:
            return "OMDb refuses the key: posters are off. Check OMDB_API_KEY."
        if self._spent_on == self._today():
            return (
                "Today's OMDb budget (OMDB_DAILY_LIMIT) is used up, "
                "posters come back tomorrow (UTC)."
            )
        return None

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).date().isoformat()

    def _idle(self) -> bool:
        """Tell whether nobody is asked, for good, for today, or after faults for a minute."""
        return bool(self.notice) or 0 <= self._clock() - self._quiet_since < _QUIET

    def _there(self, imdb_id: str) -> bool | None:
        """Tell whether there is a poster; None where that is not known, or not any more."""
        until, there = self._known.get(imdb_id, (0.0, False))
        return there if self._holds(until) else None

    def _holds(self, until: float) -> bool:
        # Nothing is kept for longer: the clock was ahead then.
        return 0 < until - self._clock() <= 31 * _DAY

    def address(self, imdb_id: str) -> str | None:
        """Give the address of a poster that is here. Relative, for a proxy may add a path."""
        there = self._there(imdb_id)
        if there is None and self._idle():  # an old one is better than none
            _, there = self._known.get(imdb_id, (0.0, False))
        return f"posters/{imdb_id}" if there else None

    def picture(self, imdb_id: str) -> Picture | None:
        """Give the picture at that address."""
        found = self._memory.picture(imdb_id)
        if found is None:  # another server may have made room
            self._known.pop(imdb_id, None)
        return found

    def wish(self, imdb_ids: Iterable[str], who: str = "") -> None:
        """Have posters fetched, the first of these first, and before all earlier wishes.

        ``who`` names a stranger, who cannot have the whole day's requests.
        """
        if not self._idle():
            self._put_first((name for name in imdb_ids if self._there(name) is None), who)

    def _put_first(self, imdb_ids: Iterable[str], who: str) -> None:
        with self._lock:  # all at once, or the last would be asked for before the first
            granted = [
                imdb_id
                for imdb_id in dict.fromkeys(imdb_ids)
                if imdb_id not in self._asked and IMDB_ID.fullmatch(imdb_id)
                if imdb_id in self._wishes or self._has_part(who)
            ]
            for imdb_id in reversed(granted):
                new = imdb_id not in self._wishes
                self._wishes[imdb_id] = self._wishes.pop(imdb_id, who)
                if len(self._wishes) > _MOST_WISHES:
                    del self._wishes[next(iter(self._wishes))]
                elif new:
                    asyncio.run_coroutine_threadsafe(self._grant(), self._loop)

    def _has_part(self, who: str) -> bool:
        """Tell whether a stranger has requests left today."""
        if self._had_on != self._today():
            self._had, self._had_on = Counter(), self._today()
        return not who or self._had[who] < max(self._limit // _PARTS, 1)

    async def facts(self, imdb_id: str, who: str = "") -> Facts | Verdict:
        """Give what OMDb tells of a film, or the reason why nothing is told.

        Who asks decides how long to wait: the asking goes on, and what comes is kept. ``who`` is
        as in :meth:`wish`.
        """
        asking = asyncio.run_coroutine_threadsafe(self._facts(imdb_id, who), self._loop)
        return await asyncio.wrap_future(asking)

    async def _facts(self, imdb_id: str, who: str) -> Facts | Verdict:
        until, facts = self._memory.facts(imdb_id)
        refused = False
        if not self._holds(until) and not self._idle() and IMDB_ID.fullmatch(imdb_id):
            self._put_first([imdb_id], who)
            refused = not self.awaited([imdb_id])
            if not refused:
                wait = self._waits.setdefault(imdb_id, self._loop.create_future())
                await asyncio.shield(wait)  # others may wait for the same
                _, facts = self._memory.facts(imdb_id)
        if facts is not None:  # if need be what was told long ago
            return facts if any(facts) else Verdict.NONE
        if self._refused:
            return Verdict.KEY_REFUSED
        return Verdict.LIMIT_REACHED if refused or self.notice else Verdict.PASSING

    def _end_waits(self) -> None:
        """End the waits for films that nobody is asked for any more."""
        with self._lock:
            ended = self._waits.keys() - self._wishes.keys() - self._asked
        for imdb_id in ended:
            self._waits.pop(imdb_id).set_result(None)

    def budget(self) -> Budget:
        """Tell what asking has cost and brought."""
        pictures = sum(there for _, there in [*self._known.values()])
        made, size = self._memory.requests(self._today()), self._memory.size()
        return Budget(made, self._limit, pictures, size, self.notice)

    def awaited(self, imdb_ids: Iterable[str]) -> bool:
        """Tell whether any of these may still come."""
        with self._lock:
            return any(imdb_id in self._wishes or imdb_id in self._asked for imdb_id in imdb_ids)

    async def _grant(self) -> None:
        async with self._free:
            with self._lock:
                if self._idle():
                    self._wishes.clear()
                imdb_id, who = self._wishes.popitem() if self._wishes else ("", "")
                self._asked |= {imdb_id} if imdb_id else set()
            if imdb_id:
                await self._try(imdb_id, who)
            self._end_waits()

    async def _try(self, imdb_id: str, who: str) -> None:
        try:
            await self._look_up(imdb_id, who)
        except Exception as problem:  # or every page would ask for it again at once
            # Not what it says, for that may hold the key; nor which film somebody looked at.
            _log.warning("a film was not looked up: %s", type(problem).__name__)
            with suppress(Exception):
                self._put_off(imdb_id)
        finally:
            with self._lock:
                self._asked.discard(imdb_id)

    async def _look_up(self, imdb_id: str, who: str) -> None:
        # Another server may have asked for it meanwhile.
        self._known |= self._memory.known(imdb_id)
        picture_wanted = self._there(imdb_id) is None
        facts_wanted = imdb_id in self._waits and not self._holds(self._memory.facts(imdb_id)[0])
        if not (picture_wanted or facts_wanted):
            return
        today = self._today()
        if not self._has_part(who):  # by now: there may have been many wishes
            return
        if not (counted := self._memory.spend(today, self._limit)):
            if counted is None:
                self._put_off(imdb_id)
            else:
                self._spent_on = today
            return
        self._had[who] += 1
        with logged(_log, "asked OMDb") as fields:
            told = await self._omdb.film(imdb_id)
            fields["verdict"] = told.name if isinstance(told, Verdict) else "FOUND"
        got: Film | Picture | Verdict = told
        if isinstance(told, Film):
            self._keep_facts(imdb_id, told.facts)
            if picture_wanted:
                with logged(_log, "fetched a picture") as fields:
                    got = await self._omdb.picture(told)
                    fields["verdict"] = got.name if isinstance(got, Verdict) else "FOUND"
        elif told is Verdict.NONE:
            self._keep_facts(imdb_id, Facts())
        self._take_note(got, today, who)
        if got in (Verdict.PASSING, Verdict.UNREACHED):
            self._put_off(imdb_id)
        elif picture_wanted and (isinstance(got, Picture) or got is Verdict.NONE):
            self._keep_picture(imdb_id, got if isinstance(got, Picture) else None)

    def _take_note(self, got: Film | Picture | Verdict, today: str, who: str) -> None:
        """Learn from an answer whether to go on asking."""
        failed = got in (Verdict.PASSING, Verdict.UNREACHED)
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= _FAILURES:
            self._quiet_since = self._clock()
        if got is Verdict.UNREACHED:
            self._memory.give_back(today)
            self._had[who] -= 1
            self._spent_on = ""  # for it may have been the last of the day
        elif got is Verdict.KEY_REFUSED:
            self._refused = True
        elif got is Verdict.LIMIT_REACHED:
            self._memory.spend_all(today, self._limit)
            self._spent_on = today

    def _keep_picture(self, imdb_id: str, picture: Picture | None) -> None:
        until = self._clock() + (_KEPT if picture else _NONE_KEPT)
        if self._memory.keep(imdb_id, until, picture):
            self._known[imdb_id] = (until, picture is not None)
        else:
            self._put_off(imdb_id)

    def _keep_facts(self, imdb_id: str, facts: Facts) -> None:
        until = self._clock() + (_KEPT if any(facts) else _NONE_KEPT)
        self._memory.keep_facts(imdb_id, until, facts)
        if wait := self._waits.pop(imdb_id, None):  # while the picture is on its way
            wait.set_result(None)

    def _put_off(self, imdb_id: str) -> None:
        """Leave it for an hour at what was known, which may be a picture."""
        until = self._clock() + _PUT_OFF
        if self._there(imdb_id) is None:
            _, there = self._known.get(imdb_id, (0.0, False))
            self._known[imdb_id] = (until, there)
        self._memory.prolong(imdb_id, until)


@Singleton
def posters() -> Posters | None:
    """Return the posters of this server, shared by all visitors; None without a key or a way out.

    Raises InvalidInputError where a setting cannot be used.
    """
    settings = OmdbSettings.read()
    folder = CacheSettings.read().cache / "posters"
    try:
        return Posters(settings, folder) if settings.api_key else None
    except InvalidInputError as problem:
        _log.warning("there are no posters: %s", problem)
        return None
