"""The command from end to end, and what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from recommender.quality.result import METRICS, Quality
from tests.kindred.conftest import Run
from tests.support import random_ratings, write_source


@pytest.mark.slow
def test_evaluate_prints_one_document_and_keeps_it(
    kindred: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures with intervals, leads and settings for each method and length; and a picture."""
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path))
    options = ["--people", 40, "--lengths", "5,80%", "--methods", "popular,user-cosine,ease"]
    picture = tmp_path / "quality.png"
    done = kindred("evaluate", "sample", *options, "--picture", picture, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    quality = Quality.model_validate(document)
    assert quality == Quality.latest("sample")
    names = ["kindred", "popular", "user-cosine", "ease"]
    metrics = ("ndcg", "debiased", "recall", "longtail", "overlap", "coverage", "calibration")
    for metric in metrics:
        found = quality.of(f"{metric}_10")
        assert [(one.asked, one.method) for one in found] == [
            (length, name) for length in ("5", "80%") for name in names
        ]
        for one in found:
            assert 0 < one.count <= 40
            assert one.low <= one.value <= one.high
            assert one.low < one.high or one.method == "popular"
            assert bool(one.setting) == (one.method != "kindred")
            if METRICS[one.metric].better and one.value > 0:
                assert (one.lead is None) == (one.method == "kindred")
    for one in quality.of("ndcg_10") + quality.of("debiased_10"):
        if one.method == "popular":
            assert one.lead is not None
            assert one.lead.low > 0
    assert document["versions"].keys() >= {"kindred", "numpy", "scipy"}
    assert document["seconds"].keys() == set(names)
    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert image.width > 1000
        assert image.height > 600
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 20  # and not an empty sheet


def test_the_tables_name_methods_lengths_and_settings(kindred: Run, tmp_path: Path) -> None:
    """What a person reads fits on a line; progress and notices are elsewhere."""
    source = write_source(tmp_path / "source", random_ratings(5, raters=80))
    done = kindred(
        "evaluate", source, "--lengths", "3,5", "--methods", "user-cosine", "--splits", 2
    )
    assert done.returncode == 0, done.stderr
    head = next(line for line in done.stdout.splitlines() if line.startswith("ratings given"))
    assert head.split() == ["ratings", "given", "3", "5"]
    for heading in ("NDCG@10", "Kindred's lead", "Debiased NDCG@10", "Settings"):
        assert f"\n{heading}" in done.stdout
    assert "user-cosine" in done.stdout
    assert "user-cosine 100%" in done.stderr


@pytest.mark.slow
def test_methods_are_named_together_or_one_by_one(kindred: Run, tmp_path: Path) -> None:
    """An option that is given twice names both, and none is lost."""
    source = write_source(tmp_path / "source", random_ratings(2))
    done = kindred(
        *("evaluate", source, "--stars", "--folds", 2, "--json"),
        *("--method", "biases", "--methods", "user-cosine,item-cosine"),
    )
    assert done.returncode == 0, done.stderr
    found = Quality.model_validate_json(done.stdout)
    assert found.methods == ("kindred", "biases", "user-cosine", "item-cosine")


def test_stars_have_tables_of_their_own(kindred: Run, tmp_path: Path) -> None:
    """With the errors of each method, over all and in each fold, and every option obeyed."""
    source = write_source(tmp_path / "source", random_ratings(5))
    options = ["--stars", "--methods", "biases", "--folds", 7, "--people", 9, "--seed", 3]
    picture = tmp_path / "stars.png"
    done = kindred("evaluate", source, *options, "--picture", picture)
    assert done.returncode == 0, done.stderr
    assert "each of 7 parts of those of 9 of them was predicted" in done.stdout
    heads = [line.split() for line in done.stdout.splitlines() if line.strip().startswith("fold")]
    folds = [[f"{n}" for n in part] for part in ((1, 2, 3, 4, 5), (6, 7))]
    assert [head[1::2] for head in heads] == folds * 2
    assert max(map(len, done.stdout.splitlines()[1:])) <= 100
    with Image.open(picture) as image:
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 20


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--stars", "--lengths", "3"], "--lengths: this is for lists, and not for --stars"),
        (["--stars", "--splits", "1", "--packs", "x"], "--packs and --splits: these are for lists"),
        (["--folds", "5"], "--folds: this is for --stars"),
        (["--together", "--folds", "5"], "--folds: this is for --stars"),
        (["--together", "--stars"], "--together: this is for lists, and not for --stars"),
        (
            ["--together", "--lengths", "3", "--packs", "x"],
            "--lengths and --packs: these are for lists, and not for --together",
        ),
        (["--stars", "--folds", "21"], "less than or equal to 20"),
    ],
)
def test_an_option_that_would_be_ignored_is_wrong_usage(
    kindred: Run, options: list[str], line: str
) -> None:
    """Also where it says what would be so without it."""
    done = kindred("evaluate", "sample", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert line in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--methods", "magic"], "there is no method 'magic': choose kindred, popular, tutorial"),
        (["--lengths", "many"], "'many' is no length of a question"),
        (["--picture", "quality.jpg"], "cannot be written to 'quality.jpg': give a file that ends"),
        (["--picture", "nowhere/quality.png"], "in a folder that is there"),
        ([], "only 3 people of the source have 10 or more ratings: there must be at least 7"),
    ],
)
def test_what_cannot_be_evaluated_is_one_line(
    kindred: Run, tmp_path: Path, options: list[str], line: str
) -> None:
    """Whatever is wrong is said before the work, not after it."""
    ratings = {user: dict.fromkeys(range(12), 4.0) | {1: 2.0} for user in range(3)}
    source = write_source(tmp_path / "source", ratings)
    done = kindred("evaluate", source, *options)
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert line in last
