"""Steer one cluster, through the gateway, as the person."""

from typing import TypeVar

from jupyter_server.auth.decorator import authorized
from pydantic import ValidationError
from tornado import web

from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.model import Message
from hub_ext.contract.steering import AdaptRequest, ScaleRequest
from server_ext.handlers.base import GatehouseHandler

M = TypeVar("M", bound=Message)


class _SteeringHandler(GatehouseHandler):
    def read(self, kind: type[M], sentence: str) -> M:
        """Return the body as a message.

        Raises:
            InvalidRequest: it is none; ``sentence`` says what one looks like.
        """
        try:
            return kind.model_validate_json(self.request.body)
        except ValidationError as error:
            raise InvalidRequest(sentence) from error


class ScaleHandler(_SteeringHandler):
    """Other workers for a cluster of the person's own."""

    @web.authenticated
    @authorized
    async def post(self, cluster: str) -> None:
        """Answer with a :class:`hub_ext.contract.steering.Steered`."""
        asked = self.read(ScaleRequest, "Not scaled: workers must be a whole number, 0 or more.")
        self.answer(await self.settings["gatehouse_steering"].scale(cluster, asked))


class AdaptHandler(_SteeringHandler):
    """Adaptive scaling of a cluster of the person's own, on with its bounds or off."""

    @web.authenticated
    @authorized
    async def post(self, cluster: str) -> None:
        """Answer with a :class:`hub_ext.contract.steering.Steered`."""
        asked = self.read(
            AdaptRequest,
            "Not changed: minimum and maximum must be whole numbers, 0 or more, the minimum not above the maximum.",
        )
        self.answer(await self.settings["gatehouse_steering"].adapt(cluster, asked))


class RestartHandler(GatehouseHandler):
    """New worker processes for a cluster of the person's own."""

    @web.authenticated
    @authorized
    async def post(self, cluster: str) -> None:
        """Restart them; 204 when the old ones have ended."""
        await self.settings["gatehouse_steering"].restart(cluster)
        self.set_status(204)
        self.finish()
