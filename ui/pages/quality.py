"""How good the answers are, as an evaluation found out: a chart, and what it means in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import altair as alt
import streamlit as st

from recommender import IndexStats, Recommender
from recommender.quality import Interval, Quality, RankingScore
from ui.components.page_parts import note, section
from ui.state.visit import Visit
from ui.text import count, escape_markdown, join_words

Chart = alt.LayerChart | alt.FacetChart

__all__ = ["chart", "draw", "explained", "verdict"]

# With an @ behind it, at a place on the dial: no other method.
OURS = "kindred"
_HEIGHT = 380
# What the names of the methods take, to the right of their lines, and each below the other.
_NAME_WIDTH, _NAME_HEIGHT = 140, 16.0
# On light and on dark: Kindred, and the names of the others.
_COLOURS = {False: ("#0b6b5d", "#5c554d"), True: ("#5fcbb5", "#b4b6bd")}
# Those of Okabe and Ito (2008) that can be told apart whatever one sees, and from Kindred's; what
# comes after the sixth method is dashed.
_OTHERS = ("#0072b2", "#d55e00", "#cc79a7", "#e69f00", "#56b4e9", "#808080")


def explained(quality: Quality) -> str:
    """Say in plain words what was measured and how to read the figures."""
    data = f"{count(quality.ratings, 'rating')} by {quality.users:,} people"
    if quality.kind == "stars":
        return (
            f"Of {data}, each fifth was predicted from the other four. An error is how many stars "
            "the prediction is off: RMSE minds large errors more than MAE, and less is better. "
            "Two sets of settings of svd, matrix factorisation, are shown; the others have their "
            "usual ones."
        )
    asked = max(score.people for score in quality.ranking)
    return (
        f"Of {data}, up to {asked:,} who are not in the index were asked. Each gave some of their "
        "ratings, and a good list begins with other films they like: NDCG@10 is 1 where the first "
        "ten are nothing but those, or all of them come first, and 0 where none is among them. "
        "Compare methods at one number of ratings, and not numbers of ratings: the more is given, "
        "the fewer films are left to find. Films that fewer than five people rated are in no list. "
        "Every other method is shown with the best of its settings for each figure, chosen on "
        "these very people: that is in its favour."
    )


def chart(quality: Quality, *, dark: bool = False) -> Chart:
    """Draw quality by the number of ratings given, a line for each method; or errors of stars.

    Bands and bars are 95 % intervals. ``dark`` is for a dark background.
    """
    stars = quality.kind == "stars"
    drawn = _stars(quality, dark) if stars else _ranking(quality, dark)
    height = 60 + 36 * len(quality.stars) if stars else _HEIGHT
    sized: Chart = drawn.properties(height=height, width=640).configure_view(strokeWidth=0)
    return sized


def _ranking(quality: Quality, dark: bool) -> Chart:
    ours, names = _COLOURS[dark]
    lengths = list(dict.fromkeys(score.length for score in quality.ranking))
    methods = dict.fromkeys(score.method for score in quality.ranking)
    others = [method for method in methods if method != OURS]
    # A little above the highest band, which is then drawn whole.
    top = 1.05 * max(score.ndcg_10.high for score in quality.ranking)
    x = alt.X(
        "length:O",
        sort=lengths,
        title="ratings a person has given",
        axis=alt.Axis(labelAngle=0),
        scale=alt.Scale(type="point", rangeMax=alt.ExprRef(f"width - {_NAME_WIDTH}")),
    )
    axis = alt.Axis(tickCount=5, gridOpacity=0.4)
    y = alt.Y("value:Q", title="NDCG@10", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)
    colours = [_OTHERS[place % len(_OTHERS)] for place in range(len(others))]
    dashes = [[1, 0] if place < len(_OTHERS) else [5, 3] for place in range(len(others))]
    colour = alt.Color("method:N", scale=alt.Scale(domain=others, range=colours), legend=None)
    dash = alt.StrokeDash("method:N", scale=alt.Scale(domain=others, range=dashes), legend=None)
    tooltip: list[Any] = ["method:N", "length:O", alt.Tooltip("value:Q", format=".3f"), "setting:N"]
    rows = alt.InlineData(values=[_row(score) for score in quality.ranking])
    base = alt.Chart(rows).encode(x=x, y=y, tooltip=tooltip)
    kindred = base.transform_filter(alt.datum.method == OURS)
    peers = base.transform_filter(alt.datum.method != OURS).encode(color=colour)
    ends = alt.InlineData(values=_labels(quality.ranking, lengths[-1], top))
    named = alt.Chart(ends).encode(x=x, y="place:Q", text="method:N")
    other_names = named.transform_filter(alt.datum.method != OURS)
    text: dict[str, Any] = {"align": "left", "baseline": "middle", "dx": 30, "fontSize": 12}
    dashed = other_names.mark_point(shape="stroke", size=260, strokeWidth=2, opacity=1, xOffset=18)
    return alt.layer(
        kindred.mark_area(color=ours, opacity=0.18).encode(y="low:Q", y2="high:Q"),
        peers.mark_line(strokeWidth=1.5).encode(strokeDash=dash),
        peers.mark_point(size=16, filled=True, opacity=1),
        kindred.mark_line(color=ours, strokeWidth=3.5),
        kindred.mark_point(color=ours, size=70, filled=True, opacity=1),
        dashed.encode(color=colour, strokeDash=dash),
        other_names.mark_text(color=names, **text),
        named.transform_filter(alt.datum.method == OURS).mark_text(
            color=ours, fontWeight="bold", **text
        ),
    )


def _row(score: RankingScore) -> dict[str, object]:
    setting = ", ".join(f"{name} {value}" for name, value in score.ndcg_10.setting.items())
    return {
        "method": score.method,
        "length": score.length,
        "setting": setting or "as it is",
        **score.ndcg_10.model_dump(include={"value", "low", "high"}),
    }


def _labels(scores: Sequence[RankingScore], last: str, top: float) -> list[dict[str, object]]:
    """Names at the ends of the lines, pushed apart where these are close."""
    ends = [score for score in scores if score.length == last]
    ends.sort(key=lambda score: -score.ndcg_10.value)
    step = top * _NAME_HEIGHT / _HEIGHT
    # From the top down: each at its line's end, or right below the name above.
    values = (score.ndcg_10.value for score in ends)
    places = [*accumulate(values, lambda above, value: min(value, above - step))]
    # Where that runs over the lower edge, the lowest go up again.
    for at in reversed(range(len(places))):
        least = step * (len(places) - at) - step / 2
        places[at] = max(places[at], least)
    return [
        {"method": score.method, "length": last, "place": place}
        for score, place in zip(ends, places, strict=True)
    ]


def _stars(quality: Quality, dark: bool) -> Chart:
    ours, others = _COLOURS[dark]
    rows = [{"method": score.method, **score.rmse.model_dump()} for score in quality.stars]
    rows.sort(key=lambda row: row["value"])
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("method:N", sort=[row["method"] for row in rows], title=None),
        color=alt.when(alt.datum.method == OURS).then(alt.value(ours)).otherwise(alt.value(others)),
        tooltip=["method:N", alt.Tooltip("value:Q", format=".4f")],
    )
    # Not from zero: the methods differ by little beside what all of them are off.
    scale, axis = alt.Scale(zero=False), alt.Axis(tickCount=6, gridOpacity=0.4)
    return alt.layer(
        base.mark_rule(strokeWidth=4, opacity=0.5).encode(
            x=alt.X("low:Q", title="RMSE in stars, less is better", scale=scale, axis=axis),
            x2="high:Q",
        ),
        base.mark_point(size=120, filled=True, opacity=1).encode(x=alt.X("value:Q", scale=scale)),
    )


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw what was measured for the ratings of this index, or say that nothing was."""
    section(
        "How good is this?",
        "Measured, not promised: people who are not in the index are asked, and what they like is "
        "compared with what they get.",
    )
    found = _found(recommender.stats())
    if not found:
        note("Nothing was measured for these ratings, so how good the lists are is not known here.")
        st.markdown("Whoever runs this can find out, in some minutes, from the same ratings:")
        st.code("kindred evaluate SOURCE\nkindred evaluate SOURCE --stars", language="console")
        return
    dark = st.context.theme.type == "dark"
    for quality in found:
        section("Predicted stars" if quality.kind == "stars" else "Lists", verdict(quality))
        st.altair_chart(chart(quality, dark=dark), width="stretch", theme="streamlit")
        st.table(_figures(quality))
        st.markdown(escape_markdown(explained(quality)))
    st.caption(f"Measured {found[0].created[:10]} with `kindred evaluate`.")


