"""Asking with a profile that was saved as a file."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kindred.profile_file import read_profile
from recommender import InvalidInputError, Opinion, Profile, Recommender
from tests.kindred.conftest import Run
from tests.ui.exported import zipped
from ui.transfer import exports
from ui.transfer.import_draft import Draft
from ui.transfer.imports import ImportedFiles

GONE = {"movie_id": 99999999, "title": "Gone", "opinion": "like"}


def _write(folder: Path, source: str | None = None, **lists: list[dict[str, Any]]) -> Path:
    file = folder / "mine.json"
    document = {"kindred_taste": 1, "source": source, **lists}
    file.write_text(json.dumps(document), encoding="utf-8-sig")
    return file


def test_what_was_written_is_read(world: Path, tmp_path: Path) -> None:
    """Opinions, stars, watchlist and hidden films, by ids of the index."""
    file = tmp_path / "mine.json"
    with Recommender.open(world) as rec:
        mine = Profile({1: 1}, stars={1: 4.5, 2: 2}, watchlist=(3,), hidden=(4,), scale=(0.5, 5))
        file.write_text(json.dumps(mine.to_dict(source=rec.stats().source.name)))
        assert read_profile(file, rec) == mine


def test_what_the_app_downloads_is_read(world: Path, tmp_path: Path) -> None:
    """Its file "Everything, for Kindred", with the films' titles and other ids."""
    file = tmp_path / "taste.json"
    with Recommender.open(world) as rec:
        mine = Profile({1: 1, 4: -1}, stars={1: 4.5}, watchlist=(3,), hidden=(5,), scale=(0.5, 5))
        file.write_bytes(exports.kindred(mine, rec))
        assert read_profile(file, rec) == mine


@pytest.mark.parametrize("command", ["recommend", "rows", "predict 9", "explain 4", "neighbours"])
def test_a_file_is_asked_with_like_opinions_given_one_by_one(
    kindred: Run, world: Path, tmp_path: Path, command: str
) -> None:
    """By every command that takes opinions."""
    rated = [{"movie_id": 1, "opinion": "like"}, {"movie_id": 2, "opinion": "dislike"}]
    file = _write(tmp_path, ratings=rated)
    done = kindred(*command.split(), "--profile", file, "--json", index=world)
    single = kindred(*command.split(), "--like", 1, "--dislike", 2, "--json", index=world)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == single.stdout != ""


def test_films_the_index_does_not_have_are_left_out_and_counted(
    kindred: Run, world: Path, tmp_path: Path
) -> None:
    """In one line on standard error, so that standard output stays one document."""
    rated = [{"movie_id": 1, "opinion": "like"}, GONE]
    file = _write(tmp_path, ratings=rated, hidden=[{"movie_id": 88888888}])
    done = kindred("recommend", "--profile", file, "--json", index=world)
    single = kindred("recommend", "--like", 1, "--json", index=world)
    assert (done.returncode, done.stdout) == (0, single.stdout)
    assert done.stderr == f"note: 2 of the 3 films of '{file}' are not in this index\n"


