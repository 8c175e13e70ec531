"""Films of a catalogue titled as Letterboxd, IMDb or Trakt write them, by rules.

Titles are taken apart and compared here by no code of Kindred, as that is what they measure.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple, Self

from recommender.storage.encoding import ExternalId

__all__ = ["RULES", "Catalogue", "Film", "Written"]

# Parts of the films whose year is off by one, and of those with other titles named by one of them.
_YEAR_OFF, _BY_OTHER = 0.15, 0.5
_FRONT = "The|A|An|La|Le|Les|Un|Une|Il|Lo|Gli|Una|El|Los|Las|Der|Das|Ein|Eine|Det|Den|De|Het"
# The last of these are words of other languages, too ("Die Hard"), and never left out.
_MOVED = re.compile(rf"(.+?),\s+({_FRONT}|L'|Die|I|O|Os|Uno|En|Et|Da)((?::\s|\s\().*)?")
_DATED = re.compile(r"(.*?)\s*\((\d{4})(?:\s*[-–]\s*(?:\d{4})?)?\)\s*")
# Not behind "Birdman: Or", where they are the rest of the title.
_BRACKETS = re.compile(r"(.*(?<![:,])(?<!\b[Oo]r)) +\(((?:[^()]|\([^()]*\))*)\)")
_NOTE = re.compile(r"TV|HBO|EPIX|Part \d+ of .*|.*\b(?:cut|version|edition)", re.I)
_ALSO = re.compile(r"a\.?\s?k\.?\s?a\.?\s*:?\s+", re.I)
_NEXT_NAME = re.compile(r",\s+a\.?k\.?a\.?\s+|(?<=\w\w)/(?=[A-Z]\w)|,\s+(?=(?:The|An?) [A-Z])")
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8"}
_NUMERALS = _ROMAN | {number: roman for roman, number in _ROMAN.items()}
_PART = re.compile(rf"\b((?:Part|Chapter)\s+)({'|'.join(_NUMERALS)})\b")
_OTHER = {"The": "A ", "A": "The ", "An": "The "}
_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "œ": "oe", "ß": "ss"})
_SIGNS = {r'(?<!\S)"': "“", '"': "”", r"(?<!\S)'(?=\S[^']*'(?!\w))": "‘", "'": "’", " - ": " – "}


def _swapped(one: str, two: str) -> Callable[[str], str]:
    return lambda title: title.replace(*((one, two) if one in title else (two, one)), 1)


def _without_accents(title: str) -> str:
    letters = unicodedata.normalize("NFD", title.translate(_LETTERS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _typographic(title: str) -> str:
    for sign, other in _SIGNS.items():
        title = re.sub(sign, other, title)
    return title


def _without_article(title: str) -> str:
    bare = re.sub(rf"^({_FRONT}) (?=\S)", "", title)
    return bare[:1].upper() + bare[1:]


RULES: Mapping[str, tuple[float, Callable[[str], str]]] = {
    "Part II or 2": (0.5, lambda title: _PART.sub(lambda m: m[1] + _NUMERALS[m[2]], title)),
    "Vol. or Volume": (0.6, _swapped("Vol. ", "Volume ")),
    "& or and": (0.5, _swapped(" & ", " and ")),
    "colon or dash": (0.35, _swapped(": ", " - ")),
    "accents lost": (0.5, _without_accents),
    "typographic signs": (0.4, _typographic),
    # About 5 % of all films, together.
    "article left out": (0.1, _without_article),
    "another article": (0.08, lambda title: re.sub("^(The|An?) ", lambda m: _OTHER[m[1]], title)),
}
"""How often a rule is used where it can be, and what it does to a title."""


class Film(NamedTuple):
    """A film of the catalogue, its title taken apart."""

    movie_id: ExternalId
    name: str
    """In natural order, without brackets and year."""
    others: tuple[str, ...]
    """Titles in brackets: the original one, and those by which it is also known."""
    year: int | None
    cut: tuple[str, ...]
    """The rules that made the name."""

    @classmethod
    def read(cls, movie_id: ExternalId, text: str) -> Self:
        """Take apart a title as MovieLens writes it."""
        dated, others, cut = _DATED.fullmatch(text), list[str](), list[str]()
        rest = dated[1] if dated else text
        while found := _BRACKETS.fullmatch(rest):
            rest, also, cut = found[1], _ALSO.match(found[2]), ["brackets dropped"]
            names = _NEXT_NAME.split(found[2][also.end() :]) if also else [found[2]]
            others += [_to_front(name) for name in names if not _NOTE.fullmatch(name)]
        name, year = _to_front(rest), int(dated[2]) if dated else None
        cut += ["article to the front"] * (name != rest)
        return cls(movie_id, name, tuple(others), year, tuple(cut))

    def apart(self, year: int | None) -> int:
        """Years between the film and a year; 0 where that is not told, 99 where its own is not."""
        return 0 if year is None else 99 if self.year is None else abs(self.year - year)


class Written(NamedTuple):
    """A film as another service writes it."""

    title: str
    year: int | None
    right: frozenset[ExternalId]
    """The films of the catalogue that this may be, all equally right."""
    rules: tuple[str, ...]
    """What was done to the catalogue's text."""


