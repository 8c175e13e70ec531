"""Similar films: those that the same people like."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recommender import Movie, MovieFilter, Opinion, Prediction, Recommender
from ui.components import cards, chosen_film
from ui.components.cards import Card, Group
from ui.components.page_parts import invite_to_rate, note, search_field, section
from ui.state.visit import Visit
from ui.text import escape_markdown

__all__ = ["draw"]

_SIMILAR, _FOUND = 24, 8
_SEARCH = "similar-search"


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw a film and the films most like it."""
    chosen = chosen_film.chosen(visit, recommender)
    if chosen is None and (liked := _latest_liked(visit)) is not None:
        visit.chosen = liked
        (chosen,) = recommender.find([f"id:{liked}"])
    if chosen is None:
        section("Similar films", "Choose a film, and see which are like it.")
    _search(recommender, visit)
    if chosen is None:
        invite_to_rate(
            visit, "Search above. Or rate a few films: this begins with the latest you like."
        )
        return
    # Kept, so that it is not worked out at each letter of a search.
    question = (visit.shown, visit.profile.hidden, chosen)
    groups = visit.once("similar", question, lambda: _groups(recommender, visit, chosen))
    cards.draw(visit, groups, page="similar")


def _latest_liked(visit: Visit) -> int | str | None:
    rated = reversed([*visit.shown.opinions.items()])
    return next((movie_id for movie_id, opinion in rated if opinion == Opinion.LIKE), None)


def _search(recommender: Recommender, visit: Visit) -> None:
    with st.container(key="toolbar"):
        query = search_field(
            visit, "Search for a film by title", _SEARCH, "Films like … (type a title)"
        )
    if not query:
        return
    found = recommender.search(query, limit=_FOUND)
    if not found:
        note(f"No title is like “{query}”. Try fewer letters, or the original title.")
    with st.container(horizontal=True, gap="xsmall", key="found"):
        for movie in found:
            choose = visit.callback(_choose, visit, movie)
            st.button(escape_markdown(str(movie)), key=f"choose-{movie.movie_id}", on_click=choose)


def _choose(visit: Visit, movie: Movie) -> None:
    visit.choose(movie.movie_id)
    # Only a callback may do this: once a run has drawn the field, its text cannot be set.
    st.session_state[_SEARCH] = ""


def _groups(recommender: Recommender, visit: Visit, chosen: Movie) -> list[Group]:
    others = MovieFilter(exclude=visit.profile.hidden)
    rows = recommender.similar(f"id:{chosen.movie_id}", limit=_SIMILAR, movies=others)
    own, *predicted = _predictions(recommender, visit, [chosen, *(row.movie for row in rows)])
    alike = [Card(row.movie, found) for row, found in zip(rows, predicted, strict=True)]
    title, under = f"Films like {chosen}", _meaning(found=bool(alike))
    groups = [Group("film", title, [Card(chosen, own)], under, layout="grid", leaves=False)]
    if alike:
        title = f"The {len(alike)} most similar" if len(alike) > 1 else "The most similar"
        order = "The most alike first. Those you rated are among them, and marked."
        groups.append(Group("similar", title, alike, order, layout="grid", leaves=False))
    return groups


def _meaning(*, found: bool) -> str:
    if not found:
        return "Too few people rated this film to tell what is like it."
    return (
        "The people who like this film like those below more often than chance would have it; "
        "common genres count, too. Nobody looked at story or cast."
    )


def _predictions(
    recommender: Recommender, visit: Visit, movies: Sequence[Movie]
) -> list[Prediction | None]:
    """Predict stars for those that are not rated."""
    if not len(visit.shown):
        return [None] * len(movies)
    keys = [f"id:{movie.movie_id}" for movie in movies]
    predicted = recommender.predict_many(visit.shown, keys)
    return [
        None if movie.movie_id in visit.shown.opinions else prediction
        for movie, prediction in zip(movies, predicted, strict=True)
    ]
