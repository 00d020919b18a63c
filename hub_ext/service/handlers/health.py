"""For anybody: whether the service can do its work, and what its API looks like."""

import json

from hub_ext import __version__
from hub_ext.contract.account import Health
from hub_ext.contract.errors import NotFound
from hub_ext.service.handlers.base import ServiceHandler
from hub_ext.service.openapi import document


class HealthHandler(ServiceHandler):
    """``GET health``: needs no login, tells nothing secret."""

    open_to_everybody = True

    async def get(self) -> None:
        """Answer after touching the database."""
        await self.run(self.desk.lapse)
        store = self.desk.store
        kind = self.desk.database.kind
        pods = await self.run(self.settings["pod_board"].health)
        self.reply(Health(status="ok", version=__version__, policy_version=store.version, database=kind, pods=pods))


class OpenApiHandler(ServiceHandler):
    """``GET openapi.json``."""

    open_to_everybody = True

    async def get(self) -> None:
        """Answer with the API's description."""
        self.answer(json.dumps(document()))


class NothingHandler(ServiceHandler):
    """Every other path."""

    open_to_everybody = True

    async def prepare(self) -> None:
        """Refuse."""
        raise NotFound("There is no such path in this API.")
