"""Finding movies by the titles and years that another list gives them, thousands at a time.

What is called a match must be one: a remake of another year, or a film of nearly the same name, is
only ever suggested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from recommender.arrays import Ints
from recommender.catalogue.titles import folded, names_of, split_title, without_article

__all__ = ["Found", "TitleMatcher"]

_MOST_CANDIDATES = 5
# Likeness of two titles (0-100): from which they are one if nothing else is nearly as like, how
# much less like that must be, and from which they are worth a look.
_SAME, _LEAD, _LIKE = 92, 4, 84
# Pairs of titles compared at once, each a byte.
_BLOCK = 1 << 22
# A part of a title shorter than this, as the "Up" of "Up: ...", is the title of too many others.
_SHORTEST_PART = 4
# Years between a film and one of the same title that may be it.
_WORTH_A_LOOK = 3

_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DIGITS = {word: str(n) for words in (_ROMAN, _WORDS) for n, word in enumerate(words, 1)}
_SHORT = {"dr": "doctor", "vol": "volume", "vs": "versus"}
_REWRITTEN = _DIGITS | _SHORT
_BETWEEN_PARTS = re.compile(r":\s|\s[-–—]\s")


class Found(NamedTuple):
    """Dense numbers of the movies that may be meant, likeliest first."""

    numbers: list[int]
    sure: bool


class _Spelling(NamedTuple):
    """A name for comparing, and the numbers in it, by which the parts of a series differ."""

    key: str
    numbers: tuple[str, ...]


_Spelt = tuple[_Spelling, int]
"""A name of a movie, and the movie's dense number."""


def _spelling(name: str) -> _Spelling:
    bare = without_article(folded(name.replace("&", " and ")))
    words = [_REWRITTEN.get(word, word) for word in bare.split()]
    # Without spaces, as people write "Spider-Man" and "Spiderman", "WALL·E" and "Wall-E".
    return _Spelling("".join(words) or name.strip(), tuple(re.findall(r"\d+", " ".join(words))))


def _parts(name: str) -> Iterator[str]:
    """Keys of what stands before and after a colon or a dash."""
    for part in _BETWEEN_PARTS.split(name):
        key = _spelling(part).key
        if part != name and len(key) >= _SHORTEST_PART:
            yield key


def _title_and_year(title: str, year: int | None) -> tuple[str, int | None]:
    natural, inside = split_title(title)
    if year is not None and inside not in (None, year):
        return title, year  # what stands in brackets is part of the title
    return natural, year if inside is None else inside


