"""What headings of columns mean, in the words of data sets, services and several languages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

__all__ = ["NO_RATING", "RATING", "Role", "is_known", "normalised", "roles_of"]

Role = Literal[
    "user", "movie", "stars", "time", "title", "original", "genres", "year", "imdb", "tmdb", "tag",
    "tag_id",
]  # fmt: skip
"""What a column holds."""

_HEADINGS: dict[Role, str] = {
    "user": "user userno userkey usermd5 usr uid reviewer rater cust customer username member "
    "person viewer critic criticname account profile visitor nutzer benutzer kunde utilisateur "
    "usuario utente gebruiker uzytkownik anvandare bruger",
    "movie": "movie movieno item film mid iid anime manga isbn asin parentasin product book show "
    "app game joke content business pelicula filme oeuvre",
    "stars": "rating ratings stars star score",
    "time": "timestamp time date ts datetime ratedat daterated ratingdate ratingtimestamp created "
    "createdat updatedat reviewdate unixreviewtime reviewtime watcheddate watchedat ratingtime "
    "datum data datahora fecha zeit zeitstempel horodatage",
    "title": "title movietitle filmtitle name filmname moviename booktitle primarytitle "
    "titel titre titulo titolo",
    "original": "originaltitle originalname originaltitel titreoriginal titolooriginale "
    "titulooriginal",
    "genres": "genres genre class",
    "year": "year releaseyear filmyear movieyear startyear yearofpublication releasedate",
    "imdb": "imdbid imdb imdbtitleid tconst const",
    "tmdb": "tmdbid tmdb themoviedbid",
    "tag": "tag",
    "tag_id": "tagid",
}
# "user", "user_id" and "id_usuario" say the same; of several of them the id counts.
_ROLES: dict[str, Role] = {
    name: role
    for role, words in _HEADINGS.items()
    for word in words.split()
    for name in ((f"{word}id", f"id{word}", word) if role in ("user", "movie") else (word,))
}
RATING = frozenset([
    "rating", "ratings", "stars", "star", "score", "rate", "ratingval", "ratingvalue", "userrating",
    "yourrating", "bookrating", "myrating", "myscore", "userscore", "overall", "starrating",
    "reviewrating", "reviewscore", "note", "nota", "grade", "vote", "preference", "bewertung",
    "wertung", "puntuacion", "calificacion", "valoracion", "valutazione", "voto", "ocena",
    "beoordeling", "betyg", "avaliacao", "karakter",
])  # fmt: skip
"""Headings of ratings; the commonest of them are roles by themselves."""
NO_RATING = re.compile(
    r"avg|average|mean|count|num|votes|popularity|imdb|tmdb|global|members|helpful|age$|year|price|"
    r"budget|runtime|minutes|length|episodes|index|row|rank|verified|season|"
    r"status|day$|month|hour|plays?$|listens|views|watched|times$|clicks|useful|funny|cool$"
)
"""Headings of numbers that are no ratings of a user."""

# RecBole writes the type of a column behind its name.
_TYPE = re.compile(r":(token|float)(_seq)?$")


# A matrix may have a hundred thousand headings, which are looked at several times.
@lru_cache(maxsize=1 << 18)
def normalised(name: str, gap: str = "") -> str:
    """Heading in lower-case letters without accents and digits, all else replaced by ``gap``.

    Examples
    --------
    >>> normalised("Título"), normalised("Cust_Id"), normalised("item_id:token")
    ('titulo', 'custid', 'itemid')
    """
    plain = unicodedata.normalize("NFKD", _TYPE.sub("", name.strip()[:200]).casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    # Digits stay: "user1" is a user's id and no heading.
    return re.sub(r"[\W_]+", gap, letters.replace("œ", "oe").replace("ł", "l")).strip(gap or None)


def roles_of(heads: Iterable[str]) -> dict[Role, int]:
    """Columns whose headings are known; of several of a role the one with the usual name.

    A heading that is there twice tells nothing.
    """
    names = [normalised(name) for name in heads]
    times = Counter(names)
    places = {name: column for column, name in enumerate(names) if times[name] == 1}
    found = ((role, places[name]) for name, role in _ROLES.items() if name in places)
    # The names of each role are in order, and a dict keeps the last of equal keys.
    roles = dict(reversed(list(found)))
    if "original" in roles and "title" not in roles:
        roles["title"] = roles.pop("original")
    return roles


def is_known(name: str) -> bool:
    """Whether a cell is a heading with a known meaning."""
    word = normalised(name)
    return word in _ROLES or word in RATING
