"""The data: whose ratings these are, how many, of what; and what is kept of a visitor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import altair as alt
import streamlit as st

from recommender import IndexStats, Recommender
from recommender.catalogue.summary import Overview
from ui.components import page_parts
from ui.components.page_parts import section
from ui.state.visit import Visit
from ui.text import percents

Chart = alt.LayerChart | alt.FacetChart

__all__ = ["bars", "describe_decades", "describe_stars", "draw", "facts"]

# Pixels; and the most bars with room for figures above them.
_HEIGHT, _NAMED_BARS = 220, 14
# On light and on dark: bars, and what is written at them.
_COLOURS = {False: ("#0b6b5d", "#5c554d"), True: ("#5fcbb5", "#b4b6bd")}
_PRIVACY = (
    "Your ratings and lists are kept by your own browser, until you clear them under My taste or "
    "delete the browser's data for this site. The server holds them in memory while the page is "
    "open, and stores nothing. Nobody else learns of them: the server fetches posters and plots "
    "without saying who looks at them."
)


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw facts, pictures, and what is kept of a visitor."""
    stats, overview = recommender.stats(), recommender.overview()
    made_up = " These people are made up, for trying the app." if stats.source.synthetic else ""
    section("The data", f"Everything here rests on people's ratings of films.{made_up}")
    page_parts.facts(facts(stats))
    if overview.stars:
        section("Stars", describe_stars(overview.stars))
        _draw({f"{stars:g}": given for stars, given in overview.stars}, "stars", "ratings")
    if overview.decades:
        section("Decades", describe_decades(overview))
        tallies = overview.decades.items()
        _draw({f"{decade}s": one.movies for decade, one in tallies}, "released", "films")
        _draw({f"{decade}s": one.ratings for decade, one in tallies}, "released", "ratings")
    section("What is kept about you", _PRIVACY)


def facts(stats: IndexStats) -> Iterator[tuple[str, str]]:
    """Yield what is known of source and index, by name; nothing says where they are."""
    source, raters = stats.source, stats.raters
    yield "Source", source.title
    if source.licence:
        yield "Licence", source.licence
    if source.citation:
        yield "Citation", source.citation
    yield "Ratings", f"{stats.ratings:,}"
    people = f"{stats.users:,}"
    yield (
        "People",
        people if raters == stats.users else f"{people}, {raters:,} of whom can be kindred raters",
    )
    yield "Films", f"{stats.movies:,}"
    if stats.years:
        yield "Released", "–".join(str(year) for year in dict.fromkeys(stats.years))
    if stats.scale == "likes only":
        yield "Scale", "likes only"
    else:
        yield "Scale", f"{stats.scale.replace('-', ' to ')} stars, {stats.mean:.2f} on average"
    yield "Dates of ratings", "known" if stats.timed else "not known"
    yield "Version", stats.version
    yield "Built", f"{datetime.fromisoformat(stats.created):%d %B %Y, %H:%M} UTC"


def describe_stars(stars: Sequence[tuple[float, int]]) -> str:
    """Describe the chart of the stars in words."""
    parts = percents([given / sum(given for _, given in stars) for _, given in stars])
    (most, _), part = max(zip(stars, parts, strict=True), key=lambda pair: pair[0][1])
    low, high = stars[0][0], stars[-1][0]
    return (
        f"{most:g} stars are given most often, in {part}% of the ratings. "
        f"Ratings run from {low:g} to {high:g}."
    )


def describe_decades(overview: Overview) -> str:
    """Describe the charts of the decades in words."""
    rated, of_ratings = _most({key: one.ratings for key, one in overview.decades.items()})
    filmed, of_films = _most({key: one.movies for key, one in overview.decades.items()})
    films, ratings = f"the most films ({of_films:.0%})", f"the most ratings ({of_ratings:.0%})"
    if rated == filmed:
        return f"The {filmed}s have {films} and {ratings}."
    return f"The {filmed}s have {films}, the {rated}s {ratings}."


def _most(counts: Mapping[int, int]) -> tuple[int, float]:
    """Return the decade that has most of something, and its part of all."""
    decade = max(counts, key=counts.__getitem__)
    return decade, counts[decade] / max(sum(counts.values()), 1)


def _draw(counts: Mapping[str, int], names: str, counted: str) -> None:
    dark = st.context.theme.type == "dark"
    st.altair_chart(bars(counts, names, counted, dark=dark), width="stretch")


def bars(counts: Mapping[str, int], names: str, counted: str, *, dark: bool) -> Chart:
    """Draw a bar for each name, with its part of all in figures where there is room for them."""
    colour, quiet = _COLOURS[dark]
    parts = percents([value / max(sum(counts.values()), 1) for value in counts.values()])
    # What is there is never written as 0%.
    rows = [
        {"name": name, "counted": value, "part": f"{part}%" if part or not value else "<1%"}
        for (name, value), part in zip(counts.items(), parts, strict=True)
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("name:N", sort=[*counts], title=names, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("counted:Q", title=counted, axis=alt.Axis(format="~s", tickCount=4)),
        tooltip=[
            alt.Tooltip("name:N", title=names),
            alt.Tooltip("counted:Q", title=counted, format=","),
            alt.Tooltip("part:N", title="share"),
        ],
    )
    layers = [base.mark_bar(color=colour)]
    if len(counts) <= _NAMED_BARS:
        layers.append(base.mark_text(color=quiet, dy=-8, fontSize=11).encode(text="part:N"))
    drawn: Chart = alt.layer(*layers).properties(height=_HEIGHT)
    return drawn
