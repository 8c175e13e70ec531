"""What a source has beside ratings: tags of movies, attributes of users, recent likes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ingest import ingest
from ingest.progress import Progress
from ingest.sources.files import open_source_files
from ingest.sources.tags import MOST, read_tags
from ingest.sources.users import read_users
from recommender.storage.edge import EdgeStore
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import IdKind

RATINGS = "userId,movieId,rating\n1,1,5\n1,2,4\n2,1,1\n"


class Notes(Progress):
    """Collects notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, line: str) -> None:
        """Collect a line."""
        self.notes.append(line)


def source(folder: Path, name: str, text: str) -> str:
    """Write ratings and one more file."""
    (folder / "ratings.csv").write_text(RATINGS, encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def tags_of(folder: Path, name: str, text: str, ids: IdKind = "int") -> dict[ExternalId, list[str]]:
    """Tags by movie."""
    with open_source_files(source(folder, name, text)) as files:
        assert files.tags is not None
        return {movie: list(tags) for movie, tags in read_tags(files.tags, ids).items()}


def test_tags_are_counted_by_users_and_shown_as_most_often_written(tmp_path: Path) -> None:
    """Three users write sci-fi in three ways; one writes funny twice."""
    text = (
        "userId,movieId,tag,timestamp\n"
        "1,1,Sci-Fi,9\n2,1,sci-fi,9\n3,1,SCI FI,9\n4,2,sci-fi,9\n"
        "1,1,funny,9\n1,1,Funny!,9\n2,1,  dark   comedy ,9\n3,1,dark comedy,9\n"
        "1,2,!!!,9\n1,,lost,9\n1,x,odd id,9\n"
    )
    # Of two ways to write a tag that are as frequent, the first by text is shown.
    assert tags_of(tmp_path, "tags.csv", text) == {
        1: ["sci-fi", "dark comedy", "Funny!"],
        2: ["sci-fi"],
    }


def test_a_movie_keeps_the_commonest_tags_only(tmp_path: Path) -> None:
    """Tag 30 has 30 users, tag 29 has 29, and so on; tag 1 to 10 are too many."""
    rows = [f"{user},1,tag {tag}" for tag in range(1, 31) for user in range(tag)]
    found = tags_of(tmp_path, "tags.csv", "\n".join(["userId,movieId,tag", *rows]) + "\n")
    assert found == {1: [f"tag {tag}" for tag in range(30, 30 - MOST, -1)]}


@pytest.mark.parametrize(
    ("name", "text", "ids", "expected"),
    [
        (
            "tags.dat",
            "15::1::excellent!::1215184630\n20::2::Oscar: Best Picture::1188263867\n",
            "int",
            {1: ["excellent!"], 2: ["Oscar: Best Picture"]},
        ),
        ("t.csv", "movie,tag\nx1,cosy\nx1,Cosy\nx1,cosy\n", "str", {"x1": ["cosy"]}),
        ("t.csv", 'user,movie,tag\n1,0007,"one, two"\n', "int", {7: ["one, two"]}),
        ("t.csv", "user,movie,tag\n1, 7.0 ,odd\n2,7,odd\n", "int", {7: ["odd"]}),
        ("t.csv", "movie,tag\n7.0,odd\n", "str", {"7.0": ["odd"]}),
    ],
)
def test_tags_come_in_several_layouts(
    tmp_path: Path, name: str, text: str, ids: IdKind, expected: dict[ExternalId, list[str]]
) -> None:
    """That of ml-10m, without users, with quotes, padded ids and whole numbers as 7.0."""
    assert tags_of(tmp_path, name, text, ids) == expected


def attributes(
    folder: Path, name: str, text: str
) -> tuple[dict[ExternalId, dict[str, str]], list[str]]:
    """Attributes by user, and the notes of those left out."""
    progress = Notes()
    with open_source_files(source(folder, name, text)) as files:
        assert files.users is not None
        found = read_users(files.users, "int", progress)
    return {user: dict(values) for user, values in found.items()}, progress.notes


def test_the_users_of_ml_1m_are_read_as_text_without_postal_codes(tmp_path: Path) -> None:
    """Codes of ages and occupations are spelt out."""
    found, notes = attributes(
        tmp_path,
        "users.dat",
        "1::F::1::10::48067\n2::M::56::16::70072\n3::M::1::10::55117\n4::F::56::16::02460\n",
    )
    assert found == {
        1: {"gender": "F", "age": "under 18", "occupation": "K-12 student"},
        2: {"gender": "M", "age": "56+", "occupation": "self-employed"},
        3: {"gender": "M", "age": "under 18", "occupation": "K-12 student"},
        4: {"gender": "F", "age": "56+", "occupation": "self-employed"},
    }
    assert notes == ["left out of users.dat, for privacy: zip"]


def test_the_users_of_ml_100k_get_the_same_age_groups(tmp_path: Path) -> None:
    """Their ages are given to the year; occupations are text."""
    found, _ = attributes(
        tmp_path,
        "u.user",
        "1|24|M|writer|85711\n2|25|F|other|94043\n3|34|M|writer|32067\n4|7|M|other|43537\n",
    )
    assert [found[user]["age"] for user in found] == ["18-24", "25-34", "25-34", "under 18"]
    assert [found[user]["occupation"] for user in found] == ["writer", "other", "writer", "other"]


def test_only_age_gender_and_occupation_are_kept_of_a_users_file(tmp_path: Path) -> None:
    """However few values a column has; what was left out is told, once."""
    text = (
        "User ID,Name,e-mail,SEX,Home Town,Birth Year, Age ,note,Occupation\n"
        "1,Ann,a@x.org,F,Ulm,1980,45,x,cook\n2,Ben,b@x.org,M,Ulm,1980,45,x,smith\n3,,,,,,,,\n"
    )
    found, notes = attributes(tmp_path, "people.csv", text)
    assert found == {
        1: {"sex": "F", "age": "45-49", "occupation": "cook"},
        2: {"sex": "M", "age": "45-49", "occupation": "smith"},
        3: {},
    }
    columns = "name, e_mail, home_town, birth_year, note"
    assert notes == [f"left out of people.csv, for privacy: {columns}"]


@pytest.mark.parametrize(
    ("age", "group"),
    [
        ("25", "25-34"),
        ("25.0", "25-34"),
        (" 34.9 ", "25-34"),
        ("1", "under 18"),
        ("Under 18", "under 18"),
        ("56+", "56+"),
        ("1985", None),
        ("1985-03-04", None),
        ("-3", None),
        ("old", None),
        ("", None),
    ],
)
def test_ages_are_kept_as_groups_only(tmp_path: Path, age: str, group: str | None) -> None:
    """However they are written; a year or a date of birth is no age."""
    found, _ = attributes(tmp_path, "people.csv", f"user,age\n1,{age}\n2,30\n")
    assert found == {1: {"age": group} if group else {}, 2: {"age": "25-34"}}


def test_the_first_line_of_a_rater_counts(tmp_path: Path) -> None:
    """As it does for movies, and ids are read as those of ratings are."""
    text = "user,sex\n1,F\n1.0,M\n 2.0 ,M\n+3,F\n4,\nx,M\n5.5,F\n"
    found, _ = attributes(tmp_path, "people.csv", text)
    assert found == {1: {"sex": "F"}, 2: {"sex": "M"}, 3: {"sex": "F"}, 4: {}}


def test_a_value_is_kept_where_five_stored_raters_share_it(tmp_path: Path) -> None:
    """Raters 1 to 5 are men and smiths; of five women who cook one is too thin to be stored."""
    rows = [f"{user},{movie},{4 + movie % 2}" for user in range(1, 10) for movie in range(1, 7)]
    table = "\n".join(["user,movie,rating", *rows, "10,1,5"])
    (tmp_path / "ratings.csv").write_text(table, encoding="utf-8")
    people = [f"{user},{'M,smith' if user < 6 else 'F,cook'}" for user in range(1, 11)]
    table = "\n".join(["user,sex,occupation", *people])
    (tmp_path / "users.csv").write_text(table, encoding="utf-8")
    store = EdgeStore(tmp_path / "index")
    ingest(str(tmp_path), index=store)
    with closing(store.open()) as index:
        assert index.manifest.attributes == {"sex": ("M",), "occupation": ("smith",)}
        # Raters without attributes have no fields for them.
        kept = [shard for shard in (tmp_path / "index").rglob("*") if shard.is_file()]
        assert any(b"smith" in file.read_bytes() for file in kept)
        assert not any(b"cook" in file.read_bytes() for file in kept)


@pytest.mark.parametrize(
    ("kind", "text"), [("tags", "user,movie,tag\n1,1,odd\n"), ("users", "user,sex\n1,F\n")]
)
def test_of_several_files_beside_the_ratings_none_is_used(
    tmp_path: Path, kind: str, text: str
) -> None:
    """The ratings are read all the same, and the files are named."""
    (tmp_path / "b.csv").write_text(text, encoding="utf-8")
    progress = Notes()
    with open_source_files(source(tmp_path, "a.csv", text), progress=progress) as files:
        assert (files.tags, files.users) == (None, None)
    assert progress.notes == [f"there are several {kind} files, a.csv and b.csv: none is used"]
