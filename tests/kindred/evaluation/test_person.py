"""One person asked by all methods, on an index: what is listed, predicted, refused and printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest import ingest
from kindred.evaluation import Answer, SideBySide, ask, ask_all
from kindred.evaluation.methods import choice
from kindred.evaluation.methods.method import Scoring
from kindred.evaluation.methods.neighbours import Popular, Tutorial
from kindred.evaluation.person import scan
from kindred.evaluation.person.answers import RatedMovie
from kindred.evaluation.person.asking import ASKED
from recommender import InvalidInputError, Movie, Profile, Recommender, UnknownMovieError
from tests.kindred.conftest import Run
from tests.kindred.evaluation.tables import ask as asked_table
from tests.kindred.evaluation.tables import lists, train
from tests.recommender.storage.engines import ENGINES
from tests.support import (
    FILMS,
    THREE_RATERS,
    Ratings,
    build_index,
    likes,
    random_ratings,
    write_source,
)

STARS = Profile.from_stars({1: 5, 2: 4, 5: 2})
PREDICTING = ("kindred", "user-cosine", "user-pearson", "item-cosine", "popular")


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the hand-worked world."""
    path = build_index(tmp_path_factory.mktemp("films"), THREE_RATERS, FILMS)
    with Recommender.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open a world by chance."""
    path = build_index(tmp_path_factory.mktemp("varied"), random_ratings(5, raters=60))
    with Recommender.open(path) as opened:
        yield opened


def ids(answer: Answer) -> list[int]:
    """Movies of a list, in order."""
    return [int(row.movie.movie_id) for row in answer.rows]


def predicted(answer: Answer) -> dict[int, float | None]:
    """Stars predicted of each rated movie."""
    return {int(one.movie.movie_id): one.predicted for one in answer.rated}


# What is answered


@pytest.mark.parametrize("method", [Tutorial(), Popular()], ids=lambda method: method.name)
def test_lists_are_those_of_the_methods_of_an_evaluation(rec: Recommender, method: Scoring) -> None:
    """The same table given to the method by hand; movies have the ids 1 to 9."""
    people = [[rated.get(movie, 0) for movie in range(1, 10)] for rated in THREE_RATERS.values()]
    said = [[STARS.stars.get(movie, 0) for movie in range(1, 10)]]
    (expected,) = lists(method, train(people), asked_table(said))
    found = ask(STARS, method=method.name, index=rec)
    assert ids(found) == [movie + 1 for movie in expected][: len(found.rows)]
    assert [row.rank for row in found.rows] == list(range(1, len(found.rows) + 1))


def test_popular_predicts_means_and_ranks_by_likes(rec: Recommender) -> None:
    """Movies 1 to 9 all have three likes; ties stay in the order of the catalogue."""
    found = ask(STARS, method="popular", index=rec, limit=3)
    assert ids(found) == [3, 4, 6]
    assert [row.score for row in found.rows] == [3, 3, 3]
    assert [row.stars for row in found.rows] == pytest.approx([14 / 3, 14 / 3, 13 / 3])
    assert predicted(found) == pytest.approx({1: 13 / 3, 2: 5, 5: 13 / 3})
    errors = [13 / 3 - 5, 5 - 4, 13 / 3 - 2]
    assert found.mae == pytest.approx(sum(map(abs, errors)) / 3)
    assert found.rmse == pytest.approx((sum(error**2 for error in errors) / 3) ** 0.5)


def test_kindred_lists_and_predicts_what_it_does_elsewhere(rec: Recommender) -> None:
    """Through the same public questions."""
    found, top = ask(STARS, method="kindred", index=rec), rec.recommend(STARS)
    assert [(row.movie, row.score) for row in found.rows] == [(row.movie, row.score) for row in top]
    assert [row.stars for row in found.rows] == [row.predicted_rating for row in top]
    assert predicted(found) == {movie: rec.predict(STARS, movie).stars for movie in (1, 2, 5)}


def test_the_tutorial_predicts_nothing_and_says_why(rec: Recommender) -> None:
    """Its table has no predictions, and so no errors."""
    found = ask(STARS, method="tutorial", index=rec)
    assert found.rows
    assert {row.stars for row in found.rows} == {None}
    assert (found.predicted, found.mae, found.rmse) == (0, None, None)
    assert found.note
    assert "no stars" in found.note


@pytest.mark.parametrize("method", [name for name in ASKED if name != "kindred"])
def test_a_stored_raters_own_row_does_not_help(
    varied: Recommender, tmp_path: Path, method: str
) -> None:
    """Lists and predictions are those of an index without the person."""
    ratings = random_ratings(5, raters=60)
    profile = varied.profile_of(7)
    del ratings[7]
    found = ask(profile, method=method, index=varied)
    others = ask(
        Profile.from_stars(dict(profile.stars)), method=method, index=build_index(tmp_path, ratings)
    )
    assert ids(found) == ids(others)
    assert predicted(found) == predicted(others)
    assert found.mae == others.mae


def test_kindred_predicts_a_stored_rater_nearly_as_without_them(
    varied: Recommender, tmp_path: Path
) -> None:
    """Much nearer than with their row in the movies' vectors and means; others' biases stay."""
    ratings = random_ratings(5, raters=60)
    profile = varied.profile_of(7)
    said = Profile.from_stars(dict(profile.stars))
    del ratings[7]
    keys = list(profile.stars)
    with Recommender.open(build_index(tmp_path, ratings)) as rest:
        apart, without, within = (
            [one.stars or 0 for one in made.predict_many(asked, keys)]
            for made, asked in ((rest, said), (varied, profile), (varied, said))
        )
    near, far = (
        sum(abs(a - b) for a, b in zip(some, apart, strict=True)) for some in (without, within)
    )
    assert near < far / 4


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_answers_alike(engine: str, varied: Recommender, tmp_path: Path) -> None:
    """Ratings are read out of a server as out of a folder."""
    source = write_source(tmp_path / "source", random_ratings(5, raters=60))
    person = varied.profile_of(9)
    ours = ask_all(person, index=varied)
    with ENGINES[engine](tmp_path) as store:
        ingest(str(source), index=store)
        with Recommender(store) as served:
            theirs = ask_all(person, index=served)
    for one, other in zip(ours, theirs, strict=True):
        assert (one.method, ids(one)) == (other.method, ids(other))
        assert one.mae == pytest.approx(other.mae)


def test_likes_alone_get_lists_and_the_reason_for_no_stars(tmp_path: Path) -> None:
    """An index of likes; who gives stars there has none predicted either."""
    rows = [f"{user},{movie}" for user, rated in THREE_RATERS.items() for movie in rated]
    (tmp_path / "likes.csv").write_text("\n".join(["user,movie", *rows]), encoding="utf-8")
    ingest(str(tmp_path / "likes.csv"), index=tmp_path / "index")
    five = Profile.from_stars({1: 5, 2: 1}, scale=(1, 5))
    for profile in (likes(1, 2), five):
        found = ask_all(profile, index=tmp_path / "index")
        for answer in found:
            assert answer.rows, answer.method
            assert {row.stars for row in answer.rows} == {None}
            assert answer.mae is None
            assert answer.note == "there are no stars in this index, which holds likes only"
        assert [answer.fallback for answer in found] == [
            *(None, None, None, "popular", "popular", None)
        ]


def test_likes_without_stars_have_no_table_and_predict_others(varied: Recommender) -> None:
    """An opinion counts as the usual stars of such an opinion, as in Kindred's own predictions."""
    found = ask_all({1: 1, 2: 1, 3: -1, 4: 0}, index=varied)
    for answer in found:
        assert answer.rated == ()
        assert answer.mae is None
        assert (answer.rows[0].stars is not None) == (answer.method in PREDICTING)


