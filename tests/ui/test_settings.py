"""Settings of the app and of OMDb."""

from __future__ import annotations

import pytest

from recommender import InvalidInputError
from ui.settings import AppSettings, OmdbSettings


def test_unset_there_are_no_posters_and_only_this_computer_is_served() -> None:
    """What is not asked for is not done."""
    assert OmdbSettings.read().api_key is None
    assert OmdbSettings.read().url == "https://www.omdbapi.com"
    assert OmdbSettings.read().daily_limit == 1_000
    assert (str(AppSettings.read().host), AppSettings.read().port) == ("127.0.0.1", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OMDB_URL", "omdbapi.com"),
        ("OMDB_URL", "ftp://omdbapi.com"),
        ("OMDB_DAILY_LIMIT", "0"),
        ("OMDB_DAILY_LIMIT", "many"),
        ("OMDB_DAILY_LIMIT", "1000000001"),
        ("KINDRED_PORT", "0"),
        ("KINDRED_PORT", "70000"),
        ("KINDRED_HOST", "no.such.host"),
        ("KINDRED_HOST", "localhost"),
        ("KINDRED_PUBLIC", "yes"),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable and its value are in the message."""
    monkeypatch.setenv(name, value)
    settings = OmdbSettings if name.startswith("OMDB") else AppSettings
    with pytest.raises(InvalidInputError, match=f"^{name} is '{value}': .+") as problem:
        settings.read()
    assert "\n" not in str(problem.value)


def test_the_key_is_in_no_text_made_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither shown nor printed."""
    monkeypatch.setenv("OMDB_API_KEY", "secret4711")
    assert "secret4711" not in f"{OmdbSettings.read()!r} {OmdbSettings.read()}"
