"""Finding movies as people type: words missing or in another order, typing errors, sequels.

Names are looked up word by word in an inverted index, so that an answer takes some milliseconds
however many titles there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import reduce
from itertools import compress, pairwise
from operator import or_
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from recommender.arrays import Floats, Ints
from recommender.catalogue.title_matching import TitleMatcher
from recommender.catalogue.titles import Word, folded, normal_words
from recommender.storage.cache import cached_property

__all__ = ["TitleSearch"]

# How well a typed word fits one of a title, at most 1: a word that it begins, the last one typed or
# one before; two words written as one, or one as two; a word spelt like it, times the likeness.
_BEGUN, _BEGUN_BEFORE, _JOINED, _SLIP = 0.9, 0.7, 0.95, 0.9
# Likeness of words (0-1) that a slip leaves, letters of the shortest word it is looked for in.
_ALIKE, _SHORTEST = 0.65, 3
# How well a year fits a movie of that year, or of the one before or after it.
_OF_YEAR, _BESIDE_YEAR = 1.0, 0.5
# Part of what was typed that a name must have, and to be listed beside one that has all of it.
_LEAST, _LEAST_BESIDE_ALL, _ALL = 0.5, 0.75, 0.9
# What counts, in points: the part of what was typed, the part of the title that is, being the best
# known movie of all, beginning with what was typed, being it, and being that part of a series.
# Chosen on the list "tuned" of benchmarks/quality/searches.json.
_TYPED, _OF_TITLE, _FAME, _BEGINS, _EXACT, _OF_SERIES = 100.0, 20.0, 16.0, 10.0, 100.0, 40.0
# More than all of these together, for what comes behind the rest.
_LATER = 1_000.0
# Ratings that a part of a series has, as a part of those of its best known one.
_RATED = 0.1
_LONGEST, _MOST_WORDS = 1_000, 20


class _Index(NamedTuple):
    """The words of all names. Words include two or more written as one, and all of a name."""

    number: Ints
    """The movie of each name, shape (names,)."""
    year: Ints
    """The year of each name's movie, 0 where unknown, shape (names,)."""
    weight: Floats
    """How much all words of a name tell together, shape (names,)."""
    joined: list[str]
    """All names without blanks, sorted."""
    joined_names: Ints
    """Which names these are, shape (names,)."""
    words: list[str]
    """All words, sorted."""
    starts: Ints
    """Where the names of each word begin in ``names``, shape (words + 1,)."""
    names: Ints
    """Names that hold a word, word after word."""
    told: Floats
    """How much each of these words tells."""
    single: list[str]
    """Words that are no numbers, and not several written as one."""

    def span(self, word: str) -> slice:
        """Places in ``names`` of the names that hold a word."""
        at = bisect_left(self.words, word)
        found = at < len(self.words) and self.words[at] == word
        return slice(int(self.starts[at]), int(self.starts[at + found]))

    def begun(self, start: str) -> slice:
        """Places in ``names`` of the names with a word that begins so."""
        first, last = (bisect_left(self.words, text) for text in (start, f"{start}\U0010ffff"))
        return slice(int(self.starts[first]), int(self.starts[last]))

    def beginning(self, start: str) -> Ints:
        """Names that begin so, blanks aside."""
        first, last = (bisect_left(self.joined, text) for text in (start, f"{start}\U0010ffff"))
        return self.joined_names[first:last]


class _Fit(NamedTuple):
    """How well a typed word fits each name, at most 1, and how much of the name it tells."""

    fits: npt.NDArray[np.float32]
    told: npt.NDArray[np.float32]

    def put(self, index: _Index, span: slice, fits: float) -> None:
        """Note names that a word fits, where it does not fit them better already."""
        names, told = index.names[span], index.told[span]
        better = self.fits[names] < fits
        names = names[better]
        self.fits[names] = fits
        self.told[names] = fits * told[better]


