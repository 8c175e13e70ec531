"""Every benchmark runs on a tiny source, and says what it measured."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.app import curves
from benchmarks.data.ratings import write_ratings
from benchmarks.quality.sides import SIDES, read
from benchmarks.speed import throughput
from benchmarks.speed.floor import Floor
from benchmarks.speed.ingest import index_of, open_version
from benchmarks.speed.latency import FAMOUS, RATERS, profiles
from recommender.ranking.index_version import IndexVersion
from recommender.settings import Ranking
from tests.support import open_ranked

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty thousand ratings."""
    folder = tmp_path_factory.mktemp("source")
    write_ratings(folder, "20K")
    return folder


@pytest.fixture(scope="module")
def index(source: Path) -> Iterator[Path]:
    """An index of them, made by the command."""
    with index_of(str(source)) as made:
        yield made


@pytest.fixture(scope="module")
def version(index: Path) -> Iterator[IndexVersion]:
    """That index, open."""
    with open_version(index) as opened:
        yield opened


def measured(name: str, *arguments: object) -> dict[str, Any]:
    """Run a benchmark as its user does; what it printed."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("kind", [FAMOUS, RATERS])
@pytest.mark.parametrize("rated", [1, 10, 15, 40])
@pytest.mark.parametrize("narrow", [Ranking().narrow, (0.0, 0.6)])
def test_the_floor_gives_the_answers_of_kindred(
    version: IndexVersion, index: Path, kind: str, rated: int, narrow: tuple[float, float]
) -> None:
    """Movies, scores and shares agree, so that the two sides do the same work.

    These profiles are hardly narrow, so a second round takes what is average for that.
    """
    # Ridge weights would come early where raters share this much.
    given = {"narrow": narrow, "many_shared": 1e6}
    floor = Floor(IndexVersion(version.index, Ranking.model_validate(given), ""))
    with open_ranked(index, **given) as rec:
        for opinions in profiles(version, kind, 20, rated=rated, seed=1):
            top, least = rec.recommend(opinions, limit=10), floor.recommend(opinions, 10)
            assert [version.catalogue.movie(n) for n in least.movies] == [r.movie for r in top]
            assert np.allclose(least.scores, [row.score for row in top], rtol=1e-4)
            for row, shares in zip(top, least.shares, strict=True):
                known = sorted(reason.share for reason in row.because)
                assert np.allclose(np.sort(shares[shares != 0]), known, atol=1e-4)


def test_a_search_adds_up_the_postings_of_the_states_that_count(version: IndexVersion) -> None:
    """A like asks for those who like the movie and those who are neutral, and for no dislike."""
    (famous,) = np.argsort(-version.catalogue.ratings, kind="stable")[:1].tolist()
    movie = version.catalogue.movie(famous)
    postings, ratings, _ = Floor(version).work({f"id:{movie.movie_id}": 1})
    assert version.catalogue.likes[famous] < postings < movie.ratings
    assert ratings > 20 * min(400, postings)


def test_profiles_of_raters_are_parts_of_what_they_rated(
    version: IndexVersion, index: Path
) -> None:
    """As many movies as asked for, drawn by the seed."""
    drawn = profiles(version, RATERS, 5, rated=10, seed=3)
    assert [len(one) for one in drawn] == [10] * 5
    assert drawn == profiles(version, RATERS, 5, rated=10, seed=3)
    assert drawn != profiles(version, RATERS, 5, rated=10, seed=4)


def test_an_ingest_is_measured_stage_by_stage(source: Path) -> None:
    """Seconds, memory and disk are there, and the ratings are those of the source."""
    found = measured("speed.ingest", source)
    assert found["ratings"] == 20_000
    assert {"reading", "finishing"} <= found["stages"].keys()
    assert sum(found["stages"].values()) < found["seconds"]
    assert found["times_floor"] == pytest.approx(found["seconds"] / found["floor_s"], rel=0.1)
    assert found["peak_mb"] > 50
    assert found["disk_bytes"]["users, packed"] > 5 * 20_000


def test_an_ingest_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    """The benchmark ends as the command did."""
    command = [sys.executable, "-m", "benchmarks.speed.ingest", str(tmp_path / "nothing")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "nothing" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_latency_is_measured_for_both_kinds_beside_the_floor(index: Path) -> None:
    """And for other calls, and for a fresh reader."""
    found = measured("speed.latency", index, "--questions", 3)
    assert found["ratings"] == 20_000
    kinds = {f"10 {FAMOUS}", f"10 {RATERS}", f"50 {FAMOUS}", f"130 {FAMOUS}"}
    assert set(found["recommend"]) == kinds
    assert all(kind["floor"]["p50_ms"] > 0 for kind in found["recommend"].values())
    assert found["reader"]["memory_mb"] > found["reader"]["own_mb"] > 0


def test_two_checkouts_answer_the_same_questions(index: Path) -> None:
    """Here one and the same, which differs from itself in nothing."""
    found = measured("speed.against", Path(__file__).parents[2], index, "--questions", 2)
    assert [kind["times as fast"] > 0 for kind in found["kinds"]] == [True] * 4
    assert (found["compared"]["questions"], found["compared"]["shares"] > 0) == (88, True)
    off = [found["compared"][name] for name in ("lists that differ", "scores off by at most")]
    assert off == [0, 0]


def test_a_list_for_several_is_measured_beside_own_lists(index: Path) -> None:
    """For groups of 2, 3 and 5, with so many ratings each; the worst is not below the median."""
    rows = measured("speed.together", index, "--questions", 2, "--rated", "5,10")["groups"]
    sizes = [(row["ratings"], row["people"]) for row in rows]
    assert sizes == [(rated, size) for rated in (5, 10) for size in (2, 3, 5)]
    assert all(0 < row["ratio"] <= row["worst"] for row in rows)


def test_readers_ask_at_the_same_time(index: Path, tmp_path: Path) -> None:
    """Two processes, and two threads of one, whose answers and memory are drawn over time."""
    found = throughput.run(index, [(2, 1), (1, 2)], seconds=0.2, seed=0)
    assert [(one["processes"], one["threads"]) for one in found["readers"]] == [(2, 1), (1, 2)]
    assert all(one["per_second"] > 0 and not one["errors"] for one in found["readers"])
    assert found["curve"]["answers"] > 0
    assert all(look["MiB"] > 50 for look in found["curve"]["memory"])
    curves.draw([found["curve"]] * 2, tmp_path / "load.png")
    assert (tmp_path / "load.png").read_bytes().startswith(b"\x89PNG")


def test_hostile_questions_are_counted_by_kind_and_outcome(index: Path) -> None:
    """None is answered wrong, and what the process holds is told."""
    found = measured("attacks.adversary", index, "--questions", 40, "--processes", 1)
    assert (sum(found["seen"].values()), found["wrong"]) == (40, [])
    assert found["memory"][0]["most"] > 50


def test_a_question_that_fails_is_counted_and_the_next_one_asked() -> None:
    """A reader goes on, so that a load tells how many of its questions failed."""
    took, errors = throughput.Took(), list[str]()
    end = time.monotonic() + 0.05
    nobody: Any = None
    throughput._ask_until(end, nobody, [{1: 1.0}], 0, took, errors)
    assert len(errors) == len(took) > 0


def test_peers_run_from_the_file_to_a_list(source: Path) -> None:
    """A round of two of them, compared with the first."""
    given = ("--rounds", 1, "--questions", 2, "--sides", "kindred,item-knn")
    sides = measured("quality.peers", source, *given)["sides"]
    assert sides["kindred"]["first_times"] == sides["kindred"]["later_times"] == 1
    assert sides["item-knn"]["first_s"] > 0
    assert sides["item-knn"]["p50_ms"] > 0


# Implicit's, about its own arrays.
@pytest.mark.filterwarnings("ignore:Method expects CSR input")
@pytest.mark.parametrize("name", ["kindred", "notebook", "als", "item-knn", "svd"])
def test_every_side_answers_with_new_movies_of_the_source(source: Path, name: str) -> None:
    """Ten different movies; that of ``lenskit`` is an extra that tests go without."""
    known = set(read(source)["movie"])
    answer = SIDES[name](source)
    found = answer(dict.fromkeys(sorted(known)[:10], 1.0), 10)
    assert len(set(found)) == len(found) == 10
    assert set(found) <= known


def test_growth_measures_and_predicts(source: Path, tmp_path: Path) -> None:
    """Each size, kind and length has a time and a prediction, and the picture is drawn."""
    picture = tmp_path / "growth.png"
    found = measured(
        *("speed.growth", "--sizes", "20K,40K", "--folder", tmp_path),
        *("--questions", 2, "--picture", picture),
    )
    assert len(found["points"]) == 2 * 2 * 4
    assert all(point["predicted_ms"] > 0 for point in found["points"])
    assert [row["people"] for row in found["clusters"]] == ["1e6", "1e7", "1e9"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_titles_and_searches_are_measured_from_the_file(source: Path) -> None:
    """Each film of the file is asked for, two hundred are drawn, and searches are timed."""
    tables = measured("quality.titles", source, "--seeds", 1)[source.name]
    films = len((source / "movies.csv").read_text(encoding="utf-8").splitlines()) - 1
    for row in tables["all titles"]:
        assert sum(count for head, count in row.items() if head != "title") == films
    assert tables["as other services write them"][0]["films"] == 200
    assert tables["time of a search"][0]["titles"] == 87_000


def test_an_ingest_is_measured_in_pairs(source: Path) -> None:
    """Twice the same code: two rounds of two sources, each with three ratios."""
    here = Path(__file__).parents[2]
    found = measured("speed.reading", source, "--before", here, "--rounds", 2, "--ratings", "20K")
    for result in found["results"]:
        for name in ("seconds", "cpu_seconds", "peak_mb"):
            ratio = result[name]["ratio"]
            assert len(result[name]["after"]) == len(result[name]["before"]) == 2
            assert 0 < ratio["low"] <= ratio["mean"] <= ratio["high"]
