"""What a step changed in the list."""

from __future__ import annotations

from recommender import Movie
from tests.ui.profiles import own_profile
from ui.components.comparisons.rank_changes import RankChange, compare, describe, html_of

FILMS = [Movie(number, f"<i>Film {number}</i>", 2000) for number in range(60)]


def test_films_come_go_and_move() -> None:
    """Of the first ten: 10 was eleventh, 0 was rated, 8 and 9 changed places, 7 fell to twelfth."""
    before = FILMS[:12]
    now = [*FILMS[1:7], FILMS[9], FILMS[8], FILMS[10], FILMS[11], FILMS[40], FILMS[7]]
    compared = compare(before, now)
    assert compared[:2] == (RankChange(FILMS[1], 2, 1), RankChange(FILMS[2], 3, 2))
    assert compared[6:10] == (
        RankChange(FILMS[9], 10, 7),
        RankChange(FILMS[8], 9, 8),
        RankChange(FILMS[10], 11, 9),
        RankChange(FILMS[11], 12, 10),
    )
    assert compared[10:] == (RankChange(FILMS[0], 1, None), RankChange(FILMS[7], 8, 12))
    told = "2 films entered your top ten, 8 went up and 0 went down."
    assert describe(compared, "like of X") == f"After the like of X, {told}"


def test_a_list_that_stayed_is_said_to_have_stayed() -> None:
    """In one sentence."""
    told = describe(compare(FILMS[:12], FILMS[:12]), "hiding of X")
    assert told == "After the hiding of X, your top ten is unchanged."


def test_each_film_has_a_word_for_how_it_moved() -> None:
    """And titles stand there as they are."""
    compared = [RankChange(FILMS[1], 3, 1), RankChange(FILMS[2], 1, 2), RankChange(FILMS[3], 3, 3)]
    compared += [RankChange(FILMS[4], None, 4)]
    compared += [RankChange(FILMS[number], 5, None) for number in (5, 6)]
    compared += [RankChange(FILMS[7], 6, 14), RankChange(FILMS[8], 7, None)]
    drawn = html_of(compared, own_profile({5: 1}, hidden=(6,)))
    assert "&lt;i&gt;Film 1&lt;/i&gt; (2000)" in drawn
    assert "<i>Film" not in drawn
    ways = ["up 2", "down 1", "stayed", "new", "rated", "not interested", "now 14", "further down"]
    places = [drawn.index(f"</i> {way}<") for way in ways]
    assert places == sorted(places)