class TitleSearch:
    """The titles of a catalogue, to be searched."""

    def __init__(self, matcher: TitleMatcher) -> None:
        self._matcher = matcher
        self._titles, self._ratings = matcher.titles, matcher.ratings

    @cached_property
    def _fame(self) -> Floats:
        most = np.log1p(max(int(self._ratings.max(initial=0)), 1))
        return np.asarray(_FAME * np.log1p(self._ratings) / most)

    @cached_property
    def _index(self) -> _Index:
        names = [
            (number, title.year or 0, words)
            for number, title in enumerate(self._titles)
            for words in self._matcher.words[number]
        ]
        holders: dict[str, list[int]] = {}
        single: set[str] = set()
        for at, (_, _, words) in enumerate(names):
            held = {form for word in words for form in word}
            single |= held
            for one, next_one in pairwise(words):
                held |= {one.text + next_one.text, one.normal + next_one.normal}
            for form in held | {_joined(words)}:
                holders.setdefault(form, []).append(at)
        forms = sorted(holders)
        sizes = np.array([len(holders[form]) for form in forms], dtype=np.int64)
        told = _told(len(names), sizes)
        joined = sorted((_joined(words), at) for at, (*_, words) in enumerate(names))
        of_form = dict(zip(forms, told.tolist(), strict=True))
        return _Index(
            number=np.array([number for number, _, _ in names], dtype=np.int64),
            year=np.array([year for _, year, _ in names], dtype=np.int64),
            weight=np.array([sum(of_form[word.text] for word in words) for *_, words in names]),
            joined=[text for text, _ in joined],
            joined_names=np.array([at for _, at in joined], dtype=np.int64),
            words=forms,
            starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            names=np.array([at for form in forms for at in holders[form]], dtype=np.int64),
            told=np.repeat(told, sizes),
            single=sorted(form for form in single if not form.isdecimal()),
        )

    @cached_property
    def _folded(self) -> list[str]:
        names = (" ".join((title.name, *title.others)) for title in self._titles)
        return [f" {folded(name)}" for name in names]

    def holding(self, text: str) -> list[int]:
        """Movies whose titles hold a text, from the beginning of a word on.

        Case, accents and signs aside: ``star`` is in *Star Wars* and *Stardust*, not in *Mustard*.
        """
        wanted = f" {folded(text)}"
        return [number for number, words in enumerate(self._folded) if wanted in words]

    def search(self, text: str, limit: int, tagged: Ints | None = None) -> list[int]:
        """Movies whose titles are most like a text, best first.

        What counts is how much of the text a name has, each word by how few names have it, then how
        much of the name that is, and how well known the movie is. Movies of just this title come
        first. Once a name has all of the text, names that only share a part of it are left out, as
        *Back to the Future* for ``lord of the``. Movies that are ``tagged`` with the text come
        after the titles that hold it, but before those that only have a part of it.
        """
        if not text.strip() or limit < 1:
            return []
        words = normal_words(text[:_LONGEST])[:_MOST_WORDS]
        points = np.zeros(len(self._titles))
        if words and len(points):
            self._count(words, points)
        points[self._matcher.exact(text)] = _TYPED + _OF_TITLE + _EXACT
        later = np.zeros(len(points))
        if tagged is not None and len(tagged):
            later[:], later[tagged], later[self.holding(text)] = 2, 1, 0
            points[tagged] = np.maximum(points[tagged], 1)
        found = np.flatnonzero(points)
        ranks = points[found] + self._fame[found] - _LATER * later[found]
        if len(found) > limit:  # sorting thousands takes longer than finding them
            best = ranks >= np.partition(ranks, -limit)[-limit]
            found, ranks = found[best], ranks[best]
        return [int(number) for number in found[np.lexsort((found, -ranks))][:limit]]

    def _count(self, words: Sequence[Word], points: Floats) -> None:
        """Count the points of each movie."""
        index = self._index
        fits = [self._fit(words, place) for place in range(len(words))]
        typed = _part_typed(fits)
        # Words that no title has are misspelt; failing that, a slip may have made another word.
        unknown = [not fit.fits.any() for fit in fits]
        for misspelt in (unknown, [not one for one in unknown]):
            if any(misspelt) and typed.max() < _LEAST_BESIDE_ALL:
                for word, fit in compress(zip(words, fits, strict=True), misspelt):
                    self._add_slips(word.text, fit)
                typed = _part_typed(fits)
        names = np.flatnonzero(typed >= _LEAST)
        told = np.array([fit.told[names] for fit in fits]).sum(axis=0)
        of_title = np.minimum(told / np.maximum(index.weight[names], 1e-9), 1.0)
        all_typed = typed.max() >= _ALL
        if all_typed:
            enough = (typed[names] >= _LEAST_BESIDE_ALL) | (of_title >= _ALL)
            names, of_title = names[enough], of_title[enough]
        begins = np.zeros(len(typed))
        begins[index.beginning(_joined(words))] = _BEGINS
        counted = _TYPED * typed[names] + _OF_TITLE * of_title + begins[names]
        np.maximum.at(points, index.number[names], counted)
        if len(words) > 1 and (part := words[-1].normal).isdecimal() and not all_typed:
            self._add_part(int(part[:3]), fits[:-1], points)

    def _add_part(self, part: int, fits: Sequence[_Fit], points: Floats) -> None:
        """Find the part of a series that has no numbers, as *harry potter 3*, by the years."""
        typed = _part_typed(fits)
        movies = np.unique(self._index.number[typed >= _ALL])
        rated = self._ratings[movies]
        movies = movies[rated >= _RATED * rated.max(initial=0)]
        years = [self._titles[number].year or 0 for number in movies.tolist()]
        if 0 < part <= len(movies):
            points[movies[np.argsort(years, kind="stable")][part - 1]] += _OF_SERIES

    def _fit(self, words: Sequence[Word], place: int) -> _Fit:
        """Find the names that one of the typed words fits."""
        index, word, last = self._index, words[place], place == len(words) - 1
        fit = _Fit(*(np.zeros(len(index.number), dtype=np.float32) for _ in range(2)))
        if word.normal.isdecimal() and len(word.normal) == 4:
            apart = np.abs(index.year - int(word.normal))
            fit.fits[apart == 1], fit.fits[apart == 0] = _BESIDE_YEAR, _OF_YEAR
        for form in dict.fromkeys(word):
            fit.put(index, index.span(form), 1.0)
        for pair in pairwise(words[max(place - 1, 0) : place + 2]):
            fit.put(index, index.span(pair[0].text + pair[1].text), _JOINED)
        if last or len(word.text) >= _SHORTEST:
            fit.put(index, index.begun(word.text), _BEGUN if last else _BEGUN_BEFORE)
        return fit

    def _add_slips(self, word: str, fit: _Fit) -> None:
        """Add names with a word that is spelt like one."""
        if len(word) < _SHORTEST or word.isdecimal():
            return
        # Comparing whole words is slow: most have too many letters, or too many other ones.
        letters, lengths = self._letters
        slips = np.floor((1 - _ALIKE) * np.maximum(lengths, len(word)))
        longer = np.abs(lengths - len(word))
        # A letter more or less is one that only one of them has, and another letter makes two.
        other = np.bitwise_count(letters ^ np.uint32(_letters_of(word)))
        near = other <= np.where(longer <= slips, 2 * slips - longer, -1)
        some = [self._index.single[at] for at in np.flatnonzero(near).tolist()]
        likeness = process.cdist(
            [word], some, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE
        )[0]
        for at in np.argsort(-likeness)[: np.count_nonzero(likeness)].tolist():
            fit.put(self._index, self._index.span(some[at]), _SLIP * float(likeness[at]))

    @cached_property
    def _letters(self) -> tuple[npt.NDArray[np.uint32], Ints]:
        """Letters in each single word, a bit each, and how many; shape (words,)."""
        single = self._index.single
        letters = np.array([_letters_of(word) for word in single], dtype=np.uint32)
        return letters, np.array([len(word) for word in single], dtype=np.int64)


def _joined(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words)


def _letters_of(word: str) -> int:
    return reduce(or_, (1 << ord(letter) % 32 for letter in word), 0)


def _told(names: int, holders: Ints) -> Floats:
    """How much a word tells that so many of all names hold."""
    return np.log1p(names / np.maximum(holders, 1))


def _part_typed(fits: Sequence[_Fit]) -> npt.NDArray[np.float32]:
    """Part of the typed words that each name has, each word by how much it tells."""
    holders = np.array([np.count_nonzero(fit.fits > 0) for fit in fits])
    weights = _told(len(fits[0].fits), holders).astype(np.float32)
    typed = np.zeros_like(fits[0].fits)
    for weight, fit in zip(weights / weights.sum(), fits, strict=True):
        typed += weight * fit.fits
    return typed
