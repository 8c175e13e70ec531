"""Whatever OMDb answers, it is a film of plain facts or a reason why there is none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue.titles import one_line
from tests.hostile import JSON, altered
from tests.ui.omdb_double import ANSWERS, KEY, OmdbDouble, omdb_double
from ui.posters.omdb import Failure, Film, Omdb
from ui.settings import OmdbSettings

ANSWER = {
    "Response": "True",
    "Plot": "A\nplot.",
    "Director": "X",
    "Actors": "Y, Z",
    "Runtime": "90 min",
    "Poster": "http://m.media-amazon.com/images/M/x.jpg",
}


@pytest.fixture(scope="module")
def server() -> Iterator[OmdbDouble]:
    """A server that gives one answer, whatever it is."""
    with omdb_double() as served, pytest.MonkeyPatch.context() as patch:
        served.does = lambda _: "any"
        patch.setitem(ANSWERS, "any", (200, "application/json", b""))
        yield served


@pytest.mark.slow
@given(st.binary(max_size=60) | (altered(ANSWER) | JSON).map(lambda one: json.dumps(one).encode()))
def test_any_answer_is_a_film_of_plain_lines_or_a_failure(server: OmdbDouble, body: bytes) -> None:
    """A fact is a line that a browser can show, and a poster is fetched over https."""
    ANSWERS["any"] = (200, "application/json", body)
    found = asyncio.run(Omdb(OmdbSettings.read(url=server.url, api_key=KEY)).film("tt0114709"))
    if isinstance(found, Film):
        for fact in found.facts:
            if fact is not None:
                assert fact == one_line(fact.encode().decode())
                assert 0 < len(fact) <= 1000
        assert found.poster is None or found.poster.scheme == "https"
    else:
        assert isinstance(found, Failure)