class TitleMatcher:
    """Titles and years of a catalogue by dense number, for finding many at once.

    Other names may follow a title in brackets, as in ``Seven (a.k.a. Se7en)``. ``ratings``, shape
    (movies,), tell how well known each movie is.
    """

    def __init__(self, titles: Sequence[tuple[str, int | None]], ratings: Ints) -> None:
        self._titles, self._ratings = titles, ratings
        self._by_key: dict[str, list[int]] = {}
        self._by_part: dict[str, list[int]] = {}
        self._by_year: dict[int | None, list[_Spelt]] = {}
        for number, (title, year) in enumerate(titles):
            names = dict.fromkeys([title, *names_of(title)])
            spellings = dict.fromkeys(map(_spelling, names))
            for key in dict.fromkeys(spelling.key for spelling in spellings):
                self._by_key.setdefault(key, []).append(number)
            for key in dict.fromkeys(key for name in names for key in _parts(name)):
                self._by_part.setdefault(key, []).append(number)
            known = self._by_year.setdefault(year, [])
            known += [(spelling, number) for spelling in spellings]

    def match(self, wanted: Sequence[tuple[str, int | None]]) -> list[Found]:
        """Find titles with their years; a year may stand in its title instead."""
        natural = [_title_and_year(title, year) for title, year in wanted]
        found = [self._exact(title, year) for title, year in natural]
        missing: dict[int, list[int]] = {}
        for place, (_, year) in enumerate(natural):
            first = found[place].numbers[:1]
            if year is not None and not (first and self._apart(first[0], year) <= 1):
                missing.setdefault(year, []).append(place)
        for year, places in missing.items():
            alike = self._like([natural[place][0] for place in places], year)
            for place, like in zip(places, alike, strict=True):
                numbers = dict.fromkeys([*like.numbers, *found[place].numbers])
                found[place] = Found([*numbers][:_MOST_CANDIDATES], like.sure)
        return found

    def named(self, title: str, year: int | None) -> list[int]:
        """Movies with such a title, of this year or one beside it, or where no year is known."""
        title, year = _title_and_year(title, year)
        return [number for number in self._of_title(title) if self._apart(number, year) <= 1]

    def _of_title(self, title: str) -> list[int]:
        found = self._by_key.get(_spelling(title).key, [])
        if not found and "(" in title:
            names = names_of(title)
            found = [n for name in names for n in self._by_key.get(_spelling(name).key, [])]
        return list(dict.fromkeys(found))

    def _apart(self, number: int, year: int | None) -> int:
        """Years between a movie and a year; 1 where one is not known."""
        known = self._titles[number][1]
        return 1 if year is None or known is None else abs(known - year)

    def _ordered(self, numbers: Sequence[int], year: int | None) -> list[int]:
        unique = dict.fromkeys(numbers)
        ordered = sorted(unique, key=lambda n: (self._apart(n, year), -int(self._ratings[n])))
        return ordered[:_MOST_CANDIDATES]

    def _exact(self, title: str, year: int | None) -> Found:
        numbers = self._of_title(title)
        for most in (0, 1):
            close = [number for number in numbers if self._apart(number, year) <= most]
            # Of *The Thing* and *Thing* of one year, the one that is spelt like this.
            spelt = [n for n in close if year and folded(self._titles[n][0]) == folded(title)]
            if close:
                one = spelt if len(spelt) == 1 else close
                return Found(self._ordered(one, year), sure=len(one) == 1)
        # Sources differ by a festival or a late release; a remake comes years later.
        close = [number for number in numbers if self._apart(number, year) <= _WORTH_A_LOOK]
        return Found(self._ordered(close, year), sure=False)

    def _like(self, titles: Sequence[str], year: int) -> list[Found]:
        """Movies of about a year whose titles are spelt a little differently, or hold the title."""
        years = (year - 1, year, year + 1)
        known = [item for about in years for item in self._by_year.get(about, [])]
        keys = [spelling.key for spelling, _ in known]
        step = max(1, _BLOCK // max(1, len(keys)))
        found: list[Found] = []
        for start in range(0, len(titles), step):
            some = titles[start : start + step]
            wanted = [_spelling(title) for title in some]
            texts = [spelling.key for spelling in wanted]
            scores = process.cdist(
                texts, keys, scorer=fuzz.ratio, score_cutoff=_LIKE, dtype=np.uint8
            )
            for title, spelling, row in zip(some, wanted, scores, strict=True):
                places = np.flatnonzero(row)
                best = [(int(row[place]), known[place]) for place in places.tolist()]
                found.append(self._judged(title, spelling, year, best))
        return found

    def _judged(
        self, title: str, wanted: _Spelling, year: int, best: list[tuple[int, _Spelt]]
    ) -> Found:
        """Decide whether the best of some movies, by similarity of names, is the one wanted."""
        scores: dict[int, int] = {}
        for score, (spelling, number) in best:
            if spelling.numbers != wanted.numbers:  # "Part 1" and "Part 2" are much alike
                continue
            alike = score - self._apart(number, year)
            scores[number] = max(alike, scores.get(number, 0))
        ranked = sorted(scores, key=lambda n: (-scores[n], -int(self._ratings[n])))
        first, second = [*(scores[number] for number in ranked[:2]), 0, 0][:2]
        sure = first >= _SAME and first - second >= _LEAD and self._apart(ranked[0], year) == 0
        if sure:
            return Found(ranked[:1], sure=True)
        held = list(self._by_part.get(wanted.key, []))
        held += [number for key in _parts(title) for number in self._by_key.get(key, [])]
        held = [number for number in held if self._apart(number, year) == 0]
        numbers = dict.fromkeys([*self._ordered(held, year), *ranked])
        return Found([*numbers][:_MOST_CANDIDATES], sure=False)
