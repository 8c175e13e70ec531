"""The calculation behind one recommendation, step by step, as HTML; all in it adds up as shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recommender import Explanation, Movie, Neighbour, Opinion, Profile
from ui.components.comparisons.agreement import name_of
from ui.components.why import ReasonGroup, grouped
from ui.components.written_numbers import significant, write_score, write_votes
from ui.text import cite, count, escape_html, join_words, percent

__all__ = ["Calculation", "steps"]

_CHIPS, _NEAREST, _NAMED = 24, 5, 3


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


def steps(facts: Calculation) -> str:
    """Write all steps as one ordered list."""
    parts = [
        ("What you said", _opinions(facts)),
        ("Your taste, as a row of numbers", _vector(facts)),
        ("Raters with your taste", _nearest(facts)),
        ("Their votes", _votes(facts)),
        ("Popularity is divided out", _popularity(facts)),
        ("What is rated together with what you like", _lift(facts)),
        ("What your films predict", _prediction(facts)),
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
        f"The {found:,} most like you are your kindred raters. The nearest:</p>"
    )
    return text + _bars(
        [
            (f"<b>{significant(one.similarity)}</b> {_named(one, place)}", one.similarity)
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
    written = write_votes(explained)
    shown = explained.votes[: len(written.votes)]
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
        f"a power of its likes, plus {explained.pseudo_likes:g} in case there are few:</p>"
        f"{_formula(write_score(explained).damping)}"
        "<p>That power depends on how many films you rated, and on how adventurous you want your "
        "list to be.</p>"
    )


def _lift(facts: Calculation) -> str:
    explained = facts.explained
    if not explained.votes or not explained.lift_power:
        return ""
    return (
        f"<p>{cite(explained.movie)} is rated together with what you like "
        f"{significant(explained.lift, 3)} times as often as by chance: its <em>lift</em>. Where "
        "there are few ratings, genres count as well. The votes are multiplied by a power of the "
        "lift:</p>"
        f"{_formula(write_score(explained).lift)}"
        "<p>That power is larger the more you rated, the narrower your taste is, and the more "
        "adventurous you want your list to be.</p>"
    )


def _prediction(facts: Calculation) -> str:
    explained = facts.explained
    if not explained.votes or not (explained.ease_power or explained.added):
        return ""
    written = write_score(explained)
    text = (
        "<p>A second model predicts from all ratings which films go with yours (EASE, Steck "
        "2019).</p>"
    )
    if explained.ease_power:
        text += (
            "<p>If your taste is narrow, or your list is to be adventurous, the votes are also "
            "multiplied by a power of this prediction, divided by what the popularity of "
            f"{cite(explained.movie)} alone would predict:</p>{_formula(written.ease)}"
        )
    if explained.added:
        text += (
            "<p>The more you rated, the more the prediction counts by itself: it adds "
            f"{written.added} to the score.</p>"
        )
    return text


def _formula(text: str) -> str:
    return f'<p class="k-formula">{text}</p>'


def _score(facts: Calculation) -> str:
    explained = facts.explained
    if not explained.votes:
        return f"<p>No votes, no score: {cite(explained.movie)} is not recommended.</p>"
    if explained.total <= 0:
        return "<p>More speaks against it than for it: the score is 0.</p>"
    written = write_score(explained)
    text = _formula(f"{written.formula} = <b>{written.score}</b> (rounded)")
    if not explained.recommended:
        return text + (
            f"<p>Only {explained.supporters:,} of your kindred raters like it, and at least "
            f"{explained.least_supporters:,} must before it is recommended.</p>"
        )
    if facts.place is None:
        return text + "<p>It is not in your list: a filter leaves it out, or others score more.</p>"
    return text + f"<p>That is place <b>{facts.place:,}</b> in your list.</p>"


def _shares(facts: Calculation) -> str:
    explained = facts.explained
    if not explained.because:
        return ""
    groups = grouped(explained.because, facts.profile.opinions, explained.movie)
    text = (
        "<p>A rater is like you because of films you both rated. Giving each vote back to those "
        "films, in proportion, tells what share of the score comes from which rating of yours."
    )
    if explained.lift_power or explained.added:
        text += " Their effect on the later steps is shared out in the same way."
    if explained.by_genre:
        part = percent(explained.by_genre)
        text += f" Of the score {part} comes from genres, the rest from ratings."
    text += " The shares sum to 100\u00a0%."
    if any(group.percent < 0 for group in groups):
        text += " What speaks against it comes last."
    return f"{text}</p>{_bars([(_reasons(group), group.percent) for group in groups])}"


def _reasons(group: ReasonGroup) -> str:
    """Write a group: its one film, or a line that opens and shows all of its films."""
    figure = f"<b>{_figure(group.percent)}</b>"
    if len(group.films) == 1:
        title = group.films[0].title
        return f"{figure} {escape_html(group.words.removesuffix(title))} {cite(title)}"
    films = "".join(f"<li>{_figure(part)} {cite(title)}</li>" for part, title in group.films)
    words = escape_html(group.words)
    return f"<details><summary>{figure} {words}</summary><ul>{films}</ul></details>"


def _figure(number: int) -> str:
    """Write a percentage with a real minus sign."""
    return f"{'−' if number < 0 else ''}{abs(number)}\u00a0%"


def _bars(bars: Sequence[tuple[str, float]]) -> str:
    """Write a bar for each text and its value; the longest takes the whole width."""
    longest = max((abs(value) for _, value in bars), default=1) or 1
    items = (
        f'<li class="k-{"minus" if value < 0 else "plus"}"><div>{text}</div>'
        f'<i style="width:{100 * abs(value) / longest:.1f}%"></i></li>'
        for text, value in bars
    )
    return f'<ol class="k-bars">{"".join(items)}</ol>'
