"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from kindred.cli import app
from kindred.question_output import print_movies
from recommender import Movie, Recommender
from tests.kindred.conftest import Run
from tests.support import FILMS, THREE_RATERS, Ratings, build_index, random_ratings, write_source

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


def test_recommend_puts_unlike_films_beside_each_other(kindred: Run, tmp_path: Path) -> None:
    """Ranks are those of the list in Python."""
    path = build_index(tmp_path, random_ratings(5, raters=60))
    options = ("--like", 1, "--like", 2, "--limit", 20, "--json")
    usual, diverse = (
        [row["movie_id"] for row in json.loads(done.stdout)["recommendations"]]
        for done in (
            kindred("recommend", *options, index=path),
            kindred("recommend", *options, "--diversity", 0.6, index=path),
        )
    )
    with Recommender.open(path) as rec:
        top = rec.recommend({1: 1, 2: 1}, limit=20, diversity=0.6)
    assert diverse == [row.movie.movie_id for row in top]
    assert diverse != usual


def test_recommend_prints_the_documented_json(kindred: Run, world: Path) -> None:
    """The JSON of recommend has just the documented keys, and shares that sum to one."""
    done = kindred("recommend", "--like", 1, "--like", 2, "--like", 3, "--json", index=world)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert list(document) == ["fallback", "neighbours", "recommendations"]
    assert document["fallback"] is None
    assert document["neighbours"] == 3
    assert [row["movie_id"] for row in document["recommendations"]] == [5, 4, 6, 7, 8, 9]
    for rank, row in enumerate(document["recommendations"], start=1):
        assert list(row) == [
            "rank",
            "movie_id",
            "title",
            "year",
            "score",
            "predicted_rating",
            "predicted_low",
            "predicted_high",
            "predicted_reason",
            "supporters",
            "because",
            "other_share",
            "by_genre",
        ]
        assert row["rank"] == rank
        assert all(list(why) == ["movie_id", "title", "share"] for why in row["because"])
        shares = sum(why["share"] for why in row["because"]) + row["other_share"]
        assert shares == pytest.approx(1, abs=1e-6)
        assert 0 < row["by_genre"] < 1


def test_scores_are_printed_to_six_digits(kindred: Run, world: Path) -> None:
    """No score has more than six significant digits."""
    done = kindred("recommend", "--like", 1, "--like", 2, "--json", index=world)
    scores = [row["score"] for row in json.loads(done.stdout)["recommendations"]]
    assert scores
    assert all(score == float(f"{score:.6g}") for score in scores)


def test_at_most_five_reasons_and_the_rest_as_one_share(kindred: Run, tmp_path: Path) -> None:
    """Of eight opinions the five largest shares are named and the others summed up."""
    index = build_index(tmp_path, random_ratings(1))
    opinions = [part for movie in range(1, 9) for part in ("--like", movie)]
    done = kindred("recommend", *opinions, "--json", index=index)
    rows = json.loads(done.stdout)["recommendations"]
    named = [why["share"] for why in rows[0]["because"]]
    assert len(named) == 5
    assert [abs(share) for share in named] == sorted(map(abs, named), reverse=True)
    assert sum(named) + rows[0]["other_share"] == pytest.approx(1, abs=1e-6)
    assert rows[0]["other_share"] != 0


@pytest.mark.parametrize("name", ["1", "id:1", "tmdb:603", "imdb:tt0133093", "The Matrix"])
def test_every_way_to_name_a_movie_gives_the_same_answer(
    kindred: Run, world: Path, name: str
) -> None:
    """Ids of other catalogues and exact titles mean the same movie."""
    done = kindred("recommend", "--like", name, "--json", index=world)
    plain = kindred("recommend", "--like", 1, "--json", index=world)
    assert done.stdout == plain.stdout != ""


def test_a_second_run_prints_the_same_bytes(kindred: Run, world: Path) -> None:
    """Answers are deterministic."""
    runs = {kindred("recommend", "--like", 1, "--json", index=world).stdout for _ in range(2)}
    assert len(runs) == 1


