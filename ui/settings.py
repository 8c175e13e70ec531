"""Settings of the app, one frozen model per concern."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

from pydantic import Field, IPvAnyAddress, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from recommender.settings import EnvironmentSettings, WebAddress

__all__ = ["AppSettings", "OmdbSettings"]


class AppSettings(EnvironmentSettings):
    """Where the app is served."""

    model_config = SettingsConfigDict(env_prefix="KINDRED_")

    host: IPvAnyAddress = IPv4Address("127.0.0.1")
    """IP address to listen on; by default this computer alone can reach the app."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Port; unset, 8501 or the next free one."""
    public: str | None = Field(default=None, min_length=10, max_length=300)
    """What stands before the app, in words, such as a proxy with a login; without them it listens
    on no address that other computers can reach."""

    @field_validator("public", mode="before")
    @classmethod
    def _one_line(cls, words: Any) -> Any:
        return " ".join(words.split()) if isinstance(words, str) else words

    @property
    def exposed(self) -> bool:
        """Whether other computers can reach the app."""
        return not self.host.is_loopback


class OmdbSettings(EnvironmentSettings):
    """Where posters come from."""

    model_config = SettingsConfigDict(env_prefix="OMDB_")

    api_key: SecretStr | None = None
    """Key of OMDb; without one there are placeholders only."""
    url: WebAddress = "https://www.omdbapi.com"
    """Address of OMDb, or of something that answers as it does."""
    daily_limit: int = Field(default=1_000, ge=1, le=1_000_000_000)
    """Requests that the key allows in a day, which begins at midnight UTC; a free key has 1,000."""
