"""Conditions on stored raters, in the terms of their payload, and the fields they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recommender.storage.encoding import LAST, USER, attribute_field
from recommender.storage.manifest import Manifest

__all__ = ["RaterCondition", "indexed_fields"]


@dataclass(frozen=True)
class RaterCondition:
    """Which raters a search is about. All parts must hold."""

    active_since: int | None = None
    """Day since 1970 on or after which their last rating was given."""
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Payload fields, and the values each may have."""

    def met_by(self, payload: Mapping[str, Any]) -> bool:
        """Tell whether a rater with such a payload meets it, as an engine would."""
        active = self.active_since is None or payload.get(LAST, 0) >= self.active_since
        return active and all(payload.get(field) in values for field, values in self.attributes)


def indexed_fields(manifest: Manifest) -> Iterator[tuple[str, bool]]:
    """Payload fields of raters that are searched by, and whether each holds integers.

    A server in strict mode refuses a filter on any other. Movies are searched by
    :data:`recommender.storage.encoding.MOVIE`.
    """
    yield USER, manifest.user_ids == "int"
    if manifest.timed:
        yield LAST, True
    for name in manifest.attributes:
        yield attribute_field(name), False
