"""Films like one."""

from __future__ import annotations

from typing import Any

import pytest

from recommender import Recommendations, Recommender
from tests.ui.driving import cards, click, group, page, param, visit
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile

# Half of the people like even films, the other half odd ones: see tests/ui/films.py.
pytestmark = pytest.mark.usefixtures("served")


def test_the_latest_liked_film_is_where_it_begins(recommender: Recommender) -> None:
    """Its card, and the films most like it in order, those rated marked; and it stays so."""
    app = one_page("similar", own_profile({8: 1, 10: 1, 12: 0, 9: -1})).run()
    assert not app.exception
    assert cards(app, "film") == [10]
    alike = cards(app, "similar")
    assert 12 in alike
    assert {movie % 2 for movie in alike} == {0}
    by_id = {int(card["id"]): card for card in group(app, "similar")["cards"]}
    assert by_id[12]["said"] == 0
    assert by_id[14]["said"] is None
    assert alike == [row.movie.movie_id for row in recommender.similar(10, limit=24)]
    assert "most alike first" in group(app, "similar")["under"]
    click(app, "rate", 14, 1)
    assert cards(app, "film") == [10]
    assert param(app, "film") == ""  # nobody chose it


def test_stars_are_predicted_for_what_is_not_rated(recommender: Recommender) -> None:
    """None for someone new, and none beside what one said oneself."""
    stranger = one_page("similar", film="10").run()
    assert {card["stars"] for card in group(stranger, "similar")["cards"]} == {None}
    app = one_page("similar", own_profile({8: 1, 12: 0}), film="10").run()
    by_id = {int(card["id"]): card for card in group(app, "similar")["cards"]}
    found = recommender.predict({8: 1, 12: 0}, 14)
    assert by_id[14]["stars"] == f"{found.stars:.1f}"
    assert by_id[14]["range"] == f"{found.low:.1f} to {found.high:.1f}"
    assert by_id[14]["range"] in by_id[14]["rests"]
    assert "ordered by" not in by_id[14]["rests"]
    assert (by_id[12]["stars"], by_id[12]["rests"]) == (None, "")


def test_what_is_of_no_interest_leaves_room_for_others(recommender: Recommender) -> None:
    """A hidden film is not shown, and the next one moves up."""
    before = cards(one_page("similar", film="10").run(), "similar")
    app = one_page("similar", own_profile(hidden=(before[0],)), film="10").run()
    assert cards(app, "similar") == before[1:]


def test_a_title_with_typing_errors_leads_to_a_film(recommender: Recommender) -> None:
    """Buttons with titles as they are written; a click chooses, and other parameters stay."""
    app = one_page("similar", own_profile({8: 1}), other="kept").run()
    app.text_input(key="similar-search").set_value("batereis not includd").run()
    assert app.button[0].label == r"\*batteries not included \(1987\)"
    app.button(key="choose-1").click().run()
    assert not app.exception
    assert cards(app, "film") == [1]
    assert app.text_input(key="similar-search").value == ""
    assert param(app, "film") == "1"
    assert param(app, "other") == "kept"
    app.text_input(key="similar-search").set_value("<qqqqqqq>").run()
    assert "No title is like “&lt;qqqqqqq&gt;”" in page(app)


def test_typing_asks_nothing_again(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is similar is worked out once, until something else is said."""
    asked: list[object] = []
    similar = Recommender.similar

    def counted(self: Recommender, movie: str, **options: Any) -> Recommendations:
        asked.append(movie)
        return similar(self, movie, **options)

    monkeypatch.setattr(Recommender, "similar", counted)
    app = one_page("similar", film="10").run()
    for typed in ("f", "fi", "fil"):
        app.text_input(key="similar-search").set_value(typed).run()
    assert asked == ["id:10"]
    click(app, "rate", 12, 1)
    assert asked == ["id:10", "id:10"]


def test_films_like_this_goes_on_from_film_to_film(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A click on a card changes what the page is about, and the Back button goes back."""
    app = one_page("similar", film="10").run()
    click(app, "similar", 12)
    app.run()
    assert cards(app, "film") == [12]
    monkeypatch.setattr("ui.state.visit._by_history", lambda: True)
    app.query_params["film"] = "10"
    app.run()
    assert cards(app, "film") == [10]


@pytest.mark.parametrize("linked", ["", "no-such-film", "9" * 5000])
def test_without_a_film_there_is_a_way_to_one(recommender: Recommender, linked: str) -> None:
    """Someone new, or with a link to a film that is not here, can search or go and rate."""
    app = one_page("similar", film=linked).run()
    assert not app.exception
    assert ("not in this collection" in (visit(app).notice or "")) == bool(linked)
    app.button(key="rate-a-few").click()
    app.run()
    assert visit(app).goes_to == "home"


def test_a_film_too_few_people_rated_says_so(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of an empty grid."""
    nothing = recommender.similar(10)[:0]
    monkeypatch.setattr(Recommender, "similar", lambda *_, **__: nothing)
    app = one_page("similar", film="10").run()
    assert cards(app, "film") == [10]
    assert "Too few people rated" in group(app, "film")["under"]
