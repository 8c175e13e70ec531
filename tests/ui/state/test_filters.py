"""The filters: what a summary says, and what its question had."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ingest import ingest
from recommender import Movie, MovieFilter, RaterFilter, Recommender
from tests.ui import films
from tests.ui.conftest import APP
from tests.ui.driving import cards, group, page, say, visit, with_browser
from tests.ui.fresh import fresh
from tests.ui.profiles import own_profile
from ui.state.filters import DIAL, Filters, title_words

SAVED, SHOWN = (12, 14, 20), {9: 1, 10: 1, 20: 2, 22: 1}
VALUES: dict[str, Any] = {
    "genres": ["Comedy", "Drama"],
    "without": ["War"],
    "years": (1971, 1988),
    "tags": ["odd", "even"],
    "title": "film, alert",
    "min_ratings": 25,
    "saved": True,
    "fresh": True,
    Filters.SINCE: 2013,
    f"{Filters.ATTRIBUTE}sex": ["F"],
    f"{Filters.ATTRIBUTE}age": ["25-34", "56+"],
    "dial": "Mostly new",
}
PAIRS = [pair for place, pair in enumerate(combinations(VALUES, 2)) if place % 4 == 0]
CASES: list[tuple[str, ...]] = [(), *((name,) for name in VALUES), *PAIRS, (*VALUES,)]
assert len(CASES) >= 30
OF_RATERS = ("active_since", "attributes", "adventurous")
NOTE = re.compile(r'<p class="k-note" role="status">(.*?)</p>')


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with tags, and raters of whom sex, age and times are known."""
    folder = films.write(tmp_path_factory.mktemp("told"))
    ratings = (folder / "ratings.csv").read_text(encoding="utf-8").splitlines()
    # Rater 1 rated in 2008, the last one in 2015.
    dated = [
        f"{user},{film},{stars},{1_200_000_000 + 4_000_000 * int(user)}"
        for user, film, stars, _ in (line.split(",") for line in ratings[1:])
    ]
    (folder / "ratings.csv").write_text("\n".join([ratings[0], *dated]), encoding="utf-8")
    people = [f"{user},{'FM'[user % 2]},{(30, 60, 17)[user % 3]}" for user in range(1, 61)]
    (folder / "users.csv").write_text("\n".join(["userId,sex,age", *people]), encoding="utf-8")
    tags = [f"1,{film},{('even', 'odd')[film % 2]},9" for film in range(7, 31)]
    (folder / "tags.csv").write_text("\n".join(["userId,movieId,tag,timestamp", *tags]))
    ingest(str(folder), index=folder / "index")
    return folder / "index"


