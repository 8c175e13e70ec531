"""What `kindred ui` makes sure of before it lets anybody in."""

from __future__ import annotations

from urllib.parse import urlsplit

from kindred.output import print_note
from recommender import InvalidInputError
from recommender.settings import ServerSettings
from recommender.storage.edge import EdgeStore
from recommender.storage.index import IndexStore
from ui.settings import AppSettings

__all__ = ["check_exposure"]

# Hosts that only this computer reaches: an open server there is nobody else's to change.
_LOCAL = {"localhost", "127.0.0.1", "::1"}


def check_exposure(app: AppSettings, store: IndexStore) -> None:
    """Say on standard error who can reach what; a server that cannot be asked is taken on trust.

    Raises InvalidInputError where others can reach the app, and the app may write to its server:
    whoever took it over could change or delete every index there.
    """
    if app.exposed:
        print_note(f"others can reach the app at {app.host}: {app.public}")
    if isinstance(store, EdgeStore):
        return
    from recommender.storage.server import ServerStore  # noqa: PLC0415 - slow to import

    assert isinstance(store, ServerStore)
    locked = ServerSettings.read().api_key is not None
    local = all(urlsplit(url).hostname in _LOCAL for url in store.url.split(","))
    unlocked = not (locked or local)
    # The server is asked last, and only where its answer would change anything.
    if not (app.exposed or unlocked) or not store.may_write():
        return
    open_to_all = f"{store.url} asks for no key, so that whoever reaches it may change the index"
    if not app.exposed:
        print_note(f"{open_to_all}: see the keys in docs/production.md")
    elif locked:
        raise InvalidInputError(
            f"with QDRANT_API_KEY the app may write to {store.url}, and others can reach the app: "
            "give it a key that may only read, or listen on 127.0.0.1"
        )
    else:
        raise InvalidInputError(
            f"{open_to_all}, and others can reach the app: give the server keys and the app the "
            "one that may only read, or listen on 127.0.0.1"
        )
