"""Settings: one frozen model per concern, the environment read in one place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from recommender import IndexNotFoundError, IndexSettings, Ranking, Recommender, Weighting
from tests.support import THREE_RATERS, build_index, likes


def test_the_index_is_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path given in the call comes before it."""
    index = build_index(tmp_path, THREE_RATERS)
    monkeypatch.setenv("KINDRED_INDEX", str(index))
    with Recommender.open() as rec:
        assert len(rec.recommend(likes(1, 2, 3))) == 6
    with pytest.raises(IndexNotFoundError, match="elsewhere"):
        Recommender.open(tmp_path / "elsewhere")


@pytest.mark.parametrize("value", [None, ""])
def test_unset_the_index_is_in_the_per_user_data_folder(
    value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable is as good as none."""
    if value is not None:
        monkeypatch.setenv("KINDRED_INDEX", value)
    assert IndexSettings().index.name == "index"
    assert IndexSettings().index.parent.name == "kindred"
    with pytest.raises(IndexNotFoundError, match="kindred ingest sample"):
        Recommender.open()


@pytest.mark.parametrize("model", [Ranking, Weighting])
def test_settings_refuse_fields_they_do_not_know_and_changes(
    model: type[Ranking] | type[Weighting],
) -> None:
    """A misspelt setting is an error and not a default."""
    with pytest.raises(ValidationError, match="extra"):
        model.model_validate({"neighbors": 5})
    made = model()
    name = next(iter(type(made).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(made, name, getattr(made, name))


@pytest.mark.parametrize("values", [{"neighbours": 0}, {"spare": 0}, {"agreement": ((1, 2),)}])
def test_a_ranking_that_makes_no_sense_is_refused(values: dict[str, object]) -> None:
    """Nobody to ask, no room for ties, half a table."""
    with pytest.raises(ValidationError):
        Ranking.model_validate(values)


def test_the_defaults_are_the_documented_formula() -> None:
    """What docs, oracle and benchmarks are written against."""
    ranking, weighting = Ranking(), Weighting()
    assert ranking.agreement == ((1, 0.5, -0.15), (0.5, 0.4, 0.2), (-0.3, 0.2, 0.5))
    assert (ranking.neighbours, ranking.spare, ranking.sharpening) == (400, 32, 2)
    assert ranking.votes == (1, 0.2, 0)
    assert [ranking.exponent(dial) for dial in (None, 0, 0.5, 1)] == pytest.approx(
        [0.3, 0.05, 0.35, 0.65]
    )
    assert (weighting.like_at, weighting.dislike_at) == (0.8, 0.5)
    assert (weighting.rarity_floor, weighting.rarity_power) == (0.05, 0.5)
    assert (weighting.state_lengths, weighting.length_power) == ((1, 0.3, 0.4), 1.1)
    assert weighting.min_ratings == 5
