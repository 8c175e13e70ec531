"""How good the answers are, as an evaluation found out: a chart, and what it means in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import streamlit as st

from recommender import IndexStats, Quality, RankingScore
from ui.visit import Visit
from ui.words import count, escape_markdown

Chart = alt.LayerChart | alt.FacetChart

__all__ = ["chart", "draw", "explained"]

OURS = "kindred"
_HEIGHT = 380
# What the names of the methods take, to the right of their lines, and each below the other.
_NAME_WIDTH, _NAME_HEIGHT = 112, 15.0
# Light and dark: Kindred, the others, and their names.
_COLOURS = {False: ("#0b6b5d", "#a39a8f", "#5c554d"), True: ("#5fcbb5", "#7d8089", "#b4b6bd")}


def explained(quality: Quality) -> str:
    """Say in plain words what was measured and how to read the figures."""
    data = f"{count(quality.ratings, 'rating')} by {quality.users:,} people"
    if quality.kind == "stars":
        return (
            f"Of {data}, each fifth was predicted from the other four. An error is how many stars "
            "the prediction is off: RMSE minds large errors more than MAE, and less is better. "
            "All methods have their usual settings."
        )
    asked = max(score.people for score in quality.ranking)
    return (
        f"Of {data}, up to {asked:,} people were kept out of the index. Each gave "
        "some of their ratings, and a good list begins with other films they like. NDCG@10 is 1 "
        "where the first ten are nothing but those, and 0 where none is. Every other method is "
        "shown with the best of its settings for each number of ratings, chosen on these very "
        "people: that is in its favour."
    )


def chart(quality: Quality, *, dark: bool = False) -> Chart:
    """Draw quality by the number of ratings given, a line for each method; or errors of stars.

    Bands and bars are 95 % intervals. ``dark`` is for a dark background.
    """
    drawn = _stars(quality, dark) if quality.kind == "stars" else _ranking(quality, dark)
    sized: Chart = drawn.properties(height=_HEIGHT, width=640).configure_view(strokeWidth=0)
    return sized


def _ranking(quality: Quality, dark: bool) -> Chart:
    ours, others, names = _COLOURS[dark]
    lengths = list(dict.fromkeys(score.length for score in quality.ranking))
    top = 1.05 * max(score.ndcg_10.high for score in quality.ranking)
    rows = alt.InlineData(values=[_row(score) for score in quality.ranking])
    labels = alt.InlineData(values=_labels(quality.ranking, lengths[-1], top))
    x = alt.X(
        "length:O",
        sort=lengths,
        title="ratings a person has given",
        axis=alt.Axis(labelAngle=0, grid=False),
        scale=alt.Scale(type="point", rangeMax=alt.ExprRef(f"width - {_NAME_WIDTH}")),
    )
    y = alt.Y("value:Q", title="NDCG@10", scale=alt.Scale(domain=[0, top], nice=False))
    mine, theirs = alt.datum.method == OURS, alt.datum.method != OURS
    tooltip: list[Any] = ["method:N", "length:O", alt.Tooltip("value:Q", format=".3f"), "setting:N"]
    base = alt.Chart(rows).encode(x=x, y=y, tooltip=tooltip)
    peers = base.transform_filter(theirs)
    kindred = base.transform_filter(mine)
    text = alt.Chart(labels).encode(x=x, y=alt.Y("place:Q"), text="method:N")
    style: dict[str, Any] = {"align": "left", "baseline": "middle", "dx": 10, "fontSize": 12}
    return alt.layer(
        kindred.mark_area(color=ours, opacity=0.18).encode(y="low:Q", y2="high:Q"),
        peers.mark_line(color=others, strokeWidth=1.2).encode(detail="method:N"),
        peers.mark_point(color=others, size=14, filled=True, opacity=1),
        kindred.mark_line(color=ours, strokeWidth=3.5),
        kindred.mark_point(color=ours, size=70, filled=True, opacity=1),
        text.transform_filter(theirs).mark_text(color=names, **style),
        text.transform_filter(mine).mark_text(color=ours, fontWeight="bold", **style),
    )


def _row(score: RankingScore) -> dict[str, object]:
    setting = ", ".join(f"{name} {value}" for name, value in score.setting.items())
    return {
        "method": score.method,
        "length": score.length,
        "setting": setting or "as it is",
        **score.ndcg_10.model_dump(),
    }


def _labels(scores: Sequence[RankingScore], last: str, top: float) -> list[dict[str, object]]:
    """Names at the ends of the lines, pushed apart where these are close."""
    ends = [score for score in scores if score.length == last]
    ends.sort(key=lambda score: -score.ndcg_10.value)
    step = top * _NAME_HEIGHT / _HEIGHT
    places: list[float] = []
    for score in ends:
        places.append(min([score.ndcg_10.value, *(place - step for place in places[-1:])]))
    # Where that runs over the lower edge, the lowest go up again.
    for at in reversed(range(len(places))):
        least = step * (len(places) - at) - step / 2
        places[at] = max(places[at], least)
    return [
        {"method": score.method, "length": last, "place": place}
        for score, place in zip(ends, places, strict=True)
    ]


def _stars(quality: Quality, dark: bool) -> Chart:
    ours, others, _ = _COLOURS[dark]
    rows = [{"method": score.method, **score.rmse.model_dump()} for score in quality.stars]
    rows.sort(key=lambda row: row["value"])
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("method:N", sort=[row["method"] for row in rows], title=None),
        color=alt.when(alt.datum.method == OURS).then(alt.value(ours)).otherwise(alt.value(others)),
        tooltip=["method:N", alt.Tooltip("value:Q", format=".4f")],
    )
    scale = alt.Scale(zero=False)
    return alt.layer(
        base.mark_rule(strokeWidth=4, opacity=0.5).encode(
            x=alt.X("low:Q", title="RMSE in stars, less is better", scale=scale), x2="high:Q"
        ),
        base.mark_point(size=120, filled=True, opacity=1).encode(x=alt.X("value:Q", scale=scale)),
    )


def draw(stats: IndexStats, visit: Visit) -> None:
    """Draw the way to the results, where there are any for this source."""
    kinds = (Quality.load(stats.source.name), Quality.load(stats.source.name, kind="stars"))
    found = [quality for quality in kinds if quality is not None]
    if found and st.button(
        "How good is this?", key="quality", type="tertiary", on_click=visit.touch
    ):
        _show(found)


@st.dialog("How good is this?", width="large")
def _show(found: Sequence[Quality]) -> None:
    for quality in found:
        st.markdown(escape_markdown(explained(quality)))
        st.altair_chart(
            chart(quality, dark=st.context.theme.type == "dark"), width="stretch", theme="streamlit"
        )
        st.table(_figures(quality))
    st.caption(f"Measured {found[0].created[:10]} with `kindred evaluate`.")


def _figures(quality: Quality) -> list[dict[str, str]]:
    if quality.kind == "stars":
        return [
            {
                "method": score.method,
                "RMSE": f"{score.rmse.value:.3f}",
                "MAE": f"{score.mae.value:.3f}",
            }
            for score in quality.stars
        ]
    return [_row_of(quality, score) for score in quality.ranking if score.method == OURS]


def _row_of(quality: Quality, ours: RankingScore) -> dict[str, str]:
    rivals = [s for s in quality.ranking if s.length == ours.length and s.method != OURS]
    best = max(rivals, key=lambda score: score.ndcg_10.value, default=None)
    row = {"ratings given": ours.length, "Kindred": f"{ours.ndcg_10.value:.3f}"}
    if best is None:
        return row
    lead = best.lead
    return row | {
        "best other": f"{best.ndcg_10.value:.3f} ({best.method})",
        "Kindred's lead": "" if lead is None else f"{lead.low:+.0%} to {lead.high:+.0%}",
    }
