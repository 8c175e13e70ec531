"""Reasons in words: few as they are, many in groups, and all of them add up."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Movie, Reason
from ui.components.why import ReasonGroup, Whose, grouped, in_short

FILM = Movie(900, "Gun Crazy", 1950, ("Crime", "Film-Noir"))
GENRES = ("Crime", "Film-Noir", "Comedy", "War", "IMAX", "Children", "Sci-Fi")
OPINIONS: dict[int | str, int] = {1: 1, 2: 0, 3: -1}


def reason(number: int, share: float, *genres: str, title: str | None = None) -> Reason:
    """A reason: a film with a title, and what part of the score it has."""
    return Reason(Movie(number, title or f"Film {number}", 2000, genres), share)


def shares(group: ReasonGroup) -> list[int]:
    """The percents of the films inside."""
    return [part for part, _ in group.films]


def ordered(*reasons: Reason) -> tuple[Reason, ...]:
    """By falling absolute share, as a recommendation has them."""
    return tuple(sorted(reasons, key=lambda one: -abs(one.share)))


def long_history() -> tuple[tuple[Reason, ...], dict[int | str, int]]:
    """Three noirs that are crime films, two other crime films, six comedies, and some against."""
    noir = [reason(n, 0.10, "Crime", "Film-Noir") for n in (1, 2, 3)]
    crime = [reason(n, 0.06, "Crime") for n in (4, 5)]
    comedies = [reason(n, 0.05, "Comedy") for n in range(6, 12)]
    seen = [reason(12, 0.10, "Comedy"), reason(13, 0.10, "War"), reason(14, 0.14, "War")]
    against = [reason(n, -0.02, "Comedy") for n in (15, 16, 17)]
    disliked = [reason(18, 0.01, "War"), reason(19, -0.01, "Crime"), reason(20, 0.004)]
    rest = [reason(21, -0.004)]
    opinions: dict[int | str, int] = dict.fromkeys(range(1, 22), 1)
    opinions |= {12: 0, 13: 0, 14: 0, 18: -1, 19: -1, 20: -1}
    return ordered(*noir, *crime, *comedies, *seen, *against, *disliked, *rest), opinions


def test_few_reasons_say_what_the_person_said() -> None:
    """A line each; liked, seen and disliked films have their words, for and against."""
    because = [
        reason(1, 0.74, title="The Matrix"),
        reason(3, -0.30, title="Titanic"),
        reason(2, 0.26, title="Alien"),
        reason(4, 0.34, title="Jaws"),
        reason(5, -0.04, title="Heat"),
    ]
    groups = grouped(because, OPINIONS | {4: -1, 5: 1}, FILM)
    assert [(group.percent, group.words) for group in groups] == [
        (74, "because you liked The Matrix"),
        (34, "because you disliked Jaws"),
        (26, "because you have seen Alien"),
        (-30, "in spite of your dislike of Titanic"),
        (-4, "although you liked Heat"),
    ]
    assert [group.films for group in groups][3:] == [((-30, "Titanic"),), ((-4, "Heat"),)]


def test_many_reasons_are_grouped() -> None:
    """By the film's rarest genre first, then by shares; what speaks against it comes last."""
    because, opinions = long_history()
    groups = grouped(because, opinions, FILM)
    assert [(group.percent, group.words) for group in groups] == [
        (30, "from your 3 film-noir likes"),
        (30, "from your 6 comedy likes"),
        (24, "from 2 war films you have seen"),
        (12, "from your 2 crime-film likes"),
        (10, "because you have seen Film 12"),
        (1, "from 2 other dislikes"),
        (-6, "in spite of your 3 other comedy likes"),
        (-1, "in spite of 2 other ratings"),
    ]
    assert groups[0].films == ((10, "Film 1"), (10, "Film 2"), (10, "Film 3"))


