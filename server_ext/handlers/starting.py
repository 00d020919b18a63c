"""Before and at a start: what a person may start, what it would cost, what they may choose, and the start itself."""

from jupyter_server.auth.decorator import authorized
from pydantic import ValidationError
from tornado import web

from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.starting import StartRequest
from server_ext.handlers.base import GatehouseHandler

_MOST_WORKERS = 1_000_000
_LONGEST_NAME = 128


class OffersHandler(GatehouseHandler):
    """What the person's groups offer, with price, and why not now where not."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the service's :class:`hub_ext.contract.offers.Offers`."""
        self.finish(await self.settings["gatehouse_proxy"].offers())


class QuoteHandler(GatehouseHandler):
    """What a start would cost, and what of it would be granted now."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the service's :class:`hub_ext.contract.funds.Quote`.

        Query: ``profile``; ``workers``, none by default; ``charge_to``, the first group that offers it by default.
        """
        asked = {name: self._text(name) for name in ("profile", "workers", "charge_to")}
        workers = asked["workers"]
        if workers and not (workers.isascii() and workers.isdecimal() and 1 <= int(workers) <= _MOST_WORKERS):
            raise InvalidRequest(f"workers must be a whole number from 1 to {_MOST_WORKERS:,}.")
        if not asked["profile"]:
            raise InvalidRequest("Name a profile: quote?profile=standard&workers=2.")
        query = {name: value for name, value in asked.items() if value}
        self.finish(await self.settings["gatehouse_proxy"].quote(query))

    def _text(self, name: str) -> str:
        value = self.get_query_argument(name, "")
        if len(value) > _LONGEST_NAME or not value.isprintable():
            raise InvalidRequest(f"{name} must be one line of at most {_LONGEST_NAME} characters.")
        return value


class OptionsHandler(GatehouseHandler):
    """What the gateway lets the person choose for a new cluster."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with a :class:`hub_ext.contract.starting.ClusterFields`."""
        self.answer(await self.settings["gatehouse_starting"].fields())


class StartHandler(GatehouseHandler):
    """A new cluster."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer with :class:`hub_ext.contract.starting.Started` when the gateway has taken it."""
        try:
            asked = StartRequest.model_validate_json(self.request.body)
        except ValidationError as error:
            raise InvalidRequest(
                "Name options as a mapping of names to values, and a whole number of workers."
            ) from error
        self.answer(await self.settings["gatehouse_starting"].start(asked))
