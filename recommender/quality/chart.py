"""Drawing what an evaluation found, for the app, for notebooks and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import altair as alt

__all__ = ["draw_leads", "draw_lists", "draw_stars"]

Chart = alt.LayerChart | alt.FacetChart
Rows = Sequence[Mapping[str, Any]]
"""Figures of one metric, with the fields of :class:`recommender.quality.result.Figure`."""

# With an @ behind it, at a place on the dial: no other method.
_OURS = "kindred"
_ALL = "all folds"
# Lists that no group can have: so far ahead that the others could not be told apart beside them.
_CEILING = "own"
_WIDTH, _HEIGHT, _ROW = 640, 380, 34
# What the names of the methods take, to the right of their lines, and each below the other.
_NAME_WIDTH, _NAME_HEIGHT = 140, 16.0
# On light and on dark: Kindred, and the names of the others.
_COLOURS = {False: ("#0b6b5d", "#5c554d"), True: ("#5fcbb5", "#b4b6bd")}
# Those of Okabe and Ito (2008) that can be told apart whatever one sees, and from Kindred's; what
# comes after the sixth method is dashed.
_OTHERS = ("#0072b2", "#d55e00", "#cc79a7", "#e69f00", "#56b4e9", "#808080")


def draw_lists(rows: Rows, title: str, *, dark: bool) -> Chart:
    """Draw a metric by the number of ratings given, a line for each method."""
    ours, names = _COLOURS[dark]
    lengths = list(dict.fromkeys(row["asked"] for row in rows))
    others = [m for m in dict.fromkeys(row["method"] for row in rows) if m != _OURS]
    # A little above the highest band, which is then drawn whole.
    top = 1.05 * max(row["high"] for row in rows) or 1.0
    x = alt.X(
        "asked:O",
        sort=lengths,
        title="ratings a person has given",
        axis=alt.Axis(labelAngle=0),
        scale=alt.Scale(type="point", rangeMax=alt.ExprRef(f"width - {_NAME_WIDTH}")),
    )
    axis = alt.Axis(tickCount=5, gridOpacity=0.4)
    y = alt.Y("value:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False), axis=axis)
    colours = [_OTHERS[place % len(_OTHERS)] for place in range(len(others))]
    dashes = [[1, 0] if place < len(_OTHERS) else [5, 3] for place in range(len(others))]
    colour = alt.Color("method:N", scale=alt.Scale(domain=others, range=colours), legend=None)
    dash = alt.StrokeDash("method:N", scale=alt.Scale(domain=others, range=dashes), legend=None)
    tooltip: list[Any] = ["method:N", "asked:O", *_numbers(), "setting:N"]
    values = [row | {"setting": _setting(row)} for row in map(dict, rows)]
    base = alt.Chart(alt.InlineData(values=values)).encode(x=x, y=y, tooltip=tooltip)
    kindred = base.transform_filter(alt.datum.method == _OURS)
    peers = base.transform_filter(alt.datum.method != _OURS).encode(color=colour)
    ends = alt.InlineData(values=_labels(rows, lengths[-1], top))
    named = alt.Chart(ends).encode(x=x, y="place:Q", text="method:N")
    other_names = named.transform_filter(alt.datum.method != _OURS)
    text: dict[str, Any] = {"align": "left", "baseline": "middle", "dx": 30, "fontSize": 12}
    dashed = other_names.mark_point(shape="stroke", size=260, strokeWidth=2, opacity=1, xOffset=18)
    return _sized(
        alt.layer(
            kindred.mark_area(color=ours, opacity=0.18).encode(y="low:Q", y2="high:Q"),
            peers.mark_line(strokeWidth=1.5).encode(strokeDash=dash),
            peers.mark_point(size=16, filled=True, opacity=1),
            kindred.mark_line(color=ours, strokeWidth=3.5),
            kindred.mark_point(color=ours, size=70, filled=True, opacity=1),
            dashed.encode(color=colour, strokeDash=dash),
            other_names.mark_text(color=names, **text),
            named.transform_filter(alt.datum.method == _OURS).mark_text(
                color=ours, fontWeight="bold", **text
            ),
        ),
        _HEIGHT,
    )


def draw_stars(rows: Rows, title: str, *, dark: bool) -> Chart:
    """Draw errors of predicted stars: a bar for the interval, with the mean, a dot for each fold.

    Not from zero: methods differ by little beside what all of them are off.
    """
    ours, others = _COLOURS[dark]
    whole = sorted((dict(row) for row in rows if row["asked"] == _ALL), key=lambda r: r["value"])
    folds = [dict(row) for row in rows if row["asked"] != _ALL]
    sort = [row["method"] for row in whole]
    mine = alt.when(alt.datum.method == _OURS)
    y = alt.Y("method:N", sort=sort, title=None, scale=alt.Scale(padding=0.3))
    axis, scale = alt.Axis(tickCount=6, gridOpacity=0.4), alt.Scale(zero=False)
    tooltip: list[Any] = ["method:N", "asked:N", *_numbers()]
    base = alt.Chart(alt.InlineData(values=whole)).encode(
        y=y, color=mine.then(alt.value(ours)).otherwise(alt.value(others)), tooltip=tooltip
    )
    x = alt.X("value:Q", title=f"{title}: mean with its 95 % interval, and each fold", scale=scale)
    return _sized(
        alt.layer(
            base.mark_bar(height=18, opacity=0.3).encode(
                x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"
            ),
            base.mark_tick(height=18, thickness=3, opacity=1).encode(x=x),
            alt.Chart(alt.InlineData(values=folds))
            .mark_point(size=34, filled=True, opacity=0.85)
            .encode(
                x=x,
                y=y,
                # One beside the other where folds agree.
                yOffset=alt.YOffset("asked:N", sort=list(dict.fromkeys(r["asked"] for r in folds))),
                color=mine.then(alt.value(ours)).otherwise(alt.value(others)),
                tooltip=tooltip,
            ),
        ),
        30 + _ROW * len(whole),
    )


def draw_leads(rows: Rows, *, dark: bool) -> Chart:
    """Draw Kindred's lead over each method, a panel for each kind of group, a mark for each metric.

    Figures themselves are not drawn: they differ from group to group far more than methods do on
    the same group, which is what the intervals of leads are about.
    """
    leads = [
        {**dict(row), **row["lead"]} for row in rows if row["lead"] and row["method"] != _CEILING
    ]
    methods, asked, metrics = (
        list(dict.fromkeys(row[name] for row in leads)) for name in ("method", "asked", "metric")
    )
    x, low = (
        alt.X(f"{end}:Q", title=None, axis=alt.Axis(format="+%", tickCount=5, gridOpacity=0.4))
        for end in ("value", "low")
    )
    base = alt.Chart().encode(
        y=alt.Y("method:N", sort=methods, title=None, scale=alt.Scale(paddingInner=0.2)),
        yOffset=alt.YOffset("metric:N", sort=metrics),
        color=alt.Color(
            "metric:N",
            title="Kindred's lead over each, with its 95 % interval",
            scale=alt.Scale(domain=metrics, range=[*_COLOURS[dark]][: len(metrics)]),
            legend=alt.Legend(orient="top", titleLimit=400, labelLimit=300),
        ),
        tooltip=["method:N", "asked:N", "metric:N", *_numbers()],
    )
    panels = alt.layer(
        alt.Chart().mark_rule(color=_COLOURS[dark][1], strokeDash=[3, 3]).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=2.5).encode(x=low, x2="high:Q"),
        base.mark_point(size=45, filled=True, opacity=1).encode(x=x),
    ).properties(width=_WIDTH / 3, height=_ROW * len(methods))
    values = alt.InlineData(values=leads)
    facet = alt.Facet("asked:N", sort=asked, title=None)
    # Each on its own scale: the larger the groups, the further methods are apart.
    drawn = panels.facet(data=values, facet=facet, columns=3).resolve_scale(x="independent")
    return _plain(drawn)


def _sized(chart: Chart, height: int) -> Chart:
    return _plain(chart.properties(height=height, width=_WIDTH))


def _plain(chart: Chart) -> Chart:
    plain: Chart = chart.configure_view(strokeWidth=0)
    return plain


def _numbers() -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{name}:Q", format=".4f") for name in ("value", "low", "high")]


def _setting(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row["setting"].items()) or "as it is"


def _labels(rows: Rows, last: str, top: float) -> list[dict[str, object]]:
    """Names at the ends of the lines, pushed apart where these are close."""
    ends = sorted((row for row in rows if row["asked"] == last), key=lambda row: -row["value"])
    step = top * _NAME_HEIGHT / _HEIGHT
    # From the top down: each at its line's end, or right below the name above.
    values = (row["value"] for row in ends)
    places = [*accumulate(values, lambda above, value: min(value, above - step))]
    # Where that runs over the lower edge, the lowest go up again.
    for at in reversed(range(len(places))):
        least = step * (len(places) - at) - step / 2
        places[at] = max(places[at], least)
    return [
        {"method": row["method"], "asked": last, "place": place}
        for row, place in zip(ends, places, strict=True)
    ]