def test_a_stored_rater_is_asked_for_by_id(kindred: Run, world: Path) -> None:
    """Recommending for a rater shows nothing they rated and leaves them out."""
    done = kindred("recommend", "--user", 1, "--json", index=world)
    document = json.loads(done.stdout)
    assert document["neighbours"] == 2
    assert {row["movie_id"] for row in document["recommendations"]} == {6, 7, 8, 9}


def test_the_table_names_reasons_and_movies(kindred: Run, world: Path) -> None:
    """The table for people holds titles, supporters and reasons."""
    done = kindred("recommend", "--like", 1, "--like", 2, index=world)
    assert done.returncode == 0
    assert "raters most like you" in done.stdout
    assert re.search(r"Heat \(1995\)\s+4\.64\s+1\s+\d+% ", done.stdout)


def test_without_opinions_it_says_that_the_list_is_what_everyone_likes(
    kindred: Run, world: Path
) -> None:
    """The popularity fallback is labelled, in the table and in JSON."""
    assert "what everyone likes" in kindred("recommend", index=world).stdout
    document = json.loads(kindred("recommend", "--json", index=world).stdout)
    assert (document["fallback"], document["neighbours"]) == ("popular", 0)
    assert document["recommendations"][0]["because"] == []


def test_filters_that_leave_nothing_say_so(kindred: Run, world: Path) -> None:
    """An empty list is explained."""
    done = kindred("recommend", "--like", 1, "--years", "2020:", index=world)
    assert (done.returncode, "loosen" in done.stdout) == (0, True)


def test_rows_are_lists_with_names_and_titles(kindred: Run, world: Path) -> None:
    """Each as `recommend --json` prints one; the table has the titles."""
    done = kindred("rows", "--like", 1, "--limit", 2, "--json", index=world)
    rows = json.loads(done.stdout)["rows"]
    assert [row["name"] for row in rows][:2] == ["top_picks", "popular"]
    keys = ["name", "title", "fallback", "neighbours", "recommendations"]
    assert all(list(row) == keys for row in rows)
    assert rows[0]["recommendations"][0]["because"][0]["movie_id"] == 1
    shown = kindred("rows", "--like", 1, "--exclude", 4, index=world).stdout
    assert "Top picks" in shown
    assert "Heat" not in shown


def test_text_of_a_title_narrows_the_list(kindred: Run, world: Path) -> None:
    """As in Python."""
    done = kindred("recommend", "--like", 1, "--title", "psycho", "--json", index=world)
    document = json.loads(done.stdout)
    assert [row["movie_id"] for row in document["recommendations"]] == [6, 7]
    either = ("--title", "psycho", "--title", "heat")
    done = kindred("recommend", "--like", 1, *either, "--json", index=world)
    document = json.loads(done.stdout)
    assert {row["movie_id"] for row in document["recommendations"]} == {4, 6, 7}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["recommend", "--like", "99999999"], "no movie '99999999'"),
        (["recommend", "--like", "Psycho"], "give one of"),
        (["recommend", "--like", "1", "--dislike", "1"], "two opinions"),
        (["recommend", "--like", "1", "--dislike", "tmdb:603"], "are the same movie"),
        (["recommend", "--user", "770"], "nobody in this index has the id '770'"),
        (["recommend", "--genre", "Scifi"], "did you mean 'Sci-Fi'?"),
        (["recommend", "--years", "1990"], "FIRST:LAST"),
        (["recommend", "--limit", "0"], "limit is 0"),
        (["recommend", "--tag", "space"], "this index has no tags"),
        (["recommend", "--since", "yesterday"], "active_since is 'yesterday': give a day"),
        (["recommend", "--votes-since", "1999-01-01"], "carry no times"),
        (["recommend", "--rater", "age"], "write NAME=VALUE"),
        (["recommend", "--rater", "age=25-34"], "raters have no attribute 'age'"),
        (["recommend", "--adventurous", "2"], "adventurous is 2"),
        (["recommend", "--diversity", "2"], "diversity is 2"),
        (["similar", "nothing at all like this"], "no movie"),
        (["ingest", "no-such-folder"], "no file or folder 'no-such-folder'"),
        (["ingest", "sample", "--scale", "5"], "LOW:HIGH"),
    ],
)
def test_a_failure_is_one_line_and_exit_code_one(
    kindred: Run, world: Path, arguments: list[str], says: str
) -> None:
    """What cannot be done is said in one line that starts with `error:`."""
    done = kindred(*arguments, index=world)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert says in line


