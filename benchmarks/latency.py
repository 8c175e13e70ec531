"""How long a question takes, beside the notebook's approach in the same run.

::

    python -m benchmarks.latency PATH-TO-RATINGS

Profiles are 3 to 50 ratings of stored raters, drawn by a seed; a question asks for ten movies and
reads every reason. Both sides answer the same profiles in turn, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.notebook import Notebook
from ingest import ingest
from ingest.readers import read_ratings
from ingest.sources import open_files
from recommender import MovieKey, Profile, Recommender

LENGTHS = (3, 5, 10, 20, 50)
LIMIT = 10

Opinions = dict[MovieKey, float]


def read(source: str) -> pd.DataFrame:
    """Ratings of a source as a table of user, movie and stars."""
    with open_files(source) as files:
        raw = read_ratings(*files.ratings)
    columns = {"user": raw.user.to_numpy(), "movie": raw.movie.to_numpy(), "stars": raw.stars}
    return pd.DataFrame(columns)


def profiles(
    ratings: pd.DataFrame, number: int, seed: int, lengths: Sequence[int] = LENGTHS
) -> list[Opinions]:
    """Opinions made of some of the ratings of stored raters: 4+ a like, 2.5- a dislike."""
    dice = np.random.default_rng(seed)
    counts = ratings["user"].value_counts()
    raters = counts[counts >= max(lengths)].index.sort_values().to_numpy()
    drawn: list[Opinions] = []
    for place in range(number):
        rated = ratings[ratings["user"] == dice.choice(raters)]
        some = rated.sample(lengths[place % len(lengths)], random_state=int(dice.integers(2**31)))
        said = np.where(some["stars"] >= 4, 1, np.where(some["stars"] <= 2.5, -1, 0))
        drawn.append({int(m): float(s) for m, s in zip(some["movie"], said, strict=True)})
    return drawn


def measure(
    questions: list[Opinions], *askers: Callable[[Opinions], object]
) -> list[npt.NDArray[np.float64]]:
    """Milliseconds of every question for each side, asked in turn, after a warm-up."""
    # Neither side is to pay for collecting what the other, or the building of both, left behind.
    gc.collect()
    gc.freeze()
    for question in questions[: len(LENGTHS) * 4]:
        for ask in askers:
            ask(question)
    times = np.empty((len(askers), len(questions)))
    for place, question in enumerate(questions):
        for side, ask in enumerate(askers):
            started = time.perf_counter()
            ask(question)
            times[side, place] = 1000 * (time.perf_counter() - started)
    return list(times)


def run(source: str, number: int, seed: int) -> dict[str, Any]:
    """Build both sides from a source and time them."""
    ratings = read(source)
    questions = profiles(ratings, number, seed)
    notebook = Notebook(ratings)
    with tempfile.TemporaryDirectory() as folder:
        ingest(source, index=folder)
        with Recommender.open(folder) as rec:

            def kindred(question: Opinions) -> object:
                return [row.because for row in rec.recommend(Profile(question), limit=LIMIT)]

            def peer(question: Opinions) -> object:
                return notebook.recommend(question, LIMIT)

            ours, theirs = measure(questions, kindred, peer)
    notebook.close()
    percentiles = {
        name: {
            "p50_ms": round(float(np.median(t)), 2),
            "p99_ms": round(float(np.quantile(t, 0.99)), 2),
        }
        for name, t in (("kindred", ours), ("notebook on :memory:", theirs))
    }
    return {
        "source": source,
        "ratings": len(ratings),
        "users": int(ratings["user"].nunique()),
        "questions": number,
        "seed": seed,
        **percentiles,
        "times as fast, median of pairs": round(float(np.median(theirs / ours)), 1),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("qdrant-edge-py", "qdrant-client", "numpy")},
    }


def main() -> None:
    """Print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="folder, zip or file of ratings with integer ids")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(json.dumps(run(chosen.source, chosen.questions, chosen.seed), indent=2))


if __name__ == "__main__":
    main()
