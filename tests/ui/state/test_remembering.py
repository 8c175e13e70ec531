"""Being remembered, and being forgotten, through Streamlit's test harness."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import Profile, Recommender
from tests.ui import films
from tests.ui.conftest import APP
from tests.ui.driving import cards, code, go, page, profile_in, rate, visit
from tests.ui.fresh import fresh
from tests.ui.profiles import own_profile
from ui.state import link, remembering
from ui.state.tickets import COOKIE, tickets

pytestmark = pytest.mark.slow

Open = Callable[..., AppTest]


@pytest.fixture
def cookies(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The cookies of the browser that opens the next page."""
    jar: dict[str, str] = {}
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: jar))
    return jar


@pytest.fixture
def opens(
    index: Path, tmp_path: Path, cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Open the app in a new tab, by the code of a taste if there is one."""
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path))
    fresh()

    def opened(taste: str = "") -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=60)
        if taste:
            app.query_params["taste"] = taste
        return app.run()

    yield opened
    fresh()


def answer(app: AppTest, cookies: dict[str, str], word: str = "kept") -> None:
    """Do what the browser does with a ticket, and give its answer."""
    ticket = app.session_state["remembering"].ticket
    if word == "kept":
        cookies[COOKIE] = tickets().take(ticket) or ""
    app.session_state[remembering.ANSWER] = {"done": [ticket, word]}
    app.run()
    assert not app.exception


def remember(app: AppTest, cookies: dict[str, str]) -> None:
    """Ask to be remembered, with a browser that takes cookies."""
    go(app, "bring")
    app.toggle(key="remember").set_value(True).run()
    answer(app, cookies)
    assert app.button(key="forget-me")
    go(app, "home")


def on_disk(tmp_path: Path) -> bytes:
    """Everything that is remembered of anybody."""
    return b"".join(file.read_bytes() for file in (tmp_path / "visitors").glob("*"))


def encoded(taste: Profile, recommender: Recommender) -> str:
    """Write the code of a taste."""
    written = link.encode(taste, recommender)
    assert written
    return written


def test_nobody_is_remembered_who_did_not_ask(opens: Open, tmp_path: Path) -> None:
    """Nothing is written, and there is one switch that says what would be."""
    app = opens()
    rate(app, cards(app, "starters")[0], 1)
    assert not (tmp_path / "visitors").exists()
    go(app, "bring")
    assert app.toggle(key="remember").value is False
    assert "after 180 days without a visit" in page(app)


def test_everything_said_comes_back_in_a_new_tab(opens: Open, cookies: dict[str, str]) -> None:
    """Also what was said after asking; another browser knows nothing of it."""
    app = opens()
    first, second = cards(app, "starters")[:2]
    rate(app, second, -1)
    remember(app, cookies)
    rate(app, first, 1)
    visit(app).taste.give_stars(10, 4.5, "stars")
    visit(app).taste.watch(12, "saving")
    visit(app).taste.hide(13, "hiding")
    app.run()
    again = opens()
    assert profile_in(again) == profile_in(app)
    assert list(profile_in(again).opinions) == [second, first, 10]
    assert (profile_in(again).stars, profile_in(again).watchlist) == ({10: 4.5}, (12,))
    rate(again, first, 0)
    assert profile_in(opens()).opinions[first] == 0
    cookies.clear()
    assert not profile_in(opens()).films


def test_the_browser_must_have_the_cookie_first(
    opens: Open, cookies: dict[str, str], tmp_path: Path
) -> None:
    """One that takes none, or a request that fails, leaves nothing behind, and it is said."""
    app = opens()
    rate(app, cards(app, "starters")[0], 1)
    go(app, "bring")
    for word, says in (("blocked", "takes no cookies"), ("failed", "did not work"), ("x", "not")):
        app.toggle(key="remember").set_value(True).run()
        assert app.toggle(key="remember").value is True
        answer(app, cookies, word)
        assert says in page(app)
        assert app.toggle(key="remember").value is False
    assert not (tmp_path / "visitors").exists()


def test_forgotten_is_forgotten_at_once(
    opens: Open, cookies: dict[str, str], tmp_path: Path
) -> None:
    """In the file, in the browser, and in another tab, which cannot bring it back."""
    app = opens()
    rate(app, 17, 1)
    remember(app, cookies)
    other = opens()
    assert profile_in(other).opinions == {17: 1}
    assert b'"movie_id":17,' in on_disk(tmp_path)
    go(app, "bring")
    app.button(key="forget-me").click().run()
    assert "what was kept of you is deleted." in page(app)
    assert tickets().take(app.session_state["remembering"].ticket) == ""
    assert b'"movie_id":17,' not in on_disk(tmp_path)
    rate(other, 19, 1)
    assert "not remembered here any more" in page(other)
    assert b'"movie_id":19,' not in on_disk(tmp_path)
    go(app, "home")
    answer(app, cookies, "blocked")
    assert "and so is the cookie" in page(app)
    rate(app, 21, 1)
    assert b'"movie_id":21,' not in on_disk(tmp_path)
    assert not profile_in(opens()).films
    remember(app, cookies)
    assert profile_in(opens()).opinions == {17: 1, 21: 1}


def test_a_cookie_that_stays_is_not_said_to_be_gone(opens: Open, cookies: dict[str, str]) -> None:
    """As where the request was lost; it names nobody."""
    app = opens()
    rate(app, 17, 1)
    remember(app, cookies)
    go(app, "bring")
    app.button(key="forget-me").click().run()
    answer(app, {}, "failed")
    assert "a cookie that names nobody" in page(app)
    assert "so is the cookie" not in page(app)
    assert not profile_in(opens()).films


def test_two_tabs_keep_what_both_say(opens: Open, cookies: dict[str, str]) -> None:
    """Of each only what was said there; of one film what was said last."""
    one = opens()
    for film in (17, 19, 21):
        rate(one, film, 1)
    remember(one, cookies)
    other = opens()
    rate(other, 23, 1)
    rate(other, 19, None)
    visit(other).taste.hide(25, "hiding")
    other.run()
    rate(one, 27, -1)
    rate(one, 21, 0)
    assert profile_in(one).opinions == {17: 1, 19: 1, 21: 0, 27: -1}
    assert profile_in(opens()) == own_profile({17: 1, 21: 0, 23: 1, 27: -1}, hidden=(25,))
    rate(other, 27, 1)
    assert profile_in(opens()).opinions == {17: 1, 21: 0, 23: 1, 27: 1}


def test_ones_own_list_is_shown_as_it_is_by_then(
    opens: Open, cookies: dict[str, str], recommender: Recommender
) -> None:
    """Another tab may have changed it, or have had it forgotten."""
    app = opens()
    rate(app, 17, 1)
    remember(app, cookies)
    friends = encoded(own_profile({8: 1}), recommender)
    first, second = opens(friends), opens(friends)
    rate(app, 19, 1)
    first.button(key="own").click().run()
    assert profile_in(first).opinions == {17: 1, 19: 1}
    go(app, "bring")
    app.button(key="forget-me").click().run()
    second.button(key="own").click().run()
    assert "not remembered here any more" in page(second)
    assert profile_in(second).opinions == {8: 1}


def test_a_friends_link_leaves_what_is_remembered_alone(
    opens: Open, cookies: dict[str, str], recommender: Recommender
) -> None:
    """Whatever is clicked there, until the visitor chooses one of the two lists."""
    app = opens()
    rate(app, 17, 1)
    remember(app, cookies)
    friends = encoded(own_profile({8: 1, 9: -1}), recommender)
    by_link = opens(friends)
    assert profile_in(by_link).opinions == {8: 1, 9: -1}
    assert "Your own is remembered" in page(by_link)
    rate(by_link, 10, 1)
    assert profile_in(opens()).opinions == {17: 1}
    by_link.button(key="own").click().run()
    assert profile_in(by_link).opinions == {17: 1}
    rate(by_link, 19, 1)
    assert profile_in(opens()).opinions == {17: 1, 19: 1}
    by_link = opens(friends)
    by_link.button(key="instead").click().run()
    assert profile_in(opens()).opinions == {8: 1, 9: -1}


def test_ones_own_address_is_no_other_list(opens: Open, cookies: dict[str, str]) -> None:
    """Loading the page again goes on where one was; so does an address without a list."""
    app = opens()
    rate(app, 17, 1)
    remember(app, cookies)
    again = opens(code(app))
    rate(again, 19, 1)
    assert profile_in(opens()).opinions == {17: 1, 19: 1}


@pytest.mark.parametrize("cookie", ["", "x", "é" * 43, "A" * 43, "A" * 9_999, "'; DROP TABLE --"])
def test_a_cookie_of_nobody_is_like_none(cookie: str, opens: Open, cookies: dict[str, str]) -> None:
    """The address counts, and one can ask to be remembered."""
    cookies[COOKIE] = cookie
    app = opens()
    assert not profile_in(app).films
    remember(app, cookies)


def test_a_file_that_cannot_be_read_is_not_written_over(
    opens: Open, cookies: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One line on the page, one in the log without a word of the list; later all is there."""
    app = opens()
    rate(app, 17, 1)
    remember(app, cookies)
    file = tmp_path / "visitors" / "visitors.sqlite"
    sound = file.read_bytes()
    file.write_bytes(b"garbage" * 1_000)
    again = opens()
    assert not again.exception
    assert "cannot be read just now" in page(again)
    rate(again, 19, 1)
    rate(app, 21, 1)
    assert "cannot write down just now" in page(app)
    go(app, "bring")
    app.button(key="forget-me").click().run()
    assert "could not be forgotten just now" in page(app)
    assert not [record for record in caplog.records if "17" in record.message]
    go(app, "home")
    file.write_bytes(sound)
    assert profile_in(opens()).opinions == {17: 1}
    rate(app, 23, 1)
    assert profile_in(opens()).opinions == {17: 1, 21: 1, 23: 1}


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"films": [[1]]}', "[" * 100_000])
def test_what_another_wrote_is_not_read(
    text: str, opens: Open, cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that makes no sense is a fault like any other."""
    monkeypatch.setattr("ui.state.visitors.Visitors.find", lambda *_: ("small", text))
    cookies[COOKIE] = "A" * 43
    app = opens()
    assert not app.exception
    assert "cannot be read just now" in page(app)


@pytest.mark.parametrize(
    "part",
    [
        {"ratings": [{"movie_id": 8, "opinion": 1}]},
        {"ratings": [{"movie_id": 8, "opinion": "like", "stars": "x"}]},
        {"ratings": [{"movie_id": 8, "opinion": "like", "stars": float("nan")}]},
        {"ratings": [{"movie_id": [], "opinion": "like"}]},
        {"ratings": [[8, 1]]}, {"hidden": {}}, {"hidden": [{"movie_id": 10**30}]},
        {"kindred_taste": 2}, {"source": None}, {"source": 1},
    ],
)  # fmt: skip
def test_what_nobody_can_say_is_a_fault(recommender: Recommender, part: dict[str, object]) -> None:
    """Of the kinds that are told in one line."""
    text = json.dumps({"source": "films", **part})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remembering, "recommender", lambda: recommender)
        with pytest.raises(remembering._UNREAD):
            remembering._read(text, "films")


def test_rows_of_before_profiles_were_documents_are_not_read() -> None:
    """They were lists of numbers."""
    old = {"films": [[8, None]], "ratings": [[8, 1]], "stars": [], "watchlist": [], "hidden": []}
    with pytest.raises(remembering._UNREAD):
        remembering._read(json.dumps(old), "films")


def test_a_film_remembered_twice_is_said_once(recommender: Recommender) -> None:
    """As two films of another source may be one here; stars on no half are brought to one."""
    rated = [
        {"movie_id": 8, "opinion": "like", "stars": 99},
        {"movie_id": 9, "stars": 4.5},
    ]
    lists = {
        name: [{"movie_id": movie_id} for movie_id in ids]
        for name, ids in {"watchlist": (8, 9, 9), "hidden": (8, 9, 10)}.items()
    }
    text = json.dumps({"source": "films", "ratings": rated, **lists})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remembering, "recommender", lambda: recommender)
        read = remembering._read(text, "films")
    assert read == own_profile({8: 1}, {8: 5.0}, (9,), (10,))


def test_what_is_too_long_is_said(
    opens: Open, cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was remembered before stays."""
    app = opens()
    rate(app, 17, 1)
    remember(app, cookies)
    monkeypatch.setattr(remembering, "LARGEST", 200)
    rate(app, 19, 1)
    assert "too long to be remembered" in page(app)
    assert profile_in(opens()).opinions == {17: 1}


def test_another_collection_knows_films_by_imdb(
    opens: Open, cookies: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Film 8 of one is film 28 of the other; film 9 is not there. The first is found again."""
    for name, shift in (("one", 0), ("two", 20)):
        folder = films.write(tmp_path / name)
        lines = [f"{number},{number + 100 - shift}," for number in films.films()]
        (folder / "links.csv").write_text("\n".join(["movieId,imdbId,tmdbId", *lines]))
        ingest(str(folder), index=tmp_path / f"{name}-index")
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "one-index"))
    app = opens()
    for number in (8, 29):
        rate(app, number, 1)
    remember(app, cookies)
    fresh()
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "two-index"))
    other = opens()
    assert profile_in(other).opinions == {28: 1}
    rate(other, 7, -1)
    assert profile_in(opens()).opinions == {28: 1, 7: -1}
    fresh()
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "one-index"))
    back = opens()
    assert profile_in(back).opinions == {8: 1, 29: 1}
    fresh()
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "two-index"))
    back.run()
    rate(back, 9, 1)
    assert profile_in(opens()).opinions == {28: 1, 7: -1, 9: 1}
    fresh()
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "one-index"))
    back.run()
    rate(back, 10, 1)
    assert profile_in(opens()).opinions == {8: 1, 29: 1, 10: 1}