def _found(stats: IndexStats) -> list[Quality]:
    kinds = (Quality.load(stats.source.name), Quality.load(stats.source.name, kind="stars"))
    # Another file of the same name is another source.
    size = (stats.ratings, stats.users, stats.movies)
    return [q for q in kinds if q and (q.ratings, q.users, q.movies) == size]


def verdict(quality: Quality) -> str:
    """Say where Kindred is ahead of the other methods, and where it is not."""
    scores = quality.stars if quality.kind == "stars" else quality.ranking
    leads: dict[str, list[Interval]] = {}
    for score in scores:
        if isinstance(score, RankingScore):
            name, lead = score.length, score.ndcg_10.lead
        else:
            name, lead = score.method, score.lead
        if lead is not None and not score.method.startswith(OURS):
            leads.setdefault(name, []).append(lead)
    ahead = [name for name, all_of in leads.items() if all(lead.low > 0 for lead in all_of)]
    behind = [name for name, all_of in leads.items() if any(lead.high < 0 for lead in all_of)]
    level = [name for name in leads if name not in ahead + behind]
    if not leads:
        return "No other method was measured, so there is nothing to compare these figures with."
    start, *words = _STARS_WORDS if quality.kind == "stars" else _LISTS_WORDS
    names = zip(words, (ahead, level, behind), strict=True)
    parts = [f"{word} {join_words(which)}" for word, which in names if which]
    text = f"{start} {'; '.join(parts)}."
    return f"{text} Level is what 95 % intervals do not tell apart." if level else text


_STARS_WORDS = (
    "Kindred's predictions are",
    *("nearer to the truth than those of", "level with", "further off than those of"),
)
_LISTS_WORDS = (
    "By how many ratings a person gave, Kindred's lists are",
    *("ahead of every other method at", "level with the best other at", "behind another at"),
)


def _figures(quality: Quality) -> list[dict[str, str]]:
    if quality.kind == "stars":
        return [
            {"method": s.method, "RMSE": f"{s.rmse.value:.3f}", "MAE": f"{s.mae.value:.3f}"}
            for s in quality.stars
        ]
    rows = []
    for ours in (score for score in quality.ranking if score.method == OURS):
        row = {"ratings given": ours.length, "Kindred": f"{ours.ndcg_10.value:.3f}"}
        rivals = [
            s for s in quality.ranking if s.length == ours.length and not s.method.startswith(OURS)
        ]
        if rivals:
            best = max(rivals, key=lambda score: score.ndcg_10.value)
            lead = best.ndcg_10.lead
            row["best other"] = f"{best.ndcg_10.value:.3f} ({best.method})"
            row["Kindred's lead (95 % sure)"] = (
                f"{lead.low:+.0%} to {lead.high:+.0%}" if lead else ""
            )
        rows.append(row)
    return rows
