"""For a person: their own account, once and as a stream, and the idle time of what they run."""

import asyncio
from contextlib import suppress

from tornado.iostream import StreamClosedError

from hub_ext.contract.account import Extended, ExtendRequest
from hub_ext.contract.errors import GatehouseError, LoginExpired
from hub_ext.contract.paths import SCOPE_READ
from hub_ext.contract.units import format_duration
from hub_ext.service.auth import LOGIN_AGAIN, person_from
from hub_ext.service.costs import Costs
from hub_ext.service.handlers.base import ServiceHandler

_KEEP_ALIVE = 15.0
_GATHER = 0.1
"""Seconds in which many changes become one message."""


class AccountHandler(ServiceHandler):
    """``GET account``: what I hold, what it costs, what is left."""

    async def get(self) -> None:
        """Answer with the caller's own account."""
        self.reply(await self.run(self.views.account, self.current_person.identity))


class HistoryHandler(ServiceHandler):
    """``GET clusters/{id}/history``: one cluster from its start to now."""

    async def get(self, cluster: str) -> None:
        """Answer its owner, and administrators who may read everybody's."""
        person = self.current_person
        reader = None if person.may(SCOPE_READ) else person.name
        self.reply(await self.run(self.histories.of_cluster, cluster, reader))


class ExtendHandler(ServiceHandler):
    """``POST extend``: another idle time for what is one's own."""

    async def post(self) -> None:
        """Change it within the profile's bounds."""
        asked = self.message(ExtendRequest)
        name = self.current_person.name
        lease = await self.run(self.desk.extend, name, asked.lease, asked.idle_seconds)
        self.changes.of(name)
        text = f"This {lease.kind.value} now stops after {format_duration(lease.idle_seconds)} without use."
        self.reply(Extended(lease=lease.id, idle_seconds=lease.idle_seconds, message=text))


class CostsHandler(ServiceHandler):
    """``GET costs?month=2026-11``: what a month cost me, by server and cluster and day."""

    async def get(self) -> None:
        """Answer with the caller's own month; without one, with this month."""
        costs: Costs = self.settings["costs"]
        self.reply(await self.run(costs.month, self.current_person.name, self.get_query_argument("month", "")))


class StreamHandler(ServiceHandler):
    """``GET stream``: the account as server-sent events, at once and at every change.

    Source of the format: WHATWG HTML, section "Server-sent events". Between two messages a reader carries the cost on
    with ``price_per_hour``; nothing needs to be polled.
    """

    async def get(self) -> None:
        """Send until the reader goes away or the login ends."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        with suppress(StreamClosedError), self.changes.watching(self.current_person.name) as changed:
            while True:
                changed.clear()
                account = await self.run(self.views.account, self.current_person.identity)
                await self._send("account", account.model_dump_json())
                await self._wait(changed)
                await self._check_login()

    async def _wait(self, changed: asyncio.Event) -> None:
        """Wait for a change; meanwhile show that the stream lives, and that the login does."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), _KEEP_ALIVE)
                await asyncio.sleep(_GATHER)
                return
            await self._check_login()
            self.write(": alive\n\n")
            await self.flush()

    async def _check_login(self) -> None:
        token = self.hub_auth.get_token(self)
        model = await self.hub_auth.user_for_token(token, sync=False) if token else None
        if not model:
            await self._send("error", LoginExpired(LOGIN_AGAIN).body().model_dump_json())
            raise StreamClosedError
        self.current_person = person_from(model)

    async def _send(self, name: str, data: str) -> None:
        self.write(f"event: {name}\ndata: {data}\n\n")
        await self.flush()

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Once the stream has begun, an error is an event of it."""
        if not self._headers_written:
            super().write_error(status_code, **kwargs)
            return
        error = kwargs.get("exc_info", (None, None, None))[1]  # type: ignore[index]  # tornado's own triple
        if isinstance(error, GatehouseError):
            self.write(f"event: error\ndata: {error.body().model_dump_json()}\n\n")
        self.finish()
