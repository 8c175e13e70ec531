"""Titles: their parts, and the one normal form by which they are compared everywhere."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple, Self

from rapidfuzz import utils

__all__ = ["Title", "Word", "folded", "normal_key", "normal_words", "one_line", "split_title"]

# Letters of a text that is not ASCII that are compared: twice those of the longest title.
_LONGEST = 1_000
_YEAR = re.compile(r"^(.*\S)\s*\((\d{4})(?:\s*[-–]\s*(?:\d{4})?)?\s*\)\s*$", re.DOTALL)
# Controls, of which some move a terminal's cursor or end a document, and those that turn the order
# of all text behind them around.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+")
# As lists write them behind a title; French "De" is none, and moved all the same.
_ARTICLES = (
    "The|A|An|Le|La|Les|L'|L’|Un|Une|Il|Lo|Gli|I|Una|Uno|El|Los|Las|Der|Die|Das|Ein|Eine|Det|Den|"
    "De|Het|Een|En|Ett|O|Os|As|Um|Uma|Da"
)
_MOVED = re.compile(rf"^(.+?), ({_ARTICLES})((?:: | - ).+)?$", re.IGNORECASE)
# Those that nobody means by themselves; "Die" of "Die Hard" is a word.
_DROPPED = {
    *("the", "a", "an", "la", "le", "les", "l", "un", "une", "el", "los", "las", "il", "lo", "gli"),
    *("der", "das", "ein", "eine", "det", "het", "een"),
}
_IN_BRACKETS = re.compile(r"\s\(((?:[^()]|\([^()]*\))*)\)\s*$")
# "Birdman: Or (The Unexpected Virtue of Ignorance)" has no other name in its brackets.
_UNFINISHED = re.compile(r"(?:^|[^,]\s)(?:or|and|of|the)$", re.IGNORECASE)
# "Communion (a.k.a. Alice, Sweet Alice/Holy Terror)", "(a.k.a. All I Wanna Do, The Hairy Bird)".
_BETWEEN_OTHERS = re.compile(r"(?<=\w\w)/(?=[A-Z])|, (?:a\.k\.a\. |(?=(?:The|A|An) [A-Z]))")
_ALSO = re.compile(r"^a\.?k\.?a\.?:?\s+", re.IGNORECASE)

_UNITS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_ENDS = ("st", "nd", "rd", "th", "th", "th", "th", "th", "th")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii")
_NUMBERS = {
    **{word: n for words in (_ROMAN, _UNITS) for n, word in enumerate(words, 1)},
    **{word: 10 * n for n, word in enumerate(_TENS, 2)},
}
_SHORT = {
    **{"dr": "doctor", "mr": "mister", "st": "saint", "mt": "mount", "vs": "versus"},
    **{"pt": "part", "vol": "volume", "ch": "chapter"},
}
_REWRITTEN = {
    **{word: str(n) for word, n in _NUMBERS.items()},
    **{word: f"{n}{end}" for n, (word, end) in enumerate(zip(_ORDINALS, _ENDS, strict=True), 1)},
    **_SHORT,
}
# "The Godfather: Part II" is "The Godfather 2".
_PART = frozenset(("part", "volume", "chapter"))
_INITIALS = re.compile(r"(?<!\w)\w(?:[.*]\w)+(?!\w)")
# Of "don't" and "Ocean's", but of no "L'Avventura".
_APOSTROPHE = re.compile(r"(?<=\w\w)['’`´](?=\w)")
# "Se7en", "S1m0ne", "Succe$s".
_LEET = re.compile(r"(?<=[a-z])[01357$](?=[a-z])")
_LETTERS = str.maketrans("01357$", "oiesvs")
# Letters that Unicode does not take apart.
_PLAIN = str.maketrans({
    **{"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ı": "i"},
    **{"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th"},
})  # fmt: skip
_SIGNS = str.maketrans({"½": " 1/2", "²": " 2", "³": " 3", "&": " and "})


def one_line(text: str) -> str:
    """Take out control characters, and blanks and breaks that are not between words."""
    return " ".join(_CONTROL.sub(" ", text).split())


class Title(NamedTuple):
    """A film's title, its other titles, and its year."""

    name: str
    """In natural order, without year."""
    others: tuple[str, ...] = ()
    """Original and other titles, each in natural order, as far as they differ from the first."""
    year: int | None = None

    @classmethod
    def read(cls, text: str, year: int | None = None) -> Self:
        """Take a title apart that may have its article behind, and other titles in brackets.

        A ``year`` behind it in brackets counts where none is given.

        Examples
        --------
        >>> Title.read("City of Lost Children, The (Cité des enfants perdus, La) (1995)")
        Title(name='The City of Lost Children', others=('La Cité des enfants perdus',), year=1995)
        >>> Title.read("Seven (a.k.a. Se7en)", 1995)
        Title(name='Seven', others=('Se7en',), year=1995)
        """
        name, others, read = _parts(text)
        others = [title for other in others for title in _without_also(other)]
        differing = {folded(other): other for other in others}
        if differing:
            differing.pop(folded(name), None)
        if year not in (None, read) and read is not None:
            name = f"{name} ({read})"  # a year that is part of the title
        return cls(name, tuple(filter(None, differing.values())), read if year is None else year)


