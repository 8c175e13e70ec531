"""Asking for people who watch together, from files and from links."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recommender import Profile, Recommender
from tests.kindred.conftest import Run
from ui.state import link

ANA, BEN = Profile({1: 1, 2: 1}, scale=(0.5, 5)), Profile({6: 1, 8: -1}, scale=(0.5, 5))


def _save(world: Path, folder: Path, **people: Profile) -> list[Path]:
    with Recommender.open(world) as rec:
        source = rec.stats().source.name
    files = [folder / f"{name}.json" for name in people]
    for file, profile in zip(files, people.values(), strict=True):
        file.write_text(json.dumps(profile.to_dict(source=source)))
    return files


def test_files_are_asked_together(kindred: Run, world: Path, tmp_path: Path) -> None:
    """Each person goes by the name of the file, and all shares sum to 1."""
    files = _save(world, tmp_path, ana=ANA, ben=BEN)
    done = kindred("recommend", "--together", *files, "--json", index=world)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    with Recommender.open(world) as rec:
        top = rec.recommend_together({"ana": ANA, "ben": BEN})
    assert [one["name"] for one in found["people"]] == ["ana", "ben"]
    rows = found["recommendations"]
    assert [row["movie_id"] for row in rows] == [row.movie.movie_id for row in top]
    for row, one in zip(rows, top, strict=True):
        assert row["least"] == [member.name for member in one.least]
        assert [member["place"] for member in row["members"]] == [m.place for m in one.members]
        shares = [
            *(reason["share"] for member in row["members"] for reason in member["because"]),
            *(member["other_share"] for member in row["members"]),
        ]
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_a_table_says_what_each_gets_and_why(kindred: Run, world: Path, tmp_path: Path) -> None:
    """Place, stars and the largest reason, and who likes it least."""
    files = _save(world, tmp_path, ana=ANA, ben=BEN)
    done = kindred("recommend", *files, "--together", "--limit", 1, index=world)
    with Recommender.open(world) as rec:
        (row,) = rec.recommend_together({"ana": ANA, "ben": BEN}, limit=1)
        ana, _ = row.members
        assert ana.prediction is not None
        assert f"no. {ana.place}  {ana.prediction.stars:.2f}" in done.stdout
        assert f"{ana.because[0].share:.0%} {ana.because[0].movie.title}"[:20] in done.stdout
    assert "likes it least" in done.stdout.splitlines()[2]
    assert done.stdout.splitlines()[3].rstrip().endswith(f" {row.least[0].name}")


def test_names_of_files_are_only_words(kindred: Run, world: Path, tmp_path: Path) -> None:
    """Neither markup nor what a terminal obeys, and no longer than a name is."""
    files = _save(world, tmp_path, **{"[red]ana": ANA, "b\x1b[31men": BEN, "c" * 90: BEN})
    done = kindred("recommend", "--together", *files, "--limit", 1, index=world)
    assert "[red]ana" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    names = kindred("recommend", "--together", *files, "--json", index=world)
    assert json.loads(names.stdout)["people"][2]["name"] == "c" * 40


def test_one_link_is_the_whole_group(kindred: Run, world: Path) -> None:
    """Of several people; links of single ones are numbered."""
    with Recommender.open(world) as rec:
        codes = {n: link.encode(p, rec) or "" for n, p in {"Ana Ö": ANA, "Ben": BEN}.items()}
    group = f"http://127.0.0.1:8501/together#together={link.encode_group(codes)}"
    single = [f"http://127.0.0.1:8501/#taste={code}" for code in codes.values()]
    both = kindred("recommend", "--together", group, "--json", index=world)
    each = kindred("recommend", "--together", *single, "--json", index=world)
    assert [one["name"] for one in json.loads(both.stdout)["people"]] == ["Ana Ö", "Ben"]
    assert [one["name"] for one in json.loads(each.stdout)["people"]] == ["link", "link 2"]
    rows = [json.loads(one.stdout)["recommendations"] for one in (both, each)]
    assert [row["movie_id"] for row in rows[0]] == [row["movie_id"] for row in rows[1]] != []


def test_rewatching_and_filters(kindred: Run, world: Path, tmp_path: Path) -> None:
    """What only one of them has seen comes back; filters apply."""
    files = _save(world, tmp_path, ana=ANA, ben=BEN)
    again = kindred("recommend", "--together", *files, "--rewatch", "--json", index=world)
    seen = [
        row["movie_id"]
        for row in json.loads(again.stdout)["recommendations"]
        if any(member["seen"] for member in row["members"])
    ]
    assert seen
    assert 8 not in seen, "Ben dislikes it"
    none = kindred("recommend", "--together", *files, "--title", "no such word", index=world)
    assert (none.returncode, none.stdout) == (
        0,
        "No movie is left that nobody has seen or dislikes, and that passes the filters.\n",
    )


def test_who_does_not_count_is_told(kindred: Run, world: Path, tmp_path: Path) -> None:
    """And where nobody does, it is what everyone likes."""
    files = _save(world, tmp_path, ana=ANA, nobody=Profile(hidden=(9,)))
    done = kindred("recommend", "--together", *files, index=world)
    assert done.stderr == "note: nobody does not count: no kindred raters were found\n"
    both = kindred("recommend", "--together", files[1], files[1], index=world)
    assert both.stdout.startswith("Nobody kindred was found for any of them")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--together", "ana.json"], 1, "these are 1: give a file or a link for each"),
        (["--together"], 1, "these are 0"),
        (["--together", *["ana.json"] * 9], 1, "these are 9"),
        (["--together", "ana.json", "gone.json"], 1, "'gone.json': it cannot be read"),
        (["--together", "ana.json", "http://x/#taste=1mdamaged0"], 1, "damaged"),
        (["ana.json"], 2, "add --together"),
        (["--rewatch", "--like", "1"], 2, "add --together"),
        (["--together", "ana.json", "ana.json", "--like", "1"], 2, "none of --like"),
        (["--together", "ana.json", "ana.json", "--diversity", ".5"], 2, "--diversity"),
    ],
)
def test_what_cannot_be_used_is_told(
    kindred: Run, world: Path, tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    """On standard error, with the way out."""
    (file,) = _save(world, tmp_path, ana=ANA)
    arguments = [str(file) if one == "ana.json" else one for one in arguments]
    done = kindred("recommend", *arguments, index=world)
    words = " ".join(done.stderr.replace("│", " ").split())
    assert (done.returncode, done.stdout) == (code, "")
    assert told in words