@given(
    st.lists(
        st.tuples(
            st.floats(-0.4, 1).filter(lambda share: abs(share) > 1e-6),
            st.sampled_from([1, 0, -1]),
            st.sets(st.sampled_from(GENRES), max_size=3),
        ),
        min_size=1,
        max_size=60,
    ).filter(lambda rows: sum(share for share, *_ in rows) > 0.1)
)
def test_every_film_is_in_one_group_and_all_add_up(
    rows: list[tuple[float, int, set[str]]],
) -> None:
    """Percents sum to 100, those in a group to that of the group; what is against it is last."""
    total = sum(share for share, *_ in rows)
    because = ordered(
        *(
            reason(number, share / total, *sorted(genres))
            for number, (share, _, genres) in enumerate(rows)
        )
    )
    opinions: dict[int | str, int] = {n: opinion for n, (_, opinion, _) in enumerate(rows)}
    groups = grouped(because, opinions, FILM)
    assert sum(group.percent for group in groups) == 100
    assert all(sum(shares(group)) == group.percent for group in groups)
    films = Counter(title for group in groups for _, title in group.films)
    assert films == Counter(one.movie.title for one in because)
    against = [group.words.startswith(("although", "in spite of")) for group in groups]
    assert against == sorted(against)
    for group, is_against in zip(groups, against, strict=True):
        assert all(
            part <= 0 if is_against else part >= 0 for part in (group.percent, *shares(group))
        )
    said = in_short(because, opinions, FILM, supporters="Liked by 2 of 40")
    assert len(said.short) <= 60
    assert said.sentence.startswith(("Because", "Mostly because", "Above all because"))


def test_a_film_that_carries_much_stays_alone() -> None:
    """From 15 % of the score on; and so do all where nothing is known of the films but titles."""
    alone = ordered(reason(1, 0.15, "Crime"), *(reason(n, 0.085, "Crime") for n in range(2, 12)))
    words = [group.words for group in grouped(alone, {}, FILM)]
    assert words == ["from your 10 crime-film likes", "because you liked Film 1"]
    bare = [reason(n, 0.1) for n in range(10)]
    words = [group.words for group in grouped(bare, {}, FILM)]
    assert words == [*(f"because you liked Film {n}" for n in range(6)), "from 4 other likes"]


@pytest.mark.parametrize(
    ("genre", "words"),
    [
        ("Drama", "from your 10 drama likes"),
        ("Sci-Fi", "from your 10 sci-fi likes"),
        ("War", "from your 10 war-film likes"),
        ("IMAX", "from your 10 IMAX-film likes"),
        ("Children", "from your 10 children's-film likes"),
        ("Children's", "from your 10 children's-film likes"),
        ("TV Movie", "from your 10 TV movie likes"),
    ],
)
def test_genres_are_read_as_words(genre: str, words: str) -> None:
    """In small letters, with "film" where the genre alone would be something else."""
    because = [reason(n, 0.1, genre) for n in range(10)]
    assert [group.words for group in grouped(because, {}, FILM)] == [words]


