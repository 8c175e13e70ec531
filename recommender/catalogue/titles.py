"""Finding movies by title, exactly and with typing errors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process, utils

from recommender.arrays import Floats, Ints
from recommender.storage.cache import cached_property

__all__ = ["TitleIndex", "folded", "names_of", "one_line", "split_title", "without_article"]

# Letters of a text that is not ASCII that are compared: twice those of the longest title.
_LONGEST = 1_000
# Similarity (0-100) below this is noise.
_CUTOFF = 60
# Once a name holds all that was typed, others must be as similar as this from end to end.
_ALIKE = 80
# What else counts, in points of similarity: being the best known movie of all, beginning with the
# text, being it.
_FAME, _BEGUN, _EXACT = 12.0, 15.0, 100.0
_YEAR = re.compile(r"^(.*\S)\s*\((\d{4})(?:\s*[-–]\s*(?:\d{4})?)?\s*\)\s*$", re.DOTALL)
_ARTICLES = "The|A|An|Le|La|Les|L'|Il|Lo|Gli|I|El|Los|Las|Un|Une|Der|Die|Das|Ein|Eine|Det|Den|O|Os"
# Controls, of which some move a terminal's cursor or end a document, and those that turn the order
# of all text behind them around.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+")
_ARTICLE = re.compile(rf"^(.+), ({_ARTICLES})$")


def one_line(text: str) -> str:
    """Take out control characters, and blanks and breaks that are not between words."""
    return " ".join(_CONTROL.sub(" ", text).split())


def split_title(text: str) -> tuple[str, int | None]:
    """Title in natural order and year, from the form MovieLens has.

    Examples
    --------
    >>> split_title("Matrix, The (1999)")
    ('The Matrix', 1999)
    >>> split_title("City of Lost Children, The (Cité des enfants perdus, La) (1995)")
    ('The City of Lost Children (La Cité des enfants perdus)', 1995)
    >>> split_title("Eva")
    ('Eva', None)
    """
    text = " ".join(text.split())
    match = _YEAR.match(text)
    title, year = (match[1], int(match[2])) if match else (text, None)
    main, *others = re.split(r" \((?=[^()]*\))", title)
    parts = [_natural(main), *(f"({_natural(part[:-1])})" for part in others if part[-1:] == ")")]
    whole = len(parts) == len(others) + 1
    return (" ".join(parts) if whole else title), year


def _natural(title: str) -> str:
    match = _ARTICLE.match(title)
    if not match:
        return title
    return match[2] + ("" if match[2].endswith("'") else " ") + match[1]


def folded(text: str) -> str:
    """Lower-case text without accents and punctuation, for comparing.

    Examples
    --------
    >>> folded("Amélie!  (Le Fabuleux destin)")
    'amelie le fabuleux destin'
    """
    if not text.isascii():
        # One sign may stand for eighteen, and twenty thousand titles may be made of it.
        plain = unicodedata.normalize("NFKD", text[:_LONGEST])[:_LONGEST]
        text = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(utils.default_process(text).split())


class _Names(NamedTuple):
    """Every name a movie goes by, without articles, in parallel with the movie's number."""

    text: list[str]
    number: Ints
    length: Ints


