"""My taste: the whole profile, to look through and change, and how it compares with others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from recommender import Movie, Profile, Recommender
from recommender.catalogue.summary import Overview
from ui.components import cards, film_list, watchlist
from ui.components.cards import Card, Group
from ui.components.comparisons import average_comparison, rank_changes, taste_comparison
from ui.components.page_parts import invite_to_rate, note, search_field, section, small_text
from ui.state.taste import MovieId, movies_of
from ui.state.visit import Visit
from ui.text import count, escape_html

__all__ = ["draw"]

_SHELVES = {"rated": "Rated", "watchlist": "Watchlist", "hidden": "Not interested"}
_EMPTY = {
    "rated": "You have not rated a film yet.",
    "watchlist": "Your watchlist is empty. The bookmark on a film puts it here, and Tonight picks "
    "three of them for you.",
    "hidden": "No films yet. The cross on a film puts it here.",
}
_KEYS = (
    '<p class="k-keys">On a film: <kbd>1</kbd> to <kbd>5</kbd> stars, the same again half a star '
    "less; <kbd>L</kbd> like, <kbd>S</kbd> seen, <kbd>D</kbd> dislike, <kbd>Del</kbd> remove, "
    "<kbd>↑</kbd> <kbd>↓</kbd> next film; <kbd>Ctrl</kbd> <kbd>Z</kbd> undo.</p>"
)
# Films of a shelf from which on there is something to sort, and to look for.
_TO_SORT, _TO_SEARCH = 6, 20
# What can be chosen, by key; the first is chosen unasked.
_CHOICES: Mapping[str, Sequence[str]] = {
    "shelf": [*_SHELVES],
    "said": [*film_list.FILTERS],
    **{f"sort-{shelf}": sorts for shelf, sorts in film_list.SORTS.items()},
}
# With fewer ratings, each film would be a quarter or more of what the charts compare.
_ENOUGH = 5


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the page for the visit this run belongs to."""
    profile = visit.profile
    if not profile.films:
        section("My taste", "Your ratings and lists, to look at and to change.")
        invite_to_rate(visit, "You have not rated a film yet.")
        if visit.missing:
            _storage(visit)
        return
    _films(recommender, visit)
    if len(profile) < _ENOUGH:
        missing = count(_ENOUGH - len(profile), "more film")
        invite_to_rate(visit, f"Rate {missing} to see how your taste compares.")
    _changes(recommender, visit)
    if len(profile) >= _ENOUGH:
        _beside_others(recommender, visit)
    _storage(visit)


def _part(title: str, text: str = "") -> None:
    under = f"<p>{escape_html(text)}</p>" if text else ""
    st.html(f'<div class="k-part"><h2>{escape_html(title)}</h2>{under}</div>')


def _films(recommender: Recommender, visit: Visit) -> None:
    profile = visit.profile
    numbers = (len(profile), len(profile.watchlist), len(profile.hidden))
    section(
        "My taste",
        "{:,} rated, {:,} on your watchlist, {:,} marked not interested.".format(*numbers),
    )
    _recall(visit)
    chosen = st.segmented_control(
        "Which films",
        [*_SHELVES],
        required=True,
        format_func=lambda shelf: _SHELVES[shelf],
        key="shelf",
        label_visibility="collapsed",
        on_change=visit.callback(st.query_params.pop, "shelf", None),
        persist_state="session",
    )
    shelf = str(chosen)
    known = profile.movies if shelf == "rated" else getattr(profile, shelf)
    films = movies_of(reversed(known), recommender)
    if not films:
        small_text(_EMPTY[shelf])
    if shelf == "watchlist" and films:
        watchlist.draw_tonight(recommender, visit)
    _list(recommender, visit, shelf, films)


def _recall(visit: Visit) -> None:
    """Take the choices of this tab up again, or the shelf that the address names."""
    kept = {**visit.list_choices}
    if linked := st.query_params.get("shelf"):
        kept["shelf"] = linked.lower()
    for key, options in _CHOICES.items():
        chosen = kept.get(key)
        st.session_state.setdefault(key, chosen if chosen in options else options[0])
    visit.list_choices |= {key: st.session_state[key] for key in _CHOICES}


