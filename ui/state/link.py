"""A profile as one word, short enough for an address: ``#taste=1m…``.

The word is a version (``1``), a kind of id, and bytes in base64url. The kinds: ``m``, IMDb numbers,
which mean the same everywhere, where each movie has one of its own; otherwise ``i`` or ``t``, the
numbers or texts of the index itself. The bytes: a checksum (2), what the ids are ids of (2), how
many films there were (a varint, larger than what follows where not all had room), which of the
groups below are there (2), and for each of those the number of its ids and the ids, ascending, each
as the distance from the one before. There are no titles in it and no names.

Several people are in a link as ``#together=Ana~CODE,Ben~CODE``, each under a name of their own.
"""

from __future__ import annotations

import base64
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import quote, unquote

from recommender import InvalidInputError, Opinion, Profile, Recommender
from recommender.catalogue.titles import one_line
from ui.state.taste import EMPTY, SCALE, MovieId

__all__ = [
    "LONGEST",
    "LONGEST_NAME",
    "MOST_PEOPLE",
    "Entry",
    "OpenedLink",
    "code_in",
    "decode",
    "decode_group",
    "encode",
    "encode_group",
    "is_group",
    "plain_name",
]

LONGEST = 2_000
"""Characters of the longest code."""
MOST_PEOPLE, LONGEST_NAME = 8, 40
"""People who can be together; characters of the name of one."""

_VERSION = "1"
_ADDRESS = re.compile(r"[#?&](?:taste|together)=([^&#\s]*)")
_WORD = re.compile(r"1[imt][A-Za-z0-9_-]{8,}", re.ASCII)
_LONGEST_ID = 200
_MOST_FILMS = 1_000_000_000
# Opinions without stars in the order of their codes, stars from half to five, saved, hidden: the
# place in this row is the bit. Links that were shared rely on it.
_STARS = tuple(half / 2 for half in range(1, 11))
_SAVED, _HIDDEN = 13, 14
_GROUPS = 15
# Their ids are those of the same films.
_MOVIELENS = re.compile(r"sample|ml-(?!100k)[a-z0-9-]+")


@dataclass(frozen=True)
class OpenedLink:
    """What a code held: the films that this index knows, and a notice about the rest."""

    profile: Profile = EMPTY
    notice: str | None = None


class Entry(NamedTuple):
    """Somebody of a link for several people."""

    name: str
    opened: OpenedLink


class _Ids(NamedTuple):
    """By which ids movies are written."""

    kind: str
    given: dict[MovieId, int | str]
    tag: bytes


def encode(profile: Profile, recommender: Recommender) -> str | None:
    """Write a profile; None where that would be longer than :data:`LONGEST`."""
    if not profile.films:
        return ""
    ids, groups = _ids_of(profile, recommender), _grouped(profile)
    body = _varint(len(profile.films)) + sum(
        1 << at for at in range(_GROUPS) if groups[at]
    ).to_bytes(2)
    for group in filter(None, groups):
        body += _write_group([ids.given[movie_id] for movie_id in group])
    body = ids.tag + body
    code = base64.urlsafe_b64encode(_checksum(body) + body).rstrip(b"=").decode()
    word = _VERSION + ids.kind + code
    return word if len(word) <= LONGEST else None


def _grouped(profile: Profile) -> list[list[MovieId]]:
    groups: list[list[MovieId]] = [[] for _ in range(_GROUPS)]
    for movie_id, opinion in profile.opinions.items():
        stars = profile.stars.get(movie_id)
        at = Opinion(int(opinion)).code if stars is None else len(Opinion) + _STARS.index(stars)
        groups[at].append(movie_id)
    groups[_SAVED], groups[_HIDDEN] = [*profile.watchlist], [*profile.hidden]
    return groups


def _ids_of(profile: Profile, recommender: Recommender) -> _Ids:
    """Choose the kind of id, and give the id of each movie."""
    films = [*profile.films]
    linked = [movie and movie.imdb_id for movie in recommender.find(f"id:{one}" for one in films)]
    back = recommender.find(f"imdb:{one}" for one in linked)
    if [movie and movie.movie_id for movie in back] == films:
        given: dict[MovieId, int | str]
        given = {one: int(str(imdb)[2:]) for one, imdb in zip(films, linked, strict=True)}
        return _Ids("m", given, _tag("m", ""))
    own = "i" if recommender.stats().movie_ids == "int" else "t"
    return _Ids(own, {one: one for one in films}, _tag(own, recommender.stats().source.label))


def _tag(kind: str, name: str) -> bytes:
    """Tell, in two bytes, what the ids of a source are ids of."""
    family = "imdb" if kind == "m" else "movielens" if _MOVIELENS.fullmatch(name) else name
    return _checksum(f"{kind} {family}".encode("utf-8", "replace"))


def _checksum(data: bytes) -> bytes:
    return (zlib.crc32(data) & 0xFFFF).to_bytes(2)


