"""Settings of the app, one frozen model per concern."""

from __future__ import annotations

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import SettingsConfigDict

from recommender import EnvironmentSettings

__all__ = ["AppSettings", "OmdbSettings"]


class AppSettings(EnvironmentSettings):
    """Where the app is served."""

    model_config = SettingsConfigDict(env_prefix="KINDRED_")

    host: str = Field(default="127.0.0.1", pattern=r"^[A-Za-z0-9_.:-]{1,253}$")
    """Address to listen on; by default this computer alone can reach the app."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Port; unset, 8501 or the next free one."""


class OmdbSettings(EnvironmentSettings):
    """Where posters come from, if anywhere."""

    model_config = SettingsConfigDict(env_prefix="OMDB_")

    api_key: SecretStr | None = None
    """Key; without one nobody is asked for posters."""
    url: HttpUrl = HttpUrl("https://www.omdbapi.com")
    """Address of OMDb, or of something that answers as it does."""
    daily_limit: int = Field(default=1_000, ge=1)
    """Requests the key allows in a day, which begins at midnight UTC."""
