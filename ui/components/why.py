"""Why a film is recommended, in words: single ratings where there are few, else groups of them.

Whoever rated hundreds of films has hundreds of reasons, of which none counts for more than a few
percent. Together they say something: "31 % from your 14 film-noir likes".
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from recommender import Movie, Opinion, Reason
from recommender.profile import Opinions
from ui.text import count, join_words, percent, percents

__all__ = ["FilmShare", "InShort", "ReasonGroup", "Whose", "grouped", "in_short"]

# So many reasons are read at a glance. Where there are more, so many lines speak for the film, and
# so many against it, beside what is left.
_FEW, _LINES_FOR, _LINES_AGAINST = 8, 6, 2
# A film with such a part of the score is a line by itself; a group with less is none.
_ALONE, _LEAST = 0.15, 0.03
# So many of the weightiest tell what is named in short. A page has a hundred cards, and of three
# hundred reasons each it would take five times as long to group them all.
_WEIGHTIEST = 30
# From which part of a score on genres are worth a mention.
_BY_GENRE = 0.25
# Letters of the short form: two lines of a card.
_SHORT = 60
# Genres that are kinds of films by name: "comedy likes", but "war-film likes".
_KINDS = frozenset(
    re.findall(
        r"\w+",
        "action adventure animation comedy documentary drama fantasy horror musical mystery noir "
        "romance thriller western",
    )
)


class Whose(NamedTuple):
    """Who is spoken of or to, in the words that sentences need. Not escaped."""

    who: str = "you"
    whose: str = "your"
    have: str = "have"
    do: str = "do"
    like: str = "like"

    @classmethod
    def of(cls, name: str) -> Whose:
        """Words for somebody by name; the visitor, where no other is given, is called "You"."""
        return cls() if name == "You" else cls(name, f"{name}’s", "has", "does", "likes")


_YOU = Whose()


class FilmShare(NamedTuple):
    """A film of a group, and what the opinion of it did."""

    percent: int
    title: str


class ReasonGroup(NamedTuple):
    """Ratings that speak for or against a film, ready to be shown. Not escaped."""

    percent: int
    """Of the score, negative where they speak against it; those of all groups sum to 100."""
    words: str
    """Follow the percentage. Those of a single film end with its title."""
    films: tuple[FilmShare, ...]
    """All of them, by falling share; their percents sum to that of the group."""


class InShort(NamedTuple):
    """The main reasons, in two lengths. Not escaped."""

    sentence: str
    """With who likes the film."""
    short: str
    """In about 60 letters, without a full stop."""


# An opinion as a plain number, as it is hashed often, and a reason for or against.
_Given = tuple[int, Reason]


class _Part(NamedTuple):
    """Reasons that make one line, by falling absolute share."""

    share: float
    reasons: Sequence[Reason]
    opinion: int | None
    """None where they differ."""
    genre: str = ""
    """What they have in common; empty for a single one, and for what other lines leave."""


def grouped(because: Sequence[Reason], opinions: Opinions, movie: Movie) -> list[ReasonGroup]:
    """Sum up all reasons for a recommendation, what speaks against it at the end.

    Up to eight are a line each. Of more, those that speak for the film are grouped by opinion and
    genre: by the genres of the film, the rarest among these ratings first, because it tells most,
    and then by the genre that most of the score is left for. Those that speak against it are
    grouped by the latter alone. Each reason is in one line.

    Parameters
    ----------
    because : sequence of Reason
        All reasons, by falling absolute share; their shares sum to 1.
    opinions : mapping of movie to opinion
        Those of the profile that was asked with.
    movie : Movie
        The film that is recommended.
    """
    few = len(because) <= _FEW
    most_for, most_against = (len(because),) * 2 if few else (_LINES_FOR, _LINES_AGAINST)
    lines, left = _lines(_side(because, opinions, 1), most_for, movie.genres)
    speak_for = [*lines, *_others(left)]
    lines, left = _lines(_side(because, opinions, -1), most_against)
    against = [*lines, *_others(left)]
    figures = percents([part.share for part in (*speak_for, *against)])
    # "In spite of your 5 other drama likes", where some speak for it.
    above = {(part.opinion, part.genre) for part in speak_for if part.genre}
    groups = []
    for figure, part in zip(figures, (*speak_for, *against), strict=True):
        shares = percents([reason.share for reason in part.reasons], figure)
        titles = [reason.movie.title for reason in part.reasons]
        films = tuple(map(FilmShare, shares, titles))
        more = part.share < 0 and (part.opinion, part.genre) in above
        groups.append(ReasonGroup(figure, _line(part, "other " if more else ""), films))
    return groups


def in_short(
    because: Sequence[Reason],
    opinions: Opinions,
    movie: Movie,
    *,
    supporters: str,
    by_genre: float = 0.0,
    thorough: bool = False,
    whose: Whose = _YOU,
) -> InShort:
    """Name the main reasons for a recommendation, of which there is one at least.

    Parameters
    ----------
    because, opinions, movie
        Those of :func:`grouped`.
    supporters : str
        Who likes the film, such as "Liked by 12 of 40".
    by_genre : float
        The part of the score that comes from genres, named where it is large.
    thorough : bool
        Whether to group all reasons, as :func:`grouped` does, and not only the weightiest.
    whose : Whose
        Whose reasons they are.

    Examples
    --------
    >>> because = [Reason(Movie(1, "Alien"), 0.7), Reason(Movie(2, "Jaws"), 0.3)]
    >>> said = in_short(because, {1: 1, 2: 1}, Movie(3, "Heat"), supporters="Liked by 12 of 40")
    >>> said.sentence
    'Because you liked Alien and Jaws. Liked by 12 of 40 kindred raters.'
    >>> said.short
    'Because you liked Alien and Jaws'
    """
    side = [] if thorough else _side(because[:_WEIGHTIEST], opinions, 1)
    side = side or _side(because, opinions, 1)
    few = len(because) <= _FEW
    lines, _ = _lines(side, len(side) if few else _LINES_FOR, movie.genres)
    total, first = sum([reason.share for _, reason in side]), lines[0]
    kind = first.opinion, bool(first.genre)
    main = [line for line in lines if (line.opinion, bool(line.genre)) == kind][:2]
    if first.genre and first.share > total / 2:
        main = main[:1]
    words = _because(main, whose)
    if few and len(main) < len(because):
        most = sum([line.share for line in main]) > total / 2
        words = f"{'mostly' if most else 'above all'} {words}"
    genres = f" {percent(by_genre)} of this comes from genres." if by_genre >= _BY_GENRE else ""
    sentence = f"{_capitalised(words)}. {supporters} kindred raters.{genres}"
    # As many titles as there is room for.
    shorter = (_because(main, whose, titles) for titles in (2, 1))
    short = next((one for one in shorter if len(one) <= _SHORT), None)
    if short is None:
        short = _because(main, whose, 1)
        if first.genre:
            short = f"because of {_of_genres(main, whose)}"
    if len(short) > _SHORT:
        short = textwrap.shorten(short, _SHORT, placeholder="…")
    return InShort(sentence, _capitalised(short))


def _side(because: Sequence[Reason], opinions: Opinions, sign: int) -> list[_Given]:
    """Choose the reasons for a film, or those against it, with the opinions."""
    return [
        (int(opinions.get(reason.movie.movie_id, Opinion.LIKE)), reason)
        for reason in because
        if reason.share * sign > 0 or (sign > 0 and not reason.share)
    ]


def _lines(
    given: Sequence[_Given], most: int, genres: Collection[str] = ()
) -> tuple[list[_Part], Sequence[_Given]]:
    """Make so many lines at most of reasons for or against, the largest first, and what is left."""
    alone = len(given)
    if alone > most:
        alone = sum(abs(reason.share) >= _ALONE for _, reason in given[:most])
    groups, left = _by_genre(given[alone:], most - alone, genres)
    if not groups and alone < most:
        # Nothing is known of these films: those that count most are named.
        alone, left = most, given[most:]
    singles = [_Part(reason.share, [reason], opinion) for opinion, reason in given[:alone]]
    return _largest_first([*singles, *groups]), left


def _by_genre(
    given: Sequence[_Given], most: int, first: Collection[str]
) -> tuple[list[_Part], Sequence[_Given]]:
    """Make so many groups at most, those of the first genres before others, and what is left."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for place, (opinion, reason) in enumerate(given):
        for genre in reason.movie.genres:
            found[opinion, genre].append(place)
    members = {key: places for key, places in found.items() if len(places) > 1}
    shares = {key: sum([given[at][1].share for at in members[key]]) for key in members}
    left = dict(enumerate(given))
    groups: list[_Part] = []

    def take(key: tuple[int, str]) -> None:
        opinion, _ = key
        share = shares.pop(key)
        if abs(share) < _LEAST:
            return
        places = [place for place in members[key] if place in left]
        if len(places) < 2:
            return
        groups.append(_Part(share, [left.pop(place)[1] for place in places], *key))
        for reason in groups[-1].reasons:
            for genre in reason.movie.genres:
                other = opinion, genre
                if other in shares:
                    shares[other] -= reason.share

    own = [key for key in members if key[1] in first]
    for key in sorted(own, key=lambda key: len(members[key])):
        if len(groups) < most:
            take(key)
    while shares and len(groups) < most:
        largest = max(shares, key=lambda key: abs(shares[key]))
        if abs(shares[largest]) < _LEAST:
            break
        take(largest)
    return groups, [*left.values()]


