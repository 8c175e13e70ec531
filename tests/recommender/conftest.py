"""What tests of the recommender share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recommender import Recommender
from tests.support import FILMS, THREE_RATERS, build_index


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the hand-worked world with titles, and without times."""
    path = build_index(tmp_path_factory.mktemp("films"), THREE_RATERS, FILMS)
    with Recommender.open(path) as opened:
        yield opened
