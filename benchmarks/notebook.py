"""The approach of Qdrant's "Collaborative Filtering" notebook, as a peer to measure against.

Ratings become z-scores over the whole table, raters become raw sparse vectors of them, and a
question adds up the similarities of the 20 nearest raters over everything each of them rated. Two
things differ, in its favour: it is asked with the ids it was built with, and what the person rated
is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd
from qdrant_client import QdrantClient, models

from recommender import MovieKey

__all__ = ["Notebook"]

_COLLECTION = "movies"
_NEIGHBOURS = 20


class Notebook:
    """An index of raters in qdrant-client's ``:memory:`` mode.

    ``ratings`` have the columns user, movie (both int) and stars.
    """

    def __init__(self, ratings: pd.DataFrame) -> None:
        table = ratings.groupby(["user", "movie"], as_index=False)["stars"].mean()
        table["stars"] = (table["stars"] - table["stars"].mean()) / table["stars"].std()
        self._client = QdrantClient(":memory:")
        self._client.create_collection(
            _COLLECTION,
            vectors_config={},
            sparse_vectors_config={"ratings": models.SparseVectorParams()},
        )
        raters = ((int(rated["user"].iloc[0]), rated) for _, rated in table.groupby("user"))
        self._client.upload_points(
            _COLLECTION,
            (
                models.PointStruct(
                    id=user,
                    vector={
                        "ratings": models.SparseVector(
                            indices=rated["movie"].tolist(), values=rated["stars"].tolist()
                        )
                    },
                    payload={"movies": rated["movie"].tolist()},
                )
                for user, rated in raters
            ),
        )

    def recommend(self, opinions: Mapping[MovieKey, float], limit: int) -> list[tuple[int, float]]:
        """Movies and their scores, best first, for likes (1) and dislikes (-1)."""
        found = self._client.query_points(
            _COLLECTION,
            query=models.SparseVector(
                indices=[int(movie) for movie in opinions],
                values=[float(value) for value in opinions.values()],
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
