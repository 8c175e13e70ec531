"""Settings of the app, one frozen model per concern."""

from __future__ import annotations

from ipaddress import IPv4Address

from pydantic import Field, IPvAnyAddress, SecretStr
from pydantic_settings import SettingsConfigDict

from recommender import EnvironmentSettings, WebAddress

__all__ = ["AppSettings", "OmdbSettings"]


class AppSettings(EnvironmentSettings):
    """Where the app is served."""

    model_config = SettingsConfigDict(env_prefix="KINDRED_")

    host: IPvAnyAddress = IPv4Address("127.0.0.1")
    """IP address to listen on; by default this computer alone can reach the app."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Port; unset, 8501 or the next free one."""


class OmdbSettings(EnvironmentSettings):
    """Where posters come from, if anywhere."""

    model_config = SettingsConfigDict(env_prefix="OMDB_")

    api_key: SecretStr | None = None
    """Key; without one nobody is asked for posters."""
    url: WebAddress = "https://www.omdbapi.com"
    """Address of OMDb, or of something that answers as it does."""
    daily_limit: int = Field(default=1_000, ge=1, le=1_000_000_000)
    """Requests the key allows in a day, which begins at midnight UTC."""
