"""The service, asked with the person's own token. Every failure becomes a :class:`GatehouseError` with a next step."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp

from hub_ext.contract import paths
from hub_ext.contract.account import ExtendRequest
from hub_ext.contract.errors import GatehouseError, LoginExpired, NotFound, Unavailable, error_from

ANSWER_SECONDS = 10
"""How long one answer may take."""
SILENCE_SECONDS = 45
"""The service sends a comment every 15 s; a stream that misses three of them is dead."""

NOT_CONFIGURED = (
    "This notebook server was not started through Gatehouse (GATEHOUSE_URL or JUPYTERHUB_API_TOKEN is not set), "
    "so there are no figures. Notebooks work as usual; start the server from the hub to see clusters and cost."
)
AWAY = "The usage service is not answering. What runs goes on; new clusters and growth are refused until it answers."
NOT_ACCEPTED = (
    "The hub no longer accepts this server's token, so logging in does not help. Save your notebooks, then stop and "
    "start the server at the hub. What runs goes on until then."
)


class Chunks:
    """The bytes of a stream as they arrive, until :meth:`stop` or the end."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    def stop(self) -> None:
        """End the iteration, from any task of the same loop."""
        self._response.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, TimeoutError):
            return


class ServiceProxy:
    """Asks the service as the person.

    Args:
        url: the service's own prefix, such as ``https://hub/services/gatehouse/``; empty: there is none.
        token: the person's token.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/") + "/" if url else ""
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def account(self) -> str:
        """Return the account as the service's own JSON.

        Raises:
            GatehouseError: with the service's words, or :class:`Unavailable` with ours.
        """
        limits = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with self._ask("GET", paths.ACCOUNT, limits) as response:
            return await response.text()

    async def costs(self, month: str) -> str:
        """Return the person's costs of a month as the service's own JSON; of this month where none is named.

        Raises:
            GatehouseError: as :meth:`account`.
        """
        limits = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        query = f"?{urlencode({'month': month})}" if month else ""
        async with self._ask("GET", f"{paths.COSTS}{query}", limits) as response:
            return await response.text()

    async def history(self, cluster: str) -> str:
        """Return one cluster from its start to now, as the service's own JSON.

        Raises:
            GatehouseError: as :meth:`account`.
        """
        limits = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with self._ask("GET", f"{paths.CLUSTERS}/{quote(cluster, safe='')}/history", limits) as response:
            return await response.text()

    async def offers(self) -> str:
        """Return what the person may start, as the service's own JSON.

        Raises:
            GatehouseError: as :meth:`account`.
        """
        async with self._ask("GET", paths.OFFERS, aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as response:
            return await response.text()

    async def quote(self, query: Mapping[str, str]) -> str:
        """Return what a start would cost, as the service's own JSON.

        Raises:
            GatehouseError: as :meth:`account`.
        """
        path = f"{paths.QUOTE}?{urlencode(query)}"
        async with self._ask("GET", path, aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as response:
            return await response.text()

    async def extend(self, asked: ExtendRequest) -> str:
        """Choose another idle time; return the service's own JSON.

        Raises:
            GatehouseError: as :meth:`account`.
        """
        limits = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with self._ask("POST", paths.EXTEND, limits, asked.model_dump_json()) as response:
            return await response.text()

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[Chunks]:
        """Open the stream of the person's account.

        Raises:
            GatehouseError: as :meth:`account`; only before the first byte.
        """
        limits = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_SECONDS, sock_read=SILENCE_SECONDS)
        async with self._ask("GET", paths.STREAM, limits) as response:
            yield Chunks(response)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def _ask(
        self, method: str, path: str, limits: aiohttp.ClientTimeout, body: str | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if not (self._url and self._token):
            raise NotFound(NOT_CONFIGURED)
        if self._session is None:
            self._session = aiohttp.ClientSession(headers={"Authorization": f"token {self._token}"})
        try:
            response = await self._session.request(
                method, self._url + path, data=body, timeout=limits, allow_redirects=False
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(AWAY) from error
        async with response:
            if response.status != 200:  # noqa: PLR2004 - OK
                raise await _error(response)
            yield response


async def _error(response: aiohttp.ClientResponse) -> GatehouseError:
    """Read the service's own words; a proxy's error page counts as the service being away."""
    try:
        body: Any = json.loads(await response.text())
    except (TimeoutError, ValueError, aiohttp.ClientError):
        body = None
    error = error_from(response.status, body)
    if isinstance(error, LoginExpired):
        return LoginExpired(NOT_ACCEPTED)
    return Unavailable(AWAY) if body is None and error.status == Unavailable.status else error
