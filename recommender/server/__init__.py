"""An index on a Qdrant server, cluster or cloud, by qdrant-client."""

from recommender.server.store import ServerStore

__all__ = ["ServerStore"]