def _others(given: Sequence[_Given]) -> list[_Part]:
    """Make a line for each opinion, and one for those that hardly count."""
    parts = []
    for opinion in Opinion:
        reasons = [reason for said, reason in given if said == opinion]
        if reasons:
            parts.append(_Part(sum([reason.share for reason in reasons]), reasons, opinion))
    parts = _largest_first(parts)
    large = sum(abs(part.share) >= _LEAST for part in parts)
    # What would be written as 0 % joins the line before.
    if large and abs(sum([part.share for part in parts[large:]])) < 0.005:
        large -= 1
    small = parts[large:]
    if len(small) > 1:
        reasons = sorted(chain(*(part.reasons for part in small)), key=lambda one: -abs(one.share))
        small = [_Part(sum([part.share for part in small]), reasons, None)]
    return [*parts[:large], *small]


def _largest_first(parts: Iterable[_Part]) -> list[_Part]:
    return sorted(parts, key=lambda part: -abs(part.share))


def _line(part: _Part, other: str) -> str:
    size = len(part.reasons)
    if part.opinion is not None and size == 1:
        return _because([part], _YOU)
    if part.genre:
        words = _of_genres([part], _YOU, f"{size:,} {other}")
    elif part.opinion is None:
        words = count(size, "other rating")
    elif part.opinion == Opinion.NEUTRAL:
        words = f"{count(size, 'other film')} you have seen"
    else:
        words = count(size, f"other {_opinion(part).word}")
    return f"{'from' if part.share >= 0 else 'in spite of'} {words}"


