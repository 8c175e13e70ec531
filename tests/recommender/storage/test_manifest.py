"""A manifest is read as it was written, or refused by name."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import IndexFormatError
from recommender.opinion import Scale
from recommender.settings import Weighting
from recommender.storage.manifest import (
    FORMAT,
    Counts,
    Density,
    Maintenance,
    Manifest,
    Source,
    StarErrors,
    json_checksum,
    read_manifest,
    write_manifest,
)
from tests.hostile import altered
from tests.recommender.storage.stores import manifest
from tests.support import assert_one_line

counts = st.integers(0, 2**53)
manifests = st.builds(
    Manifest,
    format=st.just(FORMAT),
    kindred=st.text(max_size=9),
    created=st.just("2026-01-01T00:00:00+00:00"),
    source=st.builds(Source, name=st.text(max_size=9), title=st.text(max_size=9)),
    scale=st.builds(Scale, low=st.floats(-10, 0), high=st.floats(0.5, 100), implicit=st.booleans()),
    timed=st.booleans(),
    movie_ids=st.sampled_from(["int", "str"]),
    user_ids=st.sampled_from(["int", "str"]),
    attributes=st.dictionaries(st.text(max_size=9), st.tuples(st.text(max_size=9)), max_size=3),
    weighting=st.builds(Weighting, like_at=st.floats(0.5, 1), min_ratings=st.integers(1, 50)),
    counts=st.builds(
        Counts,
        ratings=counts,
        users=counts,
        raters=counts,
        movies=counts,
        likes=counts,
        by_unit=st.tuples(counts, counts),
    ),
    maintenance=st.builds(
        Maintenance,
        counted_users=counts,
        recent_from=st.none() | st.integers(-90, 65535),
        next_user=counts,
    ),
    mean=st.floats(-10, 100),
    opinion_means=st.tuples(*[st.floats(-10, 100)] * 3),
    density=st.none() | st.builds(Density, known=st.floats(0, 99), shared=st.floats(0, 1)),
    star_errors=st.none()
    | st.builds(
        StarErrors,
        variance=st.floats(0, 9),
        ratings=st.tuples(counts, counts),
        support=st.tuples(st.tuples(counts), st.tuples(counts, counts)),
        **dict.fromkeys(("below", "above"), st.tuples(st.tuples(), st.tuples(st.floats(-9, 9)))),
    ),
    files=st.dictionaries(
        st.text(max_size=9), st.tuples(st.integers(0), st.integers(0)), max_size=3
    ),
)


@given(manifests)
def test_any_manifest_survives_a_round_trip(written: Manifest) -> None:
    """All of it, files and settings included."""
    found = read_manifest(write_manifest(written), "here")
    assert found.checksum is not None
    assert found.model_copy(update={"checksum": None}) == written


def test_a_manifest_from_before_there_were_star_errors_and_density_is_read() -> None:
    """It has none."""
    document = json.loads(
        manifest().model_dump_json(exclude={"checksum", "star_errors", "density"})
    )
    text = json.dumps(document | {"checksum": json_checksum(document)})
    found = read_manifest(text, "here")
    assert (found.star_errors, found.density) == (None, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": FORMAT + 1}, "format"),
        ({"format": None}, "format"),
        ({"more": 1}, "more"),
        ({"scale": {"low": 5, "high": 1}}, "scale"),
        ({"counts": {}}, r"counts\.ratings"),
        ({"movie_ids": "uuid"}, "movie_ids"),
    ],
)
def test_a_manifest_of_another_kind_is_refused_naming_the_field(
    change: dict[str, object], field: str
) -> None:
    """The message names the place, the format read, the field, and what to do."""
    text = json.dumps(json.loads(manifest().model_dump_json()) | change)
    with pytest.raises(IndexFormatError, match=rf"^over there .*{FORMAT} \({field}.*ingest again"):
        read_manifest(text, "over there")


@given(st.text())
def test_any_other_text_is_refused_and_never_crashes(text: str) -> None:
    """Only IndexFormatError comes out."""
    with pytest.raises(IndexFormatError):
        read_manifest(text, "here")


@given(altered(json.loads(manifest().model_dump_json(exclude={"checksum"}))))
def test_a_manifest_with_another_value_is_read_or_refused(document: dict[str, object]) -> None:
    """Though its checksum is right: its means are finite, and no count is below zero."""
    text = json.dumps(document | {"checksum": json_checksum(json.loads(json.dumps(document)))})
    try:
        found = read_manifest(text, "here")
    except IndexFormatError as error:
        assert_one_line(error)
        return
    assert all(map(math.isfinite, (found.mean, *found.opinion_means)))
    assert min(found.counts.ratings, found.counts.users, found.counts.movies) >= 0
