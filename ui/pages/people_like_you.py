"""People like you: the kindred raters behind the list, what they share with the visitor."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recommender import Movie, Neighbour, Opinion, Profile, Recommender, Scale, UnknownUserError
from ui.components import cards
from ui.components.cards import Card, Group
from ui.components.comparisons import agreement
from ui.components.comparisons.agreement import name_of, nearest_raters
from ui.components.page_parts import invite_to_rate, note, section
from ui.state.visit import Visit
from ui.text import cite, count, escape_html, percent

__all__ = ["draw", "loved"]

_SHOWN = 20
_NAMED = 3
_FILMS = 24
_TOGETHER = 12
_MOST = 1_000  # films that the recommender gives at once
_CHOSEN = "rater"
_TITLE = "People like you"
_WHO = "Your kindred raters: the people whose ratings are most like yours"


def draw(recommender: Recommender, visit: Visit) -> None:
    """Draw the page for the visit this run belongs to."""
    found = nearest_raters(visit.shown, visit, recommender)
    neighbours = found[:_SHOWN]
    if not neighbours:
        section(_TITLE, f"{_WHO}.")
        text = "Rate a film, and people with your taste will be here."
        if len(visit.shown):
            text = "No kindred raters were found yet. Rate one or two more films."
        invite_to_rate(visit, text)
        return
    section(_TITLE, f"{_WHO}. {agreement.describe_nearest(found)}")
    _agreement(found, visit.shown)
    _together(recommender, visit)
    nearest_are = "the nearest" if len(neighbours) == 1 else f"the {len(neighbours)} nearest"
    st.html(
        f'<div class="k-part"><h2>One by one</h2><p>Here {"is" if len(neighbours) == 1 else "are"} '
        f"{nearest_are}. The longer the bar, the closer. Open one to see what they loved and you "
        "have not rated.</p></div>"
    )
    chosen = st.session_state.get(_CHOSEN)
    for place, neighbour in enumerate(found, start=1):
        is_open = neighbour.user_id == chosen
        if place > _SHOWN and not is_open:  # one that is open stays, wherever a click moves it
            continue
        with st.container(horizontal=True, vertical_alignment="center", key=f"rater-{place}"):
            st.html(_about(neighbour, place, found[0].similarity, visit.shown))
            choose = visit.callback(_choose, None if is_open else neighbour.user_id)
            label = "Close" if is_open else "What they loved"
            st.button(label, key=f"open-{place}", on_click=choose)
        if is_open:
            _films(recommender, visit, neighbour, place)


def _agreement(neighbours: Sequence[Neighbour], profile: Profile) -> None:
    """Draw the films that most agree on with the visitor, and those that most do not."""
    both = agreement.agreed_and_disputed(agreement.shared_films(neighbours))
    titles = ("You agree on", "You differ on")
    for column, shared, title in zip(st.columns(2), both, titles, strict=True):
        with column:
            st.html(f'<div class="k-part"><h3>{title}</h3></div>')
            if shared:
                st.html(agreement.html_of(shared, profile, len(neighbours)))
            else:
                st.html("<p>There is no film on which most of them disagree with you.</p>")


def _together(recommender: Recommender, visit: Visit) -> None:
    """Draw the films that most of the kindred raters like, of those that are not rated."""
    profile = visit.shown

    def most_liked() -> list[Card]:
        found = recommender.recommend(profile, limit=_MOST)
        by_likes = sorted(found, key=lambda row: -row.supporters)[:_TOGETHER]
        supported = (row for row in by_likes if row.supporters)
        return cards.recommended(supported, found.neighbours, profile)

    question = (profile.opinions, profile.stars, profile.hidden)
    liked = visit.once("liked-by-most", question, most_liked)
    if liked:
        under = "The films most of them like, of those you have not rated."
        group = Group("together", "What they love and you have not rated", liked, under)
        cards.draw(visit, [group], page="people-like-you")


def _choose(user_id: int | str | None) -> None:
    st.session_state[_CHOSEN] = user_id


def _about(neighbour: Neighbour, place: int, most: float, profile: Profile) -> str:
    liked, disliked = (
        [movie for movie in neighbour.agree if profile.opinions.get(movie.movie_id) == opinion]
        for opinion in (Opinion.LIKE, Opinion.DISLIKE)
    )
    part = neighbour.similarity / most
    likeness = "the closest to you" if place == 1 else f"{percent(part)} as close as the closest"
    lines = [
        f"<h3>{escape_html(name_of(neighbour.user_id, place))}</h3>",
        f"<span>{likeness} · {count(neighbour.ratings, 'film')} rated</span>",
        f'<b class="k-bar" aria-hidden="true"><i class="k-with" style="width:{part:.1%}"></i></b>',
        _named("You both like", liked),
        _named("You both dislike", disliked),
        _named("You differ on", neighbour.disagree),
    ]
    return f'<div class="k-rater">{"".join(lines)}</div>'


def _named(how: str, movies: Sequence[Movie]) -> str:
    if not movies:
        return ""
    names = ", ".join(cite(movie.title) for movie in movies[:_NAMED])
    more = f" and {len(movies) - _NAMED:,} more" if len(movies) > _NAMED else ""
    return f"<p>{how} {names}{more}</p>"


def _films(recommender: Recommender, visit: Visit, neighbour: Neighbour, place: int) -> None:
    name, profile = name_of(neighbour.user_id, place), visit.shown
    try:
        films = visit.once("loved", neighbour.user_id, lambda: loved(recommender, neighbour))
    except UnknownUserError:
        note(f"{name} is no longer here: the ratings have changed since this page was opened.")
        return
    # The films found are kept until another rater is opened: what was rated since is left out here.
    rated = {*profile.movies, *profile.hidden}
    fresh = [card for card in films if card.movie.movie_id not in rated]
    if not fresh:
        note(f"There is no film that {name} loved and you have not rated.")
        return
    under = f"{count(len(fresh), 'film')} you have not rated"
    if len(fresh) > _FILMS:
        under += f"; here are {_FILMS}, those with most stars first"
    group = Group("loved", f"What {name} loved", fresh[:_FILMS], f"{under}.")
    cards.draw(visit, [group], page="rater")


def loved(recommender: Recommender, neighbour: Neighbour) -> list[Card]:
    """Return the films a stored rater likes: most stars first, and the best known of these.

    Raises UnknownUserError where the rater is not stored any more.
    """
    profile = recommender.profile_of(neighbour.user_id)
    high, of = dict(profile.opinions), ""  # likes, where the index holds nothing else
    if profile.scale is not None:
        scale = Scale(low=profile.scale[0], high=profile.scale[1])
        high = {key: n for key, n in profile.stars.items() if scale.opinion(n) is Opinion.LIKE}
        of = f" of {scale.high:g} stars"
    found = zip(high.values(), recommender.find(high), strict=True)
    liked = [(stars, movie) for stars, movie in found if movie is not None]
    liked.sort(key=lambda one: (-one[0], -one[1].ratings))
    return [
        Card(movie, supporters=f"They gave it {stars:g}{of}" if of else "They like it")
        for stars, movie in liked
    ]
