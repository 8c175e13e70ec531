"""Ways to recommend movies to somebody new, each from the ratings file to an answer.

Each is what its library's own documentation shows, with the defaults or what is usual, and is given
a table that was read as fast as Kindred reads it. Each is a process of its own, started by
:mod:`benchmarks.quality.peers`, and loads nothing but what it needs.
"""

from __future__ import annotations

import atexit
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SIDES", "Answer", "read"]

Opinions = dict[int, float]
Answer = Callable[[Opinions, int], list[int]]
"""The best movies for 1 like, 0 seen and -1 dislike, by id in the source."""

# Stars of a like, a movie merely seen and a dislike, for those that want stars.
_STARS = {1.0: 4.5, 0.0: 3.0, -1.0: 2.0}


def read(source: Path) -> pd.DataFrame:
    """Ratings as a table of user, movie and stars."""
    import pandas as pd  # noqa: PLC0415 - not every side wants it

    table = pd.read_csv(source / "ratings.csv", engine="pyarrow").iloc[:, :3]
    return table.set_axis(["user", "movie", "stars"], axis="columns")


def kindred(source: Path) -> Answer:
    """Kindred, with a folder as its index."""
    # Imported here, as in all sides: what another loads would count as this one's.
    from ingest import ingest  # noqa: PLC0415
    from recommender import Recommender  # noqa: PLC0415

    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ingest(str(source), index=folder)
    rec = Recommender.open(folder)

    def answer(opinions: Opinions, limit: int) -> list[int]:
        rows = rec.recommend(opinions, limit=limit)
        return [int(row.movie.movie_id) for row in rows if row.because]

    return answer


def notebook(source: Path) -> Answer:
    """Qdrant's notebook, on qdrant-client's ``:memory:``."""
    from benchmarks.quality.notebook import Notebook  # noqa: PLC0415

    peer = Notebook(read(source))
    return lambda opinions, limit: [movie for movie, _ in peer.recommend(opinions, limit)]


def lenskit(source: Path) -> Answer:
    """LensKit's user-user neighbours on stars."""
    from lenskit import recommend  # noqa: PLC0415
    from lenskit.data import ItemList, RecQuery, from_interactions_df  # noqa: PLC0415
    from lenskit.knn import UserKNNScorer  # noqa: PLC0415
    from lenskit.pipeline import topn_pipeline  # noqa: PLC0415

    columns = {"user": "user_id", "movie": "item_id", "stars": "rating"}
    data = from_interactions_df(read(source).rename(columns=columns))
    pipeline = topn_pipeline(UserKNNScorer(max_nbrs=30, min_nbrs=2))
    pipeline.train(data)

    def answer(opinions: Opinions, limit: int) -> list[int]:
        stars = [_STARS[value] for value in opinions.values()]
        person = RecQuery(user_items=ItemList(item_ids=list(opinions), rating=stars))
        return [int(movie) for movie in recommend(pipeline, person, limit).ids()]

    return answer


def als(source: Path) -> Answer:
    """Implicit's matrix factorisation, new people folded in."""
    from implicit.als import AlternatingLeastSquares  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    # As the library wants it: its threads and those of BLAS would stand in each other's way.
    with threadpool_limits(1, "blas"):
        return _implicit(source, AlternatingLeastSquares(factors=64, random_state=0), folded=True)


def item_knn(source: Path) -> Answer:
    """Implicit's item-item cosine."""
    from implicit.nearest_neighbours import CosineRecommender  # noqa: PLC0415

    return _implicit(source, CosineRecommender(K=200), folded=False)


def _implicit(source: Path, model: Any, *, folded: bool) -> Answer:
    from scipy import sparse  # noqa: PLC0415

    ratings = read(source)
    liked = ratings[ratings["stars"] >= 4]
    people, user = np.unique(liked["user"], return_inverse=True)
    movies, movie = np.unique(liked["movie"], return_inverse=True)
    ones = np.ones(len(liked), dtype=np.float32)
    shape = (len(people), len(movies))
    model.fit(sparse.csr_matrix((ones, (user, movie)), shape=shape), show_progress=False)
    place = {int(movie): at for at, movie in enumerate(movies)}

    def answer(opinions: Opinions, limit: int) -> list[int]:
        liked = [place[movie] for movie, value in opinions.items() if value > 0 and movie in place]
        row = sparse.csr_matrix(
            (np.ones(len(liked), np.float32), ([0] * len(liked), liked)), shape=(1, len(movies))
        )
        more = {"recalculate_user": True} if folded else {}
        found, _ = model.recommend(0, row, N=limit, **more)
        return [int(movies[at]) for at in found]

    return answer


def svd(source: Path) -> Answer:
    """Surprise's SVD; it knows only those it was fitted on, so that everybody is the first one."""
    import surprise  # noqa: PLC0415

    ratings = read(source)
    scale = surprise.Reader(rating_scale=(ratings["stars"].min(), ratings["stars"].max()))
    train = surprise.Dataset.load_from_df(ratings, scale).build_full_trainset()
    model = surprise.SVD(random_state=0).fit(train)

    def answer(opinions: Opinions, limit: int) -> list[int]:
        stars = model.bi + model.qi @ model.pu[0]
        return [int(train.to_raw_iid(at)) for at in np.argsort(-stars)[:limit]]

    return answer


SIDES: dict[str, Callable[[Path], Answer]] = {
    "kindred": kindred,
    "notebook": notebook,
    "lenskit": lenskit,
    "als": als,
    "item-knn": item_knn,
    "svd": svd,
}


def main() -> None:
    """Be the side named first, on the ratings named second.

    Answer the first of the questions that standard input holds, then all others, and tell how many
    seconds each of those took.
    """
    limit, questions = json.loads(sys.stdin.read())
    asked = [dict(one) for one in questions]
    # Libraries print their progress, which is not part of an answer.
    out, sys.stdout = sys.stdout, sys.stderr
    answer = SIDES[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(answer(asked[0], limit)), file=out, flush=True)
    took = []
    for opinions in asked[1:]:
        started = time.perf_counter()
        answer(opinions, limit)
        took.append(time.perf_counter() - started)
    print(json.dumps(took), file=out, flush=True)


if __name__ == "__main__":
    main()
