"""Cards: a movie's picture, what is known of it, and the control to rate it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import streamlit as st

from recommender import Movie
from ui.asking import Answer, Pick
from ui.poster import picture
from ui.taste import Taste
from ui.visit import SAID, Visit
from ui.words import Line, count, escape_html, reasons

__all__ = ["movie_cards", "pick_cards", "rating_control"]

_WORDS = {rating: word for word, rating in SAID.items()}
_IN_FULL = 8


def rating_control(visit: Visit, movie: Movie, place: str) -> None:
    """Draw Like, Seen, Dislike for a movie; a second click takes it back."""
    key = f"rate-{place}-{movie.movie_id}"
    said = _WORDS.get(visit.taste.ratings.get(movie.movie_id, 2))
    # Another control, undo or a link may have changed it since this one was drawn.
    if st.session_state.get(key) != said:
        st.session_state[key] = said
    visit.controls[key] = (movie, said)
    st.segmented_control(
        # Only read out, never parsed as Markdown: nothing to escape.
        f"Rate {movie}",
        list(SAID),
        key=key,
        label_visibility="collapsed",
        width="stretch",
    )


def movie_cards(visit: Visit, movies: Iterable[Movie], place: str) -> None:
    """Draw a grid of movies to rate."""
    _cards(visit, [(movie, "") for movie in movies], place)


def pick_cards(visit: Visit, answer: Answer) -> None:
    """Draw a grid of recommendations, each with the reasons for it."""
    cards = [(pick.movie, _reasons(pick, answer, visit.taste)) for pick in answer.picks]
    _cards(visit, cards, "pick")


def _cards(visit: Visit, cards: Iterable[tuple[Movie, str]], place: str) -> None:
    grid = st.grid("auto", min_column_width=160, gap="small", key=f"grid-{place}")
    for movie, more in cards:
        visit.shown.append(movie)
        with grid.cell():
            st.html(_face(movie, more))
            rating_control(visit, movie, place)


def _face(movie: Movie, more: str) -> str:
    title, genres = escape_html(movie.title), escape_html(", ".join(movie.genres))
    facts = " · ".join(part for part in (str(movie.year or ""), genres) if part)
    imdb_id = escape_html(movie.imdb_id or "")  # by which the poster is laid over the picture
    return (
        f'<article class="k-card"><div class="k-poster" data-imdb="{imdb_id}">'
        f'<img src="{picture(movie)}" alt="" width="200" height="300"></div>'
        f'<h3 title="{title}">{title}</h3><p class="k-facts" title="{facts}">{facts or "&nbsp;"}'
        f"</p>{more}</article>"
    )


def _reasons(pick: Pick, answer: Answer, taste: Taste) -> str:
    if answer.popular:
        return f'{_stars(pick)}<p class="k-stand">{count(pick.movie.ratings, "rating")}</p>'
    return _stars(pick) + _in_short(pick, answer, taste) + _in_full(pick, answer, taste)


def _stars(pick: Pick) -> str:
    if pick.stars is None:
        return ""
    star = '<span aria-hidden="true">★</span>'
    return f'<p class="k-stars">{star} <b>{pick.stars:.1f}</b> stars predicted for you</p>'


def _in_short(pick: Pick, answer: Answer, taste: Taste) -> str:
    lines = reasons(pick.because, taste.ratings, 2)[:2]
    why = ", ".join(f"<b>{line.figure}</b> {_why(line)}" for line in lines)
    stand = f"Liked by {pick.supporters:,} of {count(answer.neighbours, 'kindred rater')}"
    return f'<p class="k-why">{why}</p><p class="k-stand">{stand}</p>'


def _in_full(pick: Pick, answer: Answer, taste: Taste) -> str:
    """All reasons behind a button, as the browser's own popover: 24 of Streamlit's take longer to
    draw than everything else on the page."""
    lines = reasons(pick.because, taste.ratings, _IN_FULL)
    longest = max((abs(line.percent) for line in lines), default=1) or 1
    rows = "".join(
        f'<li class="{"k-minus" if line.percent < 0 else "k-plus"}"><span><b>{line.figure}</b> '
        f'{_why(line)}</span><i style="width:{100 * abs(line.percent) / longest:.0f}%"></i></li>'
        for line in lines
    )
    title, place = escape_html(str(pick.movie)), f"why-{zlib.crc32(str(pick.movie).encode())}"
    return (
        f'<button class="k-more" type="button" popovertarget="{place}" '
        f'aria-label="Why this film? {title}">Why this film?</button>'
        f'<section class="k-full" id="{place}" popover role="dialog" aria-label="Why {title}?">'
        f"<h4>Why {title}?</h4><p>{pick.supporters:,} of your "
        f"{count(answer.neighbours, 'kindred rater')} liked it. This is how much each of your "
        f"ratings speaks for it:</p><ol>{rows}</ol></section>"
    )


def _why(line: Line) -> str:
    return f"{line.why} <cite>{escape_html(line.title)}</cite>"