@pytest.mark.parametrize("profile", [{}, {9: 1}], ids=["empty", "stranger"])
def test_whom_a_method_cannot_place_gets_what_is_popular(
    tmp_path: Path, profile: dict[int, float]
) -> None:
    """Of movie 9 nothing is known but that it is there."""
    path = build_index(tmp_path, random_ratings(5, movies=8, most=6), FILMS)
    found = ask_all(profile, index=path, limit=3)
    popular = ids(found["popular"])
    for answer in found:
        assert ids(answer) == popular
        assert answer.fallback == (None if answer.method == "popular" else "popular")


def test_lists_hold_nothing_rated_or_hidden_and_are_as_long_as_asked(varied: Recommender) -> None:
    """For every method."""
    profile = Profile(stars={1: 5, 2: 1, 3: 4}, hidden=(4, 5))
    for answer in ask_all(profile, index=varied, limit=7):
        assert len(answer.rows) == 7
        assert not {1, 2, 3, 4, 5} & {*ids(answer)}


def test_frames_hold_lists_and_predictions_beside_actual_stars(rec: Recommender) -> None:
    """One row a listed movie, one row a rated movie, and errors."""
    found = ask_all(STARS, methods=["kindred", "popular", "tutorial"], index=rec, limit=2)
    listed = found.to_frame()
    assert list(listed.columns) == [
        *("method", "rank", "movie_id", "title", "year", "score", "predicted_rating")
    ]
    assert listed["method"].tolist() == ["kindred"] * 2 + ["popular"] * 2 + ["tutorial"] * 2
    rated = found.rated_frame()
    assert list(rated.columns) == [
        *("movie_id", "title", "year", "actual", "kindred", "popular", "tutorial")
    ]
    assert rated["actual"].tolist() == [5, 4, 2]
    assert rated["tutorial"].isna().all()
    popular = found["popular"]
    assert (rated["popular"] - rated["actual"]).abs().mean() == pytest.approx(popular.mae)
    errors = found.errors_frame().set_index("method")
    assert errors.loc["popular", "predicted"] == 3
    assert errors.loc["popular", "rmse"] == popular.rmse
    assert list(popular.rated_frame().columns)[-2:] == ["actual", "predicted"]
    assert len(popular.to_frame()) == 2
    empty = ask_all({}, methods=["popular"], index=rec)
    assert len(empty.rated_frame()) == 0
    assert [answer.method for answer in found] == ["kindred", "popular", "tutorial"]
    with pytest.raises(KeyError):
        found["ease"]


