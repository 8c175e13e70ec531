"""What a person rates and likes, by genre or decade, beside everybody: figures, words, a chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommender import Movie, Opinion, Profile
from recommender.catalogue.summary import Tally
from ui.text import percent

__all__ = ["Comparison", "Pair", "chart", "compare", "describe_likes", "describe_shares", "pairs"]

_MOST = 12
_TO_JUDGE = 3
"""Ratings of a kind from which on the part that are likes is shown."""
# Below it, both shares would be written as 0 %.
_SMALL = 0.005
_ROW, _AROUND = 26, 110  # pixels, of a kind and of legend and axis
# On light and on dark: the person, and everybody.
_COLOURS = {False: ("#0b6b5d", "#8a6a2f"), True: ("#5fcbb5", "#e0b469")}
_LABEL = 150  # pixels, of the longest name

Pair = tuple[str, float, float]
"""A name, the figure of the person and that of others."""


@dataclass(frozen=True)
class Comparison:
    """A genre or a decade."""

    name: str
    share: float
    """Part of the person's ratings."""
    usual: float
    """Part of everybody's."""
    liked: float | None
    """Part of the person's ratings of it that are likes, where there are enough to tell."""
    usually_liked: float


def compare(
    profile: Profile,
    movies: Iterable[Movie],
    everybody: Mapping[str, Tally],
    ratings: int,
    kinds: Callable[[Movie], Iterable[str]],
) -> tuple[Comparison, ...]:
    """Set the person's ratings of each kind of film beside everybody's.

    ``everybody`` gives all kinds, in the order they are to be in; ``ratings`` is the number of all
    ratings there are. The kinds that are rated most, by the person or everybody, are given.
    """
    rated: Counter[str] = Counter()
    liked: Counter[str] = Counter()
    for movie in movies:
        for kind in kinds(movie):
            rated[kind] += 1
            liked[kind] += profile.opinions[movie.movie_id] == Opinion.LIKE
    comparisons = [
        Comparison(
            kind,
            rated[kind] / len(profile),
            tally.ratings / ratings,
            liked[kind] / rated[kind] if rated[kind] >= _TO_JUDGE else None,
            tally.likes / max(tally.ratings, 1),
        )
        for kind, tally in everybody.items()
    ]
    most = sorted(comparisons, key=lambda compared: -max(compared.share, compared.usual))[:_MOST]
    return tuple(
        compared
        for compared in comparisons
        if compared in most and max(compared.share, compared.usual) >= _SMALL
    )


def describe_shares(comparisons: Sequence[Comparison]) -> str:
    """Describe what the person rates more often than others, and what less."""
    more = max(comparisons, key=lambda compared: compared.share - compared.usual)
    less = min(comparisons, key=lambda compared: compared.share - compared.usual)
    parts = []
    if more.share > more.usual:
        parts.append(
            f"more {more.name} films than others ({percent(more.share)} of your films, "
            f"{percent(more.usual)} of theirs)"
        )
    if less.share < less.usual:
        aside = "" if parts else " than others"
        parts.append(
            f"fewer {less.name} films{aside} ({percent(less.share)}, {percent(less.usual)})"
        )
    return (
        f"You rate {', and '.join(parts)}."
        if parts
        else "You rate the same kinds of films as others."
    )


def describe_likes(comparisons: Sequence[Comparison]) -> str:
    """Describe what the person likes most often, and what least."""
    judged = [(compared.liked, compared) for compared in comparisons if compared.liked is not None]
    if not judged:
        return f"What you like most often shows once you have rated {_TO_JUDGE} films of a kind."
    share, best = max(judged, key=lambda one: one[0])
    least, worst = min(judged, key=lambda one: one[0])
    others = percent(best.usually_liked)
    text = f"You like {percent(share)} of the {best.name} films you rate (others {others})"
    if least == share:
        return f"{text}."
    others = percent(worst.usually_liked)
    return f"{text}, but {percent(least)} of {worst.name} (others {others})."


def pairs(comparisons: Iterable[Comparison], *, liked: bool) -> list[Pair]:
    """Give the figures of a chart: by how often liked, where that is known, or by share."""
    if liked:
        return [
            (one.name, one.liked, one.usually_liked) for one in comparisons if one.liked is not None
        ]
    return [(one.name, one.share, one.usual) for one in comparisons]


def chart(
    pairs: Sequence[Pair], title: str, *, others: str = "average rater", form: str = "%", dark: bool
) -> dict[str, Any]:
    """Draw the person and others on a line for each name; ``form`` is that of the figures.

    It is given as Vega-Lite has it: Altair takes longer to build it than all else on the page.
    """
    mine, theirs = _COLOURS[dark]
    both = ("you", others)
    rows = [
        {"kind": name, "who": who, "value": value}
        for name, *values in pairs
        for who, value in zip(both, values, strict=True)
    ]
    kinds = [name for name, _, _ in pairs]
    kind, who = {"field": "kind", "type": "nominal"}, {"field": "who", "type": "nominal"}
    value = {"field": "value", "type": "quantitative"}
    y_axis = {"labelLimit": _LABEL, "ticks": False}
    x_axis = {"format": form, "tickCount": 4, "gridOpacity": 0.4}
    legend = {"title": None, "orient": "top", "symbolSize": 110}

    def by_who(*of: str) -> dict[str, Any]:
        return {**who, "scale": {"domain": [*both], "range": [*of]}, "legend": legend}

    points = {
        "color": by_who(mine, theirs),
        "shape": by_who("circle", "diamond"),
        "fill": by_who(mine, "transparent"),
        "tooltip": [kind, who, {**value, "format": ".0%" if form == "%" else form}],
    }
    line = {"type": "line", "color": theirs, "opacity": 0.45, "strokeWidth": 2}
    point = {"type": "point", "size": 110, "strokeWidth": 2, "opacity": 1}
    return {
        "data": {"values": rows},
        "height": _ROW * len(kinds) + _AROUND,
        "config": {"view": {"strokeWidth": 0}},
        "encoding": {
            "y": {**kind, "sort": kinds, "title": None, "axis": y_axis},
            "x": {**value, "title": title, "axis": x_axis, "scale": {"zero": True}},
        },
        "layer": [
            {"mark": line, "encoding": {"detail": kind}},
            {"mark": point, "encoding": points},
        ],
    }
