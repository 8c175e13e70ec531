"""Kindred on ratings of other kinds than films with stars, with no setting given.

::

    python -m benchmarks.quality.other_data [PATH-TO-RATINGS] --seeds 11,12

Likes alone of a source of ratings, the same ratings on a scale of 1 to 10, and the made-up books
and jokes of :mod:`benchmarks.data.latent`. Kindred is asked as it is, and as it would be without a
look at how much raters say (``kindred, as for films``); popularity, item neighbours by cosine or
TF-IDF and EASE with the best of their settings for each number of ratings given.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.data.latent import KINDS, make_ratings
from ingest import Progress
from ingest.reading import Loaded, load
from kindred.evaluation.methods.kindred import Kindred
from kindred.evaluation.methods.matrices import EASE
from kindred.evaluation.methods.neighbours import ItemKNN, Popular
from kindred.evaluation.questions import parse_lengths
from kindred.evaluation.ranking import evaluate_ranking
from kindred.evaluation.resuming import Finished
from recommender.opinion import Opinion
from recommender.settings import Ranking, Weighting

_LENGTHS = {"books": "3,5,10,80%", "jokes": "3,5,10,20,40"}
# Nothing is below the first, and nothing above the second.
_AS_FOR_FILMS = Ranking(usual_known=1e-6, many_shared=1e6)


def sources(path: str | None, seeds: list[int]) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Names and ratings, and how many of them are given."""
    if path is not None:
        films = _table(load(path))
        lengths = "3,5,10,20,50,80%"
        liked = films["state"] == Opinion.LIKE.code
        yield "likes alone", films.loc[liked, ["user", "movie"]], lengths
        # Either half of a star, as by chance: 9 or 10 for five.
        halves = np.random.default_rng(0).integers(0, 2, len(films))
        ten = np.maximum(2 * films["rating"] - halves, 1).astype(int)
        yield "1 to 10", films[["user", "movie"]].assign(rating=ten), lengths
    for name, kind in KINDS.items():
        for seed in seeds:
            yield f"{name}, seed {seed}", make_ratings(kind, seed), _LENGTHS[name]


def _table(loaded: Loaded) -> pd.DataFrame:
    ratings = loaded.ratings
    columns = {"user": ratings.user, "movie": ratings.movie, "rating": ratings.stars}
    return pd.DataFrame(columns).assign(state=ratings.scale.states(ratings.stars, Weighting()))


def main() -> None:
    """Print a table for each source, as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", nargs="?", help="folder, zip or file of ratings with stars")
    parser.add_argument("--seeds", default="11,12", help="of the made-up ratings")
    parser.add_argument("--people", type=int, default=300, help="asked at most in each split")
    parser.add_argument("--splits", type=int, default=1, help="groups of 15 % of the people")
    chosen = parser.parse_args()
    as_for_films = Kindred(_AS_FOR_FILMS)
    as_for_films.name = "kindred, as for films"
    methods = [Kindred(), as_for_films, Popular(), ItemKNN(), EASE()]
    for name, table, lengths in sources(chosen.source, list(map(int, chosen.seeds.split(",")))):
        figures = [
            figure
            for figure in evaluate_ranking(
                load(table),
                methods,
                parse_lengths(lengths),
                splits=chosen.splits,
                people=chosen.people,
                seed=1,
                finished=Finished(),
                progress=Progress(),
            )
            if figure.metric == "ndcg_10"
        ]
        asked = {figure.asked: figure.count for figure in figures}
        heads = (f"{given} ({people:,} people)" for given, people in asked.items())
        print(f"\n| {name}: NDCG@10 | {' | '.join(heads)} |\n|---|{'--:|' * len(asked)}")
        for method in methods:
            cells = []
            for figure in figures:
                if figure.method == method.name:
                    lead = figure.lead
                    ahead = (
                        f" ({lead.value:+.1%}, {lead.low:+.1%} to {lead.high:+.1%})" if lead else ""
                    )
                    cells.append(f"{figure.value:.4f}{ahead}")
            print(f"| {method.name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
