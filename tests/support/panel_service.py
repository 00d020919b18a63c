"""A small usage service for the panel: one account from a scenario file, sent as the real service sends it.

Run it: ``python tests/support/panel_service.py --port 8010 [--scenario normal]``. ``POST /control?scenario=empty``
changes what it says while panels look on; ``away`` closes every stream and answers as a proxy does for a dead service;
``expired`` refuses every token.
"""

import argparse
import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tornado import httpserver, web
from tornado.iostream import StreamClosedError

from hub_ext.contract import paths
from hub_ext.contract.account import Account, Extended, ExtendRequest
from hub_ext.contract.admission import Kind
from hub_ext.contract.costs import MonthCosts
from hub_ext.contract.errors import GatehouseError, InvalidRequest, LoginExpired, NotFound, Refused
from hub_ext.contract.funds import Quote
from hub_ext.contract.history import ClusterHistory
from hub_ext.contract.offers import Offers
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_duration

SCENARIOS = Path(__file__).parent / "scenarios"
TOKEN = "token-of-alice"
PREFIX = "/services/gatehouse/"
COMMENT_SECONDS = 15


def scenario(name: str) -> Account:
    """Return the account of a scenario file."""
    return Account.model_validate_json((SCENARIOS / f"{name}.json").read_text(encoding="utf-8"))


def history() -> ClusterHistory:
    """Return one cluster as it was."""
    text = (SCENARIOS.parent / "cluster_page" / "history.json").read_text(encoding="utf-8")
    return ClusterHistory.model_validate_json(text)


class PanelService:
    """What is said now, and who listens."""

    def __init__(self, name: str = "normal") -> None:
        self.name = name
        self.streams = 0
        self._changed = asyncio.Event()

    def say(self, name: str) -> None:
        """Change what is said."""
        self.name = name
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self, seconds: float) -> bool:
        """Wait for the next change; False when the time is over first."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def application(self) -> web.Application:
        """Return the tornado application."""
        kwargs = {"service": self}
        return web.Application(
            [
                (PREFIX + paths.ACCOUNT, _Account, kwargs),
                (PREFIX + paths.STREAM, _Stream, kwargs),
                (PREFIX + paths.EXTEND, _Extend, kwargs),
                (PREFIX + paths.CLUSTERS + r"/([^/]+)/history", _History, kwargs),
                (PREFIX + paths.OFFERS, _Offers, kwargs),
                (PREFIX + paths.QUOTE, _Quote, kwargs),
                (PREFIX + paths.COSTS, _Costs, kwargs),
                (r"/control", _Control, kwargs),
            ]
        )


class _Handler(web.RequestHandler):
    def initialize(self, service: PanelService) -> None:
        self.service = service

    def prepare(self) -> Awaitable[None] | None:
        if self.service.name == "away":
            self.set_status(503)
            self.finish("<html>503 Service Unavailable</html>")
        elif self.service.name == "expired" or self.request.headers.get("Authorization") != f"token {TOKEN}":
            raise LoginExpired("Your login has expired; log in again and repeat. Nothing was stopped.")
        return None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs["exc_info"][1]
        if isinstance(error, GatehouseError):
            self.set_status(error.status)
            self.finish(error.body().model_dump_json())
        else:
            super().write_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, GatehouseError):
            super().log_exception(typ, value, tb)


class _Account(_Handler):
    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(scenario(self.service.name).model_dump_json())


class _History(_Handler):
    def get(self, cluster: str) -> None:
        found = history()
        if found.cluster.id != cluster:
            raise NotFound(f"You have no cluster {cluster}.")
        self.set_header("Content-Type", "application/json")
        self.finish(found.model_dump_json())


class _Offers(_Handler):
    def get(self) -> None:
        account = scenario(self.service.name)
        offers = Offers(
            identity=account.identity, as_of=account.as_of, currency=account.currency, groups=(), contact="#data"
        )
        self.set_header("Content-Type", "application/json")
        self.finish(offers.model_dump_json())


class _Quote(_Handler):
    def get(self) -> None:
        workers, price = int(self.get_query_argument("workers", "0")), Decimal("0.05")
        quote = Quote(
            as_of=scenario(self.service.name).as_of,
            currency="USD",
            profile=self.get_query_argument("profile"),
            title="Standard",
            kind=Kind.cluster,
            group=self.get_query_argument("charge_to", ""),
            workers=workers,
            granted=workers,
            allowed=True,
            message="All of them would start now.",
            price_per_hour=price * workers,
            granted_price_per_hour=price * workers,
        )
        self.set_header("Content-Type", "application/json")
        self.finish(quote.model_dump_json())


class _Extend(_Handler):
    def post(self) -> None:
        asked = ExtendRequest.model_validate_json(self.request.body)
        longest = max(thing.idle_max_seconds for thing in scenario(self.service.name).servers)
        if asked.idle_seconds > longest:
            raise Refused("Not changed: that is too long. Choose within.", reason=Reason.capped)
        text = f"This server now stops after {format_duration(asked.idle_seconds)} without use."
        answer = Extended(lease=asked.lease, idle_seconds=asked.idle_seconds, message=text)
        self.set_header("Content-Type", "application/json")
        self.finish(answer.model_dump_json())


class _Costs(_Handler):
    def get(self) -> None:
        account = scenario(self.service.name)
        asked = self.get_query_argument("month", "") or account.balances[0].month
        if not asked.startswith("20"):
            raise InvalidRequest(f"{asked!r} is no month; write {account.balances[0].month}.")
        answer = MonthCosts(
            as_of=account.as_of,
            currency=account.currency,
            month=asked,
            months=(asked,),
            days=21,
            lines=(),
            total=Decimal(0),
        )
        self.set_header("Content-Type", "application/json")
        self.finish(answer.model_dump_json())


class _Stream(_Handler):
    async def get(self) -> None:
        self.set_header("Content-Type", "text/event-stream")
        self.service.streams += 1
        try:
            changed = True
            while self.service.name not in {"away", "expired"}:
                said = scenario(self.service.name).model_dump_json() if changed else ""
                self.write(f"event: account\ndata: {said}\n\n" if said else ": still here\n\n")
                await self.flush()
                changed = await self.service.change(COMMENT_SECONDS)
        except StreamClosedError:
            return
        finally:
            self.service.streams -= 1

    def on_connection_close(self) -> None:
        self.service.say(self.service.name)


class _Control(_Handler):
    def prepare(self) -> None:
        return None

    def get(self) -> None:
        self.finish({"scenario": self.service.name, "streams": self.service.streams})

    def post(self) -> None:
        self.service.say(self.get_query_argument("scenario"))


async def serve(port: int, name: str) -> None:
    """Serve on 127.0.0.1 until cancelled."""
    server = httpserver.HTTPServer(PanelService(name).application())
    server.listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--scenario", default="normal")
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.port, chosen.scenario))
