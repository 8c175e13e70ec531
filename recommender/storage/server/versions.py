"""The versions of one index on a server: their collections, metadata and alias.

::

    NAME                    alias of the users collection of the current version
    NAME-000007-users       its metadata holds the version's manifest
    NAME-000007-movies

A version that is being written has no manifest yet, but a heartbeat that shows whether its writer
lives (:mod:`recommender.storage.server.writer`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Hashable
from contextlib import suppress
from typing import NamedTuple

from qdrant_client import models

from recommender.errors import EngineUnavailableError, IndexProblem, VersionGoneError
from recommender.settings import Layout, ServerSettings
from recommender.storage.index import no_index
from recommender.storage.server.engine import Collection
from recommender.storage.server.nodes import connect
from recommender.storage.server.retries import with_retries
from recommender.storage.version_names import VERSION_NAME

__all__ = ["HEARTBEAT", "MANIFEST", "PENDING", "VERSION", "WRITER", "Version", "Versions"]

# Keys of a collection's metadata. They are flat, because a server merges the keys it is given into
# those it has, and replaces whatever is below them.
VERSION, WRITER = "kindred_version", "kindred_writer"
MANIFEST, HEARTBEAT, PENDING = "kindred_manifest", "kindred_heartbeat", "kindred_pending"

REFRESH = 0.5
"""Seconds for which the current version is not asked for again: every question asks for it."""


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

    def __init__(self, settings: ServerSettings, *, layout: Layout | None = None) -> None:
        """Prepare; nothing is asked of the server yet.

        ``layout`` is that of collections created from here.
        """
        self.name = settings.name
        self.layout = layout or Layout()
        self._settings = settings
        self._client = connect(settings)
        self._current: Version | EngineUnavailableError | None = None
        self._asked = 0.0

    @property
    def place(self) -> str:
        """The name of the index and the address of the server."""
        return f"'{self.name}' on {self.url}"

    @property
    def url(self) -> str:
        """The address of the server."""
        return str(self._settings.url)

    def collection(self, version: str, kind: str) -> Collection:
        """One of the two collections of a version: its ``users`` or its ``movies``."""
        return self._named(f"{self.name}-{version}-{kind}")

    def _named(self, name: str) -> Collection:
        return Collection(self._client, name)

    def token(self) -> Hashable:
        """What tells the current version from others; the server is asked now and then.

        Raises EngineUnavailableError where it does not answer. That holds as long as an answer
        would, so that of many who ask at once only the first waits for the server's time to be up.
        """
        if self._current is None or time.monotonic() - self._asked > REFRESH:
            try:
                # The manifest belongs to it: where an index was deleted by hand, the next one uses
                # the same numbers. Heartbeat and announcement change without a new version.
                self._current = self.current()._replace(heartbeat=0, pending="")
            except EngineUnavailableError as error:
                self._current = error
            self._asked = time.monotonic()
        if isinstance(self._current, EngineUnavailableError):
            raise self._current
        return self._current

    def renew(self) -> None:
        """Ask the server for the current version at the next opportunity."""
        self._current = None

    def current(self) -> Version:
        """The version that the alias stands for.

        Raises IndexNotFoundError where there is none, or IndexProblem where the alias or a
        collection of that name is not Kindred's.
        """
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

    def names(self) -> list[str]:
        """Names of all collections that are named as those of this index."""
        pattern = re.compile(rf"{re.escape(self.name)}-{VERSION_NAME.pattern}-(users|movies)")
        found = self._client.get_collections().collections
        return sorted(one.name for one in found if pattern.fullmatch(one.name))

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
        alias = models.CreateAlias(collection_name=users, alias_name=self.name)
        changes: list[models.AliasOperations] = [
            models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self.name)),
            models.CreateAliasOperation(create_alias=alias),
        ]
        with_retries(lambda: self._client.update_collection_aliases(changes))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def _read_version(info: models.CollectionInfo) -> Version | None:
    """Version that a collection belongs to; None where Kindred did not make it."""
    metadata = info.config.metadata or {}
    if VERSION not in metadata:
        return None
    heartbeat, pending = metadata.get(HEARTBEAT, 0), metadata.get(PENDING, "")
    return Version(metadata[VERSION], metadata.get(MANIFEST), heartbeat, pending)
