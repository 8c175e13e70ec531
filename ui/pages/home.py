"""Home: rate films, and see what people with your taste liked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st

from recommender import IndexStats, Movie, MovieFilter, Recommender
from ui.components import cards, filter_controls
from ui.components.cards import Card, Group
from ui.components.page_parts import note, small_text
from ui.state.taste import movies_of
from ui.state.visit import ENOUGH, FilterChoice, Visit
from ui.text import count, escape_html

__all__ = ["draw"]

# Ratings that make a good list, as the words beside the pips say.
_FIVE = 5
_COPY = 10  # ratings from which on a copy is worth the while
_STARTERS = 12
_IN_A_ROW = 12
_LATEST = 60  # films of the watchlist
_MOST = 1_000  # films that the recommender gives at once


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the page for the visit this run belongs to."""
    stats = recommender.stats()
    filters = filter_controls.chosen(visit, stats)
    _toolbar(visit, stats, filters)
    if on := filter_controls.active(filters):
        st.html(f'<p class="k-aside">Filters: {escape_html("; ".join(on.values()))}.</p>')
    groups = []
    if visit.rating_open:
        groups.append(_starters(recommender, visit))
    # What stands above to be rated is not recommended below as well.
    above = tuple(movie.movie_id for movie in visit.starters) if visit.rating_open else ()
    visit.filters = replace(filters, movies=replace(filters.movies, exclude=above))
    question = (visit.shown, visit.guest is None, visit.filters, visit.more)
    rows = visit.once("home", question, lambda: _rows(recommender, visit))
    groups += [*rows, _watchlist(recommender, visit)]
    shown = [group for group in groups if group.cards]
    cards.draw(visit, shown, page="home")
    _fewer(visit, len(rows[0].cards) if rows else 0, filters, stats)
    if len(visit.profile) >= _COPY:
        small_text(
            f"Your {len(visit.profile):,} ratings are kept by this browser alone, and browsers "
            "forget. Take a copy, as a link or a file, under Bring and take."
        )
    st.html(
        '<p class="k-keys">On a film: <kbd>L</kbd> like, <kbd>S</kbd> seen, <kbd>D</kbd> dislike, '
        "<kbd>W</kbd> save to watchlist, <kbd>N</kbd> not interested or not seen, "
        "<kbd>←</kbd> <kbd>→</kbd> next film; <kbd>Ctrl</kbd> <kbd>Z</kbd> undo.</p>"
    )


def _toolbar(visit: Visit, stats: IndexStats, filters: FilterChoice) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="toolbar"):
        filter_controls.draw(visit, stats, filters)
        if not visit.rating_open:
            st.button(
                "Rate more films",
                key="rate-more",
                type="primary",
                on_click=visit.open_rating,
                args=(True,),
            )


def _plain(movies: Iterable[Movie]) -> list[Card]:
    return [Card(movie) for movie in movies]


def _starters(recommender: Recommender, visit: Visit) -> Group:
    visit.starters = _chosen_starters(recommender, visit)
    rated = len(visit.profile)
    done = (("done", "Done, show only my films"),) if rated >= ENOUGH else ()
    return Group(
        "starters",
        "Rate three to five films you know",
        _plain(visit.starters),
        _progress(rated),
        layout="grid",
        buttons=(("others", "Show others"), *done),
        pips=(min(rated, _FIVE), _FIVE),
        kind="starter",
        leaves=False,
    )


def _chosen_starters(recommender: Recommender, visit: Visit) -> tuple[Movie, ...]:
    """Keep the films that are there in their places, and choose others for those passed over."""
    away = visit.passed | {*visit.profile.hidden}
    places = visit.starters or (None,) * _STARTERS
    kept = [None if movie is None or movie.movie_id in away else movie for movie in places]
    if None not in kept:
        return visit.starters
    there = {movie.movie_id for movie in kept if movie}
    others = MovieFilter(exclude=there | visit.passed)
    fresh = recommender.starters(visit.profile, limit=kept.count(None), movies=others)
    # All were passed over: begin again with them.
    if not fresh and not there:
        visit.passed = set()
        return recommender.starters(visit.profile, limit=_STARTERS)
    rest = iter(fresh)
    return tuple(filter(None, (movie or next(rest, None) for movie in kept)))


def _progress(rated: int) -> str:
    if rated == 0:
        return "Like, seen or dislike: three give a list of your own, five a good one."
    if rated < ENOUGH:
        return f"{rated} of {_FIVE}: the rows below follow you already."
    if rated < _FIVE:
        return f"{rated} of {_FIVE}: already yours. The list below sharpens with each click."
    return f"{count(rated, 'film')} rated: this is your list. Every further film sharpens it."


def _rows(recommender: Recommender, visit: Visit) -> tuple[Group, ...]:
    """Ask for the rows of films, of which the first is the list of the visitor's own."""
    filters, size = visit.filters, min(_IN_A_ROW + visit.more, _MOST)
    rows = recommender.rows(
        visit.shown,
        limit=min(size + 1, _MOST),  # one more, which tells whether there are further ones
        movies=filters.movies,
        adventurous=filters.adventurous,
    )
    neighbours = max((row.movies.neighbours for row in rows), default=0)
    groups = []
    for place, row in enumerate(rows):
        own = place == 0 and neighbours > 0
        shown = row.movies[: size if place == 0 else _IN_A_ROW]
        groups.append(
            Group(
                row.name,
                row.title,
                cards.recommended(shown, neighbours),
                _under(neighbours, visit) if place == 0 else "",
                layout="grid" if own else "row",
                buttons=(("more", "Show more"),) if own and len(row.movies) > size else (),
            )
        )
    return tuple(groups)


def _under(neighbours: int, visit: Visit) -> str:
    rated = len(visit.shown)
    if neighbours and visit.guest:
        return (
            f"By {count(rated, 'rating')} of the link, from the {neighbours:,} people most like it."
        )
    if neighbours:
        raters = f"{neighbours:,} people" if neighbours > 1 else "person"
        return f"By your {count(rated, 'rating')}, from the {raters} most like you."
    if rated:
        yours = count(rated, "rating")
        return f"Your {yours} lead to no kindred raters yet. Rate one or two more films."
    return "What everyone likes. Rate a film to make it yours."


def _watchlist(recommender: Recommender, visit: Visit) -> Group:
    saved = visit.profile.watchlist
    # All of them are on My taste.
    latest = movies_of(saved[: -_LATEST - 1 : -1], recommender).values()
    return Group("watchlist", "Your watchlist", _plain(latest), count(len(saved), "film"))


_LOOSER = {
    "genres": "Any genre",
    "without": "No genre left out",
    "years": "Any year",
    "min_ratings": "Any number of ratings",
}


def _fewer(visit: Visit, size: int, filters: FilterChoice, stats: IndexStats) -> None:
    """Say where there is little left to show, and offer what would bring more."""
    active = filter_controls.active(filters)
    if size >= _IN_A_ROW:
        return
    if not active:
        if not size:
            note("There is no film left that you have not rated.")
        return
    start = f"Only {count(size, 'film')} left" if size else "No film is left"
    note(f"{start} with these filters: {'; '.join(active.values())}.")
    with st.container(horizontal=True, key="loosen"):
        for name in active:
            loosen = visit.callback(filter_controls.clear, stats, name)
            st.button(_LOOSER[name], key=f"loosen-{name}", on_click=loosen)
        if len(active) > 1:
            clear_all = visit.callback(filter_controls.clear, stats)
            st.button("Clear all filters", key="loosen-all", on_click=clear_all)
