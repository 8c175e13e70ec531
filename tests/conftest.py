"""What every test starts from: no settings of the person's own, and no index of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine and run, nothing written, no time limits. Looking for new ones:
# pytest --hypothesis-profile=explore
settings.register_profile("kindred", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, database=None, max_examples=1000)
settings.load_profile("kindred")

ENVIRONMENT = ("KINDRED_INDEX", "QDRANT_URL", "QDRANT_API_KEY", "OMDB_API_KEY")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Clear every variable Kindred reads, and move the per-user data folder into the test's own."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user-data"))
