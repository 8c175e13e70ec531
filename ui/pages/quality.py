"""How good the answers are, as an evaluation found out: a chart, and what it means in words."""

from __future__ import annotations

import streamlit as st

from recommender import IndexStats, Recommender
from recommender.quality.result import ALL_FOLDS, METRICS, Figure, Interval, Quality
from ui.components.page_parts import note, section
from ui.state.visit import Visit
from ui.text import escape_markdown, join_words

__all__ = ["draw", "verdict"]

# With an @ behind it, at a place on the dial: no other method.
OURS = "kindred"


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw what was measured for the ratings of this index, or say that nothing was."""
    section(
        "How good is this?",
        "Lists are made for people who are left out of the data, and are compared with what these "
        "people like.",
    )
    found = _found(recommender.stats())
    if not found:
        note("Nothing has been measured for these ratings yet.")
        st.markdown("Whoever runs this app can measure it in a few minutes, from the same ratings:")
        st.code("kindred evaluate SOURCE\nkindred evaluate SOURCE --stars", language="console")
        return
    dark = st.context.theme.type == "dark"
    for quality in found:
        stars = quality.kind == "stars"
        section("Predicted stars" if stars else "Lists", verdict(quality))
        metric = st.selectbox(
            "Measure",
            quality.drawable,
            format_func=lambda name: METRICS[name].title,
            key=f"quality-{quality.kind}",
            width=320,
        )
        st.altair_chart(quality.plot(metric, dark=dark), width="stretch", theme="streamlit")
        st.table(_of_stars(quality) if stars else _of_lists(quality, metric))
        if inside := quality.of("inside_80"):
            st.markdown("Ratings inside the intervals that should hold 80 % of them:")
            st.table([_of_interval(one) for one in inside])
        st.markdown(escape_markdown(quality.explained()))
    st.caption(f"Measured {found[0].created[:10]} with `kindred evaluate`.")


def _found(stats: IndexStats) -> list[Quality]:
    kinds = (Quality.latest(stats.source.name), Quality.latest(stats.source.name, kind="stars"))
    # Another file of the same name is another source.
    size = (stats.ratings, stats.users, stats.movies)
    return [q for q in kinds if q and (q.ratings, q.users, q.movies) == size]


def verdict(quality: Quality) -> str:
    """Say where Kindred is ahead of the other methods, and where it is not."""
    leads: dict[str, list[Interval]] = {}
    stars = quality.kind == "stars"
    for figure in quality.of("rmse" if stars else "ndcg_10"):
        if stars and figure.asked != ALL_FOLDS:
            continue
        name = figure.method if stars else figure.asked
        if figure.lead is not None and not figure.method.startswith(OURS):
            leads.setdefault(name, []).append(figure.lead)
    ahead = [name for name, all_of in leads.items() if all(lead.low > 0 for lead in all_of)]
    behind = [name for name, all_of in leads.items() if any(lead.high < 0 for lead in all_of)]
    level = [name for name in leads if name not in ahead + behind]
    if not leads:
        return "No other method was measured, so there is nothing to compare these figures with."
    start, *words = _STARS_WORDS if quality.kind == "stars" else _LISTS_WORDS
    names = zip(words, (ahead, level, behind), strict=True)
    parts = [f"{word} {join_words(which)}" for word, which in names if which]
    text = f"{start} {'; '.join(parts)}."
    return f"{text} Level means that a 95 % interval does not tell them apart." if level else text


_STARS_WORDS = (
    "Kindred's predictions are",
    *("nearer to the truth than those of", "level with", "further off than those of"),
)
_LISTS_WORDS = (
    "By the number of ratings a person gave, Kindred's lists are",
    *("ahead of every other method at", "level with the best other at", "behind another at"),
)


def _written(figure: Figure) -> str:
    """Write a figure with half the width of its interval."""
    half = (figure.high - figure.low) / 2
    if METRICS[figure.metric].percent:
        return f"{figure.value:.1%} ± {half:.1%}"
    return f"{figure.value:.3f} ± {half:.3f}"


def _of_stars(quality: Quality) -> list[dict[str, str]]:
    whole = {
        (figure.method, figure.metric): figure
        for figure in quality.figures
        if figure.asked == ALL_FOLDS
    }
    rows = []
    for method in quality.methods:
        row = {"method": method}
        for metric in ("rmse", "mae"):
            folds = [
                figure.value
                for figure in quality.of(metric)
                if figure.method == method and figure.asked != ALL_FOLDS
            ]
            row[METRICS[metric].title] = _written(whole[method, metric])
            row[f"{METRICS[metric].title} by fold"] = f"{min(folds):.3f} to {max(folds):.3f}"
        rows.append(row)
    return rows


def _of_interval(figure: Figure) -> dict[str, str]:
    films = f"{figure.asked.removeprefix('support ')} of the rated films"
    return {"rests on": films, "ratings": f"{figure.count:,}", "inside": _written(figure)}


def _of_lists(quality: Quality, metric: str) -> list[dict[str, str]]:
    found = quality.of(metric)
    better = METRICS[metric].better
    rows = []
    for ours in (figure for figure in found if figure.method == OURS):
        row = {"ratings given": ours.asked, "Kindred": _written(ours)}
        rivals = [
            one for one in found if one.asked == ours.asked and not one.method.startswith(OURS)
        ]
        if rivals and better:
            best = (max if better == "higher" else min)(rivals, key=lambda one: one.value)
            lead = best.lead
            row["best other"] = f"{_written(best)} ({best.method})"
            row["Kindred's lead (95 % sure)"] = (
                f"{lead.low:+.0%} to {lead.high:+.0%}" if lead else ""
            )
        rows.append(row)
    return rows
