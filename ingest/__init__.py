"""Ratings in, an index version out.

::

    from ingest import ingest

    report = ingest("ml-latest-small/")
    print(report.ratings, "ratings by", report.users, "people; dropped:", report.dropped)
"""

from ingest.pipeline import Report, ingest
from ingest.progress import Progress, on_stderr

__all__ = ["Progress", "Report", "ingest", "on_stderr"]
