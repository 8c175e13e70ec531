"""Remembering a visitor who asks for it, from one visit to the next, and forgetting them again.

What is remembered is kept by ``visitors.py``, and found again by a cookie that ``tickets.py`` sets.
Nothing here fails a page: what goes wrong is :func:`news`.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from dataclasses import dataclass, replace

import streamlit as st

from recommender import InvalidInputError, KindredError, Profile
from recommender.profile import MOST_FILMS, ProfileDocument
from ui.server.open_index import recommender
from ui.state.taste import EMPTY, MovieId, half_stars
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

# What reading and writing a profile may raise.
_UNREAD = (*FAULTS, ValueError)
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
    kept: Profile | None = None
    """The profile as this page last wrote or read it, by ids of the source."""
    refused: Profile | None = None
    """What was too long to be written."""
    aside: bool = False
    """Whether this page shows another list, that came with its address."""
    wanted: str = ""
    """Token of the cookie that the browser is to take."""
    ticket: str = ""
    """What the browser is to redeem."""
    news: str | None = None
    source: str = ""
    logged: str = ""
    """The last fault."""


def _memory() -> _Memory:
    found = st.session_state.get("remembering")
    if not isinstance(found, _Memory):
        found = st.session_state["remembering"] = _Memory()
    return found


def recall() -> Profile | None:
    """Give what is remembered of the visitor, or None."""
    memory = _memory()
    token = memory.token or str(st.context.cookies.get(COOKIE, ""))
    if not _TOKEN.fullmatch(token):
        return None
    try:
        source = _source(memory)
        found = visitors().find(token, source)
        profile = _read(found[1], source) if found else None
    except (*_UNREAD, KindredError) as problem:
        _log(problem, memory)
        memory.news = _UNREADABLE
        return None
    if profile is not None:
        memory.token, memory.kept = token, profile
    return profile


def set_aside() -> None:
    """Keep nothing for now: the address of this page brought another list, perhaps a friend's."""
    _memory().aside = True


def was_set_aside() -> bool:
    """Tell whether another list is remembered than the one on the page."""
    return bool(_memory().token) and _memory().aside


def resume() -> Profile | None:
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
    news, memory.news = memory.news, None
    return news


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


def keep(profile: Profile) -> None:
    """Keep what the visitor says, if they asked for it and as soon as it changes."""
    memory = _memory()
    try:
        if _has_cookie(memory):
            _begin(memory, profile)
        elif active():
            _go_on(memory, profile)
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


def _begin(memory: _Memory, profile: Profile) -> None:
    token, memory.wanted = memory.wanted, ""
    source, text = _source(memory), _write(profile, memory.source)
    if text is None:
        memory.news = _TOO_LONG
        return
    visitors().welcome(token, source, text)
    memory.token, memory.kept = token, profile


def _go_on(memory: _Memory, profile: Profile) -> None:
    """Write what changed on this page since it last wrote: another tab may have written too."""
    source = _source(memory)
    # Under another source the same films have other ids, which is no change.
    before = memory.kept = profile if memory.kept is None else memory.kept
    if profile in (before, memory.refused):
        return

    def change(_: str, text: str) -> str | None:
        new = _write(_merge(_read(text, source), before, profile), source)
        if new is None:
            memory.news, memory.refused = _TOO_LONG, profile
        return new

    if not visitors().keep(memory.token, source, change):  # forgotten in another tab
        memory.token, memory.news = "", _GONE
    elif memory.refused != profile:
        memory.kept = profile


def _merge(stored: Profile, before: Profile, now: Profile) -> Profile:
    """Make in a stored profile the changes that this page made from ``before`` to ``now``.

    Examples
    --------
    >>> mine, stored = Profile({1: 1}), Profile({1: 1, 2: -1})
    >>> [(movie_id, opinion.word) for movie_id, opinion in
    ...  _merge(stored, mine, Profile({3: 0})).opinions.items()]
    [(2, 'dislike'), (3, 'seen')]
    """
    if stored == before:
        return now  # in its order
    old, new = _by_movie(before), _by_movie(now)
    changed = {movie_id for movie_id in {*old, *new} if old.get(movie_id) != new.get(movie_id)}
    rest = stored.without(*changed)
    fresh = now.without(*new.keys() - changed)
    return replace(
        EMPTY,
        opinions={**rest.opinions, **fresh.opinions},
        stars={**rest.stars, **fresh.stars},
        watchlist=(*rest.watchlist, *fresh.watchlist),
        hidden=(*rest.hidden, *fresh.hidden),
    )


def _by_movie(profile: Profile) -> dict[MovieId, object]:
    return {
        **{
            movie: (opinion, profile.stars.get(movie))
            for movie, opinion in profile.opinions.items()
        },
        **dict.fromkeys(profile.watchlist, "saved"),
        **dict.fromkeys(profile.hidden, "hidden"),
    }


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
        memory.source, memory.kept = source, None
    return source


def _write(profile: Profile, source: str) -> str | None:
    """Write a profile; None where it is too long to be kept."""
    films = profile.films
    found = recommender().find(f"id:{movie_id}" for movie_id in films)
    movies = {movie_id: movie for movie_id, movie in zip(films, found, strict=True) if movie}
    known = profile.without(*(movie_id for movie_id in films if movie_id not in movies))
    if max(len(known), len(known.watchlist), len(known.hidden)) > MOST_FILMS:
        return None
    text = json.dumps(known.to_dict(movies, source=source), separators=(",", ":"))
    return text if len(text) <= LARGEST else None


def _read(text: str, source: str) -> Profile:
    """Read what was written, films of another source by their IMDb and TMDB ids."""
    document = ProfileDocument.read(text)
    if document.source is None:
        raise InvalidInputError("the row is of an older Kindred")
    profile, own = Profile.from_dict(document, source=source), document.source == source
    films = [key for key in profile.films if own or str(key).startswith(("imdb:", "tmdb:"))]
    found = recommender().find(f"id:{key}" if own else key for key in films)
    now = {key: movie.movie_id for key, movie in zip(films, found, strict=True) if movie}
    opinions = {now[key]: opinion for key, opinion in profile.opinions.items() if key in now}
    stars = {now[key]: half_stars(given) for key, given in profile.stars.items() if key in now}
    # Two films of another source may be one here: the first list counts.
    saved = dict.fromkeys(now[key] for key in profile.watchlist if key in now)
    hidden = dict.fromkeys(now[key] for key in profile.hidden if key in now)
    return replace(
        EMPTY,
        opinions=opinions,
        stars={movie_id: given for movie_id, given in stars.items() if movie_id in opinions},
        watchlist=tuple(movie_id for movie_id in saved if movie_id not in opinions),
        hidden=tuple(movie_id for movie_id in hidden if movie_id not in {*opinions, *saved}),
    )
