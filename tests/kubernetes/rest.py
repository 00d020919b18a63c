"""The API server's own language, JSON over HTTPS, for the node that stands in for a kubelet."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

_AGAIN = 0.2
"""Seconds until a request is tried again while the API server is away."""
_MERGE = {"Content-Type": "application/strategic-merge-patch+json"}


class Gone(Exception):
    """The object is not there, or is another one by now (404 or 409)."""


class Rest:
    """Requests of one user. Those that write are repeated until the API server answers, as a kubelet's are."""

    def __init__(self, server: str, certificate: str, token: str) -> None:
        self._server = server
        self._tls = ssl.create_default_context(cafile=certificate)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send one request and return its answer.

        Raises:
            Gone: the object is not there, or the precondition does not hold.
            RuntimeError: the API server refused otherwise.
        """
        while True:
            try:
                async with self._opened().request(method, self._server + path, json=body, headers=headers) as answer:
                    told = await answer.json(content_type=None)
            except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError):
                await asyncio.sleep(_AGAIN)
                continue
            if answer.status in {404, 409}:
                raise Gone(told.get("message", ""))
            if answer.status < 400:
                return told
            if answer.status not in {429, 500, 503, 504}:
                raise RuntimeError(f"{method} {path}: {answer.status} {told}")
            await asyncio.sleep(_AGAIN)

    async def patch(self, path: str, body: Any) -> Any:
        """Change a part of an object; lists that have a key, such as conditions, are merged by it."""
        return await self.ask("PATCH", path, body, **_MERGE)

    async def follow(self, path: str) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
        """Yield ``("ALL", objects)``, then each change as ``(type, [object])``; after a break from the start again."""
        while True:
            listed = await self.ask("GET", path)
            yield "ALL", listed["items"]
            since = f"{path}&watch=1&allowWatchBookmarks=true&resourceVersion={listed['metadata']['resourceVersion']}"
            try:
                async with self._opened().get(self._server + since, timeout=aiohttp.ClientTimeout(None)) as answer:
                    async for line in answer.content:
                        change = json.loads(line)
                        if change["type"] == "ERROR":
                            break
                        if change["type"] != "BOOKMARK":
                            yield change["type"], [change["object"]]
            except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError):
                pass
            await asyncio.sleep(_AGAIN)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._tls, limit=0)
            timeout = aiohttp.ClientTimeout(total=30)
            self._session = aiohttp.ClientSession(
                connector=connector, headers=self._headers, timeout=timeout, read_bufsize=2**22
            )
        return self._session

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0.25)  # encrypted connections close a little later (aiohttp, "Graceful Shutdown")
