"""Build index versions from ratings, and change them: ingest, append, forget.

::

    from ingest import ingest

    report = ingest("ml-latest-small/")
    print(report.ratings, "ratings by", report.users, "users; dropped:", report.dropped)
"""

import logging

from ingest.check import check
from ingest.pipeline import ingest
from ingest.progress import Progress, on_stderr
from ingest.report import Reading, Report
from ingest.update.append import Appended, append
from ingest.update.forget import Forgotten, forget

__all__ = [
    "Appended",
    "Forgotten",
    "Progress",
    "Reading",
    "Report",
    "append",
    "check",
    "forget",
    "ingest",
    "on_stderr",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())
