"""My taste: the whole profile, to look through and change, and how it compares with others."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from rapidfuzz import fuzz, process, utils

from recommender import Movie, Profile, Recommender
from ui.components import agreement, rank_changes, ratings_table, taste_comparison
from ui.components.page_parts import invite_to_rate, note, search_field, section, small_text
from ui.state.taste import movies_of
from ui.state.visit import Visit
from ui.text import count, escape_html
from ui.transfer import exports

__all__ = ["draw"]

_SHELVES = {"rated": "Rated", "watchlist": "Watchlist", "hidden": "Not interested"}
_EMPTY = {
    "rated": "You have not rated a film yet.",
    "watchlist": "Nothing is saved. The bookmark on a film puts it here.",
    "hidden": "Nothing is here. The cross on a film that is not for you puts it here.",
}
_UNDER = {
    "rated": "Change opinions and stars in the table, or remove a film.",
    "watchlist": "Seen one? Give it an opinion or stars.",
    "hidden": "These are not recommended. Remove one, and it may be again.",
}
_TO_SEARCH = 20
_ALIKE = 75  # of 100: how alike a title must be where none holds what was typed
# With fewer ratings, each film would be a quarter or more of what the charts compare.
_ENOUGH = 5


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the page for the visit this run belongs to."""
    profile = visit.profile
    if not profile.films:
        section(
            "My taste", "Everything you say of films is kept here, to be looked at and changed."
        )
        invite_to_rate(visit, "You have not rated a film yet.")
        if visit.missing:
            _storage(recommender, visit)
        return
    _table(recommender, visit)
    if len(profile) < _ENOUGH:
        missing = count(_ENOUGH - len(profile), "more film")
        invite_to_rate(visit, f"Rate {missing} to see what you watch and like, beside others.")
    _changes(recommender, visit)
    if len(profile) >= _ENOUGH:
        _beside_others(recommender, visit)
        _kindred(recommender, visit)
    _storage(recommender, visit)


def _part(title: str, text: str = "") -> None:
    under = f"<p>{escape_html(text)}</p>" if text else ""
    st.html(f'<div class="k-part"><h2>{escape_html(title)}</h2>{under}</div>')


def _table(recommender: Recommender, visit: Visit) -> None:
    profile = visit.profile
    numbers = (len(profile), len(profile.watchlist), len(profile.hidden))
    section("My taste", "{:,} rated, {:,} saved for later, {:,} not for you.".format(*numbers))
    with st.container(horizontal=True, horizontal_alignment="distribute", key="shelves"):
        chosen = st.segmented_control(
            "Which films",
            [*_SHELVES],
            default="rated",
            required=True,
            format_func=lambda shelf: _SHELVES[shelf],
            key="shelf",
            label_visibility="collapsed",
            on_change=visit.clear_notice,
        )
    shelf = str(chosen)
    known = profile.movies if shelf == "rated" else getattr(profile, shelf)
    films = [*movies_of(reversed(known), recommender).values()]
    small_text(f"The latest first. {_UNDER[shelf]}" if films else _EMPTY[shelf])
    label, query = "Find one of these films", ""
    if len(films) > _TO_SEARCH:
        query = search_field(visit, label, f"find-{shelf}", f"{label} …")
    found = _find(films, query)
    if found:
        name = f"{_SHELVES[shelf]}: films and what you said"
        ratings_table.draw(visit, (shelf, query), found, name, rates=shelf != "hidden")
    elif films:
        note(f"None of these titles is like “{query}”.")


def _find(films: Sequence[Movie], query: str) -> Sequence[Movie]:
    """Choose the films whose titles hold a text, or else are much like it."""
    # Query and titles alike in lower case and without punctuation, which few people type.
    text = utils.default_process(query)
    if not text:
        return films
    titles = [utils.default_process(str(movie)) for movie in films]
    held = [movie for movie, title in zip(films, titles, strict=True) if text in title]
    if held:
        return held
    alike = process.extract(
        text, titles, scorer=fuzz.partial_ratio, score_cutoff=_ALIKE, limit=_TO_SEARCH
    )
    return [films[place] for _, _, place in alike]


