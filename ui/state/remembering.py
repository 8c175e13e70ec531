"""Remembering a visitor who asks for it, from one visit to the next, and forgetting them again.

What is remembered is kept by ``visitors.py``, and found again by a cookie that ``tickets.py`` sets.
Nothing here fails a page: what goes wrong is :func:`news`.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from dataclasses import dataclass, field

import streamlit as st

from recommender import KindredError
from ui.server.open_index import recommender
from ui.state.taste import MovieId, Said
from ui.state.tickets import COOKIE, tickets
from ui.state.visitors import FAULTS, LARGEST, visitors

__all__ = [
    "ANSWER",
    "active",
    "ask",
    "asked",
    "forget",
    "keep",
    "news",
    "recall",
    "resume",
    "set_aside",
    "waiting",
    "was_set_aside",
]

ANSWER = "remember-answer"
"""Key of what the browser says it did with a ticket."""

# What reading may raise: anything may be wrong with what was written.
_UNREAD = (*FAULTS, ValueError, LookupError, TypeError, RecursionError)
_OPINIONS = (1, 0, -1)
_STARS = tuple(half / 2 for half in range(1, 11))
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_UNREADABLE = "What this server remembers of you cannot be read just now. Come back later."
_NOT_KEPT = "This server cannot write down just now what you say: it may not be there next time."
_TOO_LONG = "Your list has become too long to be remembered: what you say now is not kept."
_GONE = "You are not remembered here any more."
_GONE_TOO = "You are forgotten: what was kept of you is deleted, and so is the cookie."
_STILL = "What was kept of you is deleted. Your browser keeps a cookie that names nobody any more."
_NO_COOKIES = "Your browser takes no cookies from this page, so you cannot be remembered."
_FAILED = "That did not work, and nothing is remembered. Try again."
_FORGOTTEN = "You are forgotten: what was kept of you is deleted."
_NOT_FORGOTTEN = "You could not be forgotten just now. Try again in a moment."


@dataclass
class _Memory:
    """What one browser tab knows of being remembered."""

    token: str = ""
    """Of the visitor, while they are remembered."""
    kept: Said | None = None
    """What this page said when that was last written, or what was read; by ids of the source."""
    refused: Said | None = None
    """What was too long to be written."""
    aside: bool = False
    """Whether this page shows another list, that came with its address."""
    wanted: str = ""
    """Token of the cookie that the browser is to take."""
    ticket: str = ""
    """What the browser is to redeem."""
    news: str | None = None
    imdb: dict[MovieId, str | None] = field(default_factory=dict)
    """IMDb ids, by ids of the source."""
    source: str = ""
    logged: str = ""
    """The last fault."""


def _memory() -> _Memory:
    found = st.session_state.get("remembering")
    if not isinstance(found, _Memory):
        found = st.session_state["remembering"] = _Memory()
    return found


def recall() -> Said | None:
    """Give what is remembered of the visitor, or None."""
    memory = _memory()
    token = memory.token or str(st.context.cookies.get(COOKIE, ""))
    if not _TOKEN.fullmatch(token):
        return None
    try:
        source = _source(memory)
        found = visitors().find(token, source)
        said = _read(found[1], same=found[0] == source) if found else None
    except (*_UNREAD, KindredError) as problem:
        _log(problem, memory)
        memory.news = _UNREADABLE
        return None
    if said is not None:
        memory.token, memory.kept = token, said
    return said


def set_aside() -> None:
    """Keep nothing for now: the address of this page brought another list, perhaps a friend's."""
    _memory().aside = True


def was_set_aside() -> bool:
    """Tell whether another list is remembered than the one on the page."""
    return bool(_memory().token) and _memory().aside


def resume() -> Said | None:
    """Go on keeping; give what is remembered by now, or None where nothing is, or it fails."""
    memory = _memory()
    memory.news = None
    mine = recall()
    if mine is None and memory.news is None:
        memory.token, memory.news = "", _GONE
    memory.aside = memory.news == _UNREADABLE
    return mine


def active() -> bool:
    """Tell whether what the visitor says is kept for their next visit."""
    return bool(_memory().token) and not _memory().aside


def waiting() -> str:
    """Give the ticket that the browser is to redeem, or nothing."""
    return _memory().ticket


def asked() -> bool:
    """Tell whether the visitor has asked to be remembered and the browser has not yet answered."""
    return bool(_memory().ticket and _memory().wanted)


def news() -> str | None:
    """Give, once, what there is to say."""
    memory = _memory()
    said, memory.news = memory.news, None
    return said


def ask() -> None:
    """Begin to remember: as soon as the browser has the cookie, what is said is kept."""
    memory = _memory()
    memory.wanted = secrets.token_urlsafe(32)
    memory.ticket = tickets().issue(memory.wanted)