@pytest.mark.parametrize(
    "arguments",
    [
        ["recommend", "--limit", "many"],
        ["nonsense"],
        ["recommend", "--user", "1", "--like", "2"],
        ["neighbours", "--profile", "mine.json", "--seen", "2"],
        ["rows", "--profile", "mine.json", "--user", "1"],
        ["predict"],
    ],
)
def test_wrong_usage_ends_with_exit_code_two(
    kindred: Run, world: Path, arguments: list[str]
) -> None:
    """Usage errors are told apart from failures."""
    assert kindred(*arguments, index=world).returncode == 2


@pytest.mark.parametrize("command", ["recommend", "search x", "info", "similar x", "predict x"])
def test_without_an_index_it_says_how_to_make_one(
    kindred: Run, tmp_path: Path, command: str
) -> None:
    """The first error a new user may see tells the next step."""
    done = kindred(*command.split(), "--index", tmp_path / "none")
    assert done.returncode == 1
    assert "kindred ingest sample" in done.stderr


def test_ingest_prints_the_documented_json_only(kindred: Run, tmp_path: Path) -> None:
    """Standard output of `ingest --json` is one document; progress goes to standard error."""
    source = write_source(tmp_path / "source", THREE_RATERS, FILMS)
    done = kindred("ingest", source, "--json", index=tmp_path / "index")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    promised = {
        *("source", "ratings", "users", "movies", "dropped", "thin_raters", "scale", "seconds"),
        *("ratings_per_second", "peak_mb", "version"),
    }
    understood = {"files", "first", "like_from", "dislike_to", "warnings"}
    assert report.keys() == promised | understood
    assert report["files"][0]["columns"]["rating"] == "rating"
    assert (report["ratings"], report["users"], report["movies"]) == (27, 7, 9)
    assert (report["thin_raters"], report["scale"]) == (4, "1-5")
    assert "storing 100%" in done.stderr.splitlines()


def test_ingest_says_what_it_dropped(kindred: Run, tmp_path: Path) -> None:
    """People are told what did not count, and why."""
    file = tmp_path / "mine.csv"
    file.write_text("user,item,rating\n" + "1,2,4\n1,3,5\n" * 9 + "1,4,x\n", encoding="utf-8")
    done = kindred("ingest", file, index=tmp_path / "index")
    assert done.returncode == 0
    assert "Scale of the ratings: 1-5, like from 4, dislike up to 2.5." in done.stdout
    assert "dropped: 1 rating not a number" in done.stdout
    assert "dropped: 16 rated again later" in done.stdout


def test_predict_prints_the_documented_json(kindred: Run, world: Path) -> None:
    """Several movies in the order given, in numbers of six digits, as Python predicts them."""
    opinions = ("--like", 1, "--like", 6, "--dislike", 5)
    done = kindred("predict", 9, "Psycho (1960)", *opinions, "--json", index=world)
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)["predictions"]
    with Recommender.open(world) as rec:
        expected = rec.predict_many({1: 1, 6: 1, 5: -1}, [9, 6])
    for row, found in zip(rows, expected, strict=True):
        assert list(row) == [
            "movie_id", "title", "year", "stars", "low", "high", "expected", "support", "reason",
        ]  # fmt: skip
        assert row["movie_id"] == found.movie.movie_id
        for name in ("stars", "low", "high"):
            assert row[name] == pytest.approx(getattr(found, name), rel=1e-5)
        assert (row["support"], row["reason"]) == (found.support, found.reason)
        assert row["low"] <= row["stars"] <= row["high"]


