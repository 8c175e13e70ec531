"""Choosing the store of an index: a folder or a server, by arguments or the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from recommender.errors import InvalidInputError
from recommender.settings import IndexSettings, Layout, ServerSettings
from recommender.storage.edge import EdgeStore
from recommender.storage.index import IndexStore

__all__ = ["choose_store", "opened"]


@contextmanager
def opened(index: str | Path | IndexStore | None, **address: Any) -> Iterator[IndexStore]:
    """Give the store of an index to work in, chosen as by :func:`choose_store`, then close it.

    A store that is given as ``index`` is used as it is, and stays open.
    """
    if isinstance(index, IndexStore):
        yield index
    else:
        with closing(choose_store(index, **address)) as store:
            yield store


def choose_store(
    path: str | Path | None = None,
    *,
    url: str | None = None,
    name: str | None = None,
    api_key: str | None = None,
    timeout: float | None = None,
    **layout: int | None,
) -> IndexStore:
    """Find the store of an index.

    A ``path`` is an embedded index and a ``url`` one on a server. Without either, it is what
    ``KINDRED_INDEX`` or ``QDRANT_URL`` names, and without those the per-user data folder.
    ``timeout`` are the seconds within which a server must answer a call, instead of
    ``QDRANT_TIMEOUT``; ``layout`` holds fields of :class:`recommender.settings.Layout`, for writing
    to a server.

    Raises InvalidInputError where both are given at the same level, or an argument fits neither.
    """
    if path is not None and url is not None:
        raise InvalidInputError(
            f"the index is given as the folder {path} and as the server {url}: choose one"
        )
    server = ServerSettings.read(url=url, name=name, api_key=api_key, timeout=timeout)
    folder = IndexSettings.read(index=path)
    if path is None and url is None and folder.index is not None and server.url is not None:
        raise InvalidInputError(
            f"KINDRED_INDEX names the folder {folder.index} and QDRANT_URL the server "
            f"{server.url}: unset one, or give --index or --url"
        )
    if path is None and server.url is not None and (url is not None or folder.index is None):
        # Imported here, because qdrant-client takes a second to import, also for embedded use.
        from recommender.storage.server import ServerStore  # noqa: PLC0415

        return ServerStore(server, layout=_layout(layout))
    for argument, value in {"name": name, **layout}.items():
        if value is not None:
            raise InvalidInputError(
                f"{argument} is {value}, but the index in {folder.folder} is on no server: give "
                "--url too, or leave it out"
            )
    return EdgeStore(folder.folder)


def _layout(fields: dict[str, int | None]) -> Layout:
    try:
        layout = Layout.model_validate({k: v for k, v in fields.items() if v is not None})
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInputError(
            f"{first['loc'][0]} is {first['input']!r}: {first['msg']}"
        ) from None
    if layout.acknowledged > layout.replicas:
        raise InvalidInputError(
            f"consistency is {layout.consistency}, but of each shard there are {layout.replicas} "
            "copies: give no more, or more replicas"
        )
    return layout
