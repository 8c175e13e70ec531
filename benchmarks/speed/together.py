"""How long a question of several people takes, beside what each of them asks alone.

::

    python -m benchmarks.speed.together FOLDER

of an index, or of ratings, of which one is made first. Both sides read every reason and all
predicted stars of ten movies, of the list for all or of each one's own. The people are stored
raters with so many of their ratings. Both sides are asked in turn, three times over, and the
shortest time of each counts: what else the machine does would be most of a worst ratio.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Row, arguments, machine, milliseconds, show
from benchmarks.speed.ingest import index_of, open_version
from benchmarks.speed.latency import LIMIT, RATERS, WARM_UP, Opinions, profiles, timed
from recommender import Recommender

__all__ = ["run"]

_SIZES = (2, 3, 5)
_ROUNDS = 3


def run(index: Path, *, rated: Sequence[int], questions: int, seed: int) -> dict[str, Any]:
    """Measure an index: how many times as long as all own questions one for all takes."""
    rows = []
    with open_version(index) as version, Recommender.open(index) as rec:
        for number in rated:
            for size in _SIZES:
                people = profiles(version, RATERS, questions * size, rated=number, seed=seed)
                groups = [people[place * size :][:size] for place in range(questions)]
                asked = groups[:1] * WARM_UP + groups * _ROUNDS
                together, alone = (
                    times.reshape(_ROUNDS, questions).min(axis=0)
                    for times in timed(asked, partial(_together, rec), partial(_alone, rec))
                )
                rows.append(
                    {
                        "people": size,
                        "ratings": number,
                        "together": milliseconds(together),
                        "alone": milliseconds(alone),
                        "ratio": round(float(np.median(together / alone)), 2),
                        "worst": round(float(np.max(together / alone)), 2),
                    }
                )
    return {"questions": questions, "seed": seed, "groups": rows, **machine()}


def _together(rec: Recommender, group: Sequence[Opinions]) -> None:
    named = {str(place): opinions for place, opinions in enumerate(group)}
    for row in rec.recommend_together(named, limit=LIMIT):
        for member in row.members:
            _ = member.because, member.prediction


def _alone(rec: Recommender, group: Sequence[Opinions]) -> None:
    for opinions in group:
        for row in rec.recommend(opinions, limit=LIMIT):
            _ = row.because, row.prediction


def main() -> None:
    """Print what was measured."""
    parser = arguments(__doc__)
    parser.add_argument("place", help="folder of an index, or of ratings")
    parser.add_argument("--rated", default="20,100", help="ratings of each person")
    parser.add_argument("--questions", type=int, default=50, help="groups of each kind")
    chosen = parser.parse_args()
    rated = [int(number) for number in chosen.rated.split(",")]
    with index_of(chosen.place) as index:
        found = run(index, rated=rated, questions=chosen.questions, seed=chosen.seed)
    table: list[Row] = [
        {
            "people": row["people"],
            "ratings each": row["ratings"],
            "together, ms": row["together"]["p50_ms"],
            "all alone, ms": row["alone"]["p50_ms"],
            "ratio, median": row["ratio"],
            "worst": row["worst"],
        }
        for row in found["groups"]
    ]
    show(found, {"One list for several people": table}, as_json=chosen.json)


if __name__ == "__main__":
    main()
