"""The app's own server, asked without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
from starlette.applications import Starlette

from ui import serve


async def _ask(paths: Sequence[str]) -> list[httpx.Response]:
    transport = httpx.ASGITransport(Starlette(routes=serve.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        return await asyncio.gather(*(client.get(path) for path in paths))


def get(path: str) -> httpx.Response:
    """Ask for one address."""
    return get_all(path)[0]


def get_all(*paths: str) -> list[httpx.Response]:
    """Ask for several at once."""
    return asyncio.run(_ask(paths))