def test_errors_are_of_what_is_predicted() -> None:
    """Of 4, 2 and 3 stars 3 and 4 are predicted, and nothing of the third movie."""
    movies = [Movie(number, f"Film {number}") for number in range(3)]
    stars: list[tuple[float, float | None]] = [(4, 3), (2, 4), (3, None)]
    rated = tuple(RatedMovie(movie, *pair) for movie, pair in zip(movies, stars, strict=True))
    answer = Answer("some", (), rated, None, None)
    assert (answer.predicted, answer.mae, answer.rmse) == (2, 1.5, 2.5**0.5)
    assert len(SideBySide((answer,))) == 1


# What is refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"method": "pearson"}, "no method 'pearson': choose kindred, tutorial, user-cosine"),
        ({"method": "popular", "limit": 0}, "limit is 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    rec: Recommender, arguments: dict[str, object], words: str
) -> None:
    """In one line that says what to give."""
    with pytest.raises(InvalidInputError, match=words):
        ask(STARS, index=rec, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("methods", ["popular", [], 3])
def test_methods_are_a_list(rec: Recommender, methods: Any) -> None:
    """Of one at least."""
    with pytest.raises(InvalidInputError, match=r"methods is .*: give a list of some of kindred"):
        ask_all(STARS, methods=methods, index=rec)


def test_an_unknown_movie_is_an_error(rec: Recommender) -> None:
    """As for every question; and the recommender stays open."""
    with pytest.raises(UnknownMovieError):
        ask({4711: 1}, method="popular", index=rec)
    assert rec.recommend(STARS)


def test_a_large_index_is_not_read(rec: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    """The world has 27 ratings."""
    monkeypatch.setattr(scan, "MOST_RATINGS", 26)
    line = r"holds 27 ratings, and these methods read them all, at most 26: ask an index of fewer"
    with pytest.raises(InvalidInputError, match=line):
        ask(STARS, method="popular", index=rec)


def test_without_scipy_only_kindred_answers(
    rec: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the error says how to get it."""
    monkeypatch.setattr(choice, "find_spec", lambda _: None)
    assert ask(STARS, method="kindred", index=rec).rows
    with pytest.raises(InvalidInputError, match=r"needs the package scipy: pip install"):
        ask(STARS, method="popular", index=rec)


# The command


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Write three ratings down."""
    path = tmp_path / "me.csv"
    path.write_text("title,rating\nThe Matrix,5\nAlien,4\nAmélie,2\n", encoding="utf-8")
    return path


def test_the_command_prints_lists_side_by_side_and_predictions_beside_stars(
    kindred: Run, world: Path, profile: Path
) -> None:
    """Three methods to a line of a hundred, then what each predicts, with its errors."""
    done = kindred("evaluate", "--profile", profile, "--limit", 2, index=world)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    heads = [line.split() for line in lines if "kindred" in line or "popular" in line]
    assert heads[:2] == [
        ["kindred", "stars", "tutorial", "user-cosine", "stars"],
        ["user-pearson", "stars", "item-cosine", "stars", "popular", "stars"],
    ]
    (row,) = (line for line in lines if line.startswith("The Matrix"))
    assert row.split()[3] == "5"
    assert any(line.startswith("MAE") for line in lines)
    assert any(line.startswith("RMSE") for line in lines)
    assert "tutorial: predicts no stars" in done.stdout


def test_the_command_asks_some_methods_for_a_stored_rater(kindred: Run, world: Path) -> None:
    """Kindred is always beside them; one JSON document."""
    done = kindred("evaluate", "--user", 1, "--method", "popular", "--json", index=world)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [answer["method"] for answer in document["methods"]] == ["kindred", "popular"]
    assert len(document["rated"]) == len(THREE_RATERS[1])
    popular = document["methods"][1]
    assert popular["recommendations"][0].keys() >= {"rank", "movie_id", "title", "score"}
    first = next(one for one in document["rated"] if one["movie_id"] == 5)
    # Without their own 4: those of rater 2 and of somebody with few ratings.
    assert (first["actual"], first["predicted"]["popular"]) == (4, 4.5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "give either the SOURCE"),
        (["sample", "--user", 1], "give either the SOURCE"),
        (["--user", 1, "--profile", "me.csv"], "only one of these"),
        (["--user", 1, "--stars"], "--stars: this is for a SOURCE"),
        (["--user", 1, "--together"], "--together: this is for a SOURCE"),
        (["--user", 1, "--lengths", "3"], "--lengths: this is for a SOURCE"),
        (["sample", "--index", "here"], "--index: this is for --profile or --user"),
        (["sample", "--limit", 3], "--limit: this is for --profile or --user"),
        (["--limit", 3], "give either the SOURCE"),
        (["--user", 1, "--columns", "title=Film"], "say how the file of --profile is read"),
    ],
)
def test_wrong_usage_is_told(kindred: Run, options: list[object], words: str) -> None:
    """With exit code 2, and before anything is read."""
    done = kindred("evaluate", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.replace("│", " ").split())


def test_a_method_that_is_not_there_is_told_before_an_index_is_opened(kindred: Run) -> None:
    """Where there is none."""
    done = kindred("evaluate", "--user", 1, "--method", "popular, pearson")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no method 'pearson': choose kindred, tutorial" in done.stderr


def test_titles_that_a_terminal_would_obey_are_harmless(kindred: Run, tmp_path: Path) -> None:
    """As in every table."""
    ratings: Ratings = random_ratings(5, raters=20, movies=8, most=8)
    titles = {movie: (f"[red]Film\x1b[2J {movie}", "Drama") for movie in range(1, 9)}
    path = build_index(tmp_path, ratings, titles)
    user = next(user for user, rated in ratings.items() if len(rated) < 6)
    done = kindred("evaluate", "--user", user, index=path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "[red]Film" in done.stdout