def split_title(text: str) -> tuple[str, int | None]:
    """Title in natural order, with other titles behind it in brackets, and year.

    Examples
    --------
    >>> split_title("Matrix, The (1999)")
    ('The Matrix', 1999)
    >>> split_title("City of Lost Children, The (Cité des enfants perdus, La) (1995)")
    ('The City of Lost Children (La Cité des enfants perdus)', 1995)
    >>> split_title("Eva")
    ('Eva', None)
    """
    name, others, year = _parts(text)
    return " ".join([name, *(f"({other})" for other in others)]), year


def _parts(text: str) -> tuple[str, list[str], int | None]:
    """Title, what stands behind it in brackets, and year."""
    text, year = " ".join(text.split()), None
    # Most titles of an index, which are read whenever it is opened, have nothing to be taken apart.
    if len(text) > _LONGEST or not ("(" in text or ", " in text):
        return text, [], None
    if match := _YEAR.match(text):
        text, year = match[1], int(match[2])
    others: list[str] = []
    while found := _IN_BRACKETS.search(text):
        if _UNFINISHED.search(text[: found.start()]):
            break
        others.insert(0, _natural(found[1].strip()))
        text = text[: found.start()]
    return _natural(text), others, year


def _without_also(title: str) -> list[str]:
    """Titles behind an "a.k.a.", of which there may be several."""
    also = _ALSO.match(title)
    return _BETWEEN_OTHERS.split(title[also.end() :]) if also else [title]


def _natural(title: str) -> str:
    also = _ALSO.match(title)
    start = also[0] if also else ""
    match = _MOVED.match(title[len(start) :])
    if not match:
        return title
    gap = "" if match[2].endswith(("'", "’")) else " "
    return f"{start}{match[2]}{gap}{match[1]}{match[3] or ''}"


def folded(text: str) -> str:
    """Lower-case text without accents and punctuation, for comparing.

    Examples
    --------
    >>> folded("Amélie!  (Le Fabuleux destin)")
    'amelie le fabuleux destin'
    """
    if not text.isascii():
        # One sign may stand for eighteen, and twenty thousand titles may be made of it.
        plain = unicodedata.normalize("NFKD", text[:_LONGEST].translate(_PLAIN))[:_LONGEST]
        text = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(utils.default_process(text).split())


class Word(NamedTuple):
    """A word of a title."""

    text: str
    """As it is written, folded."""
    normal: str
    """The same whichever way it is written, as ``2`` for ``II`` and ``two``."""


def normal_words(name: str) -> list[Word]:
    """Words of a title in their normal form; a leading article is left out.

    Examples
    --------
    >>> [word.normal for word in normal_words("The Godfather: Part II")]
    ['godfather', '2']
    >>> [word.normal for word in normal_words("Twenty-Eight Days & Ocean’s E.T.")]
    ['28', 'days', 'and', 'oceans', 'et']
    """
    text = name.casefold()
    if not text.replace(" ", "").isalpha():  # most titles are nothing but words
        text = text.translate(_SIGNS).replace(" + ", " and ")
        text = _INITIALS.sub(lambda found: re.sub(r"[.*]", "", found[0]), text)
        text = _LEET.sub(lambda found: found[0].translate(_LETTERS), _APOSTROPHE.sub("", text))
    plain = folded(text).split()
    if len(plain) > 1 and plain[0] in _DROPPED:
        plain = plain[1:]
    if len(plain) == 1 and len(plain[0]) == 1:  # "I" and "X" are no "One" and "10"
        return [Word(plain[0], plain[0])]
    words: list[Word] = []
    for text in plain:
        normal = _REWRITTEN.get(text, text)
        last = words[-1] if words else None
        if last and last.text in _TENS and text in _UNITS[:9]:
            words[-1] = Word(last.text + text, str(_NUMBERS[last.text] + _NUMBERS[text]))
            continue
        if last and last.normal in _PART and normal.isdecimal() and len(words) > 1:
            words.pop()
        words.append(Word(text, normal))
    return words


def normal_key(name: str) -> str:
    """Return the normal form of a title: equal for two that are written in different ways.

    Without spaces, as people write "Spider-Man" and "Spiderman". One of nothing but signs is its
    own.

    Examples
    --------
    >>> normal_key("Spider-Man II") == normal_key("Spiderman: Part Two"), normal_key("Se7en")
    (True, '7')
    """
    return "".join(word.normal for word in normal_words(name)) or name.strip()
