"""The calculation behind one recommendation, step by step, as HTML; all in it adds up as shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recommender import Explanation, Movie, Neighbour, Opinion, Profile
from ui.components.agreement import name_of
from ui.text import cite, count, escape_html, join_words, reasons

__all__ = ["Calculation", "WrittenVotes", "significant", "steps", "write_votes"]

_CHIPS, _NEAREST, _VOTES, _SHARES, _NAMED = 24, 5, 8, 12, 3


@dataclass(frozen=True)
class Calculation:
    """What the steps are written from."""

    profile: Profile
    movies: Sequence[Movie]
    """Those that are rated, in the order given."""
    explained: Explanation
    nearest: Sequence[Neighbour]
    """The kindred raters most like the person, most similar first."""
    raters: int
    """Everybody who could be kindred."""
    place: int | None
    """In the list; None where it does not stand there."""
    likes_only: bool
    """Whether raters say no more than what they like."""


@dataclass(frozen=True)
class WrittenVotes:
    """Votes as they are written: rounded, so that what is shown sums to the total that is shown."""

    votes: tuple[str, ...]
    """The largest."""
    others: str | None
    """All others together, where there are any."""
    total: str
    weights: tuple[str, ...]
    """Those of the votes."""


def write_votes(explained: Explanation) -> WrittenVotes:
    """Write the votes for a film, with as many decimals as the total needs."""
    total, votes = explained.total, explained.votes
    # Five significant digits of the total, and no fewer than three decimals.
    places = max(3, 4 - math.floor(math.log10(abs(total)))) if total else 3
    shown = [round(vote.vote, places) for vote in votes[:_VOTES]]
    more = len(votes) > _VOTES
    # What rounding takes or adds goes to the others; where there are none, to the total.
    total = round(total, places) if more else sum(shown)
    others = _number(total - sum(shown), places) if more else None
    return WrittenVotes(
        tuple(_number(vote, places) for vote in shown),
        others,
        _number(total, places),
        tuple(_number(vote.weight, places) for vote in votes[:_VOTES]),
    )


def significant(value: float) -> str:
    """Write a number with four digits that count.

    Examples
    --------
    >>> significant(14.3227), significant(0.00123456), significant(12345.6)
    ('14.32', '0.001235', '12,346')
    """
    places = max(0, 3 - math.floor(math.log10(abs(value)))) if value else 0
    return _number(value, places)


def _number(value: float, places: int) -> str:
    # A real minus sign, and none before a zero.
    return f"{round(value, places) + 0.0:,.{places}f}".replace("-", "−")


def steps(facts: Calculation) -> str:
    """Write all steps as one ordered list."""
    parts = [
        ("What you said", _opinions(facts)),
        ("Your taste, as a row of numbers", _vector(facts)),
        ("Raters with your taste", _nearest(facts)),
        ("Their votes", _votes(facts)),
        ("Fame is divided out", _popularity(facts)),
        ("The score, and the place in your list", _score(facts)),
        ("What each of your ratings did", _shares(facts)),
    ]
    items = (f"<li><h3>{title}</h3>{body}</li>" for title, body in parts if body)
    return f'<ol class="k-steps">{"".join(items)}</ol>'


def _opinions(facts: Calculation) -> str:
    rows, opinions = [], facts.profile.opinions
    for opinion in Opinion:
        chosen = [one for one in facts.movies if opinions[one.movie_id] == opinion]
        if chosen:
            # The latest: a profile lists its films in the order they were rated.
            chips = "".join(f"<li>{escape_html(str(one))}</li>" for one in chosen[-_CHIPS:])
            rest = len(chosen) - _CHIPS
            more = f"<li>and {count(rest, 'other')}</li>" if rest > 0 else ""
            rows.append(f'<p>{opinion.past.capitalize()}</p><ul class="k-chips">{chips}{more}</ul>')
    return "".join(rows)


def _vector(facts: Calculation) -> str:
    text = (
        "<p>Every film has three places in a very long row of numbers: for liked, for seen, and "
        f"for disliked. Yours has numbers at the places of {count(len(facts.movies), 'film')} and "
        "is empty elsewhere: a <em>sparse vector</em>. Every rater has such a row.</p>"
    )
    # As the weights of films go; a like has its film's whole weight.
    opinions = facts.profile.opinions
    liked = [movie for movie in facts.movies if opinions[movie.movie_id] == Opinion.LIKE]
    liked.sort(key=lambda movie: movie.ratings)
    if len(liked) < 2 or liked[0].ratings == liked[-1].ratings:
        return text
    first, last = liked[0], liked[-1]
    return text + (
        "<p>The fewer people rated a film, the more it tells about you, and the larger its "
        f"numbers. Of those you liked, {cite(first)} ({count(first.ratings, 'rating')}) tells "
        f"most and {cite(last)} ({count(last.ratings, 'rating')}) least.</p>"
    )


def _nearest(facts: Calculation) -> str:
    found = facts.explained.neighbours
    text = (
        f"<p>Qdrant multiplies your row with those of {count(facts.raters, 'rater')}, number by "
        "number, and adds that up: the larger the sum, the more alike two people are. "
        f"The {found:,} most alike are your kindred raters. The nearest:</p>"
    )
    return text + _bars(
        [
            (significant(one.similarity), _named(one, place), one.similarity)
            for place, one in enumerate(facts.nearest[:_NEAREST], start=1)
        ]
    )


def _named(rater: Neighbour, place: int) -> str:
    both = (("agrees", rater.agree), ("disagrees", rater.disagree))
    common = ", but".join(f" {verb} on {_some(movies)}" for verb, movies in both if movies)
    return name_of(rater.user_id, place) + common


def _some(movies: Sequence[Movie]) -> str:
    named = [cite(movie) for movie in movies[:_NAMED]]
    if len(movies) > _NAMED:
        named.append(count(len(movies) - _NAMED, "other"))
    return join_words(named)


def _votes(facts: Calculation) -> str:
    explained = facts.explained
    if not explained.votes:
        return f"<p>None of them rated {cite(explained.movie)}.</p>"
    written, shown = write_votes(explained), explained.votes[:_VOTES]
    places = {rater.user_id: place for place, rater in enumerate(facts.nearest, start=1)}
    rows = [
        _row(
            name_of(vote.user_id, places.get(vote.user_id)),
            "liked it" if facts.likes_only else f"{vote.stars:g}",
            f"{weight} × {vote.worth:g}",
            product,
        )
        for vote, weight, product in zip(shown, written.weights, written.votes, strict=True)
    ]
    if written.others is not None:
        others = count(len(explained.votes) - len(shown), "other")
        rows.append(_row(others, "", "", written.others))
    gave = "Opinion" if facts.likes_only else "Stars"
    return (
        f"<p>{len(explained.votes):,} of them rated {cite(explained.movie)}. Each has a vote: a "
        "weight, at most 1 and mostly larger the more alike the rater is to you, times what the "
        "opinion is worth: 1 for a like, less for a middling rating, 0 for a dislike. Rounded:</p>"
        f'<table class="k-table"><thead><tr><th scope=col>Rater</th><th scope=col>{gave}</th>'
        "<th scope=col>Weight × worth</th><th scope=col>Vote</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody><tfoot>{_row('All votes', '', '', written.total)}</tfoot>"
        "</table>"
    )


def _row(head: str, *cells: str) -> str:
    return f"<tr><th scope=row>{head}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _popularity(facts: Calculation) -> str:
    explained = facts.explained
    if not explained.votes:
        return ""
    return (
        "<p>What everybody likes gets votes from any group of people. So the votes are divided by "
        f"a power of its likes, and {explained.pseudo_likes:g} more in case these are few:</p>"
        f'<p class="k-formula">({count(explained.likes, "like")} + {explained.pseudo_likes:g})'
        f"<sup>{explained.popularity_discount:.4g}</sup> = {significant(explained.damping)}</p>"
        "<p>How large that power is goes by how many films you rated, or by how adventurous you "
        "want your list to be.</p>"
    )


def _score(facts: Calculation) -> str:
    explained = facts.explained
    if not explained.votes:
        return f"<p>No votes, no score: {cite(explained.movie)} is not recommended.</p>"
    text = (
        f'<p class="k-formula">{write_votes(explained).total} ÷ {significant(explained.damping)} = '
        f"<b>{significant(explained.score)}</b> (rounded)</p>"
    )
    if explained.total <= 0:
        return "<p>More speaks against it than for it: the score is 0.</p>"
    if not explained.recommended:
        return text + (
            f"<p>Only {explained.supporters:,} of your kindred raters like it, and at least "
            f"{explained.least_supporters:,} must before it is recommended.</p>"
        )
    if facts.place is None:
        return text + "<p>It is not in your list: a filter leaves it out, or others score more.</p>"
    return text + f"<p>That is place <b>{facts.place:,}</b> in your list.</p>"


def _shares(facts: Calculation) -> str:
    lines = reasons(facts.explained.because, facts.profile.opinions, _SHARES)
    if not facts.explained.because:
        return ""
    bars = [
        (line.figure, f"{escape_html(line.why)} {cite(line.title)}", line.percent) for line in lines
    ]
    return (
        "<p>A rater is like you because of films you both rated. Giving each vote back to those "
        "films, in proportion, tells what share of the score comes from which rating of yours. "
        f"The shares sum to 100\u00a0%.</p>{_bars(bars)}"
    )


def _bars(bars: Sequence[tuple[str, str, float]]) -> str:
    """Write a bar for each figure, with a text and its value; the longest takes the whole width."""
    longest = max((abs(value) for _, _, value in bars), default=1) or 1
    items = (
        f'<li class="k-{"minus" if value < 0 else "plus"}"><span><b>{figure}</b> {text}</span>'
        f'<i style="width:{100 * abs(value) / longest:.1f}%"></i></li>'
        for figure, text, value in bars
    )
    return f'<ol class="k-bars">{"".join(items)}</ol>'
