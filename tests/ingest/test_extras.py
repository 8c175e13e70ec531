"""What a source tells beside the ratings: tags of movies, attributes of raters, what is recent."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.people import read_people
from ingest.progress import Quiet
from ingest.sources import open_files
from ingest.tags import MOST, read_tags
from recommender.manifest import IdKind
from recommender.records import ExternalId

RATINGS = "userId,movieId,rating\n1,1,5\n1,2,4\n2,1,1\n"


class Told(Quiet):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, line: str) -> None:
        """Keep it."""
        self.notes.append(line)


def source(folder: Path, name: str, text: str) -> str:
    """Write ratings and one more file."""
    (folder / "ratings.csv").write_text(RATINGS, encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def tags_of(folder: Path, name: str, text: str, ids: IdKind = "int") -> dict[ExternalId, list[str]]:
    """Tags by movie."""
    with open_files(source(folder, name, text)) as files:
        assert files.tags is not None
        return {movie: list(tags) for movie, tags in read_tags(*files.tags, ids).items()}


def test_tags_are_counted_by_people_and_shown_as_most_often_written(tmp_path: Path) -> None:
    """Three people say sci-fi in three ways; one says funny twice."""
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
    """Tag 30 has 30 people, tag 29 has 29, and so on; tag 1 to 10 are too many."""
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
    ],
)
def test_tags_come_in_several_layouts(
    tmp_path: Path, name: str, text: str, ids: IdKind, expected: dict[ExternalId, list[str]]
) -> None:
    """That of ml-10m, without people, with quotes and padded ids."""
    assert tags_of(tmp_path, name, text, ids) == expected


def about(folder: Path, name: str, text: str) -> tuple[dict[ExternalId, dict[str, str]], list[str]]:
    """Attributes by rater, and what was told of those left out."""
    told = Told()
    with open_files(source(folder, name, text)) as files:
        assert files.people is not None
        found = read_people(*files.people, "int", told)
    return {user: dict(attributes) for user, attributes in found.items()}, told.notes


def test_the_users_of_ml_1m_are_read_as_text_without_postal_codes(tmp_path: Path) -> None:
    """Codes of ages and occupations are spelt out."""
    found, notes = about(
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
    found, _ = about(
        tmp_path,
        "u.user",
        "1|24|M|writer|85711\n2|25|F|other|94043\n3|34|M|writer|32067\n4|7|M|other|43537\n",
    )
    assert [found[user]["age"] for user in found] == ["18-24", "25-34", "25-34", "under 18"]
    assert [found[user]["occupation"] for user in found] == ["writer", "other", "writer", "other"]


def test_a_table_of_people_keeps_groups_and_leaves_out_what_points_at_one(tmp_path: Path) -> None:
    """Names and mails have a value each; towns are few, postal codes are never kept."""
    rows = [f"{n},Name {n},{n}@x.org,{'Ulm' if n % 2 else 'Bonn'},4,{'x' * 41}" for n in range(9)]
    text = "\n".join(["User ID,name,e-mail,Home Town,Post Code,about", *rows]) + "\n9,,,,,\n"
    found, notes = about(tmp_path, "people.csv", text)
    assert found[3] == {"home_town": "Ulm"}
    assert found[4] == {"home_town": "Bonn"}
    assert found[9] == {}
    assert notes == ["left out of people.csv, for privacy: name, e_mail, post_code, about"]


def test_the_first_line_of_a_rater_counts(tmp_path: Path) -> None:
    """As it does for movies; ages that are no numbers stay as they are."""
    text = "user,age\n1,young\n1,old\n2,old\n3,young\n4,\nx,old\n"
    found, _ = about(tmp_path, "people.csv", text)
    assert found == {1: {"age": "young"}, 2: {"age": "old"}, 3: {"age": "young"}, 4: {}}
