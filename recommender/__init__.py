"""A person's taste in, recommendations out.

::

    from recommender import Profile, Recommender

    with Recommender.open() as rec:
        for row in rec.recommend({2571: 1, 260: 1, 1721: -1}):
            print(row.rank, row.movie, [str(reason.movie) for reason in row.because])
"""

import logging

from recommender._version import __version__
from recommender.catalogue.movies import Movie, MovieKey
from recommender.catalogue.summary import IndexStats
from recommender.errors import (
    AmbiguousMovieError,
    EngineUnavailableError,
    IndexBusyError,
    IndexNotFoundError,
    IndexProblem,
    InvalidInputError,
    KindredError,
    SourceError,
    UnknownMovieError,
    UnknownUserError,
)
from recommender.filters import MovieFilter, RaterFilter
from recommender.group_results import GroupRecommendations
from recommender.opinion import Opinion, Scale
from recommender.profile import Profile
from recommender.recommender import Recommender
from recommender.results import (
    Explanation,
    Neighbour,
    Prediction,
    Reason,
    Recommendation,
    Recommendations,
    Row,
)
from recommender.settings import Ranking

# In the order in which a reader needs them.
__all__ = [  # noqa: RUF022
    "Recommender",
    "Profile",
    "Opinion",
    "MovieFilter",
    "RaterFilter",
    "Recommendations",
    "Recommendation",
    "Reason",
    "GroupRecommendations",
    "Movie",
    "MovieKey",
    "Prediction",
    "Neighbour",
    "Explanation",
    "Row",
    "IndexStats",
    "Ranking",
    "Scale",
    "KindredError",
    "InvalidInputError",
    "UnknownMovieError",
    "AmbiguousMovieError",
    "UnknownUserError",
    "SourceError",
    "IndexProblem",
    "IndexNotFoundError",
    "IndexBusyError",
    "EngineUnavailableError",
    "__version__",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())
