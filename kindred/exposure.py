"""What `kindred ui` makes sure of before it lets anybody in."""

from __future__ import annotations

from kindred.output import print_note
from recommender import InvalidInputError
from recommender.settings import ServerSettings
from recommender.storage.edge import EdgeStore
from recommender.storage.index import IndexStore
from ui.settings import AppSettings

__all__ = ["check_exposure"]


def check_exposure(app: AppSettings, store: IndexStore) -> None:
    """Say on standard error that others can reach the app, where they can.

    Raises InvalidInputError where the app may then write to its server: whoever took it over could
    change or delete every index there. A server that cannot be asked is taken on trust.
    """
    if not app.exposed:
        return
    print_note(f"others can reach the app at {app.host}: {app.public}")
    if isinstance(store, EdgeStore):
        return
    from recommender.storage.server import ServerStore  # noqa: PLC0415 - slow to import

    assert isinstance(store, ServerStore)
    if store.may_write():
        why = f"{store.url} asks for no key, so that whoever reaches it may change the index"
        if ServerSettings.read().api_key is not None:
            why = f"with QDRANT_API_KEY the app may write to {store.url}"
        raise InvalidInputError(
            f"{why}, and others can reach the app: give it a key that may only read, as in "
            "docs/production.md, or listen on 127.0.0.1"
        )