def _list(
    recommender: Recommender, visit: Visit, shelf: str, films: Mapping[MovieId, Movie]
) -> None:
    """Draw the films of a shelf that the visitor looks for, in their order."""
    profile = visit.profile
    ranked = watchlist.ranked(recommender, visit) if shelf == "watchlist" else []
    cards_by_id = {card.movie.movie_id: card for card in ranked}
    sort, opinion, query = _controls(visit, shelf, len(films))
    usual = [*films.values()]
    if sort == "Best match":
        usual = [card.movie for card in ranked]
    found = film_list.choose(usual, profile, opinion=opinion, query=query)
    listed = film_list.listed(
        visit,
        (shelf, sort, opinion, query),
        [movie.movie_id for movie in found],
        lambda: _ordered(recommender, visit, found, sort),
    )
    # A film that leaves the shelf by a rating stays in sight; one of which nothing is said goes.
    said = {*profile.films}
    there = [one for one in listed.films if one in said]
    if not there:
        if films:
            note(f"No title here is like “{query}”." if query else "No film is left.")
        return
    shown = there[: listed.rows]
    others = movies_of((one for one in shown if one not in films), recommender)
    group = Group(
        "films",
        count(len(there), "film"),
        [cards_by_id.get(one) or Card(films.get(one) or others[one]) for one in shown],
        layout="list",
        leaves=False,
    )
    cards.draw(visit, [group], page="my-taste")
    if len(there) > len(shown):
        more = visit.callback(film_list.show_more, listed)
        st.button("Show more", key="more-films", on_click=more)
    st.html(_KEYS)


def _controls(visit: Visit, shelf: str, size: int) -> tuple[str, str, str]:
    """Draw what a shelf of so many films is sorted and looked through by; return the choices."""
    sorts, opinions = film_list.SORTS[shelf], [*film_list.FILTERS]
    label, keys = "Find a film in this list", (f"sort-{shelf}", "said", f"find-{shelf}")
    usual = (sorts[0], opinions[0], "")
    # Where films became few, a choice that was made stays, and can be changed.
    chosen = [st.session_state.get(key) or one for key, one in zip(keys, usual, strict=True)]
    if size < _TO_SORT and chosen == [*usual]:
        return usual
    keep: dict[str, Any] = {
        "label_visibility": "collapsed",
        "on_change": visit.clear_notice,
        "persist_state": "session",
        "width": 210,
    }
    sort, opinion, query = usual
    with st.container(horizontal=True, gap="xsmall", key="list-controls"):
        sort = st.selectbox("Sort by", sorts, key=keys[0], **keep)
        if shelf == "rated":
            opinion = st.selectbox("Show", opinions, key=keys[1], **keep)
        if size > _TO_SEARCH or chosen[2]:
            query = search_field(visit, label, keys[2], f"{label} …")
    return sort, opinion, query


def _ordered(
    recommender: Recommender, visit: Visit, found: Sequence[Movie], sort: str
) -> list[MovieId]:
    differences = average_comparison.compare(visit.profile, found, recommender.overview())
    apart = {one.movie.movie_id: one.stars for one in differences}
    return [movie.movie_id for movie in film_list.in_order(found, visit.profile, sort, apart)]


def _changes(recommender: Recommender, visit: Visit) -> None:
    last = visit.taste.last_rating
    if last is None:
        return
    step, before = last
    profile = visit.profile
    # The list before this step is mostly the one that the step before it led to.
    earlier = visit.once(
        "list-before",
        _question(before),
        lambda: _recommended(recommender, visit, before),
    )
    compared = rank_changes.compare(earlier, _recommended(recommender, visit, profile))
    _part("What your last step changed", rank_changes.describe(compared, step))
    st.html(rank_changes.html_of(compared, profile))


def _question(profile: Profile) -> object:
    # What a list goes by: neither stars nor the watchlist change it.
    return profile.opinions, profile.hidden


