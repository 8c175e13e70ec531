"""A person's taste in, recommendations out.

::

    from recommender import Profile, Recommender

    with Recommender.open() as rec:
        for row in rec.recommend({2571: 1, 260: 1, 1721: -1}):
            print(row.rank, row.movie, [str(reason.movie) for reason in row.because])
"""

import logging

from recommender._version import __version__
from recommender.archives import Member, guess_encoding, open_upload
from recommender.catalogue.listed_films import Match, Mention
from recommender.catalogue.movies import Movie, MovieKey
from recommender.catalogue.summary import Overview, Tally
from recommender.catalogue.titles import one_line
from recommender.errors import (
    AmbiguousMovieError,
    EngineError,
    EngineUnavailableError,
    IndexBusyError,
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    IndexProblem,
    InvalidInputError,
    KindredError,
    SourceError,
    UnknownMovieError,
    UnknownUserError,
    VersionGoneError,
)
from recommender.filters import Filters
from recommender.health import Health, check_health
from recommender.logs import configure_logging, logged
from recommender.profile import Opinions, Profile
from recommender.quality import Interval, Quality, RankingScore, StarsScore
from recommender.ranking.explanations import Explanation, Neighbour, Vote
from recommender.ranking.rows import Row, Shelf
from recommender.ranking.stars import Prediction
from recommender.recommender import Recommender
from recommender.results import Reason, Recommendation, Recommendations
from recommender.scale import Scale
from recommender.settings import (
    CacheSettings,
    EnvironmentSettings,
    IndexSettings,
    LogSettings,
    Ranking,
    ServerSettings,
    WebAddress,
    Weighting,
)
from recommender.stats import IndexStats
from recommender.storage.manifest import Source
from recommender.storage.storage_report import Part, Storage

__all__ = [
    "AmbiguousMovieError",
    "CacheSettings",
    "EngineError",
    "EngineUnavailableError",
    "EnvironmentSettings",
    "Explanation",
    "Filters",
    "Health",
    "IndexBusyError",
    "IndexDamagedError",
    "IndexFormatError",
    "IndexNotFoundError",
    "IndexProblem",
    "IndexSettings",
    "IndexStats",
    "Interval",
    "InvalidInputError",
    "KindredError",
    "LogSettings",
    "Match",
    "Member",
    "Mention",
    "Movie",
    "MovieKey",
    "Neighbour",
    "Opinions",
    "Overview",
    "Part",
    "Prediction",
    "Profile",
    "Quality",
    "Ranking",
    "RankingScore",
    "Reason",
    "Recommendation",
    "Recommendations",
    "Recommender",
    "Row",
    "Scale",
    "ServerSettings",
    "Shelf",
    "Source",
    "SourceError",
    "StarsScore",
    "Storage",
    "Tally",
    "UnknownMovieError",
    "UnknownUserError",
    "VersionGoneError",
    "Vote",
    "WebAddress",
    "Weighting",
    "__version__",
    "check_health",
    "configure_logging",
    "guess_encoding",
    "logged",
    "one_line",
    "open_upload",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())
