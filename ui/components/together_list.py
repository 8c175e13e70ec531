"""The list for people who watch together: what it is to each of them, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from recommender import MovieFilter, Reason, Recommender
from recommender.group_results import GroupRecommendation, GroupRecommendations, Member
from ui.components import cards, filter_controls
from ui.components.cards import Card, Group, MemberWords
from ui.components.page_parts import note
from ui.components.why import Whose, in_short
from ui.state.filters import Filters
from ui.state.people import Watcher
from ui.state.taste import MovieId
from ui.state.visit import Visit
from ui.text import count, join_words

__all__ = ["draw", "groups"]

_SHOWN = 24
_PICKS = 3  # films to choose from tonight
_MOST = 1_000  # films that the recommender gives at once
_REWATCH = "together-rewatch"


def draw(recommender: Recommender, visit: Visit, people: Mapping[str, Watcher]) -> None:
    """Draw what is left of the films that two people or more may watch, best first."""
    stats = recommender.stats()
    saved = tuple(dict.fromkeys(one for who in people.values() for one in who.profile.watchlist))
    filters = replace(filter_controls.chosen(visit, stats), watchlist=saved)
    with st.container(horizontal=True, vertical_alignment="center", key="together-toolbar"):
        filter_controls.draw(visit, stats, filters)
        rewatch = _rewatch(visit)
    question = (
        tuple((name, who.profile, who.colour) for name, who in people.items()),
        *(filters.values, filters.dial, filters.shown if "fresh" in filters.values else ()),
        *(rewatch, visit.more),
    )
    found = visit.once(
        "together", question, lambda: groups(recommender, visit, people, filters, rewatch=rewatch)
    )
    if not found[-1].cards:
        summary = filters.summary(raters=True, dial=False)
        note(f"No film is left that none of you has seen or dislikes. {summary}".strip())
    cards.draw(visit, [group for group in found if group.cards], page="together")


def _rewatch(visit: Visit) -> bool:
    st.session_state.setdefault(_REWATCH, visit.list_choices.get(_REWATCH) == "yes")
    chosen = st.toggle("Also films that some of you have seen", key=_REWATCH)
    visit.list_choices[_REWATCH] = "yes" if chosen else ""
    return chosen


def groups(
    recommender: Recommender,
    visit: Visit,
    people: Mapping[str, Watcher],
    filters: Filters,
    *,
    rewatch: bool,
) -> list[Group]:
    """Make the picks for tonight, where somebody saved films, and the list."""

    def asked(limit: int, movies: MovieFilter) -> GroupRecommendations:
        return recommender.recommend_together(
            {name: who.profile for name, who in people.items()},
            limit=limit,
            adventurous=filters.adventurous,
            movies=movies,
            raters=filters.raters(),
            rewatch=rewatch,
        )

    made = []
    if filters.watchlist:
        # Neither that few rated them nor that they were shown before speaks against what was saved.
        own = filters.without("saved", "fresh")
        movies = replace(own.movies(), only=_ids(filters.watchlist))
        if movies.min_ratings is None:
            movies = replace(movies, min_ratings=0)
        picked = asked(_PICKS, movies)
        made.append(_tonight(picked, people, filters))
    size = min(_SHOWN + visit.more, _MOST - 1)
    top = asked(size + 1, filters.movies())  # one more tells whether there are others
    summary = filters.summary(raters=True, dial=True)
    list_ = Group(
        "together",
        f"For {join_words([Whose.of(name).who for name in people])}",
        [_card(row, people) for row in top[:size]],
        f"{_order(top, people)} {summary}".strip(),
        layout="grid",
        buttons=(("more", "Show more"),) if len(top) > size else (),
    )
    return [*made, list_]


def _tonight(top: GroupRecommendations, people: Mapping[str, Watcher], filters: Filters) -> Group:
    saved = count(len(filters.watchlist), "film")
    summary = filters.without("saved", "fresh").summary(raters=True, dial=True)
    under = f"The best for all of you of the {saved} on your watchlists. {summary}".strip()
    return Group(
        "tonight-for-all", "Tonight", [_card(row, people) for row in top], under, layout="grid"
    )


def _order(top: GroupRecommendations, people: Mapping[str, Watcher]) -> str:
    """Say how the list is made, and who does not count in it."""
    if top.fallback:
        return "What everyone likes: the ratings of you all lead to no kindred raters yet."
    silent = [name for name in people if not top.neighbours[name]]
    said = "What is best for all of you, and next for whoever got least so far."
    if silent:
        verb = Whose.of(silent[0]).do if len(silent) == 1 else "do"
        said += f" {join_words(silent)} {verb} not count yet: a few more ratings are needed."
    return f"{said} A bar is how good a match it is for one of you."


def _card(row: GroupRecommendation, people: Mapping[str, Watcher]) -> Card:
    least = [member.name for member in row.least]
    like = Whose.of(least[0]).like if len(least) == 1 else "like"
    return Card(
        row.movie,
        supporters=f"{join_words(least)} {like} it least" if least else "",
        members=tuple(_words(row, member, people[member.name]) for member in row.members),
    )


def _words(row: GroupRecommendation, member: Member, person: Watcher) -> MemberWords:
    of = Whose.of(member.name)
    stand = "–"
    if member.seen:
        stand, why = "seen", f"{member.name} {of.have} seen it."
    elif not member.neighbours:
        why = f"Too little is known of {of.whose} taste."
    elif member.place is None:
        why = f"Not on {of.whose} own list: too few people with that taste like it."
    else:
        stars = member.prediction and member.prediction.stars
        stand = f"no. {member.place:,}" + ("" if stars is None else f" · ★ {stars:.1f}")
        predicted = "" if stars is None else f", {stars:.1f} stars predicted"
        why = f"Number {member.place:,} for {of.who}{predicted}. "
        why += _because(row, member, person, of)
    return MemberWords(member.name, person.colour, round(100 * member.worth), stand, why)


def _because(row: GroupRecommendation, member: Member, person: Watcher, of: Whose) -> str:
    # In the words of their own list, where the shares sum to 1.
    because = [Reason(reason.movie, reason.share / member.share) for reason in member.because]
    return in_short(
        because,
        person.profile.opinions,
        row.movie,
        supporters=f"Liked by {member.supporters:,} of {member.neighbours:,}",
        by_genre=member.by_genre / member.share,
        whose=of,
    ).sentence


def _ids(movies: Sequence[MovieId]) -> tuple[str, ...]:
    return tuple(f"id:{movie_id}" for movie_id in movies)