def test_predict_says_why_there_are_no_stars(kindred: Run, world: Path) -> None:
    """In the table; and a stored rater can be asked for."""
    assert re.search(
        r"Psycho \(1960\)\s+none  you rated nothing yet", kindred("predict", 6, index=world).stdout
    )
    done = kindred("predict", 6, "--user", 1, index=world)
    assert "of your ratings" in done.stdout


def test_predicted_stars_stand_in_the_table(kindred: Run, world: Path) -> None:
    """With two digits, and the ends of the interval with one; JSON has six."""
    opinions = ("--like", 1, "--like", 2)
    rows = json.loads(kindred("recommend", *opinions, "--json", index=world).stdout)
    fields = ("rating", "low", "high")
    predicted = [[row[f"predicted_{f}"] for f in fields] for row in rows["recommendations"]]
    assert all(row["predicted_reason"].startswith("rests on") for row in rows["recommendations"])
    table = kindred("recommend", *opinions, index=world).stdout
    assert predicted
    assert all(f" {stars:.2f} " in table for stars, _, _ in predicted)
    assert all(f" ({low:.1f}-{high:.1f}) " in table for _, low, high in predicted)


def test_a_list_without_stars_says_why(kindred: Run, tmp_path: Path) -> None:
    """Once, under the table."""
    table: Ratings = {user: dict.fromkeys(range(1, 8), 5.0) for user in range(6)}
    index = build_index(tmp_path, table)
    done = kindred("recommend", "--like", 1, index=index)
    assert done.stdout.count("No stars: there are no stars in this index") == 1


def test_neighbours_are_listed_with_what_is_agreed_on(kindred: Run, world: Path) -> None:
    """All that Python gives as JSON, some of it as a table, and a line where there is nobody."""
    opinions = ("--like", 1, "--like", 2, "--dislike", 3)
    done = kindred("neighbours", *opinions, "--limit", 2, "--json", index=world)
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)["neighbours"]
    with Recommender.open(world) as rec:
        expected = rec.neighbours({1: 1, 2: 1, 3: -1}, limit=2)
    assert [row["user_id"] for row in rows] == [rater.user_id for rater in expected]
    for row, rater in zip(rows, expected, strict=True):
        assert list(row) == ["user_id", "similarity", "weight", "ratings", "agree", "disagree"]
        assert (row["similarity"], row["ratings"]) == (rater.similarity, rater.ratings)
        assert [movie["movie_id"] for movie in row["agree"]] == [m.movie_id for m in rater.agree]
        assert all(list(movie) == ["movie_id", "title", "year"] for movie in row["disagree"])
    table = kindred("neighbours", *opinions, index=world).stdout
    assert re.search(r"you agree on .*disagree on", table)
    assert "The Matrix" in table
    assert "Nobody kindred" in kindred("neighbours", index=world).stdout


def test_explain_shows_the_calculation_of_python(kindred: Run, world: Path) -> None:
    """Every vote as JSON; for people as Python prints it."""
    arguments = ("explain", "Heat (1995)", "--like", 1, "--like", 2)
    done = kindred(*arguments, "--json", index=world)
    assert (done.returncode, done.stderr) == (0, "")
    with Recommender.open(world) as rec:
        expected = rec.explain({1: 1, 2: 1}, 4)
    document = json.loads(done.stdout)
    assert (document["movie_id"], document["recommended"]) == (4, expected.recommended)
    assert document["score"] == float(f"{expected.score:.6g}")
    for part in ("damping", "lift", "lift_power", "ease", "ease_power", "added", "by_genre"):
        assert document[part] == getattr(expected, part)
    votes = [(vote["user_id"], vote["vote"]) for vote in document["votes"]]
    assert votes == [(vote.user_id, vote.vote) for vote in expected.votes] != []
    assert kindred(*arguments, index=world).stdout == f"{expected}\n"