def _because(main: Sequence[_Part], whose: Whose, most: int = 2) -> str:
    """Say why, by lines of one opinion: single films, or groups and the first films in them."""
    first = main[0]
    reasons = [*(part.reasons[0] for part in main), *first.reasons[1:]]
    titles = join_words([reason.movie.title for reason in reasons[:most]])
    if first.genre:
        return f"because of {_of_genres(main, whose)}, such as {titles}"
    opinion = _opinion(first)
    past = f"{whose.have} seen" if opinion is Opinion.NEUTRAL else opinion.past
    if first.share >= 0:
        return f"because {whose.who} {past} {titles}"
    if opinion is Opinion.DISLIKE:
        return f"in spite of {whose.whose} dislike of {titles}"
    return f"although {whose.who} {past} {titles}"


def _of_genres(groups: Sequence[_Part], whose: Whose, number: str = "") -> str:
    """Name groups of one opinion: ``your 14 film-noir likes``."""
    opinion = _opinion(groups[0])
    genres = [_adjective(group.genre) for group in groups]
    if opinion is Opinion.NEUTRAL:
        return f"{number}{join_words(genres)} films {whose.who} {whose.have} seen"
    kinds = [kind if kind in _KINDS or {*kind} & {*"- "} else f"{kind}-film" for kind in genres]
    return f"{whose.whose} {number}{join_words(kinds)} {opinion.word}s"


def _opinion(part: _Part) -> Opinion:
    assert part.opinion is not None  # it is where opinions differ, which is said elsewhere
    return Opinion(part.opinion)


@cache
def _adjective(genre: str) -> str:
    """Write a genre as it stands before "films"; abbreviations stay in capitals."""
    words = re.sub(r"\w+", lambda word: word[0] if word[0].isupper() else word[0].lower(), genre)
    return "children's" if words == "children" else words


def _capitalised(words: str) -> str:
    return words[0].upper() + words[1:]
