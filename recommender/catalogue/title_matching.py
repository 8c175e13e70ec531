"""Which movie a title means: exactly, and thousands at a time as another list writes them.

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
from recommender.catalogue.titles import Title, Word, folded, normal_key, normal_words
from recommender.storage.cache import cached_property

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
_BETWEEN_PARTS = re.compile(r":\s|\s[-–—]\s")
_YEAR_BEHIND = re.compile(r"[\s,[(]((?:18|19|20)[0-9]{2})[\])]?$")


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


def _spelling(words: Sequence[Word], name: str) -> _Spelling:
    normal = " ".join(word.normal for word in words)
    return _Spelling(normal.replace(" ", "") or name.strip(), tuple(re.findall(r"\d+", normal)))


def _parts(name: str) -> Iterator[str]:
    """Keys of what stands before and after a colon or a dash."""
    parts = _BETWEEN_PARTS.split(name)
    keys = map(normal_key, parts if len(parts) > 1 else ())
    return (key for key in keys if len(key) >= _SHORTEST_PART)


class TitleMatcher:
    """Titles of a catalogue by dense number.

    ``ratings``, shape (movies,), tell how well known each movie is.
    """

    def __init__(self, titles: Sequence[Title], ratings: Ints) -> None:
        self.titles, self.ratings = titles, ratings

    @cached_property
    def words(self) -> list[list[list[Word]]]:
        """The words of each movie's title, and those of its other titles."""
        return [[*map(normal_words, (title.name, *title.others))] for title in self.titles]

    @cached_property
    def _spellings(self) -> list[list[_Spelling]]:
        """How each title and the others of its movie are spelt."""
        return [
            [*map(_spelling, words, (title.name, *title.others))]
            for title, words in zip(self.titles, self.words, strict=True)
        ]

    @cached_property
    def _by_name(self) -> tuple[dict[str, list[int]], ...]:
        """Movies by title as written, by other title, and by the normal forms of both."""
        found: tuple[dict[str, list[int]], ...] = ({}, {}, {}, {})
        for number, (title, spelt) in enumerate(zip(self.titles, self._spellings, strict=True)):
            first, *others = (spelling.key for spelling in spelt)
            written = (_as_written(title.name),), map(_as_written, title.others)
            for by_name, keys in zip(found, (*written, (first,), others), strict=True):
                for key in dict.fromkeys(keys):
                    by_name.setdefault(key, []).append(number)
        return found

    @cached_property
    def _by_part(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, title in enumerate(self.titles):
            names = (title.name, *title.others)
            for key in dict.fromkeys(key for name in names for key in _parts(name)):
                found.setdefault(key, []).append(number)
        return found

    @cached_property
    def _by_year(self) -> dict[int | None, list[_Spelt]]:
        found: dict[int | None, list[_Spelt]] = {}
        for number, (title, spelt) in enumerate(zip(self.titles, self._spellings, strict=True)):
            found.setdefault(title.year, []).extend((one, number) for one in dict.fromkeys(spelt))
        return found

    def exact(self, text: str) -> list[int]:
        """Movies with just this title, case, accents and signs aside.

        Where there are none: those of which it is another title, or of which a title has the same
        normal form. A year behind the title must be the movie's.
        """
        for reading in _readings(text, None):
            written, *others = self._of_title(reading)
            year = reading.year
            for numbers in (written, list(dict.fromkeys(n for of in others for n in of))):
                fitting = [n for n in numbers if not year or self.titles[n].year in (None, year)]
                # Two of one title may differ in the others: then these were given to say which.
                given = {*map(folded, reading.others)}
                same = [n for n in fitting if given & {*map(folded, self.titles[n].others)}]
                if fitting:
                    return same or fitting
        return []

    def named(self, title: str, year: int | None) -> list[int]:
        """Movies with such a title, of this year or one beside it, or where no year is known."""
        wanted = Title.read(title, year)
        found = dict.fromkeys(n for numbers in self._of_title(wanted) for n in numbers)
        return [number for number in found if self._apart(number, wanted.year) <= 1]

    def match(self, wanted: Sequence[tuple[str, int | None]]) -> list[Found]:
        """Find titles with their years; a year may stand in its title instead."""
        titles = [self._read(title, year) for title, year in wanted]
        found = [self._match(title) for title in titles]
        missing: dict[int, list[int]] = {}
        for place, title in enumerate(titles):
            first = found[place].numbers[:1]
            if title.year is not None and not (first and self._apart(first[0], title.year) <= 1):
                missing.setdefault(title.year, []).append(place)
        for year, places in missing.items():
            alike = self._like([titles[place].name for place in places], year)
            for place, like in zip(places, alike, strict=True):
                numbers = dict.fromkeys([*like.numbers, *found[place].numbers])
                # What is just the title of another movie is no slip: "Titanic" for "Titanica".
                sure = like.sure and not any(self._of_title(titles[place]))
                found[place] = Found([*numbers][:_MOST_CANDIDATES], sure)
        return found

    def _read(self, text: str, year: int | None) -> Title:
        """Take a title apart; a year behind it without brackets counts if no movie has it all."""
        title, *dated = _readings(text, year)
        return dated[0] if dated and not any(self._of_title(title)) else title

    def _match(self, title: Title) -> Found:
        groups = self._of_title(title)
        everything = dict.fromkeys(number for numbers in groups for number in numbers)
        # Sources differ by a festival or a late release; a remake comes years later.
        for most in (0, 1):
            beside = [n for n in everything if self._apart(n, title.year) == 1 - most]
            known = self.ratings[beside].max(initial=0)
            for form, numbers in zip(_FORMS, groups, strict=True):
                close = [n for n in numbers if self._apart(n, title.year) == most]
                if close:
                    # A better known film of the year beside it may be meant, and its year be off.
                    sure = len(close) == 1 and self.ratings[close[0]] >= known
                    if form is normal_key and _other_digits(title, self.titles[close[0]]):
                        sure = False
                    return Found(
                        self._ordered(close if sure else [*close, *beside], title.year), bool(sure)
                    )
        worth = [n for n in everything if self._apart(n, title.year) <= _WORTH_A_LOOK]
        return Found(self._ordered(worth, title.year), sure=False)

    def _of_title(self, title: Title) -> list[list[int]]:
        """Movies by how closely their titles are the one given, the closest first.

        As in :attr:`_by_name`. Where no movie has the title, the others given with it count.
        """
        for names in filter(None, ((title.name,), title.others)):
            found = [
                [number for name in names for number in by_name.get(form(name), ())]
                for by_name, form in zip(self._by_name, _FORMS, strict=True)
            ]
            if any(found):
                return [list(dict.fromkeys(numbers)) for numbers in found]
        return [[] for _ in self._by_name]

    def _apart(self, number: int, year: int | None) -> int:
        """Years between a movie and a year; 1 where one is not known."""
        known = self.titles[number].year
        return 1 if year is None or known is None else abs(known - year)

    def _ordered(self, numbers: Sequence[int], year: int | None) -> list[int]:
        unique = dict.fromkeys(numbers)
        ordered = sorted(unique, key=lambda n: (self._apart(n, year), -int(self.ratings[n])))
        return ordered[:_MOST_CANDIDATES]

    def _like(self, titles: Sequence[str], year: int) -> list[Found]:
        """Movies of about a year whose titles are spelt a little differently, or hold the title."""
        years = (year - 1, year, year + 1)
        known = [item for about in years for item in self._by_year.get(about, [])]
        keys = [spelling.key for spelling, _ in known]
        step = max(1, _BLOCK // max(1, len(keys)))
        found: list[Found] = []
        for start in range(0, len(titles), step):
            some = titles[start : start + step]
            wanted = [_spelling(normal_words(title), title) for title in some]
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
        one_or_many = set[int]()
        for score, (spelling, number) in best:
            if spelling.key.rstrip("s") == wanted.key.rstrip("s"):
                one_or_many.add(number)  # "Tangerine" and "Tangerines" are two films
            if spelling.numbers != wanted.numbers:  # "Part 1" and "Part 2" are much alike
                continue
            alike = score - self._apart(number, year)
            scores[number] = max(alike, scores.get(number, 0))
        ranked = sorted(scores, key=lambda n: (-scores[n], -int(self.ratings[n])))
        first, second = [*(scores[number] for number in ranked[:2]), 0, 0][:2]
        sure = first >= _SAME and first - second >= _LEAD and self._apart(ranked[0], year) == 0
        if sure and ranked[0] not in one_or_many:
            return Found(ranked[:1], sure=True)
        held = list(self._by_part.get(wanted.key, []))
        for by_name in self._by_name[2:]:
            held += [number for key in _parts(title) for number in by_name.get(key, [])]
        held = [number for number in held if self._apart(number, year) == 0]
        numbers = dict.fromkeys([*self._ordered(held, year), *ranked])
        return Found([*numbers][:_MOST_CANDIDATES], sure=False)


def _other_digits(one: Title, other: Title) -> bool:
    """Tell whether they are but a number, in digits and in words: "9" and "Nine" are two films."""
    return normal_key(one.name).isdecimal() and one.name.isdecimal() != other.name.isdecimal()


def _readings(text: str, year: int | None) -> list[Title]:
    """Title as it stands, and without the year behind it: "Blade Runner 2049" is a title, too."""
    title, text = Title.read(text, year), text.strip()
    behind = None if title.year else _YEAR_BEHIND.search(text)
    name = text[: behind.start()].rstrip(" ,[(") if behind else ""
    return [title, Title.read(name, int(behind[1]))] if behind and name else [title]


def _as_written(name: str) -> str:
    """Folded name; one of nothing but signs folds to nothing, and is then found as written."""
    return folded(name) or name.strip()


_FORMS = (_as_written, _as_written, normal_key, normal_key)