def _varint(number: int) -> bytes:
    """Write a number, 0 or more, seven bits to a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _write_group(ids: Sequence[int | str]) -> bytes:
    out, before = _varint(len(ids)), 0
    for given in sorted(ids, key=lambda one: (isinstance(one, str), one)):
        if isinstance(given, str):
            text = given.encode("utf-8", "surrogatepass")
            out += _varint(len(text)) + text
            continue
        step = given - before  # below zero for the first of negative ids alone
        out += _varint(step * 2 if step >= 0 else -step * 2 - 1)
        before = given
    return out


def decode(code: str, recommender: Recommender) -> OpenedLink:
    """Read a code, whatever it is; the notice says what could not be used."""
    code = code.strip()
    if not code:
        return OpenedLink()
    if re.match(r"[2-9][a-z]", code):
        return OpenedLink(notice="This link was made by a newer Kindred and cannot be opened here.")
    kind = code[1:2]
    try:
        if len(code) > LONGEST or not _WORD.fullmatch(code):
            raise ValueError("not a code")
        data = base64.urlsafe_b64decode(code[2:] + "=" * (-len(code[2:]) % 4))
        if _checksum(data[2:]) != data[:2]:
            raise ValueError("not as it was written")
        total, groups = _read(data[4:], text=kind == "t")
    except (ValueError, IndexError):
        return OpenedLink(notice="This link is damaged: copy it once more, to its very end.")
    source = recommender.stats().source  # links of before were made with its whole name
    if data[2:4] not in (_tag(kind, source.label), _tag(kind, source.name)):
        return OpenedLink(
            notice="This link is from another collection of films: its ids mean nothing here."
        )
    return _resolve(kind, total, groups, recommender)


def _read(data: bytes, *, text: bool) -> tuple[int, list[list[int | str]]]:
    at = 0

    def varint() -> int:
        nonlocal at
        number = shift = 0
        while data[at] & 0x80:
            number |= (data[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
        at += 1
        return number | data[at - 1] << shift

    def ids() -> Iterator[int | str]:
        nonlocal at
        before = 0
        for _ in range(varint()):
            size = varint()
            if text:
                if at + size > len(data):
                    raise ValueError("a text runs over the end")
                yield data[at : at + size].decode("utf-8", "surrogatepass")
                at += size
            else:
                before += -(size + 1 >> 1) if size & 1 else size >> 1
                yield before

    total = varint()
    if total > _MOST_FILMS:
        raise ValueError("nobody has an opinion of so many films")
    there = int.from_bytes(data[at : at + 2])
    at += 2
    return total, [[*ids()] if there >> group & 1 else [] for group in range(_GROUPS)]


def _resolve(
    kind: str, total: int, groups: Sequence[Sequence[int | str]], recommender: Recommender
) -> OpenedLink:
    scheme = "imdb" if kind == "m" else "id"
    found: list[list[MovieId]] = []
    for group in groups:
        keys = (f"{scheme}:{one}" for one in group if len(str(one)) <= _LONGEST_ID)
        found.append([movie.movie_id for movie in recommender.find(keys) if movie])
    unknown = sum(map(len, groups)) - sum(map(len, found))
    opinions: dict[MovieId, Opinion] = {}
    stars: dict[MovieId, float] = {}
    for opinion, group in zip(Opinion, found, strict=False):
        opinions |= dict.fromkeys(group, opinion)
    for value, group in zip(_STARS, found[len(Opinion) :], strict=False):
        opinions |= dict.fromkeys(group, SCALE.opinion(value))
        stars |= dict.fromkeys(group, value)
    # Whoever made the link up may name a film twice: the first group counts.
    saved = tuple(one for one in dict.fromkeys(found[_SAVED]) if one not in opinions)
    hidden = tuple(one for one in dict.fromkeys(found[_HIDDEN]) if one not in {*opinions, *saved})
    profile = replace(EMPTY, opinions=opinions, stars=stars, watchlist=saved, hidden=hidden)
    parts = []
    if unknown:
        noun = "film is" if unknown == 1 else "films are"
        parts.append(f"{unknown:,} {noun} not in this collection")
    kept = sum(map(len, groups))
    if total > kept:
        parts.append(f"an address has room for {kept:,} of {total:,} films only")
    return OpenedLink(
        profile, f"This link was opened, but {' and '.join(parts)}." if parts else None
    )


def code_in(text: str) -> str:
    """Return the code of a link, which may be given as a whole address."""
    found = _ADDRESS.search(text)
    return found[1] if found else text.strip()


def plain_name(text: str) -> str:
    """Write a person's name in one line of characters that everybody can store and compare."""
    return unicodedata.normalize("NFC", one_line(text.encode("utf-8", "replace").decode()))


def is_group(code: str) -> bool:
    """Tell whether a code is of several people."""
    return "~" in code


def encode_group(codes: Mapping[str, str]) -> str:
    """Join codes of people, given by their names."""
    return ",".join(f"{quote(name, safe='')}~{code}" for name, code in codes.items())


def decode_group(code: str, recommender: Recommender) -> list[Entry]:
    """Read the codes of several people.

    Raises InvalidInputError where there are more than can be together.
    """
    entries = code.strip().split(",", MOST_PEOPLE)
    if len(entries) > MOST_PEOPLE:
        raise InvalidInputError(
            f"This link is of more than {MOST_PEOPLE} people: ask for one of fewer"
        )
    people = []
    for entry in entries:
        name, _, one = entry.rpartition("~")
        # Of an entry that was cut there is not even a code left.
        opened = decode(one or "?", recommender)
        name = plain_name(unquote(name))[:LONGEST_NAME].strip() or "Guest"
        people.append(Entry(name, opened))
    return people
