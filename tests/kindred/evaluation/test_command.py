"""The command from end to end, and what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from recommender.quality import Quality
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
    assert quality == Quality.load("sample")
    names = ["kindred", "popular", "user-cosine", "ease"]
    assert [(s.length, s.method) for s in quality.ranking] == [
        (length, name) for length in ("5", "80%") for name in names
    ]
    for score in quality.ranking:
        assert 0 < score.people <= 40
        for figure in (score.ndcg_10, score.debiased_10):
            assert figure.low < figure.value < figure.high
            assert (figure.lead is None) == (score.method == "kindred")
            assert bool(figure.setting) == (score.method != "kindred")
            if score.method == "popular":
                assert figure.lead is not None
                assert figure.lead.low > 0
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


def test_stars_have_a_table_of_their_own(kindred: Run, tmp_path: Path) -> None:
    """With the errors of each method."""
    source = write_source(tmp_path / "source", random_ratings(5))
    done = kindred("evaluate", source, "--stars", "--methods", "biases")
    assert done.returncode == 0, done.stderr
    assert "RMSE" in done.stdout
    assert "biases" in done.stdout


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
