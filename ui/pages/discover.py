"""Discover: rate films, and see what people with your taste liked."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from recommender import IndexStats, Movie, Recommender
from ui.components import cards, filter_controls
from ui.components.cards import Card, Group
from ui.components.own_list import IN_A_ROW, MOST, Asked, Lists
from ui.components.page_parts import note, small_text
from ui.state.filters import Filters
from ui.state.taste import movies_of
from ui.state.visit import ENOUGH, Visit
from ui.text import count, escape_markdown

__all__ = ["draw"]

# Ratings that make a good list, as the words beside the pips say.
_FIVE = 5
_COPY = 10  # ratings from which on a copy is worth the while
_STARTERS = 12
_LATEST = 60  # films of the watchlist


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the page for the visit this run belongs to."""
    stats = recommender.stats()
    filters = filter_controls.chosen(visit, stats)
    _toolbar(visit, stats, filters)
    groups = []
    if visit.rating_open:
        groups.append(_starters(recommender, visit, filters))
    # What stands above to be rated is not recommended below as well.
    above = {movie.movie_id for movie in visit.starters} if visit.rating_open else set()
    asked = Asked(recommender, visit, stats, filters, filter_controls.sort(stats), above)
    lists = visit.once("discover", asked.question, asked.lists)
    if lists.size < IN_A_ROW or lists.nobody:
        _loosen(asked, lists)
    groups += [*lists.groups, _watchlist(recommender, visit)]
    # Where nothing is left to rate it must be said; other groups without films say nothing.
    shown = [group for group in groups if group.cards or group.name == "starters"]
    cards.draw(visit, shown, page="discover")
    if len(visit.profile) >= _COPY:
        small_text(
            f"Your {len(visit.profile):,} ratings are kept by this browser alone, and browsers "
            "forget. Save a copy, as a link or a file, under Import & export."
        )
    st.html(
        '<p class="k-keys">On a film: <kbd>L</kbd> like, <kbd>S</kbd> seen, <kbd>D</kbd> dislike, '
        "<kbd>W</kbd> save to watchlist, <kbd>N</kbd> not interested or not seen, "
        "<kbd>←</kbd> <kbd>→</kbd> next film; <kbd>Ctrl</kbd> <kbd>Z</kbd> undo.</p>"
    )


def _toolbar(visit: Visit, stats: IndexStats, filters: Filters) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="toolbar"):
        filter_controls.draw(visit, stats, filters)
        if len(visit.shown):
            filter_controls.draw_sort(visit, stats)
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


def _starters(recommender: Recommender, visit: Visit, filters: Filters) -> Group:
    visit.starters = _chosen_starters(recommender, visit, filters)
    rated, summary = len(visit.profile), filters.summary(raters=False, dial=False)
    done = (("done", "Done, show only my list"),) if rated >= ENOUGH else ()
    under = _progress(rated)
    if not visit.starters:
        under = "No film is left to rate" + (" with these filters." if summary else ".")
    return Group(
        "starters",
        "Rate three to five films you know",
        _plain(visit.starters),
        f"{under} {summary}".strip(),
        layout="grid",
        buttons=(("others", "Show others"), *done) if visit.starters else done,
        pips=(min(rated, _FIVE), _FIVE),
        kind="starter",
        leaves=False,
    )


def _chosen_starters(recommender: Recommender, visit: Visit, filters: Filters) -> tuple[Movie, ...]:
    """Keep the films that are there in their places, and choose others for those passed over."""
    of_films = filters.without(*filters.by_raters).values
    if visit.starters_of not in (None, of_films):
        visit.starters = ()
    visit.starters_of = of_films
    away = visit.passed | {*visit.profile.hidden}
    places = visit.starters or (None,) * _STARTERS
    kept = [None if movie is None or movie.movie_id in away else movie for movie in places]
    if None not in kept:
        return visit.starters
    there = {movie.movie_id for movie in kept if movie}
    others = filters.movies(exclude=there | visit.passed)
    fresh = recommender.starters(visit.profile, limit=kept.count(None), movies=others)
    # All were passed over: begin again with them.
    if not fresh and not there and visit.passed:
        visit.passed = set()
        fresh = recommender.starters(visit.profile, limit=_STARTERS, movies=filters.movies())
    rest = iter(fresh)
    return tuple(filter(None, (movie or next(rest, None) for movie in kept)))


def _progress(rated: int) -> str:
    if rated == 0:
        return "Like, seen or dislike: three ratings give you a list, five a good one."
    if rated < ENOUGH:
        return f"{rated} of {_FIVE}. The rows below already follow your ratings."
    if rated < _FIVE:
        return f"{rated} of {_FIVE}. This is your list: each rating makes it better."
    return f"{count(rated, 'film')} rated. Each further rating makes your list better."


def _watchlist(recommender: Recommender, visit: Visit) -> Group:
    saved = visit.profile.watchlist
    # My taste has all of them, the best matches first: a question of its own, not for each click.
    latest = movies_of(saved[: -_LATEST - 1 : -1], recommender).values()
    under = f"{count(len(saved), 'film')}, the latest first. My taste ranks them."
    return Group("watchlist", "Your watchlist", _plain(latest), under)


def _loosen(asked: Asked, lists: Lists) -> None:
    """Say why there is little or nothing left to show, and offer what would bring more."""
    filters, visit = asked.filters, asked.visit
    if not filters.values:
        if not lists.size:
            note("You have rated every film that could be recommended.")
        return
    summary = filters.summary(raters=True, dial=False)
    if lists.nobody:
        start = "No kindred rater is left, so these are films that everyone likes."
    elif lists.size:
        start = f"Only {count(lists.size, 'film')} left."
    else:
        start = "No film is left" + (" besides those to rate." if asked.above else ".")
    note(f"{start} {summary}")
    more = visit.once("loosened", asked.question, lambda: _more(asked, lists))
    with st.container(horizontal=True, key="loosen"):
        for name, films in more.items():
            text = filters.loosened(name) if name else "Clear all filters"
            label = f"{text}: {count(films, 'film')}" + ("" if films < MOST else " or more")
            loosen = visit.callback(filter_controls.clear, asked.stats, *filter(None, [name]))
            st.button(escape_markdown(label), key=f"loosen-{name or 'all'}", on_click=loosen)


def _more(asked: Asked, lists: Lists) -> dict[str, int]:
    """Count the films of the list without each filter, and under "" without any, where it helps."""
    found = {name: asked.without(name) for name in asked.filters.values}
    if len(found) > 1:
        found[""] = asked.without()
    return {
        name: len(films)
        for name, films in found.items()
        if (films.neighbours if lists.nobody else len(films) > lists.size)
    }
