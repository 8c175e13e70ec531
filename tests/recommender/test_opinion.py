"""What stars mean on every scale there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from recommender import InvalidInputError, Scale
from recommender.opinion import Opinion, parse_scale
from recommender.settings import Weighting

TABLE: list[tuple[Scale, list[float], list[float], list[float]]] = [
    # scale, dislikes, neutrals, likes
    (Scale(low=0.5, high=5), [0.5, 1, 2, 2.5], [3, 3.5], [4, 4.5, 5]),
    (Scale(low=1, high=5), [1, 2], [3], [4, 5]),
    (Scale(low=1, high=10), [1, 4, 5], [6, 7], [8, 9, 10]),
    (Scale(low=0, high=10), [0, 4, 5], [6, 7], [8, 9, 10]),
    (Scale(low=0, high=100, step=0.4), [0, 50], [50.1, 79.9], [80, 100]),
    (Scale(low=0, high=1, step=0.004), [0, 0.5], [0.51, 0.7], [0.8, 1]),
    # Below zero, the scale is measured from its low end: 20 wide, half way is 0, .8 of it is 6.
    (Scale(low=-10, high=10, step=0.08), [-10, -1, 0], [0.1, 5.9], [6, 10]),
    (Scale(low=-1, high=1), [-1, 0], [0.5], [0.6, 1]),
    (Scale(low=0, high=1, implicit=True), [], [], [0, 0.5, 1]),
]


@pytest.mark.parametrize(
    ("scale", "dislikes", "neutrals", "likes"), TABLE, ids=[str(row[0]) for row in TABLE]
)
def test_likes_neutrals_and_dislikes_by_scale(
    scale: Scale, dislikes: list[float], neutrals: list[float], likes: list[float]
) -> None:
    """A like from .8 of the top on, a dislike up to .5 of it."""
    by_opinion = (dislikes, Opinion.DISLIKE), (neutrals, Opinion.NEUTRAL), (likes, Opinion.LIKE)
    for stars, opinion in by_opinion:
        found = scale.states(np.array(stars, dtype=float), Weighting())
        assert found.tolist() == [opinion.code] * len(stars)
        assert [scale.opinion(given) for given in stars] == [opinion] * len(stars)


@pytest.mark.parametrize("fraction", [0.8, 0.5])
@pytest.mark.parametrize("high", [3.0, 5.0, 7.0, 10.0, 0.7, 100.0])
def test_a_rating_computed_as_the_threshold_is_on_its_good_side(
    fraction: float, high: float
) -> None:
    """Rounding of ``.8 * S`` costs nobody a like, nor of ``.5 * S`` a dislike."""
    (state,) = Scale(low=0, high=high).states(np.array([fraction * high]), Weighting())
    assert state == (Opinion.LIKE.code if fraction == 0.8 else Opinion.DISLIKE.code)


@pytest.mark.parametrize(
    "scale",
    [Scale(low=0.5, high=5), Scale(low=1, high=10), Scale(low=0, high=10), Scale(low=-3, high=3)],
    ids=str,
)
def test_half_stars_survive_storage_exactly(scale: Scale) -> None:
    """Every half star of a usual scale."""
    stars = np.arange(scale.low, scale.high + 0.25, 0.5)
    assert scale.unpack(scale.pack(stars)).tolist() == stars.tolist()


@given(low=st.floats(-50, 50), span=st.floats(0.1, 100), part=st.floats(0, 1))
def test_other_stars_survive_storage_to_half_a_step(low: float, span: float, part: float) -> None:
    """Whatever the scale, with the step that 250 steps make."""
    high = low + span
    base = min(low, 0.0)
    if high <= base:
        return
    step = (high - base) / 250
    scale = Scale(low=low, high=high, step=step)
    stars = np.array([low + part * (high - low)])
    (back,) = scale.unpack(scale.pack(stars)).tolist()
    assert abs(back - stars[0]) <= step * 0.5000001 + 1e-9


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("0.5:5", 0.5, 5), ("1:10", 1, 10), ("-10:10", -10, 10), (" 0 : 100 ", 0, 100)],
)
def test_a_scale_is_read_from_text(text: str, low: float, high: float) -> None:
    """LOW:HIGH, spaces allowed."""
    scale = parse_scale(text)
    assert (scale.low, scale.high) == (low, high)


@pytest.mark.parametrize(
    "text", ["", "5", "5:1", "1:1", "a:b", "1:", ":5", "1:2:3", "nan:5", "0:inf", "-inf:5", "1-5"]
)
def test_text_that_is_no_scale_is_refused_with_the_form(text: str) -> None:
    """The message shows what was given and what to write."""
    with pytest.raises(InvalidInputError, match="LOW:HIGH"):
        parse_scale(text)


@pytest.mark.parametrize(
    "values",
    [
        {"low": 5, "high": 1},
        {"low": 1, "high": 1},
        {"low": float("nan"), "high": 5},
        {"low": 0, "high": float("inf")},
        {"low": 0, "high": 5, "step": 0},
        {"low": 0, "high": 5, "more": 1},
    ],
)
def test_a_scale_that_makes_no_sense_cannot_be_made(values: dict[str, float]) -> None:
    """Nor one with fields that are not known."""
    with pytest.raises(ValidationError):
        Scale.model_validate(values)


@pytest.mark.parametrize("stars", [0.4, 5.5, -1, float("nan")])
def test_stars_off_the_scale_are_named(stars: float) -> None:
    """What was rated, how, and which scale it is."""
    with pytest.raises(InvalidInputError, match=r"movie 7 is rated .* scale 0\.5-5"):
        Scale(low=0.5, high=5).check(stars, 7)


def test_a_scale_in_words() -> None:
    """Two numbers, or what it means to have none."""
    assert str(Scale(low=0.5, high=5)) == "0.5-5"
    assert str(Scale(low=0, high=1, implicit=True)) == "likes only"


def test_the_same_stars_are_the_same_units_in_32_and_64_bits() -> None:
    """Which width a file is read in depends on its other rows."""
    for high in range(2, 101):
        scale = Scale(low=0, high=high, step=high / 250)
        stars = np.arange(8 * high + 1) / 8
        assert scale.pack(stars.astype(np.float32)).tolist() == scale.pack(stars).tolist()
