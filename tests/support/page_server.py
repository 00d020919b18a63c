"""A small real program: the pages of the service over HTTP, with an API that answers from the contract's models.

It checks the XSRF token of every call, as the service does, and writes down what it was told to stop. A cookie says who
asks, because there is no hub here.
"""

import asyncio
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from jupyterhub._data import DATA_FILES_PATH
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from hub_ext.contract.account import (
    Account,
    ClusterList,
    Extended,
    ExtendRequest,
    Overview,
    ServerList,
    State,
    Stopped,
    StopRequest,
)
from hub_ext.contract.errors import Forbidden, GatehouseError, LoginExpired
from hub_ext.contract.funds import TopUp, TopUpRequest
from hub_ext.contract.leading import LedGroups
from hub_ext.contract.model import Message
from hub_ext.contract.paths import ADMIN, API, SCOPE_BUDGET, SCOPE_OPERATE, SCOPE_READ
from hub_ext.contract.units import format_duration
from hub_ext.service.auth import Person
from hub_ext.service.pages import PageActions, Surroundings, page_routes
from tests.support import page_figures as figures
from tests.support import page_reports as reports

PREFIX = "/services/gatehouse/"
PEOPLE = {
    "adam": Person("adam", ("/platform-admins",), frozenset({SCOPE_READ, SCOPE_OPERATE, SCOPE_BUDGET}), "user"),
    "rita": Person("rita", ("/finance",), frozenset({SCOPE_READ}), "user"),
    "alice": Person("alice", ("/research", "/gpu"), frozenset(), "user"),
    "bob": Person("bob", ("/analysts",), frozenset(), "user"),
    "carol": Person("carol", ("/contractors", "/vpn"), frozenset(), "user"),
}
LEADS = {"adam": ("research",), "bob": ("analysts",)}
"""Who leads which groups."""
LOGO = Path(DATA_FILES_PATH, "static", "images", "jupyterhub-80.png").read_bytes()
"""The hub's own."""


