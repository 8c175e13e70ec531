"""An index on a Qdrant server, cluster or cloud, by qdrant-client."""

from recommender.storage.server.store import ServerStore

__all__ = ["ServerStore"]
