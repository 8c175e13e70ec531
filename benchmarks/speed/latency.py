"""How long questions take, beside the same answers by numpy alone in the same run.

::

    python -m benchmarks.speed.latency FOLDER

of an index, or of ratings, of which one is made first. A question asks for ten movies and reads
every reason. Some are about ten, 50 or 130 of the 600 most popular movies, with opinions by chance;
others are ten ratings of a stored rater, who is then one of the neighbours. Both sides answer the
same questions in turn, so that a busy machine slows both; :mod:`benchmarks.speed.floor` tells what
the other side is. A reader's start and memory are those of a fresh process.
"""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Row, arguments, machine, milliseconds, show, times_as_fast
from benchmarks.speed.floor import Floor
from benchmarks.speed.ingest import index_of, open_version
from recommender import Movie, MovieKey, Opinion, Recommender
from recommender.arrays import Floats
from recommender.ranking.index_version import IndexVersion

__all__ = [
    "ASKED",
    "FAMOUS",
    "LIMIT",
    "RATED",
    "RATERS",
    "WARM_UP",
    "Opinions",
    "ask",
    "profiles",
    "run",
    "tables",
    "timed",
]

LIMIT, RATED = 10, 10
WARM_UP = 20
"""Questions before those that are timed, until caches are filled."""
FAMOUS, RATERS = "famous films", "ratings of a rater"
ASKED = ((RATED, FAMOUS), (RATED, RATERS), (50, FAMOUS), (130, FAMOUS))
_FAME = 600
_READER = """
import json, sys, time
started = time.perf_counter()
import psutil
from recommender import Recommender
imported = time.perf_counter()
rec = Recommender.open(sys.argv[1])
opened = time.perf_counter()
answer = [row.because for row in rec.recommend(json.loads(sys.argv[2]))]
memory = psutil.Process().memory_info()
print(json.dumps({
    "import_s": round(imported - started, 2),
    "open_s": round(opened - imported, 2),
    "first_answer_s": round(time.perf_counter() - opened, 3),
    "memory_mb": memory.rss >> 20,
    "own_mb": (memory.rss - getattr(memory, "shared", 0)) >> 20,
}))
"""

Opinions = dict[MovieKey, float]


def profiles(
    version: IndexVersion, kind: str, number: int, *, rated: int, seed: int
) -> list[Opinions]:
    """Draw opinions of so many movies, of either kind; of fewer where there are no more."""
    dice = random.Random(seed)
    movie = version.catalogue.movie
    if kind == FAMOUS:
        order = np.argsort(-version.catalogue.ratings, kind="stable")
        famous = [f"id:{movie(number).movie_id}" for number in order[:_FAME].tolist()]
        return [
            {m: dice.choice((1, 1, 1, 0, -1)) for m in dice.sample(famous, min(rated, len(famous)))}
            for _ in range(number)
        ]
    return [_of_rater(version, dice, rated) for _ in range(number)]


def _of_rater(version: IndexVersion, dice: random.Random, rated: int) -> Opinions:
    """Draw ratings of a stored rater who has as many, as likes, seen and dislikes."""
    manifest = version.index.manifest
    weighting = manifest.weighting
    while True:
        number = dice.randrange(manifest.maintenance.next_user)
        _, ratings = version.index.ratings(np.array([number]))
        if len(ratings.movie) >= rated:
            break
    states = manifest.scale.states(manifest.scale.unpack(ratings.units), weighting)
    return {
        f"id:{version.catalogue.movie(int(ratings.movie[at])).movie_id}": float(
            Opinion.of_code(int(states[at]))
        )
        for at in dice.sample(range(len(states)), rated)
    }


def timed(questions: Sequence[Any], *askers: Callable[[Any], object]) -> list[Floats]:
    """Time every question but the first, which warm up, for each side, asked in turn; seconds."""
    # Neither side is to pay for collecting what the other, or the building of both, left behind.
    gc.collect()
    gc.freeze()
    times = np.empty((len(askers), len(questions)))
    for place, question in enumerate(questions):
        for side, ask in enumerate(askers):
            started = time.perf_counter()
            ask(question)
            times[side, place] = time.perf_counter() - started
    return list(times[:, WARM_UP:])


