"""Settings of the app, one frozen model per concern."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Annotated, Any

from pydantic import Field, IPvAnyAddress, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

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
    allowed_hosts: Annotated[frozenset[str], NoDecode] = frozenset()
    """Host names, with commas between them, under which visitors reach the app, beside those of
    this computer and the address it listens on."""

    @field_validator("public", mode="before")
    @classmethod
    def _one_line(cls, words: Any) -> Any:
        return " ".join(words.split()) if isinstance(words, str) else words

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _host_names(cls, names: Any) -> Any:
        if not isinstance(names, str):
            return names
        found = [name.strip().lower() for name in names.split(",")]
        if not all(re.fullmatch(r"[a-z0-9._-]+", name) for name in found):
            raise ValueError("write names as in films.example.org, without https:// or a port")
        return found

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