def _changes(recommender: Recommender, visit: Visit) -> None:
    last = visit.taste.last_rating
    if last is None:
        return
    step, before = last
    profile = visit.profile
    compared = visit.once(
        "rank-changes",
        # What a list goes by: neither stars nor the watchlist change it.
        (before.opinions, before.hidden, profile.opinions, profile.hidden),
        lambda: rank_changes.compare(_list(recommender, before), _list(recommender, profile)),
    )
    _part("What your last step changed", rank_changes.describe(compared, step))
    st.html(rank_changes.html_of(compared, profile))


def _list(recommender: Recommender, profile: Profile) -> list[Movie]:
    return [row.movie for row in recommender.recommend(profile, limit=rank_changes.LOOKED_AT)]


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
        _charts("Genres, you beside the average rater", by_share)
    if decades:
        _charts("Decades, you beside the average rater", decades)


def _charts(title: str, kinds: Sequence[taste_comparison.Comparison]) -> None:
    dark = st.context.theme.type == "dark"
    _part(title)
    judged = [kind for kind in kinds if kind.liked is not None]
    shares, likes = st.columns(2)
    for column, some, liked, text in (
        (shares, kinds, False, taste_comparison.describe_shares(kinds)),
        (likes, judged, True, taste_comparison.describe_likes(kinds)),
    ):
        with column:
            st.html(f"<p>{escape_html(text)}</p>")
            if some:
                picture = taste_comparison.chart(some, liked=liked, dark=dark)
                st.vega_lite_chart(picture, width="stretch", theme="streamlit", alt=text)


def _kindred(recommender: Recommender, visit: Visit) -> None:
    neighbours = agreement.nearest_raters(visit.profile, visit, recommender)
    if not neighbours:
        return
    _part("You and your kindred raters", agreement.describe_nearest(neighbours))
    both = agreement.agreed_and_disputed(agreement.shared_films(neighbours))
    titles = ("You agree on", "You stand apart on")
    for column, shared, title in zip(st.columns(2), both, titles, strict=True):
        with column:
            st.html(f'<div class="k-part"><h3>{title}</h3></div>')
            if shared:
                st.html(agreement.html_of(shared, visit.profile, len(neighbours)))
            else:
                st.html("<p>There is no film that more of them see otherwise than as you do.</p>")
    st.button(
        "Meet your kindred raters", key="to-raters", on_click=visit.go, args=("people-like-you",)
    )


def _missing(visit: Visit) -> None:
    if films := visit.count_missing():
        small_text(f"{count(films, 'film')} you spoke of elsewhere: not in this collection.")


def _storage(recommender: Recommender, visit: Visit) -> None:
    """Say where all this is kept and how much it is, with the way to be rid of it."""
    films = count(len(visit.profile.films) + visit.count_missing(), "film")
    size = len(exports.kindred(visit.profile, recommender, visit.missing)) / 1_000
    where = "nowhere but on this page" if visit.storage else "by this browser, and nowhere else"
    _part("Where this is kept", f"{films} in about {size:,.0f} kB, kept {where}.")
    _missing(visit)
    with st.container(horizontal=True, key="kept"):
        st.button("Take a copy", key="to-copy", on_click=visit.go, args=("import-export",))
        if st.button("Clear everything", key="clear", icon=":material/delete:"):
            _ask_to_clear(visit)


@st.dialog("Clear everything?")
def _ask_to_clear(visit: Visit) -> None:
    films = count(len(visit.profile.films) + visit.count_missing(), "film")
    st.write(f"What you said of {films} is deleted from this browser, in every open tab.")
    of = " of this collection" if visit.count_missing() else ""
    st.write(f"Undo brings back the films{of} as long as this tab is open.")
    with st.container(horizontal=True):
        clear = visit.callback(visit.clear_taste)
        if st.button("Clear everything", key="clear-all", type="primary", on_click=clear):
            st.rerun()
        if st.button("Keep it", key="clear-not"):
            st.rerun()
