"""What is not needed is not imported: it would take longer than the first question."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import FILMS, THREE_RATERS, ratings_text, write_source

LIBRARIES = ("pandas", "pyarrow", "streamlit", "grpc", "httpx", "rich", "filelock", "pooch")


def imported(code: str, *given: str) -> set[str]:
    """Which of these libraries a new interpreter has imported after some code."""
    script = f"import sys; {code}; print(*{{*sys.modules}} & {{*{LIBRARIES}}})"
    argv = [sys.executable, "-c", script, *given]
    return {*subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()}


@pytest.mark.process
def test_recommender_imports_no_tables_servers_or_pages() -> None:
    """They would take several times as long as all of it."""
    assert not imported("import recommender")


@pytest.mark.process
def test_a_file_of_ratings_is_read_without_pandas_or_downloads(tmp_path: Path) -> None:
    """Nearly every way from Python to Arrow imports pandas; here times are read too."""
    source = write_source(tmp_path / "source", THREE_RATERS, FILMS)
    pairs = [(user, movie) for user, rated in THREE_RATERS.items() for movie in rated]
    times = {pair: 50_000 * at for at, pair in enumerate(pairs)}
    (source / "ratings.csv").write_text(ratings_text(THREE_RATERS, times=times), encoding="utf-8")
    code = "from ingest import ingest; ingest(sys.argv[1], index=sys.argv[2])"
    # The lock of the one writer is taken.
    assert imported(code, str(source), str(tmp_path / "index")) == {"pyarrow", "filelock"}