def test_search_and_info_and_similar_have_json(kindred: Run, world: Path) -> None:
    """Every reading command prints one JSON document."""
    found = json.loads(kindred("search", "matirx", "--json", index=world).stdout)
    assert found["movies"][0]["title"] == "The Matrix"
    info = json.loads(kindred("info", "--json", index=world).stdout)
    assert (info["ratings"], info["raters"], info["movie_ids"]) == (27, 3, "int")
    assert "similar" in json.loads(kindred("similar", 1, "--json", index=world).stdout)


def test_info_verifies_every_byte(kindred: Run, tmp_path: Path) -> None:
    """What is whole is named; what is not ends in one line that names the file and the way out."""
    index = build_index(tmp_path, THREE_RATERS)
    told = kindred("info", "--verify", "--json", index=index)
    assert json.loads(told.stdout)["verified"] == ["000001"]
    (index / "versions" / "000001" / "users" / "edge_config.json").write_text("{}")
    told = kindred("info", "--verify", index=index)
    (line,) = told.stderr.splitlines()
    assert (told.returncode, told.stdout) == (1, "")
    assert "edge_config.json is missing or not as it was written: ingest again" in line


def test_titles_are_printed_as_written(kindred: Run, tmp_path: Path) -> None:
    """A title that looks like markup of the terminal library is not taken for it."""
    titles = {**FILMS, 1: ("[REC] [bold]x[/bold] (2007)", "Horror")}
    source = write_source(tmp_path / "source", THREE_RATERS, titles)
    assert kindred("ingest", source, index=tmp_path / "index").returncode == 0
    found = kindred("search", "rec", index=tmp_path / "index").stdout
    assert "[REC] [bold]x[/bold] (2007)" in found


def test_the_index_option_beats_the_environment(kindred: Run, world: Path, tmp_path: Path) -> None:
    """An explicit folder wins over KINDRED_INDEX."""
    assert kindred("info", "--index", world, index=tmp_path / "none").returncode == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_is_in_the_readme(kindred: Run, command: str) -> None:
    """No command is undocumented."""
    done = kindred(command, "--help")
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    readme = Path(__file__).parents[2] / "README.md"
    assert f"kindred {command}" in readme.read_text(encoding="utf-8")


def test_an_error_is_one_line_whatever_was_typed(kindred: Run, world: Path) -> None:
    """A title pasted with its line break included."""
    done = kindred("similar", "no such\nmovie", index=world)
    assert done.returncode == 1
    assert done.stderr.startswith(r"error: no movie 'no such\nmovie'")
    assert done.stderr.count("\n") == 1


@pytest.mark.process
def test_an_ingest_goes_on_where_nobody_listens_to_its_progress(
    tmp_path: Path, world: Path
) -> None:
    """Standard error is closed by whoever started it."""
    source = write_source(tmp_path / "source", THREE_RATERS)
    command = f"exec {sys.executable} -m kindred ingest {source} --index {tmp_path}/i --json 2>&-"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["version"] == "000001"


def test_health_is_a_real_answer(kindred: Run, world: Path) -> None:
    """One line, or one document, of the version that answered and what it gave."""
    done = kindred("health", "--json", index=world)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == ["status", "version", "milliseconds", "neighbours", "movies"]
    assert (told["status"], told["version"]) == ("ok", "000001")
    assert kindred("health", index=world).stdout.startswith("ok: version 000001 answered in ")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_failure_is_one_line_in_the_form_of_the_log(
    form: str, kindred: Run, tmp_path: Path
) -> None:
    """That programs can read where they read the rest."""
    done = kindred("health", "--json", index=tmp_path / "none", KINDRED_LOG=form)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    line = done.stderr if form == "text" else json.loads(done.stderr)["event"]
    assert line.removeprefix("error: ").startswith("there is no index in ")


def test_an_id_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """It may hold any character, and a terminal obeys some of them."""
    print_movies([Movie("\x1b[2J\x9b8m", "Heat")], as_json=False)
    assert "?[2J?8m" in capsys.readouterr().out
