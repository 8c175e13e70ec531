"""The embedded engine: Qdrant Edge, in the process, in a folder."""

from recommender.storage.edge.store import EdgeStore

__all__ = ["EdgeStore"]
