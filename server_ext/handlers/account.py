"""What I use and what it costs: the service's answers, passed on."""

from jupyter_server.auth.decorator import authorized
from pydantic import ValidationError
from tornado import web
from tornado.iostream import StreamClosedError

from hub_ext.contract.account import ExtendRequest
from hub_ext.contract.errors import InvalidRequest
from server_ext.handlers.base import GatehouseHandler


class AccountHandler(GatehouseHandler):
    """The person's own account, once."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the service's :class:`hub_ext.contract.account.Account`."""
        self.finish(await self.settings["gatehouse_proxy"].account())


class ExtendHandler(GatehouseHandler):
    """Another idle time for a server or cluster of the person's own."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer with the service's :class:`hub_ext.contract.account.Extended`."""
        try:
            asked = ExtendRequest.model_validate_json(self.request.body)
        except ValidationError as error:
            raise InvalidRequest("Name a lease and a whole number of idle_seconds.") from error
        self.finish(await self.settings["gatehouse_proxy"].extend(asked))


class StreamHandler(GatehouseHandler):
    """The person's own account at every change, as server-sent events."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Pass the service's events on, each at once, until either side goes away."""
        async with self.settings["gatehouse_proxy"].stream() as chunks:
            self._closes = chunks
            self.set_header("Content-Type", "text/event-stream")
            self.set_header("Cache-Control", "no-cache, no-transform")
            self.set_header("X-Accel-Buffering", "no")  # a proxy in between must not wait for more
            try:
                await self.flush()
                async for chunk in chunks:
                    self.write(chunk)
                    await self.flush()
            except StreamClosedError:
                return
        self.finish(set_content_type="text/event-stream")

    def on_connection_close(self) -> None:
        """Let go of the service when the browser goes away."""
        super().on_connection_close()
        closes = getattr(self, "_closes", None)
        if closes is not None:
            closes.stop()
