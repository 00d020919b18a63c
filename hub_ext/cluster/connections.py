"""Whether somebody is connected to a cluster: asked of its scheduler, whose word only ever ends something sooner.

The scheduler's own HTTP server counts its clients (``distributed/http/scheduler/json.py``), so nothing of ours is
needed in anybody's image. It runs user code and may say anything: an answer can end a cluster sooner than its idle time
and its longest life do, which nothing here puts off. What is no number of clients, or comes too late, says nothing.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

import aiohttp
from dask_gateway_server.backends.db_base import JobStatus
from traitlets import Float
from traitlets.config import LoggingConfigurable

from hub_ext import clock

_PATH = "/json/counts.json"
_NOBODY = 1
"""What a scheduler without clients counts: distributed keeps one of its own, ``fire-and-forget``, in the same table."""
_MOST_CLIENTS = 1_000_000
_MOST_BYTES = 4096
"""An honest answer has about 300."""
_AT_ONCE = 8
"""Schedulers that are asked at the same time."""
_MISSED_LOOKS = 3
"""After so many looks without an answer the count begins anew: nobody is held to have left while nobody could see."""


def clients_in(body: bytes) -> int | None:
    """Return how many clients a scheduler's answer tells of; None if it is none that an honest scheduler gives."""
    if len(body) > _MOST_BYTES:
        return None
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    count = told.get("clients") if isinstance(told, dict) else None
    if type(count) is not int or not 0 <= count <= _MOST_CLIENTS:
        return None
    return max(0, count - _NOBODY)


async def ask(session: aiohttp.ClientSession, address: str) -> int | None:
    """Ask a scheduler how many clients it has; None: it does not answer, or not as one does.

    Args:
        session: made by :func:`asking`.
        address: of the scheduler's HTTP server; looked at before, so it is of this cluster's machine.
    """
    try:
        async with session.get(f"{address}{_PATH}", allow_redirects=False) as answer:
            if answer.status != HTTPStatus.OK:
                return None
            return clients_in(await _start_of(answer.content))
    except (aiohttp.ClientError, OSError, ValueError):  # TimeoutError is an OSError
        return None


@asynccontextmanager
async def asking(patience: float = 5.0) -> AsyncIterator[aiohttp.ClientSession]:
    """Open what is needed to ask: it takes no cookie, unpacks nothing, and gives up after so many seconds."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=patience),
    ) as session:
        yield session


async def _start_of(content: aiohttp.StreamReader) -> bytes:
    """Return at most one byte more than an answer may have, which is then none."""
    read = b""
    while len(read) <= _MOST_BYTES and (more := await content.read(_MOST_BYTES + 1 - len(read))):
        read += more
    return read


class Connections:
    """When somebody was last connected to each cluster. Pure.

    Args:
        patience: seconds without an answer after which nothing is known any more.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._answered: dict[str, float] = {}
        self._connected: dict[str, datetime] = {}

    def look(self, name: str, clients: int | None, *, now: float, at: datetime) -> None:
        """Take in one answer.

        Args:
            name: the cluster.
            clients: how many are connected; None: no answer.
            now: the moment in seconds of a steady clock.
            at: the same moment as people write it.
        """
        if clients is None:
            return
        if clients > 0 or not self._fresh(name, now):
            self._connected[name] = at
        self._answered[name] = now

    def at(self, name: str, *, now: float) -> datetime | None:
        """Return when somebody was last connected, or may have been; None: not known."""
        return self._connected.get(name) if self._fresh(name, now) else None

    def keep(self, names: Iterable[str]) -> None:
        """Forget all other clusters."""
        kept = set(names)
        for memory in (self._answered, self._connected):
            for name in memory.keys() - kept:
                del memory[name]

    def _fresh(self, name: str, now: float) -> bool:
        return name in self._answered and now - self._answered[name] <= self._patience


class ConnectionWatcher(LoggingConfigurable):
    """Put in front of an engine, beside ``GatehouseBackendMixin``; what is no ``DBBackendBase`` says what runs."""

    db: Any
    connections: Connections | None = None

    client_check_seconds = Float(
        15.0,
        min=0.1,
        help="""
        How often a scheduler is asked whether a client is connected, where the cluster's profile has ``no_client``.
        Its answer walks over all of its tasks, which takes it about a second for some millions.
        """,
    ).tag(config=True)

    async def watch_connections(self) -> None:
        """Ask every scheduler for as long as the gateway runs. Spawned by ``do_setup``."""
        connections = self.connections = Connections(_MISSED_LOOKS * self.client_check_seconds)
        turns = asyncio.Semaphore(_AT_ONCE)
        async with asking() as session:
            while True:
                addresses = dict(self._to_ask())
                connections.keep(addresses)
                await asyncio.gather(*(self._look(session, turns, *item) for item in addresses.items()))
                await asyncio.sleep(self.client_check_seconds)

    def connected_at(self, name: str) -> datetime | None:
        """Return when a cluster last had a client, as its scheduler tells; None: not known."""
        if self.connections is None:
            return None
        return self.connections.at(name, now=asyncio.get_running_loop().time())

    def running_clusters(self) -> Iterable[Any]:
        """Return the clusters whose scheduler can be reached. Override where an engine keeps them elsewhere."""
        return [cluster for cluster in self.db.active_clusters() if cluster.status == JobStatus.RUNNING]

    def _to_ask(self) -> Iterator[tuple[str, str]]:
        for cluster in self.running_clusters():
            if cluster.config.get("no_client_seconds", 0) and cluster.dashboard_address:
                yield cluster.name, cluster.dashboard_address

    async def _look(self, session: aiohttp.ClientSession, turns: asyncio.Semaphore, name: str, address: str) -> None:
        async with turns:
            try:
                clients = await ask(session, address)
            except Exception:  # what one scheduler answers must not end the looks at all others
                self.log.exception("Cluster %s could not be asked for its clients", name)
                clients = None
        if self.connections is not None:
            self.connections.look(name, clients, now=asyncio.get_running_loop().time(), at=clock.now())
