"""How often the intervals of predicted stars hold the truth, of people who are not in the index.

A fifth of the raters, 500 at most, is left out. From a few of each one's ratings, or all but 20, 20
others are predicted: ``python -m benchmarks.quality.intervals PATH-TO-RATINGS [SEED]``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from ingest import Progress
from ingest.pipeline import build
from ingest.reading import Loaded, ReadOptions, load
from recommender import Prediction, Profile, Recommender
from recommender.storage.edge import EdgeStore

__all__: list[str] = []

LENGTHS = (1, 2, 3, 5, 10, None)
GROUPS = ((0, 0), (1, 2), (3, 9), (10, 40))
_PEOPLE, _ASKED = 500, 20


def predicted(
    rec: Recommender, loaded: Loaded, people: list[int], length: int | None, seed: int
) -> Iterator[tuple[float, Prediction]]:
    """Yield given stars and the prediction, of others than ``length`` ratings of each person."""
    ratings = loaded.ratings
    for person in people:
        rows = np.flatnonzero(ratings.user == person)
        rows = np.random.default_rng([seed, person]).permutation(rows)
        asked, others = rows[:_ASKED], rows[_ASKED:][:length]
        names = [f"id:{ratings.movie_ids[movie]}" for movie in ratings.movie[rows]]
        stars = ratings.stars[rows].tolist()
        known = slice(len(asked), len(asked) + len(others))
        profile = Profile.from_stars(dict(zip(names[known], stars[known], strict=True)))
        found = rec.predict_many(profile, names[: len(asked)])
        yield from zip(stars[: len(asked)], found, strict=True)


def main(path: str, seed: int) -> None:
    """Print coverage and mean width by length of the profile and by support."""
    loaded = load(path, ReadOptions(None, None, None, None, trust_checksum=False), Progress())
    users = np.random.default_rng(seed).permutation(len(loaded.ratings.user_ids))
    people = users[: min(_PEOPLE, len(users) // 5)]
    known = loaded.ratings.only(~np.isin(loaded.ratings.user, people))
    with tempfile.TemporaryDirectory() as folder:
        with closing(EdgeStore(Path(folder))) as store:
            build(store, replace(loaded, ratings=known))
        with Recommender.open(folder) as rec:
            for length in LENGTHS:
                print(f"{length or 'all but 20'} given")
                pairs = list(predicted(rec, loaded, people.tolist(), length, seed))
                for least, most in GROUPS:
                    _print(least, most, pairs)


def _print(least: int, most: int, pairs: list[tuple[float, Prediction]]) -> None:
    some = [
        (given - found.low, found.high - given)
        for given, found in pairs
        if least <= found.support <= most and found.low is not None and found.high is not None
    ]
    if some:
        ends = np.array(some)
        inside = (ends >= -1e-9).all(axis=1).mean()
        print(
            f"  support {least}-{most}: {len(some):,} ratings, {inside:.1%} inside, mean width "
            f"{ends.sum(axis=1).mean():.2f}"
        )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