class Catalogue:
    """All films, by every way in which the rules can write them."""

    def __init__(self, films: Iterable[Film]) -> None:
        self._films = list(films)
        self._named = defaultdict[str, set[Film]](set)
        for film in self._films:
            for name in (film.name, *film.others):
                self._named[_key(name)].add(film)
        self._rules = {"roman or arabic": (0.5, self.other_numeral), **RULES}

    def written(self, count: int, seed: int) -> list[Written]:
        """Draw films, each as likely, and write them."""
        dice = random.Random(seed)
        drawn = dice.sample(self._films, min(count, len(self._films)))
        return [self._write(film, dice) for film in drawn]

    def _write(self, film: Film, dice: random.Random) -> Written:
        title, year, rules = film.name, film.year, film.cut
        if film.others and dice.random() < _BY_OTHER:
            title, rules = dice.choice(film.others), ("another title",)
        for rule, (chance, change) in self._rules.items():
            new = change(title)
            if new != title and dice.random() < chance and self.right(film, new, year):
                title, rules = new, (*rules, rule)
        beside = year and year + dice.choice((-1, 1))
        if beside and dice.random() < _YEAR_OFF and self.right(film, title, beside):
            year, rules = beside, (*rules, "year off by one")
        return Written(title, year, self.right(film, title, year), rules)

    def right(self, film: Film, title: str, year: int | None) -> frozenset[ExternalId]:
        """Films as right as this one for a title and a year; none where another is more so."""
        named, mine = self._named[_key(title)], film.apart(year)
        if film not in named or any(other.apart(year) < mine for other in named):
            return frozenset()
        unsure = (99,) if mine else ()
        return frozenset(one.movie_id for one in named if one.apart(year) in (mine, *unsure))

    def other_numeral(self, title: str) -> str:
        """Change that of a sequel, *Rocky II*: there is a film without it, unlike *Malcolm X*."""
        match = re.fullmatch(r"(.+) ([IV]{2,4}|V|[2-7])", title)
        sequel = match and _key(match[1]) in self._named
        return f"{match[1]} {_NUMERALS.get(match[2], match[2])}" if match and sequel else title


def _to_front(name: str) -> str:
    match = _MOVED.fullmatch(name.strip())
    gap = "" if match and match[2].endswith("'") else " "
    return f"{match[2]}{gap}{match[1]}{match[3] or ''}" if match else name.strip()


def _key(name: str) -> str:
    """Give one text for all that the rules make of a name."""
    text = re.sub(r"['’‘]", "", _without_accents(_without_article(name)).replace("&", " and "))
    words = re.sub(r"[\W_]+", " ", text.lower()).replace("volume", "vol").split()
    for at, (before, word) in enumerate(pairwise(words), 1):
        # "I" and "V" are words, too.
        last = at == len(words) - 1
        if len(word) > 1 or before in ("part", "chapter") or (word == "v" and last):
            words[at] = _ROMAN.get(word.upper(), word)
    return " ".join(words) or name