class TitleIndex:
    """Titles and years of a catalogue by dense number.

    Other names may follow a title in brackets, as in ``Seven (a.k.a. Se7en)``. ``ratings``, shape
    (movies,), tell how well known each movie is.
    """

    def __init__(self, titles: Sequence[tuple[str, int | None]], ratings: Ints) -> None:
        self._titles = titles
        self._ratings = ratings

    @cached_property
    def _fame(self) -> Floats:
        most = np.log1p(max(int(self._ratings.max(initial=0)), 1))
        return np.asarray(_FAME * np.log1p(self._ratings) / most)

    @cached_property
    def _folded(self) -> list[list[str]]:
        """Each title as a whole, and then its names unless that is all there is."""
        return [
            [_key(title)] if names == [title] else [_key(title), *map(_key, names)]
            for title, names in ((title, names_of(title)) for title, _ in self._titles)
        ]

    @cached_property
    def _names(self) -> _Names:
        pairs = [
            (without_article(name), number)
            for number, names in enumerate(self._folded)
            for name in names[1:] or names
        ]
        texts = [text for text, _ in pairs]
        numbers = np.array([number for _, number in pairs], dtype=np.int64)
        return _Names(texts, numbers, np.array([len(text) for text in texts], dtype=np.int64))

    @cached_property
    def _exact(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Movies by whole title, and by each of their names."""
        whole: dict[str, list[int]] = {}
        parts: dict[str, list[int]] = {}
        for number, (_, year) in enumerate(self._titles):
            first, *names = self._folded[number]
            for found, keys in ((whole, {first}), (parts, set(names or [first]))):
                dated = set() if year is None else {f"{key} {year}" for key in keys}
                for key in keys | dated:
                    found.setdefault(key, []).append(number)
        return whole, parts

    def exact(self, text: str) -> list[int]:
        """Movies with just this title, with or without the year, accents and case aside."""
        key = _key(text)
        whole, parts = self._exact
        return whole.get(key) or parts.get(key, [])

    @cached_property
    def _words(self) -> list[str]:
        return [f" {whole}" for whole, *_ in self._folded]

    def holding(self, text: str) -> list[int]:
        """Movies whose titles hold a text, from the beginning of a word on.

        Case, accents and signs aside: ``star`` is in *Star Wars* and *Stardust*, not in *Mustard*.
        """
        wanted = f" {folded(text)}"
        return [number for number, words in enumerate(self._words) if wanted in words]

    def search(self, text: str, limit: int, tagged: Ints | None = None) -> list[int]:
        """Movies whose titles are most like a text, best first.

        The similarity is RapidFuzz' ``WRatio`` to any of a movie's names; among those alike, better
        known movies come first. Once some name holds every word of the text, names that only share
        a part of it are left out, as *Back to the Future* for ``lord of the``. Movies that are
        ``tagged`` with the text come after the titles that hold it, but before those that are only
        a little like it.
        """
        bare = without_article(folded(text))
        if not bare or limit < 1:
            return []
        names = self._names
        # Of a text so much longer than every name none is alike: see how scores shrink below.
        if len(bare) * _CUTOFF**2 > names.length.max(initial=0) * 100**2:
            return []
        # A little below, as it is taken for the least of several sums that are rounded.
        least = _CUTOFF - 1
        scores = process.cdist([bare], names.text, scorer=fuzz.WRatio, score_cutoff=least)
        scores = scores[0].astype(np.float64)
        # WRatio finds a short name in any long text; it is hardly what was being typed.
        scores *= np.sqrt(np.minimum(names.length / len(bare), 1.0))
        close = self._without_far(bare, np.flatnonzero(scores >= _CUTOFF))
        begun = [names.text[place].startswith(bare) for place in close.tolist()]
        best = np.zeros(len(self._titles))
        np.maximum.at(best, names.number[close], scores[close] + _BEGUN * np.array(begun, float))
        best[self.exact(text)] = 100.0 + _EXACT
        later = np.zeros(len(best))
        if tagged is not None and len(tagged):
            later[:], later[tagged], later[self.holding(text)] = 2, 1, 0
            best[tagged] = np.maximum(best[tagged], _CUTOFF)
        candidates = np.flatnonzero(best)
        ranks = best[candidates] + self._fame[candidates]
        order = np.lexsort((candidates, -ranks, later[candidates]))[:limit]
        return [int(number) for number in candidates[order]]

    def _without_far(self, bare: str, close: Ints) -> Ints:
        """Leave out names that are only a little like a text that other names hold."""
        words, names = [f" {word}" for word in bare.split()], [self._names.text[at] for at in close]
        holds = np.array([all(word in f" {name}" for word in words) for name in names], dtype=bool)
        if not holds.any():
            return close
        alike = process.cdist([bare], names, scorer=fuzz.ratio)[0] >= _ALIKE
        return np.asarray(close[holds | alike])


def _key(name: str) -> str:
    """Folded name; one of nothing but signs folds to nothing, and is then found as written."""
    return folded(name) or name.strip()


def names_of(title: str) -> list[str]:
    """The title before any brackets, and what stands in them."""
    main, *others = re.split(r"\s\(", title)
    names = [main, *(re.sub(r"^a\.?k\.?a\.?\s+", "", other.rstrip(") ")) for other in others)]
    return [name for name in names if name.strip()] or [title]


def without_article(plain: str) -> str:
    """Folded title without a leading article, which few people type."""
    first, _, rest = plain.partition(" ")
    return rest if rest and first in ("the", "a", "an") else plain
