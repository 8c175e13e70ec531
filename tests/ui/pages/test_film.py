"""The page of a film."""

from __future__ import annotations

from typing import Any

import pytest

from recommender import Movie, Opinion, Recommendations, Recommender
from tests.ui.driving import cards, click, group, page, profile_in, visit
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile
from ui.components.cards import links

# Half of the people like even films, the other half odd ones: see tests/ui/films.py.
pytestmark = pytest.mark.usefixtures("served")


def the_film(app: Any) -> dict[str, Any]:
    """The card that the page is about."""
    (card,) = group(app, "film")["cards"]
    found: dict[str, Any] = card
    return found


def test_a_film_with_stars_why_and_what_is_like_it(recommender: Recommender) -> None:
    """The score's shares, as a list would give them; similar films in order, rated ones marked."""
    profile = own_profile({8: 1, 12: 0, 9: -1})
    app = one_page("film", profile, film="10").run()
    assert not app.exception
    card = the_film(app)
    assert (card["id"], group(app, "film")["title"]) == ("10", str(recommender.movie(10)))
    found = recommender.explain(profile, 10)
    assert found.recommended
    assert f"{found.supporters:,} of {found.neighbours:,} kindred raters" in card["sentence"]
    assert sum(reason["percent"] for reason in card["why"]) == 100
    alike = cards(app, "similar")
    assert alike == [row.movie.movie_id for row in recommender.similar(10, limit=24)]
    by_id = {int(one["id"]): one for one in group(app, "similar")["cards"]}
    assert (by_id[12]["said"], by_id[14]["said"]) == (0, None)


def test_similar_films_obey_the_filters_and_say_so() -> None:
    """Those that are about films alone: of what is like a film no raters are asked."""
    app = one_page("film", own_profile({8: 1}), film="10").run()
    version = visit(app).version
    app.session_state[f"filter-years-{version}"] = (1980, 1984)
    app.session_state[f"filter-dial-{version}"] = "Adventurous"
    app.run()
    assert {*cards(app, "similar")} == {20, 22, 24}
    assert group(app, "similar")["under"].endswith("first. Filters: 1980–1984.")
    app.session_state[f"filter-title-{version}"] = "nothing"
    app.run()
    under = (
        "No film like it is left with these filters. Filters: 1980–1984, “nothing” in the title."
    )
    assert group(app, "similar")["under"] == under


def test_half_stars_are_one_click(recommender: Recommender) -> None:
    """They say an opinion, too; taken back they leave it, and undo goes step by step."""
    app = one_page("film", own_profile({8: 1}), film="10").run()
    click(app, "stars", 10, 4.5)
    assert profile_in(app) == own_profile({8: 1, 10: 1}, {10: 4.5})
    assert visit(app).taste.last_step == f"4.5 stars for {recommender.movie(10)}"
    assert the_film(app)["own"] == 4.5
    click(app, "stars", 10, 2)
    assert profile_in(app) == own_profile({8: 1, 10: -1}, {10: 2.0})
    click(app, "stars", 10, None)
    assert profile_in(app) == own_profile({8: 1, 10: -1})
    visit(app).taste.undo()
    visit(app).taste.undo()
    assert profile_in(app) == own_profile({8: 1, 10: 1}, {10: 4.5})


@pytest.mark.parametrize("value", [0, 5.5, 3.3, "4", [4], {"4": 4}, -1, 1e300])
def test_stars_that_nobody_can_click_say_nothing(value: object) -> None:
    """What comes from a browser may be anything."""
    app = one_page("film", own_profile({8: 1}), film="10").run()
    click(app, "stars", 10, value)
    assert profile_in(app) == own_profile({8: 1})


def test_a_film_that_is_not_recommended_says_why(recommender: Recommender) -> None:
    """By who of the kindred raters likes it; nothing where it is rated or nothing is."""
    profile = own_profile({8: 1, 10: 1, 12: 1})
    found = recommender.explain(profile, 9)
    assert not found.recommended
    card = the_film(one_page("film", profile, film="9").run())
    assert card["why"] == []
    assert f"{found.neighbours:,} kindred raters" in card["sentence"]
    assert the_film(one_page("film", profile, film="10").run())["sentence"] == ""
    assert the_film(one_page("film", film="10").run())["sentence"] == ""


def test_links_lead_to_the_same_film_elsewhere() -> None:
    """By its ids; a search for where it is shown needs none."""
    assert dict(links(Movie(1, "Tom & Jerry", 1992, (), "tt0105616", 9))) == {
        "IMDb": "https://www.imdb.com/title/tt0105616/",
        "TMDB": "https://www.themoviedb.org/movie/9",
        "Letterboxd": "https://letterboxd.com/imdb/tt0105616/",
        "Where to watch": "https://www.justwatch.com/us/search?q=Tom+%26+Jerry+1992",
    }
    assert [name for name, _ in links(Movie(1, "Ran"))] == ["Where to watch"]
    assert (
        dict(links(Movie(1, "Ran", tmdb_id=11)))["Letterboxd"] == "https://letterboxd.com/tmdb/11/"
    )


def test_stars_are_predicted_for_what_is_not_rated(recommender: Recommender) -> None:
    """None for someone new, and none beside what one said oneself."""
    stranger = one_page("film", film="10").run()
    assert {card["stars"] for card in group(stranger, "similar")["cards"]} == {None}
    app = one_page("film", own_profile({8: 1, 12: 0}), film="10").run()
    by_id = {int(card["id"]): card for card in group(app, "similar")["cards"]}
    assert by_id[14]["stars"] == f"{recommender.predict({8: 1, 12: 0}, 14).stars:.1f}"
    assert (by_id[12]["stars"], by_id[12]["rests"]) == (None, "")


def test_what_is_of_no_interest_leaves_room_for_others() -> None:
    """A hidden film is not shown, and the next one moves up."""
    before = cards(one_page("film", film="10").run(), "similar")
    app = one_page("film", own_profile(hidden=(before[0],)), film="10").run()
    assert cards(app, "similar") == before[1:]


def test_what_is_similar_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until something else is said."""
    asked: list[object] = []
    similar = Recommender.similar

    def counted(self: Recommender, movie: str, **options: Any) -> Recommendations:
        asked.append(movie)
        return similar(self, movie, **options)

    monkeypatch.setattr(Recommender, "similar", counted)
    app = one_page("film", film="10").run()
    app.run()
    assert asked == ["id:10"]
    click(app, "rate", 12, int(Opinion.LIKE))
    assert asked == ["id:10", "id:10"]


def test_from_film_to_film_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A click on a card changes what the page is about, and the Back button goes back."""
    app = one_page("film", film="10").run()
    click(app, "film", 12)
    app.run()
    assert cards(app, "film") == [12]
    monkeypatch.setattr("ui.state.run._by_history", lambda: True)
    app.query_params["film"] = "10"
    app.run()
    assert cards(app, "film") == [10]


@pytest.mark.parametrize("linked", ["", "no-such-film", "9" * 5000])
def test_without_a_film_the_page_says_so(linked: str) -> None:
    """As with a link to a film that is not here."""
    app = one_page("film", film=linked).run()
    assert not app.exception
    assert ("not in this collection" in (visit(app).notice or "")) == bool(linked)
    assert "No film is chosen" in page(app)


def test_a_film_too_few_people_rated_says_so(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of an empty grid."""
    nothing = recommender.similar(10)[:0]
    monkeypatch.setattr(Recommender, "similar", lambda *_, **__: nothing)
    app = one_page("film", film="10").run()
    assert cards(app, "film") == [10]
    assert "Too few people rated" in group(app, "similar")["under"]