def run(index: Path, *, questions: int, seed: int) -> dict[str, Any]:
    """Measure an index: questions beside numpy's answers, other calls, and a fresh reader."""
    with (
        open_version(index) as version,
        Recommender.open(index) as rec,
    ):
        floor = Floor(version)
        kinds = {}
        for rated, kind in ASKED:
            asked = profiles(version, kind, questions + WARM_UP, rated=rated, seed=seed)
            ours, theirs = timed(
                asked, partial(ask, rec), lambda question: floor.recommend(question, LIMIT)
            )
            kinds[f"{rated} {kind}"] = {
                **milliseconds(ours),
                "floor": milliseconds(theirs),
                "times_the_floor": round(1 / times_as_fast(ours, theirs), 2),
            }
        asked = profiles(version, RATERS, questions + WARM_UP, rated=RATED, seed=seed)
        others = _others(rec, asked)
        counts = version.index.manifest.counts
    return {
        "ratings": counts.ratings,
        "users": counts.users,
        "movies": counts.movies,
        "questions": questions,
        "seed": seed,
        "recommend": kinds,
        "others": others,
        "reader": reader(index, asked[0]),
        **machine(),
    }


def ask(rec: Recommender, question: Opinions) -> object:
    """Recommend, and read every reason."""
    return [row.because for row in rec.recommend(question, limit=LIMIT)]


def _others(rec: Recommender, asked: list[Opinions]) -> dict[str, dict[str, float]]:
    """Time what else there is to ask."""
    famous = rec.popular(limit=1)[0].movie
    lists = [(question, [row.movie for row in rec.recommend(question)]) for question in asked]

    def stars(pair: tuple[Opinions, list[Movie]]) -> object:
        return rec.predict_many(pair[0], [f"id:{movie.movie_id}" for movie in pair[1]])

    titles = [row.movie.title for row in rec.popular(limit=100)]
    # Two letters in the wrong order: the usual typing error, and the slowest way to a title.
    typed = [title[:1] + title[2:3] + title[1:2] + title[3:] for title in titles]
    calls: dict[str, tuple[Sequence[Any], Callable[[Any], object]]] = {
        "similar to the most popular movie": ([famous.movie_id] * 100, rec.similar),
        "predicted stars of a list of ten": (lists, stars),
        "search for a mistyped title": (typed, rec.search),
    }
    return {name: milliseconds(*timed(given, call)) for name, (given, call) in calls.items()}


def reader(index: Path, question: Opinions) -> dict[str, float]:
    """Time the start of a fresh process until its first answer, and measure what it then holds.

    Its own is what no other process that reads the index could share with it.
    """
    command = [sys.executable, "-c", _READER, str(index), json.dumps(question)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def tables(found: dict[str, Any]) -> dict[str, list[Row]]:
    """Put what a run found into tables."""
    lines: list[Row] = [
        {
            "ten movies and every reason, for": kind,
            "median, ms": one["p50_ms"],
            "99 %, ms": one["p99_ms"],
            "numpy, ms": one["floor"]["p50_ms"],
            "numpy, 99 %": one["floor"]["p99_ms"],
            "times numpy": one["times_the_floor"],
        }
        for kind, one in found["recommend"].items()
    ]
    others: list[Row] = [
        {"others": name, "median, ms": one["p50_ms"], "99 %, ms": one["p99_ms"]}
        for name, one in found["others"].items()
    ]
    reader = found["reader"]
    start = {
        "a fresh reader": "",
        "imports, s": reader["import_s"],
        "opens, s": reader["open_s"],
        "first answer, s": reader["first_answer_s"],
        "holds, MiB": reader["memory_mb"],
        "its own, MiB": reader["own_mb"],
    }
    title = f"{found['ratings']:,} ratings, {found['users']:,} people, {found['movies']:,} movies"
    return {title: lines, "Other calls": others, "Reader": [start]}


def main() -> None:
    """Print what was measured."""
    parser = arguments(__doc__)
    parser.add_argument("place", help="folder of an index, or of ratings")
    parser.add_argument("--questions", type=int, default=200)
    chosen = parser.parse_args()
    with index_of(chosen.place) as index:
        found = run(index, questions=chosen.questions, seed=chosen.seed)
    show(found, tables(found), as_json=chosen.json)


if __name__ == "__main__":
    main()