@pytest.fixture
def app(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The app over it, for somebody who liked two films, saved some and was shown some."""
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    fresh()
    driven = with_browser(
        AppTest.from_file(str(APP), default_timeout=60), own_profile({8: 1, 16: 1}, watchlist=SAVED)
    ).run()
    shown = [[str(film), days] for film, days in SHOWN.items()]
    say(driven, "document", {"document": {}, "shown": shown})
    yield driven
    fresh()


def choose(app: AppTest, names: tuple[str, ...], **other: Any) -> None:
    """Set the filters of some names, and no other."""
    usual: dict[str, Any] = {
        "genres": [],
        "without": [],
        "tags": [],
        "title": "",
        "dial": "Balanced",
    }
    usual |= {"years": (1967, 2008), "min_ratings": 0, "saved": False, "fresh": False}
    usual |= {Filters.SINCE: 0, f"{Filters.ATTRIBUTE}sex": [], f"{Filters.ATTRIBUTE}age": []}
    for name, value in (usual | {name: VALUES[name] for name in names} | other).items():
        app.session_state[f"filter-{name}-{visit(app).version}"] = value
    app.run()
    assert not app.exception


def told(text: str) -> dict[str, Any]:
    """Read a summary word by word, as a person does: the fields that its question must have."""
    read: dict[str, Any] = {}
    if dial := re.search(r"Dial: ([^.]+)\.$", text):
        read["adventurous"] = DIAL[dial[1].capitalize()]
    line = re.search(r"Filters: ([^.]+)\.", text)
    for part in line[1].split(", ") if line else ():
        if found := re.fullmatch(r"no (.+)", part):
            read["exclude_genres"] = found[1].split(" or ")
        elif found := re.fullmatch(r"(\d{4})–(\d{4})", part):
            read["years"] = (int(found[1]), int(found[2]))
        elif found := re.fullmatch(r"tagged (.+)", part):
            read["tags"] = found[1].split(" or ")
        elif part.endswith(" in the title"):
            read["title"] = re.findall("“(.+?)”", part)
        elif found := re.fullmatch(r"at least (\d+) ratings", part):
            read["min_ratings"] = int(found[1])
        elif part == "on your watchlist":
            read["only"] = SAVED
        elif part == "not shown to you before":
            read["exclude"] = {*SHOWN}
        elif found := re.fullmatch(r"raters active since (\d{4})", part):
            read["active_since"] = f"{found[1]}-01-01"
        elif found := re.fullmatch(r"raters with (\w+) (.+)", part):
            read.setdefault("attributes", {})[found[1]] = found[2].split(" or ")
        else:
            read["genres"] = part.split(" or ")
    return read


def had(fields: dict[str, Any], above: set[int | str]) -> dict[str, Any]:
    """List the fields of a question that leave something out, or turn the dial.

    What stands ``above`` to be rated is left out of lists, and of what is to be rated next.
    """
    raters = fields.get("raters", RaterFilter())
    found = vars(fields["movies"]) | vars(raters)
    found["exclude"] = {*found["exclude"]} - above
    found["attributes"] = {name: [*one] for name, one in raters.attributes.items()}
    for name in ("genres", "exclude_genres", "tags", "title"):
        found[name] = [*(found[name] or ())]
    kept = {name: one for name, one in found.items() if one or one == ()}
    dial = fields.get("adventurous")
    return kept if dial is None else kept | {"adventurous": dial}


def passes(movie: Movie, said: dict[str, Any]) -> bool:
    """Tell whether a film is one that a summary speaks of."""
    first, last = said.get("years", (0, 9999))
    words = said.get("title", [""])
    return (
        bool({*said.get("genres", movie.genres)} & {*movie.genres})
        and not {*said.get("exclude_genres", ())} & {*movie.genres}
        and first <= (movie.year or 0) <= last
        and bool({*said.get("tags", ["any"])} & {*movie.tags, *(["any"] * ("tags" not in said))})
        and any(word.lower() in movie.title.lower() for word in words)
        and movie.ratings >= said.get("min_ratings", 0)
        and movie.movie_id in said.get("only", [movie.movie_id])
        and movie.movie_id not in said.get("exclude", ())
    )


def test_every_sentence_of_a_summary_is_what_its_question_had(
    app: AppTest, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each filter alone, pairs and all: the list, its rows, starters, and similar films."""
    asked: dict[str, tuple[dict[str, Any], Any]] = {}

    def record(name: str) -> None:
        method = getattr(Recommender, name)

        def recorded(*given: Any, **fields: Any) -> Any:
            asked[name] = (fields, method(*given, **fields))
            return asked[name][1]

        monkeypatch.setattr(Recommender, name, recorded)

    record("rows")
    record("starters")
    visit(app).open_rating(True)
    for names in CASES:
        # All is asked anew.
        visit(app).found, visit(app).starters = {}, ()
        choose(app, names)
        above = {movie.movie_id for movie in visit(app).starters}
        (fields, rows), alone = asked["rows"], {**asked["starters"][0], "raters": RaterFilter()}
        question, of_films = had(fields, above), had(alone, set())
        # Of what everyone likes, and of what is like a film, no raters are asked.
        assert of_films == {name: question[name] for name in question if name not in OF_RATERS}
        found = {row.name: row.movies for row in rows}
        for name, films_of in found.items():
            said = told(group(app, name)["under"])
            voted = {
                k: v for k, v in question.items() if name != "hidden_gems" or k != "adventurous"
            }
            assert said == (voted if films_of.neighbours else of_films), (names, name)
            assert all(passes(row.movie, said) for row in films_of), (names, name)
        if "top_picks" not in found:
            left = {name: one for name, one in question.items() if name != "adventurous"}
            assert told(NOTE.findall(page(app))[-1]) == left, names
        assert told(group(app, "starters")["under"]) == of_films, names
        assert all(passes(movie, of_films) for movie in asked["starters"][1]), names
        with Recommender.open(index) as rec:
            similar = rec.similar(8, movies=visit(app).filters.movies)
        assert all(passes(row.movie, of_films) for row in similar), names


def test_words_of_titles_are_split_where_people_do() -> None:
    """What holds no letter is none."""
    assert title_words(" fruit,apple  banana ! fruit") == ("fruit", "apple", "banana")


def test_without_filters_nothing_is_said_and_nothing_left_out() -> None:
    """Nor with the dial in its middle."""
    none = Filters()
    assert none.summary(raters=True, dial=True) == ""
    assert (none.movies(), none.raters()) == (MovieFilter(), RaterFilter())


def test_where_filters_leave_no_kindred_rater_it_is_said(app: AppTest) -> None:
    """With the button that brings them back; their number is that of the list then."""
    choose(app, ("years",), **{f"{Filters.ATTRIBUTE}sex": ["M"]})
    assert cards(app, "top_picks") == []
    said = "No kindred rater is left, so these are films that everyone likes. Filters: 1971–1988, "
    assert f"{said}raters with sex M." in page(app)
    assert [one.key for one in app.button if str(one.key).startswith("loosen")] == [
        f"loosen-{Filters.ATTRIBUTE}sex",
        "loosen-all",
    ]
    app.button(key="loosen-all").click().run()
    assert cards(app, "top_picks")
