"""The main page: rate films, and see what people with your taste liked."""

from __future__ import annotations

from contextlib import AbstractContextManager

import streamlit as st

from recommender import IndexStats, Recommender
from ui import filters, quality, ratings
from ui.asking import Answer, Question, Wishes
from ui.cards import movie_cards, pick_cards
from ui.panels import asides, note, section, source_line
from ui.posters import lay_posters, posters
from ui.visit import Visit, begin
from ui.words import count, escape_markdown

__all__ = ["draw"]

_ENOUGH = 5
_STARTERS = 12
_FOUND = 12
_PICKS = 24
_LONGEST_QUERY = 200


def draw(recommender: Recommender) -> None:
    """Draw the page for the visit this run belongs to."""
    visit = begin(recommender)
    stats = recommender.stats()
    service = posters()
    asides(stats, service.notice if service else None)
    if visit.notice:
        note(visit.notice)
    query = _toolbar(recommender, visit)
    if query:
        _found(recommender, visit, query)
    elif visit.rating_open:
        _starters(recommender, visit)
    _recommendations(recommender, visit, stats)
    source_line(stats, omdb=service is not None)
    quality.draw(stats, visit)
    if service:
        lay_posters(service, visit.shown)


def _toolbar(recommender: Recommender, visit: Visit) -> str:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="toolbar"):
        query = st.text_input(
            "Search for a film by title",
            key="search",
            type="search",
            live=True,
            placeholder="Search for a film you know …",
            label_visibility="collapsed",
            on_change=visit.touch,
        )
        step = visit.taste.last_step
        st.button(
            "Undo",
            key="undo",
            icon=":material/undo:",
            shortcut="Ctrl+Z",
            on_click=visit.undo,
            disabled=step is None,
            help=f"Undo the {escape_markdown(step)}" if step else None,
        )
        ratings.draw(recommender, visit)
        if not visit.rating_open:
            st.button(
                "Rate more films",
                key="rate-more",
                type="primary",
                on_click=visit.open_rating,
                args=(True,),
            )
    return (query or "").strip()[:_LONGEST_QUERY]


def _head(key: str) -> AbstractContextManager[object]:
    """Open the row a section's heading shares with its one button."""
    return st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key=key
    )


def _found(recommender: Recommender, visit: Visit, query: str) -> None:
    movies = recommender.search(query, limit=_FOUND)
    if movies:
        section("Found", f"{count(len(movies), 'film')} like “{query}”")
        movie_cards(visit, movies, "found")
    else:
        section("Nothing found", f"No title is like “{query}”.")
        note("Try fewer letters, another spelling, or the original title.")


def _starters(recommender: Recommender, visit: Visit) -> None:
    if not visit.starters:
        passed = visit.passed | visit.taste.ratings.keys()
        visit.starters = recommender.starters(limit=_STARTERS, exclude=passed)
        if not visit.starters:  # all seen: begin again
            visit.passed = set()
            visit.starters = recommender.starters(limit=_STARTERS, exclude=visit.taste.ratings)
    rated = len(visit.taste.ratings)
    with _head("starters-head"):
        section("Rate a few movies you know", _progress(rated), (min(rated, _ENOUGH), _ENOUGH))
        st.button("Show others", key="others", icon=":material/refresh:", on_click=visit.pass_over)
    movie_cards(visit, visit.starters, "starter")
    if rated:
        st.button(
            "Done, show my recommendations",
            key="done",
            type="primary",
            on_click=visit.open_rating,
            args=(False,),
        )


def _progress(rated: int) -> str:
    if rated == 0:
        return "Like, seen or dislike. Five are enough for a good start."
    if rated < _ENOUGH:
        return f"{rated} of {_ENOUGH}. Your recommendations are below and sharpen with each click."
    return f"{count(rated, 'film')} rated. Every further one makes the picture sharper."


def _recommendations(recommender: Recommender, visit: Visit, stats: IndexStats) -> None:
    wishes = filters.wishes(stats)
    said = visit.taste.ratings
    # Without ratings the answer is what everyone likes: do not repeat the starters just above.
    above = () if said else tuple(movie.movie_id for movie in visit.starters)
    # Half as many below the films to rate: each click draws them anew, and should be felt at once.
    limit = visit.more + (_PICKS // 2 if visit.rating_open else _PICKS)
    question = Question(visit.version, tuple(said.items()), wishes, limit, above)
    answer = visit.answer(recommender, question)
    with _head("picks-head"):
        section(*_heading(answer, len(said), wishes))
        filters.draw(visit, stats, wishes)
    pick_cards(visit, answer)
    if len(answer.picks) >= limit:
        st.button("Show more", key="more", icon=":material/expand_more:", on_click=visit.show_more)
    else:
        _fewer(visit, answer, wishes, stats)


def _heading(answer: Answer, rated: int, wishes: Wishes) -> tuple[str, str]:
    yours = count(rated, "rating")
    if not answer.popular:
        title = "Recommended for you"
        under = f"By your {yours}, from {count(answer.neighbours, 'kindred rater')}."
    else:
        title = "Popular with everyone"
        under = "Rate a film to make it yours."
        if rated:
            under = f"Your {yours} lead to no kindred raters yet. Rate one or two more films."
    if active := wishes.active():
        under += f" Filters: {'; '.join(active.values())}."
    return title, under


_LOOSER = {
    "genres": "Any genre",
    "without": "No genre left out",
    "years": "Any year",
    "min_ratings": "Any number of ratings",
}


def _fewer(visit: Visit, answer: Answer, wishes: Wishes, stats: IndexStats) -> None:
    active = wishes.active()
    if not active:
        note(_that_is_all(answer))
        return
    start = f"Only {count(len(answer.picks), 'film')} left" if answer.picks else "No film is left"
    note(f"{start} with these filters: {'; '.join(active.values())}.")
    with st.container(horizontal=True, key="loosen"):
        for name in active:
            st.button(
                _LOOSER[name],
                key=f"loosen-{name}",
                on_click=filters.loosen,
                args=(visit, stats, name),
            )
        if len(active) > 1:
            st.button(
                "Clear all filters", key="loosen-all", on_click=filters.loosen, args=(visit, stats)
            )


def _that_is_all(answer: Answer) -> str:
    if not answer.picks:
        return "There is no film left that you have not rated."
    if answer.popular:
        return "These are all the films you have not rated."
    return "That is all: your kindred raters like no other film that you have not rated."