@dataclass
class Program:
    """What it answers, and what it was told. Tests change the one and read the other."""

    overview: Overview = field(default_factory=figures.overview)
    servers: ServerList = field(default_factory=figures.servers)
    clusters: ClusterList = field(default_factory=figures.clusters)
    led: dict[str, LedGroups] = field(
        default_factory=lambda: {who: figures.led(*names) for who, names in LEADS.items()}
    )
    accounts: dict[str, Account] = field(default_factory=lambda: {"alice": figures.alice(), "carol": figures.carol()})
    away: bool = False
    """Answer as a proxy does whose service is gone."""
    expired: bool = False
    refuse_stop: GatehouseError | None = None
    stops: list[StopRequest] = field(default_factory=list)
    extended: list[ExtendRequest] = field(default_factory=list)
    topups: list[TopUpRequest] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Every API call that passed the XSRF check, as ``GET api/v1/account``."""
    url: str = ""

    def stop(self, request: StopRequest) -> Stopped:
        """Mark the cluster as stopping, as the service does."""
        if self.refuse_stop:
            raise self.refuse_stop
        self.stops.append(request)
        found = tuple(
            view.model_copy(update={"state": State.stopping}) if view.lease == request.lease else view
            for view in self.clusters.clusters
        )
        self.clusters = self.clusters.model_copy(update={"clusters": found})
        return Stopped(lease=request.lease, message="It is stopping.")

    def finish(self, lease: str) -> None:
        """Let a cluster be gone."""
        left = tuple(view for view in self.clusters.clusters if view.lease != lease)
        self.clusters = self.clusters.model_copy(update={"clusters": left})


class _Handler(RequestHandler):
    @property
    def program(self) -> Program:
        return self.settings["program"]

    @property
    def person(self) -> Person:
        return PEOPLE[self.get_cookie("who") or "adam"]


class _Page(PageActions):
    def prepare(self) -> None:
        who = self.get_cookie("who") or "adam"
        if who not in PEOPLE:
            raise HTTPError(403, reason="This token is not allowed to reach Gatehouse. [forbidden]")
        self.current_person = PEOPLE[who]

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(prefix=PREFIX, hub_base="/hub/")

    @property
    def leads(self) -> Collection[str]:
        return LEADS.get(self.current_person.name, ())


class _Api(_Handler):
    needs: ClassVar[str] = ""

    def prepare(self) -> None:
        if self.program.away:
            self.set_status(503)
            self.finish("<!doctype html><h1>Service Unavailable</h1>")
            return
        self.check_xsrf_cookie()
        self.program.calls.append(f"{self.request.method} {self.request.uri.removeprefix(PREFIX)}")
        if self.program.expired:
            raise LoginExpired("Your login has expired; log in again and repeat. Nothing was stopped.")
        if self.needs and self.needs not in self.person.scopes:
            raise Forbidden(f"This needs the scope {self.needs}.")

    def reply(self, message: Message) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(message.model_dump_json())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, GatehouseError):
            self.set_status(error.status)
            self.reply(error.body())
        else:
            super().write_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, GatehouseError):
            super().log_exception(typ, value, tb)


class _Account(_Api):
    def get(self) -> None:
        self.reply(self.program.accounts.get(self.person.name, figures.carol()))


class _Led(_Api):
    def get(self) -> None:
        self.reply(self.program.led.get(self.person.name, figures.led()))


class _LedTopUp(_Api):
    def post(self) -> None:
        _take(self)


class _Extend(_Api):
    def post(self) -> None:
        asked = ExtendRequest.model_validate_json(self.request.body)
        self.program.extended.append(asked)
        text = f"This server now stops after {format_duration(asked.idle_seconds)} without use."
        self.reply(Extended(lease=asked.lease, idle_seconds=asked.idle_seconds, message=text))


class _Health(_Api):
    def get(self) -> None:
        self.reply(figures.health())


class _Admin(_Api):
    needs = SCOPE_READ

    def get(self, what: str) -> None:
        if what == "ledger":
            asked = {name: self.get_query_argument(name, "") for name in ("month", "group", "user")}
            self.reply(figures.ledger(**asked, limit=int(self.get_query_argument("limit", "500"))))
        elif what == "report":
            self.report()
        elif what == "decisions":
            self.reply(figures.decisions())
        else:
            self.reply(getattr(self.program, what))

    def report(self) -> None:
        query = {name: self.get_query_argument(name, "") for name in ("from", "to", "by", "group", "format")}
        if query["format"]:
            name = f"gatehouse-{query['format']}-{query['from']}-{query['to']}.csv"
            self.set_header("Content-Disposition", f'attachment; filename="{name}"')
            self.finish(f"{query['by']}\n")
            return
        self.reply(reports.report(query["from"], query["to"], query["by"], query["group"]))


class _Stop(_Api):
    needs = SCOPE_OPERATE

    def post(self) -> None:
        self.reply(self.program.stop(StopRequest.model_validate_json(self.request.body)))


class _TopUp(_Api):
    needs = SCOPE_BUDGET

    def post(self) -> None:
        _take(self)


def _take(handler: _Api) -> None:
    """Keep a top-up."""
    asked = TopUpRequest.model_validate_json(handler.request.body)
    handler.program.topups.append(asked)
    handler.reply(TopUp(id="t-1", author=handler.person.name, at=figures.NOW, **asked.model_dump(exclude={"id"})))


class _Hub(RequestHandler):
    def get(self) -> None:
        self.set_header("Content-Type", "image/png")
        self.finish(LOGO)


def _application(program: Program) -> Application:
    routes: list[Any] = [
        (rf"{PREFIX}{API}/account", _Account),
        (rf"{PREFIX}{API}/extend", _Extend),
        (rf"{PREFIX}{API}/led", _Led),
        (rf"{PREFIX}{API}/led/topup", _LedTopUp),
        (rf"{PREFIX}{API}/health", _Health),
        (rf"{PREFIX}{ADMIN}/(overview|servers|clusters|ledger|decisions|report)", _Admin),
        (rf"{PREFIX}{ADMIN}/stop", _Stop),
        (rf"{PREFIX}{ADMIN}/topup", _TopUp),
        (r"/hub/(?:logo|static/favicon.ico)", _Hub),
        *page_routes(PREFIX, _Page),
    ]
    return Application(routes, program=program, xsrf_cookies=True, log_function=lambda _: None)


@contextmanager
def running_pages(program: Program) -> Iterator[Program]:
    """Serve the pages on a free port, in a thread with a loop of its own, and stop afterwards."""
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        server = HTTPServer(_application(program))
        sockets = bind_sockets(0, "127.0.0.1")
        program.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}{PREFIX}"
        server.add_sockets(sockets)
        ready.set()
        await stop.wait()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield program
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
