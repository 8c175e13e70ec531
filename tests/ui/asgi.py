"""The routes of the app, requested without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import httpx
from starlette.applications import Starlette

from ui.server.routes import middleware, routes

HOST = "localhost:8501"


async def _request_all(
    paths: Sequence[str], method: str, headers: Mapping[bytes, bytes]
) -> list[httpx.Response]:
    transport = httpx.ASGITransport(Starlette(routes=routes, middleware=middleware))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
        requests = (client.request(method, path, headers=headers) for path in paths)
        return await asyncio.gather(*requests)


def get(path: str, method: str = "GET", **headers: bytes) -> httpx.Response:
    """Request one address."""
    sent = {name.encode(): value for name, value in headers.items()}
    return asyncio.run(_request_all([path], method, sent))[0]


def post(path: str) -> httpx.Response:
    """Post to one address, as a page of the app does."""
    return get(path, "POST", Origin=f"http://{HOST}".encode())


def get_all(*paths: str) -> list[httpx.Response]:
    """Request several at once."""
    return asyncio.run(_request_all(paths, "GET", {}))
