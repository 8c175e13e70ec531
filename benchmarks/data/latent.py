"""Made-up ratings of other things than films, from latent factors and a seed.

::

    python -m benchmarks.data.latent books 1 FOLDER

writes ``ratings.csv``, the same bytes on every machine. Two kinds are of unlike density: ``books``,
8,000 items of which a person rates 25 on a scale from 1 to 10, and ``jokes``, 100 items of which a
person rates 60 from -10 to 10.

Person and item have ten factors each. What a person would think of an item is the product of the
two, how good the item is, how mild the person is, and chance. Which items a person rates depends on
how well known they are and, by ``PULL``, on what the person would think of them. Seeds 1 and 2 are
for choosing settings, 11 and 12 for reporting.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = ["KINDS", "Kind", "make_ratings"]

_FACTORS = 10
# By how much items that a person would like more are rated more often, in standard deviations of
# what they would think of them; as logarithms of odds.
PULL = 1.0


class Kind(NamedTuple):
    """What the ratings are of."""

    people: int
    items: int
    each: int
    """Ratings of a person in the mean; a third of them at the least."""
    fame: float
    """Spread of the logarithm of how well known items are."""
    low: int
    high: int


KINDS = {
    "books": Kind(people=6000, items=8000, each=25, fame=1.5, low=1, high=10),
    "jokes": Kind(people=4000, items=100, each=60, fame=0.5, low=-10, high=10),
}


def make_ratings(kind: Kind, seed: int) -> pd.DataFrame:
    """Make ratings: columns user, item and rating."""
    dice = np.random.default_rng([seed, kind.items])
    taste = dice.standard_normal((kind.people, _FACTORS)) / np.sqrt(_FACTORS)
    kinds = dice.standard_normal((kind.items, _FACTORS))
    quality, fame = dice.standard_normal(kind.items), dice.standard_normal(kind.items)
    mildness = dice.standard_normal(kind.people)
    least = kind.each // 3
    more = dice.exponential(kind.each - least, kind.people).astype(np.int64)
    sizes = np.minimum(least + more, kind.items * 9 // 10)
    rows = []
    for person in range(kind.people):
        thought = taste[person] @ kinds.T + 0.7 * quality
        # Drawn without replacement, by the order of waiting times.
        waiting = dice.standard_exponential(kind.items)
        waiting /= np.exp(kind.fame * fame + PULL * thought)
        items = np.sort(np.argpartition(waiting, sizes[person])[: sizes[person]])
        felt = thought[items] + 0.5 * mildness[person] + 0.7 * dice.standard_normal(len(items))
        rows.append(pd.DataFrame({"user": person + 1, "item": items + 1, "felt": felt}))
    table = pd.concat(rows, ignore_index=True)
    # The middle of the scale is what is felt in the mean, its ends two spreads away.
    felt = table.pop("felt")
    spread = (felt - felt.mean()) / (2 * felt.std())
    middle, half = (kind.low + kind.high) / 2, (kind.high - kind.low) / 2
    table["rating"] = np.clip(np.round(middle + half * spread), kind.low, kind.high).astype(int)
    return table


def main() -> None:
    """Write the ratings of a kind and seed into a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("seed", type=int)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    table = make_ratings(KINDS[chosen.kind], chosen.seed)
    table.to_csv(chosen.folder / "ratings.csv", index=False)


if __name__ == "__main__":
    main()
