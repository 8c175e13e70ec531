"""What every test starts from: no settings of the person's own, and no index of theirs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import certifi
import pytest
from hypothesis import settings
from qdrant_client.embed import type_inspector
from qdrant_client.embed.schema_parser import ModelSchemaParser

REAL_ENGINES = {"real", "real-sharded", "real-grpc"}
"""What tests/recommender/storage/engines.py calls engines on a real server."""

REAL = os.environ.get("QDRANT_CLUSTER_URLS") or os.environ.get("QDRANT_URL")

# The same examples on every machine and run, nothing written, no time limits. Looking for new ones:
# pytest --hypothesis-profile=explore
settings.register_profile("kindred", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, database=None, max_examples=1000)
settings.load_profile("kindred")

PREFIXES = ("KINDRED_", "QDRANT_", "OMDB_")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Clear every variable Kindred reads, and move the per-user folders into the test's own."""
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user-data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))


@pytest.fixture(scope="session", autouse=True)
def _clients_made_fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let each Qdrant and HTTP client read neither all there is to say nor all there are to trust.

    The one copies its description of requests, the other reads every authority of the web: most of
    what a test of a server took. Servers of tests have authorities of their own, but for real ones.
    """
    first, end, _ = Path(certifi.where()).read_text("ascii").partition("-----END CERTIFICATE-----")
    bundle = tmp_path_factory.mktemp("trusted") / "authority.pem"
    bundle.write_text(first + end + "\n", "ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type_inspector, "ModelSchemaParser", cache(ModelSchemaParser))
        if not REAL:
            patch.setenv("SSL_CERT_FILE", str(bundle))
        yield


LOGGERS = [logging.getLogger(name) for name in ("", "recommender", "ingest", "ui", "kindred")]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Put back what a command or the app changes for its whole process."""
    handlers, levels = logging.root.handlers[:], [logger.level for logger in LOGGERS]
    yield
    logging.root.handlers[:] = handlers
    for logger, level in zip(LOGGERS, levels, strict=True):
        logger.setLevel(level)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser's tests first: they take longest, and processes share the others then.

    Tests of engines on a real server are marked as such here, where their parameters are known.
    """
    for item in items:
        given = getattr(item, "callspec", None)
        if given and any(str(value) in REAL_ENGINES for value in given.params.values()):
            item.add_marker("server")
    items.sort(key=lambda item: "e2e" not in item.path.parts)
