"""Which settings rank best, on people no published figure is about.

::

    python -m benchmarks.quality.ranking_search PATH-TO-RATINGS

Every setting is asked through a real index and the public API. Of the six groups of people that an
evaluation of the same seed can hold out, it shows results on the first ones; this searches on the
others. Each line changes one thing of the default and shows NDCG@10 beside it, with the half width
of the 95 % interval of the paired difference.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ingest.pipeline import load
from kindred.evaluation.held_out import MOST_SPLITS, Split, choose_people, index_without
from kindred.evaluation.methods.kindred import Kindred
from kindred.evaluation.metrics import measure
from kindred.evaluation.questions import draw_questions, parse_lengths
from kindred.evaluation.training_data import TrainingData
from recommender.arrays import Floats
from recommender.settings import Ranking

# Those of `kindred evaluate`.
LENGTHS = "3,5,10,20,50,80%"
NO_RIDGE_WEIGHTS = 10**9

CHANGES: tuple[Mapping[str, Any], ...] = (
    {"neighbours": 200},
    {"neighbours": 600},
    {"case_amplification": 2.4},
    {"case_amplification": 3.2},
    {"vote_length_power": 0.0},
    {"vote_length_power": 0.4},
    {"vote_length_power": 1.2},
    {"votes": (1.0, 0.0, 0.0)},
    {"votes": (1.0, 0.4, 0.0)},
    {"votes": (1.0, 0.2, -0.15)},
    {"popularity_discount": 0.27},
    {"popularity_discount": 0.39},
    {"popularity_discount_half": 0.0},
    {"popularity_discount_half": 6.0},
    {"pseudo_likes": 5.0},
    {"pseudo_likes": 60.0},
    {"support": 0.0},
    {"support": 0.03},
    {"many_ratings": NO_RIDGE_WEIGHTS},
    {"many_ratings": 13},
    {"many_neighbours": 400},
    {"many_neighbours": 600},
    {"many_neighbours": 1200},
    {"least_ridge": 3.0},
    {"least_ridge": 8.0},
    {"ridge": 200.0},
    {"ridge": 800.0},
    {"many_case_amplification": 1.5},
    {"many_case_amplification": 2.5},
    {"many_vote_length_power": 0.0},
    {"many_vote_length_power": 0.8},
    {"many_popularity_discount": 0.2},
    {"many_popularity_discount": 0.33},
    {"panel": 1024},
    {"panel": 2048},
    {"film_values": (1.0, 0.5, 0.0)},
    {"film_values": (1.0, 0.2, 0.0)},
    {"lift": (0.0, 0.0)},
    {"lift": (0.0, 0.3)},
    {"lift": (0.2, 0.3)},
    {"lift": (0.1, 0.2)},
    {"lift": (0.1, 0.4)},
    {"ease": 0.0},
    {"ease": 0.4},
    {"ease": 0.59},
    {"company_half": 6.0},
    {"company_half": 24.0},
    {"lift_shrinkage": 4.0},
    {"lift_shrinkage": 16.0},
    {"genre_floor": 0.05},
    {"genre_floor": 0.2},
    {"narrow": (0.44, 0.58)},
    {"narrow": (0.52, 0.66)},
    {"narrow_lift": 2.0},
    {"narrow_lift": 6.0},
    {"narrow_ease": 3.0},
    {"narrow_ease": 9.0},
    {"ease_smoothing": 0.25},
    {"ease_smoothing": 1.0},
    {"ease_ridge": 50.0},
    {"ease_ridge": 200.0},
    {"ease_dropout": 0.0},
    {"ease_dropout": 0.5},
    {"ease_raters": 1024},
    {"ease_raters": 4096},
    {"candidates": 40},
    {"candidates": 90},
    {"many_candidates": 80},
    {"many_candidates": 180},
    {"candidate_lift": 0.4},
    {"candidate_lift": 1.2},
    {"steps": 2},
    {"steps": 8},
    {"agreement": ((1.0, 0.5, -0.15), (0.5, 0.4, 0.2), (-0.3, 0.2, 0.5))},
    {"agreement": ((1.0, 0.3, -0.3), (0.3, 0.3, 0.1), (-0.4, 0.1, 0.5))},
    {"agreement": ((1.0, 0.8, 0.2), (0.8, 0.7, 0.5), (0.2, 0.5, 0.7))},
)


def ndcg(splits: list[Split], ranking: Ranking) -> list[Floats]:
    """NDCG@10 of everybody, for each length, people of all splits in a row."""
    found: list[list[Floats]] = []
    for split in splits:
        # A loop of one round: the index is open as long as it lasts.
        for _, fit in Kindred(ranking).fit(split, [()]):
            lists = [fit.recommend(asked) for asked in split.questions]
        found.append(
            [
                measure(several, asked.truth, split.train)["ndcg_10"]
                for several, asked in zip(lists, split.questions, strict=True)
            ]
        )
    return [np.concatenate(several) for several in zip(*found, strict=True)]


def compared(figures: list[Floats], default: list[Floats]) -> str:
    """Means, and by how many percent of the default's they differ from them."""
    cells = []
    for mine, theirs in zip(figures, default, strict=True):
        difference, mean = mine - theirs, theirs.mean()
        half = 1.96 * difference.std(ddof=1) / np.sqrt(len(mine))
        cells.append(
            f"{mine.mean():.4f} {100 * difference.mean() / mean:+5.1f} ± {100 * half / mean:3.1f} %"
        )
    return " | ".join(cells)


def main() -> None:
    """Print a table, a line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="folder, zip or file of ratings")
    parser.add_argument("--groups", default="3,4,5", help="which of the six groups of people")
    parser.add_argument("--people", type=int, default=300, help="how many of each are asked")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="names of settings, with commas; all unless given")
    chosen = parser.parse_args()
    only = chosen.only.split(",") if chosen.only else Ranking.model_fields
    loaded = load(chosen.source)
    groups = choose_people(loaded.ratings, splits=MOST_SPLITS, seed=chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        splits = []
        for group in map(int, chosen.groups.split(",")):
            path, people = Path(folder) / str(group), groups[group]
            kept = index_without(loaded, people, path)
            some, lengths = people[: chosen.people], parse_lengths(LENGTHS)
            asked = draw_questions(loaded.ratings, some, lengths, seed=chosen.seed)
            splits.append(Split(path, TrainingData.of(kept), kept.movie_ids, asked))
        default = ndcg(splits, Ranking())
        print(f"| setting | {' | '.join(LENGTHS.split(','))} |\n|---|{'---|' * len(default)}")
        print(f"| default | {' | '.join(f'{part.mean():.4f}' for part in default)} |", flush=True)
        for change in CHANGES:
            ((name, value),) = change.items()
            if name not in only:
                continue
            figures = ndcg(splits, Ranking().model_copy(update=dict(change)))
            shown = "never" if value == NO_RIDGE_WEIGHTS else value
            print(f"| {name} {shown} | {compared(figures, default)} |", flush=True)


if __name__ == "__main__":
    main()
