"""What the dial does: quality, sets of films and the long tail at its places, as one picture.

::

    python -m benchmarks.quality.dial PATH-TO-RATINGS [PATH ...] --picture dial.png

It also counts how many films of ten change from one place to the next; and of twelve, as the app
shows first, for somebody who likes two, three or four of the 40 best known films.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from itertools import pairwise
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from benchmarks.quality.ranking import PACKS
from ingest import Progress, ingest
from ingest.reading import Loaded, load
from kindred.evaluation.held_out import MOST_SPLITS, Split, choose_people, index_without
from kindred.evaluation.methods.kindred import Kindred
from kindred.evaluation.metrics import measure
from kindred.evaluation.packs import evaluate_packs, read_packs
from kindred.evaluation.questions import draw_questions, parse_lengths
from kindred.evaluation.training_data import TrainingData
from recommender import Recommender

PLACES = (0.0, 0.5, 0.8, 1.0)
LENGTHS = "3,5,10,50"
FIGURES = {
    "ndcg_10": "NDCG@10",
    "debiased_10": "debiased NDCG@10",
    "longtail_10": "long tail",
    "packs_10": "sets of films",
}


def curves(loaded: Loaded, group: int, people: int) -> pd.DataFrame:
    """Measure at each place of the dial, and print how much lists change between places."""
    groups = choose_people(loaded.ratings, splits=MOST_SPLITS, seed=0)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        kept = index_without(loaded, groups[group], path)
        questions = draw_questions(
            loaded.ratings, groups[group][:people], parse_lengths(LENGTHS), seed=0
        )
        split = Split(path, TrainingData.of(kept), kept.movie_ids, questions)
        lists = []
        for place in PLACES:
            # A loop of one round: the index is open as long as it lasts.
            for _, fit in Kindred(adventurous=place).fit(split, [()]):
                lists.append([fit.recommend(asked) for asked in questions])
        for place, several in zip(PLACES, lists, strict=True):
            for listed, asked in zip(several, questions, strict=True):
                found = measure(listed, asked.truth, split.train)
                for name in ("ndcg_10", "debiased_10", "longtail_10"):
                    rows.append((name, asked.length, place, float(found[name].mean())))
        for one, two in pairwise(range(len(PLACES))):
            changed = np.concatenate(
                [
                    [len(np.setdiff1d(new, old)) for old, new in zip(before, after, strict=True)]
                    for before, after in zip(lists[one], lists[two], strict=True)
                ]
            )
            print(
                f"{PLACES[one]:g} to {PLACES[two]:g}: {changed.mean():.1f} of ten films change, "
                f"two or more for {(changed >= 2).mean():.0%} of {len(changed)} profiles",
                flush=True,
            )
    packs = read_packs(PACKS, loaded)
    for place in PLACES:
        method = Kindred(adventurous=place)
        of_sets = evaluate_packs(loaded, packs, [method], seed=0, progress=Progress())
        rows.append(("packs_10", "4", place, next(of_sets).value))
    return pd.DataFrame(rows, columns=["figure", "ratings given", "place", "value"])


def famous(source: str, profiles: int = 72) -> None:
    """Print how much the first twelve films change for those who like a few famous ones."""
    dice, changed = random.Random(1), []
    with tempfile.TemporaryDirectory() as folder:
        ingest(source, index=Path(folder))
        with Recommender.open(folder) as rec:
            known = [row.movie.movie_id for row in rec.popular(limit=40)]
            for number in range(profiles):
                likes = dict.fromkeys(dice.sample(known, 2 + number % 3), 1)
                lists = [
                    {row.movie for row in rec.recommend(likes, limit=12, adventurous=place)}
                    for place in PLACES
                ]
                changed.append([len(new - old) for old, new in pairwise(lists)])
    for (one, two), films in zip(pairwise(PLACES), np.array(changed).T, strict=True):
        print(
            f"famous films, {one:g} to {two:g}: {np.median(films):g} of twelve change in the "
            f"median, none for {(films == 0).mean():.0%} of {profiles} profiles",
            flush=True,
        )


def main() -> None:
    """Print the figures, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", nargs="+", help="folders, zips or files of ratings")
    parser.add_argument("--group", type=int, default=2, help="which of six groups of people")
    parser.add_argument("--people", type=int, default=100, help="how many of it are asked")
    parser.add_argument("--picture", type=Path, help="a .png to write")
    chosen = parser.parse_args()
    tables = []
    for source in chosen.sources:
        famous(source)
        loaded = load(source)
        table = curves(loaded, chosen.group, chosen.people)
        print(table.pivot_table(index=["figure", "ratings given"], columns="place", sort=False))
        tables.append(table.assign(source=Path(source).name))
    if chosen.picture:
        found = pd.concat(tables)
        found["figure"] = found["figure"].map(FIGURES)
        chart = (
            alt.Chart(found)
            .mark_line(point=True)
            .encode(
                alt.X(
                    "place:Q",
                    title="place on the dial",
                    axis=alt.Axis(values=list(PLACES), format=".2~f"),
                ),
                alt.Y("value:Q", title=None),
                alt.Color("ratings given:N", sort=["3", "4", "5", "10", "50"]),
            )
            .properties(width=210, height=150)
            .facet(
                row=alt.Row("source:N", title=None),
                column=alt.Column("figure:N", title=None, sort=list(FIGURES.values())),
            )
            .resolve_scale(y="independent")
        )
        chart.save(str(chosen.picture), scale_factor=2)


if __name__ == "__main__":
    main()
