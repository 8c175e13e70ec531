"""Whether all engines give the same answers.

Ingests a source into Qdrant Edge and into qdrant-client's ``:memory:`` (and, where ``QDRANT_URL``
is set, onto that server), asks all of them the same random questions, and compares films, their
order, scores and reasons::

    python -m benchmarks.quality.congruence PATH-TO-ML-LATEST-SMALL
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ingest import ingest
from recommender import Profile, Recommendations, Recommender
from recommender.settings import ServerSettings
from recommender.storage.edge import EdgeStore
from recommender.storage.index import IndexStore
from recommender.storage.server import ServerStore
from tests.recommender.storage.engines import memory

__all__ = ["Difference", "compare", "random_profiles"]

# Engines add 32-bit floats up in orders of their own, which changes the last digits of a sum.
TOLERANCE = 1e-4


@dataclass
class Difference:
    """How far two engines' answers lie apart, at most."""

    profiles: int = 0
    other_films: int = 0
    """Questions answered by other films, or in another order."""
    score: float = 0.0
    """Relative to the score."""
    share: float = 0.0
    """Of a reason, absolute."""

    @property
    def congruent(self) -> bool:
        """Whether films and order are the same, and the rest within the tolerance."""
        return not self.other_films and max(self.score, self.share) <= TOLERANCE


def random_profiles(rec: Recommender, count: int, *, seed: int = 7) -> list[Profile]:
    """Profiles of 1 to 50 movies out of those rated most, liked, seen and disliked by chance."""
    dice = random.Random(seed)
    known = [row.movie.movie_id for row in rec.popular(limit=1000)]
    sizes = [dice.randint(1, min(50, len(known))) for _ in range(count)]
    return [
        Profile({f"id:{m}": dice.choice((1, 1, 1, 0, -1)) for m in dice.sample(known, size)})
        for size in sizes
    ]


def compare(one: Recommender, other: Recommender, profiles: list[Profile]) -> Difference:
    """Ask two recommenders the same."""
    found = Difference(len(profiles))
    for profile in profiles:
        _compare(one.recommend(profile, limit=50), other.recommend(profile, limit=50), found)
    return found


def _compare(left: Recommendations, right: Recommendations, found: Difference) -> None:
    # By id: an engine may lose the last digit of a mean.
    if [row.movie.movie_id for row in left] != [row.movie.movie_id for row in right]:
        found.other_films += 1
        return
    for a, b in zip(left, right, strict=True):
        found.score = max(found.score, abs(a.score - b.score) / max(abs(a.score), 1e-12))
        shares = {reason.movie.movie_id: reason.share for reason in b.because}
        for reason in a.because:
            apart = abs(reason.share - shares.pop(reason.movie.movie_id, 0.0))
            found.share = max(found.share, apart)
        found.share = max([found.share, *map(abs, shares.values())])


def _wipe(server: ServerStore) -> None:
    for found in server.versions():
        server.drop(found.number)
    server.close()


def main() -> None:
    """Compare on a source, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source")
    parser.add_argument("--profiles", type=int, default=200)
    given = parser.parse_args()
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        stores: dict[str, IndexStore] = {":memory:": held.enter_context(memory())}
        if os.environ.get("QDRANT_URL"):
            settings = ServerSettings.read(name=f"congruence-{uuid.uuid4().hex[:8]}")
            server = ServerStore(settings)
            held.callback(_wipe, server)
            stores[settings.url or ""] = server
        edge = EdgeStore(folder)
        ingest(given.source, index=edge)
        ours = held.enter_context(Recommender(edge))
        profiles = random_profiles(ours, given.profiles)
        for name, store in stores.items():
            ingest(given.source, index=store)
            theirs = Recommender(store)
            found = compare(ours, theirs, profiles)
            verdict = "congruent" if found.congruent else "NOT congruent"
            print(
                f"Edge and {name}: {verdict} on {found.profiles} profiles; {found.other_films} "
                f"with other films or another order, scores at most {found.score:.1e} apart, "
                f"reasons {found.share:.1e}"
            )


if __name__ == "__main__":
    main()
