"""The app's own server, asked without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import httpx
from starlette.applications import Starlette

from ui.server.routes import middleware, routes


async def _ask(
    paths: Sequence[str], method: str, headers: Mapping[bytes, bytes]
) -> list[httpx.Response]:
    transport = httpx.ASGITransport(Starlette(routes=routes, middleware=middleware))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        asked = (client.request(method, path, headers=headers) for path in paths)
        return await asyncio.gather(*asked)


def get(path: str, method: str = "GET", **headers: bytes) -> httpx.Response:
    """Ask for one address."""
    sent = {name.encode(): value for name, value in headers.items()}
    return asyncio.run(_ask([path], method, sent))[0]


def get_all(*paths: str) -> list[httpx.Response]:
    """Ask for several at once."""
    return asyncio.run(_ask(paths, "GET", {}))
