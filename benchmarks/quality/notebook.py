"""The approach of Qdrant's "Collaborative Filtering" notebook, as a peer to measure against.

https://github.com/qdrant/examples, collaborative-filtering.ipynb: movie ids become text, ratings
z-scores over the whole table, those of a user and movie their mean; row by row they become raw
sparse vectors of raters; and a question adds up the similarities of the 20 nearest raters over
everything each of them rated. Three things differ, in its favour: the ratings are not joined with
the titles, it is asked with the ids it was built with, and what the person rated is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd
from qdrant_client import QdrantClient, models

__all__ = ["Notebook"]

_COLLECTION = "movies"
_NEIGHBOURS = 20


class Notebook:
    """An index of raters in qdrant-client's ``:memory:`` mode.

    ``ratings`` have the columns user, movie (both int) and stars.
    """

    def __init__(self, ratings: pd.DataFrame) -> None:
        table = ratings.assign(movie=ratings["movie"].astype(str))
        table["stars"] = (table["stars"] - table["stars"].mean()) / table["stars"].std()
        table = table.groupby(["user", "movie"])["stars"].mean().reset_index()
        raters: dict[int, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for _, user, movie, stars in table.itertuples():
            raters[user][0].append(int(movie))
            raters[user][1].append(stars)
        self._client = QdrantClient(":memory:")
        self._client.create_collection(
            _COLLECTION,
            vectors_config={},
            sparse_vectors_config={"ratings": models.SparseVectorParams()},
        )
        self._client.upload_points(
            _COLLECTION,
            (
                models.PointStruct(
                    id=user,
                    vector={"ratings": models.SparseVector(indices=movies, values=values)},
                    payload={"movies": movies},
                )
                for user, (movies, values) in raters.items()
            ),
        )

    def recommend(self, opinions: Mapping[int, float], limit: int) -> list[tuple[int, float]]:
        """Movies and their scores, best first, for likes (1) and dislikes (-1)."""
        found = self._client.query_points(
            _COLLECTION,
            query=models.SparseVector(
                indices=list(opinions),
                values=list(opinions.values()),
            ),
            using="ratings",
            limit=_NEIGHBOURS,
            with_payload=True,
        ).points
        scores: dict[int, float] = defaultdict(float)
        for rater in found:
            for movie in (rater.payload or {})["movies"]:
                if movie not in opinions:
                    scores[movie] += rater.score
        return sorted(scores.items(), key=lambda pair: -pair[1])[:limit]

    def close(self) -> None:
        """Release the collection."""
        self._client.close()