def _recommended(recommender: Recommender, visit: Visit, profile: Profile) -> list[Movie]:
    return visit.once(
        "list-now",
        _question(profile),
        lambda: [row.movie for row in recommender.recommend(profile, limit=rank_changes.LOOKED_AT)],
    )


def _beside_others(recommender: Recommender, visit: Visit) -> None:
    profile = visit.profile
    films = movies_of(profile.movies, recommender).values()
    everybody, ratings = recommender.overview(), recommender.stats().ratings
    genres = taste_comparison.compare(
        profile, films, everybody.genres, ratings, lambda movie: movie.genres
    )
    decades = taste_comparison.compare(
        profile,
        films,
        {f"{decade}s": tally for decade, tally in everybody.decades.items()},
        ratings,
        lambda movie: () if movie.year is None else (f"{movie.year // 10 * 10}s",),
    )
    if genres:
        by_share = sorted(genres, key=lambda compared: -compared.share)
        _charts("Genres: you and the average rater", by_share)
    if decades:
        _charts("Decades: you and the average rater", decades)
    _averages(profile, films, everybody)


def _charts(title: str, kinds: Sequence[taste_comparison.Comparison]) -> None:
    _part(title)
    shares, likes = st.columns(2)
    for column, liked, axis, text in (
        (shares, False, "share of all ratings", taste_comparison.describe_shares(kinds)),
        (likes, True, "share of them liked", taste_comparison.describe_likes(kinds)),
    ):
        with column:
            st.html(f"<p>{escape_html(text)}</p>")
            pairs = taste_comparison.pairs(kinds, liked=liked)
            if len(pairs) > 1:
                _picture(pairs, axis, text)


def _picture(pairs: Sequence[taste_comparison.Pair], axis: str, text: str, **others: str) -> None:
    dark = st.context.theme.type == "dark"
    picture = taste_comparison.chart(pairs, axis, dark=dark, **others)
    st.vega_lite_chart(picture, width="stretch", theme="streamlit", alt=text)


def _averages(profile: Profile, films: Iterable[Movie], everybody: Overview) -> None:
    """Set the stars that were given beside the average of each film."""
    differences = average_comparison.compare(profile, films, everybody)
    title = "Your stars and everybody’s"
    if len(differences) < _ENOUGH:
        if everybody.stars and (text := average_comparison.describe_opinions(profile, films)):
            _part(title, text)
        return
    text = average_comparison.describe(differences)
    _part(title, text)
    if most := average_comparison.furthest(differences):
        pairs = [(str(one.movie), one.own, one.usual) for one in most]
        _picture(pairs, "stars", text, others="average of the film", form=".1f")


def _missing(visit: Visit) -> None:
    if films := visit.count_missing():
        small_text(f"{count(films, 'film')} you rated elsewhere: not in this collection.")


def _storage(visit: Visit) -> None:
    """Say where all this is kept, with the way to be rid of it."""
    films = count(len(visit.profile.films) + visit.count_missing(), "film")
    where = "in this tab alone" if visit.storage else "by this browser, and nowhere else"
    _part("Where this is kept", f"Your opinion of {films} is kept {where}.")
    _missing(visit)
    with st.container(horizontal=True, key="kept"):
        st.button("Save a copy", key="to-copy", on_click=visit.go, args=("import-export",))
        if st.button("Clear everything", key="clear", icon=":material/delete:"):
            _ask_to_clear(visit)


@st.dialog("Clear everything?")
def _ask_to_clear(visit: Visit) -> None:
    films = count(len(visit.profile.films) + visit.count_missing(), "film")
    st.write(f"Your opinion of {films} is deleted from this browser, in every open tab.")
    of = " of this collection" if visit.count_missing() else ""
    st.write(f"Undo brings back the films{of} as long as this tab is open.")
    with st.container(horizontal=True):
        clear = visit.callback(visit.clear_taste)
        if st.button("Clear everything", key="clear-all", type="primary", on_click=clear):
            st.rerun()
        if st.button("Cancel", key="clear-not"):
            st.rerun()