def forget() -> None:
    """Forget the visitor at once, and have the browser throw the cookie away."""
    memory = _memory()
    try:
        visitors().forget(memory.token)
    except FAULTS as problem:
        _log(problem, memory)
        memory.news = _NOT_FORGOTTEN
        return
    memory.token, memory.kept, memory.aside, memory.wanted = "", None, False, ""
    memory.ticket, memory.news = tickets().issue(""), _FORGOTTEN


def keep(said: Said) -> None:
    """Keep what the visitor says, if they asked for it and as soon as it changes."""
    memory = _memory()
    try:
        if _has_cookie(memory):
            _begin(memory, said)
        elif active():
            _go_on(memory, said)
    except _UNREAD as problem:
        _log(problem, memory)
        memory.news = memory.news or _NOT_KEPT


def _has_cookie(memory: _Memory) -> bool:
    """Take the browser's answer to a ticket; tell whether it has the cookie it was given."""
    answer = st.session_state.get(ANSWER)
    done = answer.get("done") if answer else None
    if not memory.ticket or not isinstance(done, list) or done[:1] != [memory.ticket]:
        return False
    memory.ticket = ""
    if not memory.wanted:  # but to be rid of it
        memory.news = _GONE_TOO if done[1:] == ["blocked"] else _STILL
    elif done[1:] != ["kept"]:
        memory.wanted = ""
        memory.news = _NO_COOKIES if done[1:] == ["blocked"] else _FAILED
    return bool(memory.wanted)


def _begin(memory: _Memory, said: Said) -> None:
    token, memory.wanted = memory.wanted, ""
    source, text = _source(memory), _write(said, memory)
    if len(text) > LARGEST:
        memory.news = _TOO_LONG
        return
    visitors().welcome(token, source, text)
    memory.token, memory.kept = token, said


def _go_on(memory: _Memory, said: Said) -> None:
    """Write what was said on this page since it last wrote: another tab may have written too."""
    _source(memory)
    # Films of another source are the same by other ids: by that nobody said anything.
    before = memory.kept = said if memory.kept is None else memory.kept
    if said in (before, memory.refused):
        return

    def change(source: str, text: str) -> str | None:
        stored = _read(text, same=source == memory.source)
        new = _write(stored.changed_as(before, said), memory)
        if len(new) > LARGEST:
            memory.news, memory.refused = _TOO_LONG, said
            return None
        return new

    if not visitors().keep(memory.token, memory.source, change):  # forgotten in another tab
        memory.token, memory.news = "", _GONE
    elif memory.refused != said:
        memory.kept = said


def _log(problem: Exception, memory: _Memory) -> None:
    # What is wrong with a row may quote from it.
    what = str(problem) if isinstance(problem, FAULTS) else type(problem).__name__
    if what != memory.logged:  # once, and not at each click
        memory.logged = what
        logging.getLogger(__name__).warning("remembering visitors: %s", what)


def _source(memory: _Memory) -> str:
    """Name what ids are ids of now."""
    source = recommender().stats().source.name
    if memory.source != source:
        memory.source, memory.imdb, memory.kept = source, {}, None
    return source


def _write(said: Said, memory: _Memory) -> str:
    every = dict.fromkeys((*said.ratings, *said.watchlist, *said.hidden))
    fresh = [known for known in every if known not in memory.imdb]
    for known, movie in zip(fresh, recommender().find(f"id:{one}" for one in fresh), strict=True):
        memory.imdb[known] = movie.imdb_id if movie else None
    text = {
        "films": [(known, memory.imdb[known]) for known in every],
        "ratings": [*said.ratings.items()],
        "stars": [*said.stars.items()],
        "watchlist": said.watchlist,
        "hidden": said.hidden,
    }
    return json.dumps(text, separators=(",", ":"))


def _read(text: str, *, same: bool) -> Said:
    """Read what was written, by the ids of the same source, or by IMDb's for another one."""
    kept = json.loads(text)
    old = [(known, f"id:{known}" if same else f"imdb:{imdb}") for known, imdb in kept["films"]]
    movies = recommender().find(key for _, key in old)
    now = {known: movie.movie_id for (known, _), movie in zip(old, movies, strict=True) if movie}

    def there(listed: list[MovieId]) -> tuple[MovieId, ...]:
        return tuple(dict.fromkeys(now[known] for known in listed if known in now))

    # What is no opinion, or no number of stars, ends in ValueError.
    ratings = {
        now[known]: _OPINIONS[_OPINIONS.index(opinion)]
        for known, opinion in kept["ratings"]
        if known in now
    }
    stars = {
        now[known]: _STARS[_STARS.index(value)] for known, value in kept["stars"] if known in now
    }
    # Two films of another source may be one here: the first word counts.
    saved = tuple(movie for movie in there(kept["watchlist"]) if movie not in ratings)
    return Said(
        ratings,
        {movie: value for movie, value in stars.items() if movie in ratings},
        saved,
        tuple(movie for movie in there(kept["hidden"]) if movie not in {*ratings, *saved}),
    )