def test_under_another_source_films_go_by_other_ids_and_titles(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their own ids would be other films; one known by such an id alone is left out."""
    rated = [
        {"movie_id": 7, "opinion": "like", "imdb_id": "tt0133093"},
        {"movie_id": 8, "opinion": "seen", "tmdb_id": 348},
        {"movie_id": 9, "opinion": "dislike", "title": "Heat", "year": 1995},
        {"movie_id": 1, "opinion": "like"},
        {"movie_id": 2, "opinion": "like", "title": "Psycho"},
    ]
    with Recommender.open(world) as rec:
        profile = read_profile(_write(tmp_path, "another", ratings=rated), rec)
        movies = [rec.movie(key).movie_id for key in profile.movies]
    assert movies == [1, 2, 4]
    assert [*profile.opinions.values()] == [Opinion.LIKE, Opinion.NEUTRAL, Opinion.DISLIKE]
    # Psycho is the title of two films of the index.
    assert "note: 2 of the 5 films" in capsys.readouterr().err


def test_an_id_is_never_read_as_a_title(tmp_path: Path) -> None:
    """A film with an id that the index lacks is not the one that is called like that number."""
    missing = Profile({1917: 1, 5: 1})
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(missing.to_dict()))
    index = SimpleNamespace(
        stats=lambda: SimpleNamespace(source=SimpleNamespace(name="x")),
        find=lambda keys: tuple(None if key == 1917 else key for key in keys),
    )
    assert read_profile(file, index) == Profile({5: 1})  # type: ignore[arg-type]


def test_no_film_left_is_an_error(world: Path, tmp_path: Path) -> None:
    """Rather than what everyone likes, as for somebody who said nothing."""
    with Recommender.open(world) as rec, pytest.raises(InvalidInputError, match="none of the 1 "):
        read_profile(_write(tmp_path, ratings=[GONE]), rec)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "is nothing that Kindred can read: of JSON it reads"),
        (b"id,director", "none of its headings (id, director) is"),
        (b"\xff\xfe\x00", "is nothing that Kindred can read"),
        (b"", "is empty"),
        (b"PK\3\4", "is damaged"),
        (b"Const,Your Rating,Title,Title Type\ntt1,8,Lost,TV Series", "1 listed as series"),
        (b'{"kindred_taste": 2}', "version 2"),
        (b'{"kindred_taste": 1, "ratings": [{"opinion": "love"}]}', "opinion"),
        (None, "No such file"),
    ],
)
def test_what_is_no_profile_is_one_line(
    kindred: Run, world: Path, tmp_path: Path, content: bytes | None, says: str
) -> None:
    """It names the file, and what is wrong with it."""
    file = tmp_path / "mine.json"
    if content is not None:
        file.write_bytes(content)
    done = kindred("recommend", "--profile", file, index=world)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("error: ")
    assert str(file) in done.stderr
    assert says in done.stderr


IMDB = """\
Const,Your Rating,Date Rated,Title,Title Type,Year
tt0133093,9,2024-01-02,The Matrix,Movie,1999
,3,2024-01-02,Heat,Movie,1995
,8,2024-01-02,Psycho,Movie,
,8,2024-01-02,Unheard Of,Movie,1999
tt0000777,8,2024-01-02,Lost,TV Series,2004
"""
TRAKT = [
    {"rating": 9, "movie": {"title": "The Matrix", "year": 1999, "ids": {"imdb": "tt0133093"}}},
    {"rating": 3, "movie": {"title": "Heat", "year": 1995}},
]
LETTERBOXD = "Date,Name,Year,Letterboxd URI,Rating\n,The Matrix,1999,,4.5\n,Heat,1995,,1.5\n"


def test_an_export_of_a_service_is_asked_with(kindred: Run, world: Path, tmp_path: Path) -> None:
    """What is not certain is left out and counted, with who asks, in one line."""
    file = tmp_path / "ratings.csv"
    file.write_text(IMDB)
    done = kindred("recommend", "--profile", file, "--json", index=world)
    single = kindred("recommend", "--like", 1, "--dislike", 4, "--json", index=world)
    assert done.returncode == 0
    first, second = (json.loads(one.stdout)["recommendations"] for one in (done, single))
    assert [(row["movie_id"], row["score"]) for row in first] == [
        (row["movie_id"], row["score"]) for row in second
    ]
    read, left_out = done.stderr.splitlines()
    assert read == f"note: {file} (IMDb): 4 films. Left out: 1 listed as series."
    assert left_out.startswith(
        f"note: left out of the 4 films of '{file}': 1 not in this index, 1 that may be one of "
        "several; to decide, bring the file in the app"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ratings-movies.json", json.dumps(TRAKT).encode()),
        ("letterboxd.zip", zipped({"ratings.csv": LETTERBOXD, "profile.csv": "Username\nme\n"})),
    ],
)
def test_lists_as_json_and_zip_are_read(
    kindred: Run, world: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    """Their films are the two that are certain above."""
    file = tmp_path / name
    file.write_bytes(content)
    with Recommender.open(world) as rec:
        profile = read_profile(file, rec)
    assert profile == Profile({1: 1, 4: -1}, stars={1: 4.5, 4: 1.5}, scale=(0.5, 5))


def test_an_export_without_a_film_of_the_index_is_an_error(world: Path, tmp_path: Path) -> None:
    """As for a profile: not what everyone likes."""
    file = tmp_path / "mine.csv"
    file.write_text("Title,Year,Rating\nUnheard Of,1999,8\n")
    with Recommender.open(world) as rec, pytest.raises(InvalidInputError, match="none of the 1 "):
        read_profile(file, rec)


def test_a_profile_is_read_from_standard_input(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file is named ``-``."""
    text = json.dumps(Profile({1: 1}).to_dict()).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    with Recommender.open(world) as rec:
        assert read_profile(Path("-"), rec) == Profile({1: 1})


MINE = "Movie;Mine;When\nThe Matrix;4;1/2/24\nHeat;1;2/2/24\n"


@pytest.mark.parametrize("columns", ["title=Movie,rating=mine", "rating=2, title=1,date=When"])
def test_columns_of_a_table_are_named(
    kindred: Run, world: Path, tmp_path: Path, columns: str
) -> None:
    """By headings or numbers, with the scale, as for ingest."""
    file = tmp_path / "mine.csv"
    file.write_text(MINE)
    options = ["--profile", file, "--columns", columns, "--scale", "1:4", "--json"]
    done = kindred("recommend", *options, index=world)
    assert done.returncode == 0
    single = kindred("recommend", "--like", 1, "--dislike", 4, "--json", index=world)
    first, second = (json.loads(one.stdout)["recommendations"] for one in (done, single))
    assert [row["movie_id"] for row in first] == [row["movie_id"] for row in second]
    assert done.stderr.startswith(f"note: {file}: 2 films, rated from 1 to 4.")


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ([], 1, "none of its headings (Movie, Mine, When) is a rating"),
        ([], 1, "call it watchlist.csv or watched.csv if it is that, or name its ratings with"),
        (["--scale", "1:4"], 1, "none of its headings (Movie, Mine, When) is a rating"),
        (["--columns", "title=1,rating=2"], 1, "say which with --scale, as in --scale 0.5:5"),
        (["--columns", "title=1,rating=9"], 1, "it has no column “9”: choose of Movie, Mine, When"),
        (["--columns", "title=1,stars=2"], 1, "it has no column “1,stars=2”"),
        (["--columns", "stars=2"], 2, "is not a list such as title=Film,rating=Stars"),
        (["--scale", "5:1"], 1, "'5:1' is not a scale"),
    ],
)
def test_what_a_table_leaves_open_is_told_with_the_option(
    kindred: Run, world: Path, tmp_path: Path, options: list[str], code: int, says: str
) -> None:
    """In one line, where nothing is read."""
    file = tmp_path / "mine.csv"
    file.write_text(MINE)
    done = kindred("recommend", "--profile", file, *options, index=world)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in " ".join(done.stderr.replace("│", " ").split())


def test_columns_are_for_tables_that_are_given(kindred: Run, world: Path, tmp_path: Path) -> None:
    """Neither for nothing, nor for JSON."""
    assert kindred("recommend", "--scale", "1:5", index=world).returncode == 2
    file = _write(tmp_path, ratings=[{"movie_id": 1, "opinion": "like"}])
    done = kindred("recommend", "--profile", file, "--scale", "1:5", index=world)
    assert f"'{file}' is JSON: --columns and --scale are for tables" in done.stderr


def test_a_film_in_two_files_counts_once(world: Path) -> None:
    """With an id in one and a title in the other, as they are one film of the index."""
    files = ImportedFiles()
    files.add("ratings.csv", b"Const,Your Rating,Title,Year\ntt0133093,9,Matrix,1999\n")
    files.add("watched.csv", b"Date,Name,Year,Letterboxd URI\n,The Matrix,1999,x\n")
    assert len(files.films) == 2
    with Recommender.open(world) as rec:
        draft = Draft.of(files.films, rec)
        assert [said.opinion for said in draft.changes(Profile()).said.values()] == [Opinion.LIKE]
