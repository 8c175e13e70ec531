"""Whether the best settings depend on how many raters there are.

::

    python -m benchmarks.quality.thinned PATH-TO-ML-1M

Some people are held out, and the index is built of so many of the others, drawn by chance: the same
questions are put to all sizes. Each line changes one of three settings, the power of the length
that stored vectors are divided by, the number of neighbours, and the power of their similarities.
It shows NDCG@10 beside that of the defaults in the same index, in percent, with the half width of
the 95 % interval of the paired difference.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.quality.ranking import asked, compared
from ingest.pipeline import build
from ingest.reading import Loaded, load
from kindred.evaluation.held_out import MOST_SPLITS, Split, choose_people
from kindred.evaluation.metrics import Figures
from kindred.evaluation.questions import draw_questions, parse_lengths
from kindred.evaluation.training_data import TrainingData
from recommender.arrays import Ints
from recommender.settings import Ranking, Weighting
from recommender.storage.edge import EdgeStore

_LENGTHS = parse_lengths("5,20,80%")
_SIZES = (750, 1500, 3000, 6040)
_USUAL = Weighting(), Ranking()
# From `many_ratings` on, these settings have values of their own.
_CHANGES = {
    "length power .8": (Weighting(length_power=0.8), Ranking()),
    "length power 1.4": (Weighting(length_power=1.4), Ranking()),
    "half the neighbours": (Weighting(), Ranking(neighbours=200, many_neighbours=400)),
    "twice the neighbours": (Weighting(), Ranking(neighbours=800, many_neighbours=1600)),
    "power of similarities x .7": (
        Weighting(),
        Ranking(case_amplification=2.0, many_case_amplification=1.4),
    ),
    "power of similarities x 1.4": (
        Weighting(),
        Ranking(case_amplification=3.9, many_case_amplification=2.8),
    ),
}


def figures(
    loaded: Loaded, raters: Ints, people: Ints, settings: tuple[Weighting, Ranking]
) -> list[Figures]:
    """Ask these people's questions of an index of the raters."""
    weighting, ranking = settings
    kept = loaded.ratings.only(np.isin(loaded.ratings.user, raters))
    questions = draw_questions(loaded.ratings, people, _LENGTHS, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        with closing(EdgeStore(Path(folder))) as store:
            build(store, replace(loaded, ratings=kept), weighting=weighting)
        split = Split(Path(folder), TrainingData.of(kept), kept.movie_ids, questions)
        return asked([split], ranking)


def main() -> None:
    """Print a table, a line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="folder, zip or file of ratings")
    parser.add_argument("--people", type=int, default=200, help="how many are asked")
    parser.add_argument("--group", type=int, default=0, help="which of the six groups of people")
    chosen = parser.parse_args()
    loaded = load(chosen.source)
    groups = choose_people(loaded.ratings, splits=MOST_SPLITS, seed=0)
    people = groups[chosen.group]
    others = np.setdiff1d(np.arange(len(loaded.ratings.user_ids)), people)
    order = np.random.default_rng(0).permutation(others)
    print(
        f"| raters | setting | {' | '.join(one.label for one in _LENGTHS)} |\n|--:|---|---|---|---|"
    )
    for size in _SIZES:
        raters, some = order[:size], people[: chosen.people]
        usual = figures(loaded, raters, some, _USUAL)
        means = " | ".join(f"{one['ndcg_10'].mean():.4f}" for one in usual)
        print(f"| {len(raters):,} | default | {means} |", flush=True)
        for name, settings in _CHANGES.items():
            found = figures(loaded, raters, some, settings)
            print(f"| | {name} | {compared(found, usual, 'ndcg_10')} |", flush=True)


if __name__ == "__main__":
    main()