COMEDIES = dict.fromkeys(range(1, 11), (0.1, ("Comedy",)))
NOIR_AND_WAR = {n: (0.1, (("Film-Noir", "War", "Comedy")[n // 4],)) for n in range(1, 11)}
TITLES = {1: "Laura", 2: "Gilda", 3: "Heat", 4: "Detour", 5: "Ran"}


@pytest.mark.parametrize(
    ("films", "opinion", "sentence", "short"),
    [
        ({1: (1.0, ())}, 1, "Because you liked Laura", None),
        ({1: (0.6, ()), 2: (0.4, ())}, 0, "Because you have seen Laura and Gilda", None),
        (
            {1: (0.6, ()), 2: (0.3, ()), 3: (0.1, ())},
            1,
            "Mostly because you liked Laura and Gilda",
            "Because you liked Laura and Gilda",
        ),
        (
            dict.fromkeys(range(1, 6), (0.2, ())),
            1,
            "Above all because you liked Laura and Gilda",
            "Because you liked Laura and Gilda",
        ),
        (COMEDIES, 1, "Because of your comedy likes, such as Laura and Gilda", None),
        (COMEDIES, -1, "Because of your comedy dislikes, such as Laura and Gilda", None),
        (
            COMEDIES,
            0,
            "Because of comedy films you have seen, such as Laura and Gilda",
            "Because of comedy films you have seen, such as Laura",
        ),
        (
            NOIR_AND_WAR,
            1,
            "Because of your war-film and film-noir likes, such as Detour and Laura",
            "Because of your war-film and film-noir likes, such as Detour",
        ),
    ],
)
def test_the_main_reasons_in_short(
    films: dict[int, tuple[float, tuple[str, ...]]], opinion: int, sentence: str, short: str | None
) -> None:
    """The largest line and the next of its kind, in a sentence and in a few words."""
    because = [
        reason(n, share, *genres, title=TITLES.get(n, f"Film {n}"))
        for n, (share, genres) in films.items()
    ]
    opinions: dict[int | str, int] = dict.fromkeys(films, opinion)
    said = in_short(because, opinions, FILM, supporters="Liked by 12 of 40")
    assert said.sentence == f"{sentence}. Liked by 12 of 40 kindred raters."
    assert said.short == (short or sentence)


def test_long_titles_leave_room_for_one_or_for_none() -> None:
    """Sixty letters at most."""
    long = "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb"
    pair = [reason(1, 0.6, title="Heat"), reason(2, 0.4, title=long)]
    assert in_short(pair, {}, FILM, supporters="").short == "Because you liked Heat"
    one = [reason(1, 1, title=long)]
    short = in_short(one, {}, FILM, supporters="").short
    assert short == "Because you liked Dr. Strangelove or: How I Learned to Stop…"
    noir = [reason(n, 0.1, "Film-Noir", title=long) for n in range(10)]
    assert in_short(noir, {}, FILM, supporters="").short == "Because of your film-noir likes"


@pytest.mark.parametrize(
    ("by_genre", "ends"),
    [(0.24, "raters."), (0.25, "raters. 25\u00a0% of this comes from genres.")],
)
def test_genres_are_mentioned_from_a_quarter_of_a_score_on(by_genre: float, ends: str) -> None:
    """Below that they hardly matter."""
    said = in_short([reason(1, 1.0)], {}, FILM, supporters="Liked by 2 of 40", by_genre=by_genre)
    assert said.sentence.endswith(ends)


def test_of_many_reasons_the_weightiest_tell_what_is_named() -> None:
    """Thirty comedies of 2 %, where seventy war films of 1 % come to more; or all, if asked."""
    because = [
        *(reason(n, 0.02, "Comedy") for n in range(30)),
        *(reason(n, 0.01, "War") for n in range(30, 100)),
        *(reason(n, -0.01, "Crime") for n in range(100, 130)),
    ]
    said = in_short(because, {}, FILM, supporters="")
    assert said.short == "Because of your comedy likes, such as Film 0 and Film 1"
    said = in_short(because, {}, FILM, supporters="", thorough=True)
    assert said.short == "Because of your war-film likes, such as Film 30 and Film 31"


def test_what_would_be_nothing_joins_the_line_before() -> None:
    """Eight likes are 16 % against it, and two dislikes less than half a percent."""
    because = [
        *(reason(n, 0.6) for n in range(2)),
        *(reason(n, -0.02) for n in range(2, 12)),
        *(reason(n, -0.001) for n in (12, 13)),
        reason(14, 0.002),
    ]
    opinions: dict[int | str, int] = dict.fromkeys(range(15), 1)
    opinions |= dict.fromkeys((12, 13, 14), -1)
    groups = grouped(because, opinions, FILM)
    assert [(group.percent, group.words) for group in groups][-3:] == [
        (-2, "although you liked Film 2"),
        (-2, "although you liked Film 3"),
        (-16, "in spite of 10 other ratings"),
    ]


@pytest.mark.parametrize(
    ("opinion", "share", "words"),
    [
        (1, 1.0, "Because Ben liked Alien"),
        (0, 1.0, "Because Ben has seen Alien"),
        (-1, 1.0, "Because Ben disliked Alien"),
    ],
)
def test_somebody_else_is_named(opinion: int, share: float, words: str) -> None:
    """Whose list it is, the words say."""
    because = [reason(1, share, title="Alien")]
    said = in_short(
        because, {1: opinion}, FILM, supporters="Liked by 2 of 9", whose=Whose.of("Ben")
    )
    assert said.sentence == f"{words}. Liked by 2 of 9 kindred raters."
    assert said.short == words


def test_groups_of_somebody_else_are_theirs() -> None:
    """And "You" is the visitor."""
    because, opinions = long_history()
    said = in_short(because, opinions, FILM, supporters="Liked by 2 of 9", whose=Whose.of("Ben"))
    assert said.short.startswith("Because of Ben’s film-noir and comedy likes")
    assert Whose.of("You") == Whose()
