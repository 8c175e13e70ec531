"""What ``diversity`` costs and brings: quality, sets of films, and how unlike ten films are.

::

    python -m benchmarks.quality.diversity PATH-TO-RATINGS

Every value is asked through a real index and the public API. The first line is what it is at 0,
each other one shows by how many percent NDCG@10 and its debiased form differ from it, with the half
width of the 95 % interval of the paired difference. How unlike films are is told by the mean
similarity of two of the ten, which is what diversity lowers, and by how many genres they have,
which it knows nothing of by itself; both with the half width of the interval of their mean.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality.ranking import PACKS, compared
from ingest import Progress
from ingest.reading import Loaded, load
from kindred.evaluation.held_out import MOST_SPLITS, Split, choose_people, index_without
from kindred.evaluation.methods.kindred import Kindred
from kindred.evaluation.metrics import NOTHING, Figures, measure
from kindred.evaluation.packs import Pack, evaluate_packs, read_packs
from kindred.evaluation.questions import draw_questions, parse_lengths
from kindred.evaluation.training_data import TrainingData
from recommender import Recommender
from recommender.arrays import Floats, Ints
from recommender.storage.edge import EdgeStore

VALUES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
LENGTHS = "5,20,80%"


def asked(split: Split, diversity: float) -> list[Figures]:
    """Figures of everybody, for each length."""
    found: list[Figures] = []
    # A loop of one round: the index is open as long as it lasts.
    for _, fit in Kindred(diversity=diversity).fit(split, [()]):
        for questions in split.questions:
            lists = fit.recommend(questions)
            figures = measure(lists, questions.truth, split.train)
            found.append({**figures, **variety(split, lists)})
    return found


def variety(split: Split, lists: Ints) -> Figures:
    """Mean similarity of two films of a list, and genres of all of them, for each list."""
    with Recommender(EdgeStore(split.folder)) as rec, rec._live.version() as version:
        catalogue = version.catalogue
        numbers = np.array([catalogue.resolve(f"id:{movie}") for movie in split.movie_ids])
        alike, genres = [], []
        for row in lists:
            movies = numbers[row[row != NOTHING]]
            pairs = np.triu_indices(len(movies), k=1)
            similarity = version.likeness.similarity(movies)[pairs]
            alike.append(similarity.mean() if len(similarity) else 0.0)
            genres.append(len({genre for one in movies for genre in catalogue.movie(one).genres}))
    return {"similarity": np.array(alike), "genres": np.array(genres, dtype=np.float64)}


def packs_found(loaded: Loaded, packs: tuple[Pack, ...], diversity: float) -> str:
    """What is found of sets of films."""
    method = Kindred(diversity=diversity)
    found = evaluate_packs(loaded, packs, [method], seed=0, progress=Progress())
    score = next(figure for figure in found if figure.metric == "packs_10")
    return f"{score.value:.3f} ± {(score.high - score.low) / 2:.3f}"


def means(figures: Sequence[Figures], name: str) -> str:
    """Means with the half widths of their intervals."""
    cells = []
    for one in figures:
        values: Floats = one[name]
        half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
        cells.append(f"{values.mean():.3f} ± {half:.3f}")
    return " | ".join(cells)


def times(split: Split, most: int = 200) -> str:
    """Median milliseconds of a question at 0 and above, in turns."""
    took: dict[float, list[float]] = {0.0: [], 0.3: []}
    with Recommender(EdgeStore(split.folder)) as rec:
        # Users who are in the index; asking leaves each out.
        people = [rec.profile_of(user) for user in _users(rec, most)]
        for diversity in (0.3, 0.0):  # what is read once for all is not part of it
            for person in people:
                rec.recommend(person, diversity=diversity)
        for person in people:
            for diversity, of_it in took.items():
                started = time.perf_counter()
                rec.recommend(person, diversity=diversity)
                of_it.append(1e3 * (time.perf_counter() - started))
    return ", ".join(f"{np.median(of_it):.1f} ms at {value:g}" for value, of_it in took.items())


def _users(rec: Recommender, most: int) -> list[int | str]:
    with rec._live.version() as version:
        raters = version.panel.raters[:most]
        return [rater.user_id for rater in version.index.raters(raters)]


def main() -> None:
    """Print two tables, and what it costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="folder, zip or file of ratings")
    parser.add_argument("--groups", default="1,2", help="which of the six groups of people")
    parser.add_argument("--people", type=int, default=200, help="how many of each are asked")
    chosen = parser.parse_args()
    loaded = load(chosen.source)
    packs = read_packs(PACKS, loaded)
    people = choose_people(loaded.ratings, splits=MOST_SPLITS, seed=0)
    found: dict[float, list[list[Figures]]] = {value: [] for value in VALUES}
    for group in map(int, chosen.groups.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            kept = index_without(loaded, people[group], Path(folder))
            some, lengths = people[group][: chosen.people], parse_lengths(LENGTHS)
            questions = draw_questions(loaded.ratings, some, lengths, seed=0)
            split = Split(Path(folder), TrainingData.of(kept), kept.movie_ids, questions)
            for value in VALUES:
                found[value].append(asked(split, value))
            cost = times(split)
    pooled = {
        value: [
            {name: np.concatenate([one[name] for one in several]) for name in several[0]}
            for several in zip(*groups, strict=True)
        ]
        for value, groups in found.items()
    }
    first = pooled[0.0]
    heads = [f"{name}, {n}" for name in ("NDCG@10", "debiased") for n in LENGTHS.split(",")]
    print(f"| diversity | {' | '.join(heads)} | sets |\n|---|{'--:|' * (len(heads) + 1)}")
    for value, figures in pooled.items():
        cells = [
            compared(figures, first, name)
            if value
            else " | ".join(f"{one[name].mean():.4f}" for one in first)
            for name in ("ndcg_10", "debiased_10")
        ]
        print(f"| {value:g} | {' | '.join(cells)} | {packs_found(loaded, packs, value)} |")
    heads = [f"{name}, {n}" for name in ("similarity", "genres") for n in LENGTHS.split(",")]
    print(f"\n| diversity | {' | '.join(heads)} |\n|---|{'--:|' * len(heads)}")
    for value, figures in pooled.items():
        cells = [means(figures, name) for name in ("similarity", "genres")]
        print(f"| {value:g} | {' | '.join(cells)} |")
    print(f"\nA question takes {cost}, in the median.")


if __name__ == "__main__":
    main()
