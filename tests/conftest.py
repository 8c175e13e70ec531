"""What every test starts from: no settings of the person's own, and no index of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

ENVIRONMENT = ("KINDRED_INDEX", "QDRANT_URL", "QDRANT_API_KEY", "OMDB_API_KEY")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Clear every variable Kindred reads, and move the per-user data folder into the test's own."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user-data"))
