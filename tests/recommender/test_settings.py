"""Settings: one frozen model per concern, the environment read in one place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from recommender import IndexNotFoundError, InvalidInputError, Recommender
from recommender.settings import IndexSettings, Ranking, ServerSettings, Weighting
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
    assert IndexSettings.read().folder.name == "index"
    assert IndexSettings.read().folder.parent.name == "kindred"
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
    assert ranking.agreement == ((1, 0.65, 0), (0.65, 0.55, 0.3), (-0.2, 0.35, 0.5))
    assert (ranking.neighbours, ranking.spare, ranking.case_amplification) == (400, 32, 2.8)
    assert [ranking.amplification(known) for known in (1, 4, 11, 21)] == pytest.approx(
        [1.4, 2, 2.4, 2]
    )
    assert ranking.votes == (1, 0.2, 0)
    assert (ranking.many_ratings, ranking.many_neighbours) == (21, 800)
    assert (ranking.ridge, ranking.least_ridge, ranking.steps) == (400, 5, 4)
    assert (ranking.vote_length_power, ranking.pseudo_likes, ranking.support) == (0.8, 20, 0.01)
    assert (weighting.like_at, weighting.dislike_at) == (0.8, 0.5)
    assert (weighting.rarity_floor, weighting.rarity_power) == (0.05, 0.5)
    assert (weighting.state_lengths, weighting.length_power) == ((1, 0.3, 0.4), 1.1)
    assert weighting.min_ratings == 5


def test_the_power_of_popularity_goes_by_what_is_known_and_by_the_dial() -> None:
    """Half of it at three movies, another one from 21 on; .2 more or less at the dial's ends."""
    ranking = Ranking(
        popularity_discount=0.3,
        popularity_discount_half=3,
        many_popularity_discount=0.25,
        dial_discount=(0.4, 0.2),
    )
    found = [ranking.discount(known, 0.5) for known in (0, 3, 6, 15, 21, 100)]
    assert found == pytest.approx([0, 0.15, 0.2, 0.25, 0.25, 0.25])
    assert [ranking.discount(6, dial) for dial in (0, 0.25, 0.75, 1)] == pytest.approx(
        [-0.2, 0, 0.3, 0.4]
    )


def test_lift_and_ease_count_ever_more_by_what_is_known() -> None:
    """A quarter of the way at the half; more of EASE where nearly all raters vote."""
    ranking = Ranking(lift=(0.1, 0.3), ease=0.4, company_half=12, many_neighbours=800)
    assert [ranking.lift_power(known) for known in (0, 12, 36)] == pytest.approx(
        [0.1, 0.1 + 0.2 / 4, 0.1 + 0.2 * 9 / 16]
    )
    assert ranking.ease_part(12, 10**9) == pytest.approx(0.1)
    assert ranking.ease_part(12, 101) == pytest.approx(0.1 * (1 + (100 / 101) ** 2 / 2))


def test_what_is_given_comes_before_the_environment_and_that_before_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """None and empty variables count as nothing said."""
    monkeypatch.setenv("QDRANT_URL", "http://from-environment:6333/")
    monkeypatch.setenv("QDRANT_NAME", "")
    assert ServerSettings.read(url=None).url == "http://from-environment:6333"
    assert ServerSettings.read(url="https://given").url == "https://given"
    assert ServerSettings.read().name == "kindred"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("QDRANT_URL", "localhost:6333", "QDRANT_URL is 'localhost:6333': write an address such"),
        (
            "QDRANT_URL",
            "https://me:secret@host",  # pragma: allowlist secret
            "QDRANT_URL is not usable: leave name and pass",
        ),
        ("QDRANT_URL", "http://host:99999", "QDRANT_URL is 'http://host:99999': write an address"),
        ("QDRANT_URL", "http://host:port", "write an address such as"),
        ("QDRANT_URL", "http://a b", "write an address such as"),
        ("QDRANT_TIMEOUT", "soon", "QDRANT_TIMEOUT is 'soon'"),
        ("QDRANT_TIMEOUT", "0.5", "QDRANT_TIMEOUT is '0.5'"),
        ("QDRANT_NAME", "my index", "QDRANT_NAME is 'my index'"),
        ("QDRANT_GRPC_PORT", "99999", "QDRANT_GRPC_PORT is '99999'"),
        ("QDRANT_API_KEY", "secret-ö", "QDRANT_API_KEY is not usable: a key is plain ASCII"),
        ("QDRANT_API_KEY", "secret ", "QDRANT_API_KEY is not usable: a key is plain ASCII"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    variable: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line, and a secret is not repeated."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInputError) as error:
        ServerSettings.read()
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("timeout", [0, 0.5, 601, float("nan")])
def test_a_timeout_that_cannot_be_used_is_named(timeout: float, tmp_path: Path) -> None:
    """Also for a folder, where a good one is not needed and does no harm."""
    with pytest.raises(InvalidInputError, match=f"timeout is {timeout}: Input should be"):
        Recommender.open(tmp_path, timeout=timeout)
    with pytest.raises(IndexNotFoundError):
        Recommender.open(tmp_path, timeout=2.5)


def test_a_key_is_never_shown() -> None:
    """Neither as text nor in a dump."""
    settings = ServerSettings.read(api_key="hush-hush")
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "hush-hush"
    assert "hush" not in f"{settings} {settings!r} {settings.model_dump_json()}"


def test_a_home_folder_is_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the shell did not expand it, as in a file of settings."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KINDRED_INDEX", "~/films")
    assert IndexSettings.read().folder == tmp_path / "films"
