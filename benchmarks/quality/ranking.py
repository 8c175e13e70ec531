"""What each part and each setting of the ranking brings, on people no published figure is about.

::

    python -m benchmarks.quality.ranking PATH-TO-RATINGS

Every setting is asked through a real index and the public API. Of the six groups of people that an
evaluation of the same seed can hold out, it shows results on the first ones; this asks the others.
Each line changes the default and shows NDCG@10 and its debiased form beside it, with the half width
of the 95 % interval of the paired difference, and what is found of sets of films that belong
together, with everybody in the index.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ingest import Progress
from ingest.reading import Loaded, load
from kindred.evaluation.held_out import MOST_SPLITS, Split, choose_people, index_without
from kindred.evaluation.methods.kindred import Kindred
from kindred.evaluation.metrics import Figures, measure
from kindred.evaluation.packs import Pack, evaluate_packs, read_packs
from kindred.evaluation.questions import draw_questions, parse_lengths
from kindred.evaluation.training_data import TrainingData
from recommender.settings import Ranking

# Those of `kindred evaluate`.
LENGTHS = "3,5,10,20,50,80%"
PACKS = Path(__file__).with_name("packs.json")
VOTES_ALONE: Mapping[str, Any] = {
    "lift": (0.0, 0.0),
    "dial_lift": 0.0,
    "ease": 0.0,
    "narrow_lift": 0.0,
    "narrow_ease": 0.0,
}

CHANGES: Mapping[str, Mapping[str, Any]] = {
    "votes alone": VOTES_ALONE,
    "votes alone, popularity discount .36": {**VOTES_ALONE, "popularity_discount": 0.36},
    "without the lift of common tastes": {"lift": (0.0, 0.0)},
    "without EASE in all scores": {"ease": 0.0},
    "without more for narrow tastes": {"narrow_lift": 0.0, "narrow_ease": 0.0},
    "narrow tastes by lift alone": {"narrow_ease": 0.0},
    "narrow tastes by lift alone, twice as much": {"narrow_ease": 0.0, "narrow_lift": 8.0},
    "lift .3 from the first film on": {"lift": (0.3, 0.3)},
    "narrow .46 to .60": {"narrow": (0.46, 0.60)},
    "narrow .48 to .62": {"narrow": (0.48, 0.62)},
    "ease smoothing .3": {"ease_smoothing": 0.3},
    "ease smoothing 1": {"ease_smoothing": 1.0},
    "ease .3": {"ease": 0.3},
    "popularity discount .30": {"popularity_discount": 0.30},
    "candidates 100, many 200": {"candidates": 100, "many_candidates": 200},
    "ease raters 1024": {"ease_raters": 1024},
    "panel 1024": {"panel": 1024},
    "panel 256": {"panel": 256},
}


def asked(splits: list[Split], ranking: Ranking) -> list[Figures]:
    """Figures of everybody, for each length, people of all splits in a row."""
    found: list[list[Figures]] = []
    for split in splits:
        # A loop of one round: the index is open as long as it lasts.
        for _, fit in Kindred(ranking).fit(split, [()]):
            found.append(
                [measure(fit.recommend(one), one.truth, split.train) for one in split.questions]
            )
    return [
        {name: np.concatenate([one[name] for one in several]) for name in several[0]}
        for several in zip(*found, strict=True)
    ]


def packs_found(loaded: Loaded, packs: tuple[Pack, ...], ranking: Ranking) -> float:
    """What is found of sets of films."""
    found = evaluate_packs(loaded, packs, [Kindred(ranking)], seed=0, progress=Progress())
    return next(found).value


def compared(figures: list[Figures], default: list[Figures], name: str) -> str:
    """By how many percent of the default's mean a figure differs from it."""
    cells = []
    for mine, theirs in zip(figures, default, strict=True):
        difference, mean = mine[name] - theirs[name], theirs[name].mean()
        half = 1.96 * difference.std(ddof=1) / np.sqrt(len(difference))
        cells.append(f"{100 * difference.mean() / mean:+.1f} ± {100 * half / mean:.1f}")
    return " | ".join(cells)


def main() -> None:
    """Print two tables, a line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="folder, zip or file of ratings")
    parser.add_argument("--groups", default="3,4,5", help="which of the six groups of people")
    parser.add_argument("--people", type=int, default=300, help="how many of each are asked")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    loaded = load(chosen.source)
    packs = read_packs(PACKS, loaded)
    groups = choose_people(loaded.ratings, splits=MOST_SPLITS, seed=chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        splits = []
        for group in map(int, chosen.groups.split(",")):
            path, people = Path(folder) / str(group), groups[group]
            kept = index_without(loaded, people, path)
            some, lengths = people[: chosen.people], parse_lengths(LENGTHS)
            questions = draw_questions(loaded.ratings, some, lengths, seed=chosen.seed)
            splits.append(Split(path, TrainingData.of(kept), kept.movie_ids, questions))
        default = asked(splits, Ranking())
        debiased = []
        print(f"| NDCG@10 | {' | '.join(LENGTHS.split(','))} | sets |\n|---|{'---|' * 7}")
        means = " | ".join(f"{part['ndcg_10'].mean():.4f}" for part in default)
        print(f"| default | {means} | {packs_found(loaded, packs, Ranking()):.3f} |", flush=True)
        for name, change in CHANGES.items():
            ranking = Ranking().model_copy(update=dict(change))
            figures, hits = asked(splits, ranking), packs_found(loaded, packs, ranking)
            print(f"| {name} | {compared(figures, default, 'ndcg_10')} | {hits:.3f} |", flush=True)
            debiased.append(f"| {name} | {compared(figures, default, 'debiased_10')} |")
    print(f"\n| debiased NDCG@10 | {' | '.join(LENGTHS.split(','))} |\n|---|{'---|' * 6}")
    means = " | ".join(f"{part['debiased_10'].mean():.4f}" for part in default)
    print(f"| default | {means} |")
    print("\n".join(debiased))


if __name__ == "__main__":
    main()
