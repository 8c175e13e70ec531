"""The versions of one index on a server: their collections, metadata and alias.

::

    NAME                    alias of the users collection of the current version
    NAME-000007-users       its metadata holds the version's manifest
    NAME-000007-movies

A version that is being written has no manifest yet, but a heartbeat that shows whether its writer
lives (:mod:`recommender.storage.server.writer`).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Hashable
from contextlib import suppress
from functools import cache
from importlib.metadata import version as installed
from typing import NamedTuple

from qdrant_client import QdrantClient, models
from qdrant_client.common.version_check import is_compatible

from recommender.errors import EngineError, EngineUnavailableError, IndexProblem, VersionGoneError
from recommender.settings import Layout, ServerSettings
from recommender.storage.index import no_index
from recommender.storage.server.engine import (
    Collection,
    collection_names,
    server_version,
    switch_alias,
)
from recommender.storage.server.nodes import connect
from recommender.storage.server.retries import with_retries

__all__ = ["HEARTBEAT", "MANIFEST", "PENDING", "VERSION", "WRITER", "Version", "Versions"]

# Keys of a collection's metadata. They are flat, because a server merges the keys it is given into
# those it has, and replaces whatever is below them.
VERSION, WRITER = "kindred_version", "kindred_writer"
MANIFEST, HEARTBEAT, PENDING = "kindred_manifest", "kindred_heartbeat", "kindred_pending"

REFRESH = 0.5
"""Seconds for which the current version is not asked for again: every question asks for it."""
_OLDEST = (1, 16)
"""Minor version of the first server that keeps metadata of a collection."""
_NUMBER = re.compile(r"\d{6,}")
_log = logging.getLogger(__name__)


class Version(NamedTuple):
    """A version as the metadata of its collections describe it."""

    number: str
    manifest: str | None
    """None while it is being written."""
    heartbeat: int
    pending: str
    """An update in place that was begun and is not finished, as JSON; empty where there is none."""


class Versions:
    """The versions of one index on a server, and the calls on them."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        layout: Layout | None = None,
        client: QdrantClient | None = None,
    ) -> None:
        """Prepare; nothing is asked of the server yet.

        ``layout`` is that of collections created from here; ``client`` is used instead of
        connecting, such as one in memory.
        """
        self.name = settings.name
        self.layout = layout or Layout()
        self._settings = settings
        self._given = client
        self._client = client or connect(settings, settings.timeout)
        self._current: Version | None = None
        self._asked = 0.0
        self._checked = client is not None

    @property
    def place(self) -> str:
        """The name of the index and the address of the server."""
        return f"'{self.name}' on {self.url}"

    @property
    def url(self) -> str:
        """The address of the server."""
        return self._settings.url or "memory"

    def collection(self, version: str, kind: str) -> Collection:
        """One of the two collections of a version: its ``users`` or its ``movies``."""
        return self._named(f"{self.name}-{version}-{kind}")

    def _named(self, name: str) -> Collection:
        return Collection(self._client, name, self.url)

    def token(self) -> Hashable:
        """What tells the current version from others; the server is asked now and then."""
        if self._current is None or time.monotonic() - self._asked > REFRESH:
            try:
                # The manifest belongs to it: where an index was deleted by hand, the next one uses
                # the same numbers. Heartbeat and announcement change without a new version.
                self._current = self.current()._replace(heartbeat=0, pending="")
            except EngineUnavailableError:
                # If the server is gone for good, the question itself will fail.
                if self._current is None:
                    raise
            self._asked = time.monotonic()
        return self._current

    def renew(self) -> None:
        """Ask the server for the current version at the next opportunity."""
        self._current = None

    def current(self) -> Version:
        """The version that the alias stands for.

        Raises IndexNotFoundError where there is none, or IndexProblem where the alias or a
        collection of that name is not Kindred's.
        """
        self._check_server()
        try:
            info = self._named(self.name).info()
        except VersionGoneError:
            raise no_index(self.place) from None
        found = _read_version(info)
        if found is None or found.manifest is None:
            raise IndexProblem(
                f"'{self.name}' on {self.url} is a collection that Kindred did not make: "
                "choose another name (--name or QDRANT_NAME)"
            )
        return found

    def _check_server(self) -> None:
        """Refuse a server that is too old; warn of one too far from the client's own version."""
        if self._checked:
            return
        server, client = server_version(self._client, self.url), installed("qdrant-client")
        self._checked = True
        # One that was built by hand may report anything, and is tried.
        numbers = re.match(r"(\d{1,9})\.(\d{1,9})", server)
        if numbers and tuple(map(int, numbers.groups())) < _OLDEST:
            raise EngineError(
                f"Qdrant at {self.url} is {server}, which keeps no metadata of collections: "
                f"upgrade it to {'.'.join(map(str, _OLDEST))} or newer"
            )
        if not is_compatible(client, server):
            _warn_of_difference(self.url, server, client)

    def names(self) -> list[str]:
        """Names of all collections that are named as those of this index."""
        pattern = re.compile(rf"{re.escape(self.name)}-{_NUMBER.pattern}-(users|movies)")
        return sorted(filter(pattern.fullmatch, collection_names(self._client, self.url)))

    def versions(self) -> list[Version]:
        """All versions that Kindred made, finished or not; collections of others are left out."""
        found: dict[str, Version] = {}
        for name in self.names():
            with suppress(VersionGoneError):  # deleted since they were listed
                version = _read_version(self._named(name).info())
                # "users" is sorted after "movies" and replaces it: it alone holds the manifest.
                if version is not None:
                    found[version.number] = version
        return list(found.values())

    def drop(self, version: str) -> None:
        """Delete a version, and the alias if it stands for that one."""
        # The collection with heartbeat or manifest goes last: a half-deleted version is then still
        # found, and deleted by the next writer.
        for kind in ("movies", "users"):
            with_retries(self.collection(version, kind).delete)

    def switch(self, version: str) -> None:
        """Let the alias stand for a version, in one call."""
        users = self.collection(version, "users").name
        with_retries(lambda: switch_alias(self._client, self.name, users, self.url))

    def close(self) -> None:
        """Close the connection, unless it was given."""
        if self._given is None:
            self._client.close()


def _read_version(info: models.CollectionInfo) -> Version | None:
    """Version that a collection belongs to; None where Kindred did not make it."""
    metadata = info.config.metadata or {}
    number, manifest = metadata.get(VERSION), metadata.get(MANIFEST)
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        return None
    manifest = manifest if isinstance(manifest, str) else None
    return Version(number, manifest, metadata.get(HEARTBEAT, 0), metadata.get(PENDING, ""))


@cache
def _warn_of_difference(url: str, server: str, client: str) -> None:
    """Warn of two versions too far apart, once in a process."""
    _log.warning(
        "note: Qdrant at %s is %s, and qdrant-client %s is made for servers at most one minor "
        "version away: upgrade the older of the two",
        url,
        server,
        client,
    )
