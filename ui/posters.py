"""The posters of this server: those known, and wishes for others, granted in the background."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from recommender import CacheSettings, InvalidInputError, Movie
from ui.omdb import Omdb, Picture, Verdict
from ui.poster_memory import PosterMemory
from ui.settings import OmdbSettings

__all__ = ["IMDB_ID", "Posters", "lay_posters", "posters"]

IMDB_ID = re.compile(r"tt[0-9]{7,10}")

_DAY = 24 * 3600
_AT_ONCE = 4
_MOST_WISHES = 500
_LOOK_AGAIN = 0.7  # seconds
_PICTURE_KEPT, _NONE_KEPT, _PUT_OFF = 30 * _DAY, 7 * _DAY, 3600  # seconds
_FAILURES, _QUIET = 4, 60  # so many faults in a row, and nobody is asked for so many seconds


class Posters:
    """Posters from OMDb.

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
        self._wishes: dict[str, None] = {}  # the newest last
        self._asked: set[str] = set()
        self._lock = threading.Lock()  # held for moments, never while asking
        self._refused, self._spent_on = False, ""
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
        # Nothing is kept for so long: the clock was ahead then.
        return there if 0 < until - self._clock() <= 31 * _DAY else None

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

    def wish(self, imdb_ids: Iterable[str]) -> None:
        """Have posters fetched, the first of these first, and before all earlier wishes."""
        if self._idle():
            return
        with self._lock:
            for imdb_id in reversed([*imdb_ids]):
                known = self._there(imdb_id) is not None
                if known or imdb_id in self._asked or not IMDB_ID.fullmatch(imdb_id):
                    continue
                new = imdb_id not in self._wishes
                self._wishes.pop(imdb_id, None)
                self._wishes[imdb_id] = None
                if len(self._wishes) > _MOST_WISHES:
                    del self._wishes[next(iter(self._wishes))]
                elif new:
                    asyncio.run_coroutine_threadsafe(self._grant(), self._loop)

    def awaited(self, imdb_ids: Iterable[str]) -> bool:
        """Tell whether any of these may still come."""
        with self._lock:
            return any(imdb_id in self._wishes or imdb_id in self._asked for imdb_id in imdb_ids)

    async def _grant(self) -> None:
        async with self._free:
            with self._lock:
                if self._idle():
                    self._wishes.clear()
                if not self._wishes:
                    return
                imdb_id, _ = self._wishes.popitem()
                self._asked.add(imdb_id)
            try:
                await self._look_up(imdb_id)
            except Exception as problem:  # or every page would ask for it again at once
                # Not what it says, for that may hold the key.
                kind = type(problem).__name__
                logging.getLogger(__name__).warning("%s was not looked up: %s", imdb_id, kind)
                with suppress(Exception):
                    self._put_off(imdb_id)
            finally:
                with self._lock:
                    self._asked.discard(imdb_id)

    async def _look_up(self, imdb_id: str) -> None:
        # Another server may have asked for it meanwhile.
        self._known |= self._memory.known(imdb_id)
        if self._there(imdb_id) is not None:
            return
        today = self._today()
        if not (counted := self._memory.spend(today, self._limit)):
            if counted is None:
                self._put_off(imdb_id)
            else:
                self._spent_on = today
            return
        got = await self._omdb.poster(imdb_id)
        failed = got in (Verdict.PASSING, Verdict.UNREACHED)
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= _FAILURES:
            self._quiet_since = self._clock()
        if got is Verdict.UNREACHED:
            self._memory.give_back(today)
            self._spent_on = ""  # for it may have been the last of the day
        if got is Verdict.KEY_REFUSED:
            self._refused = True
        elif got is Verdict.LIMIT_REACHED:
            self._memory.spend_all(today, self._limit)
            self._spent_on = today
        else:
            picture = got if isinstance(got, Picture) else None
            until = self._clock() + (_PICTURE_KEPT if picture else _NONE_KEPT)
            if failed or not self._memory.keep(imdb_id, until, picture):
                self._put_off(imdb_id)
            else:
                self._known[imdb_id] = (until, picture is not None)

    def _put_off(self, imdb_id: str) -> None:
        """Leave it for an hour at what was known, which may be a picture."""
        until, (_, there) = self._clock() + _PUT_OFF, self._known.get(imdb_id, (0.0, False))
        self._known[imdb_id] = (until, there)
        self._memory.prolong(imdb_id, until)


@st.cache_resource(show_spinner=False)
def posters() -> Posters | None:
    """Return the posters of this server, shared by all visitors; None without a key or a way out.

    Raises InvalidInputError where a setting cannot be used.
    """
    settings = OmdbSettings.read()
    folder = CacheSettings.read().cache / "posters"
    try:
        return Posters(settings, folder) if settings.api_key else None
    except InvalidInputError as problem:
        logging.getLogger(__name__).warning("there are no posters: %s", problem)
        return None


def lay_posters(service: Posters, movies: Iterable[Movie]) -> None:
    """Lay posters over the drawn ones of the cards on the page, each as soon as it is here.

    By a style sheet: if a card were drawn anew, what is open in it would close. And a background
    that fails to load shows what is behind it, where an image would show that it is broken.
    """
    imdb_ids = [*dict.fromkeys(movie.imdb_id or "" for movie in movies)]
    service.wish(imdb_ids)
    more = service.awaited(imdb_ids)
    st.fragment(_lay, run_every=_LOOK_AGAIN if more else None)(service, imdb_ids, more)


def _lay(service: Posters, imdb_ids: list[str], more: bool) -> None:
    rules = (
        f'[data-imdb="{imdb_id}"]::after{{background-image:url({address})}}'
        for imdb_id in imdb_ids
        if (address := service.address(imdb_id))
    )
    st.html(f"<style>{''.join(rules)}</style>")
    if more and not service.awaited(imdb_ids):
        # It may bring an address from before the last click: that is not the Back button's doing.
        if visit := st.session_state.get("visit"):
            visit.acted = True
        st.rerun()  # nothing less stops looking again; and there may be a notice now
