"""A small real service for the gateway's tests: it offers, admits, grants and records what it is told.

It runs on a thread of the test process, so that a test can set what it grants and read what it heard. Its rule is the
simplest that has a refusal: everybody may have what the table says; a group's clusters are counted.
"""

import asyncio
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from hub_ext.contract.account import Balance, Holding
from hub_ext.contract.admission import Decision, Demand, Grant, Kind, Lease, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import GatehouseError, Unavailable
from hub_ext.contract.offers import GroupOffer, Offers, OffersRequest, ProfileOffer
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Event, Events, EventType

GIB = 2**30
PROFILES = {"standard": 12, "highmem": 4, "secret": 2, "tiny-notebook": 0}
"""Profile -> most workers; 0: a notebook server's profile."""
GROUPS = {
    "research": ("/research", ("standard", "highmem", "tiny-notebook")),
    "gpu": ("/gpu", ("standard",)),
    "vault": ("/vault", ("secret",)),
    "analysts": ("/analysts", ("tiny-notebook",)),
}
"""Policy group -> SSO group and profiles, in policy order."""
MOST_CLUSTERS = 6


def offers_for(request: OffersRequest) -> Offers:
    """Return what the table offers a person."""
    mine = [name for name, (sso, _) in GROUPS.items() if sso in request.identity.groups]
    return Offers(
        identity=request.identity,
        as_of=datetime.now(UTC),
        currency="USD",
        groups=tuple(_group(name) for name in mine),
        contact="#data-platform",
        group_titles=tuple(name.title() for name in GROUPS),
    )


def _group(name: str) -> GroupOffer:
    nothing = Decimal(0)
    balance = Balance(
        group=name,
        title=name.title(),
        month="2026-11",
        spent=nothing,
        mine=nothing,
        burn_rate=nothing,
        my_burn_rate=nothing,
    )
    profiles = tuple(_profile(profile) for profile in GROUPS[name][1])
    return GroupOffer(group=name, title=name.title(), balance=balance, cores=Holding(used=nothing), profiles=profiles)


def _profile(name: str) -> ProfileOffer:
    return ProfileOffer(
        name=name,
        kind=Kind.cluster if PROFILES[name] else Kind.server,
        title=name.title(),
        shape=Shape(cores=Decimal(1), memory=GIB),
        scheduler=Shape(cores=Decimal(1), memory=GIB),
        workers_max=PROFILES[name],
        price_per_hour=Decimal("0.05"),
        scheduler_price_per_hour=Decimal("0.04"),
    )


def _why_not(reason: Reason, profile: str) -> str:
    """Return why somebody may not start a profile at all."""
    no_group = "Not started: none of your groups is in the policy."
    return no_group if reason is Reason.no_group else f"Not started: {profile} is not offered to you."


@dataclass
class StandIn:
    """The service's state, open to the test."""

    cap: int = 12
    """Workers that any cluster is granted at most."""
    away: bool = False
    """Whether it answers 503 to everything, as a proxy does for a service that is gone."""
    leases: dict[str, Lease] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    reasons: dict[str, Reason] = field(default_factory=dict)
    """Why leases ended, of those that ended by themselves."""
    demands: list[tuple[str, Demand]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address, with its prefix."""
        return f"http://127.0.0.1:{self.port}/services/gatehouse/"

    def lease_of(self, cluster: str) -> Lease | None:
        """Return the lease that is bound to a cluster, or was."""
        return next((lease for lease in self.leases.values() if lease.ref == cluster), None)

    def event(self, unit: str, kind: EventType) -> Event | None:
        """Return the first event of this type of a unit."""
        return next((e for e in self.events if e.unit == unit and e.type is kind), None)

    def units(self, lease: str) -> set[str]:
        """Return the units of a lease that have started."""
        return {e.unit for e in self.events if e.lease == lease and e.type is EventType.started}

    def admit(self, request: Request) -> Decision:
        """Decide, and reserve."""
        offered = offers_for(OffersRequest(identity=request.identity))
        fitting = [
            g.group for g in offered.groups if request.profile in {p.name for p in g.profiles if p.kind is request.kind}
        ]
        group = request.charge_to or next(iter(fitting), "")
        held = [x for x in self.leases.values() if x.group == group and x.state is not LeaseState.released]
        if group not in fitting or len(held) >= MOST_CLUSTERS:
            fits = group in fitting
            lacks = Reason.profile_not_offered if offered.groups else Reason.no_group
            return Decision(
                id=request.id,
                allowed=False,
                reason=Reason.quota_exceeded if fits else lacks,
                message=_why_not(lacks, request.profile)
                if not fits
                else f"Not started: {group} has used all {MOST_CLUSTERS} clusters of its quota (alice {len(held)}).",
            )
        lease = Lease(
            id=f"d-{request.id[:12]}",
            state=LeaseState.reserved,
            user=request.identity.name,
            group=group,
            kind=Kind.cluster,
            profile=request.profile,
            name=request.name,
            base=Shape(cores=Decimal(1), memory=GIB),
            worker=Shape(cores=Decimal(1), memory=GIB),
            workers_max=PROFILES[request.profile],
            idle_seconds=600,
        )
        self.leases[lease.id] = lease
        return Decision(id=lease.id, allowed=True, message="Started.", lease=lease)

    def grant(self, cluster: str, demand: Demand) -> Grant:
        """Grant up to the cap."""
        self.demands.append((cluster, demand))
        workers = min(demand.wanted, self.cap)
        binds = workers < demand.wanted
        return Grant(
            workers=workers,
            wanted=demand.wanted,
            reason=Reason.quota_exceeded if binds else None,
            message=f"Grown to {workers} of {demand.wanted} workers: the quota is full." if binds else "",
            price_per_hour=Decimal("0.04") + workers * Decimal("0.05"),
        )


class _Handler(RequestHandler):
    def initialize(self, desk: StandIn) -> None:
        self.desk = desk

    def prepare(self) -> None:
        if self.desk.away:
            raise Unavailable("The service is away.")

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


class _Offers(_Handler):
    def post(self) -> None:
        self.finish(offers_for(OffersRequest.model_validate_json(self.request.body)).model_dump_json())


class _Admissions(_Handler):
    def post(self) -> None:
        self.finish(self.desk.admit(Request.model_validate_json(self.request.body)).model_dump_json())


class _Lease(_Handler):
    def put(self, lease: str) -> None:
        update = LeaseUpdate.model_validate_json(self.request.body)
        known = self.desk.leases[lease]
        if update.reason is not None:
            self.desk.reasons[lease] = update.reason
        changes = {"state": update.state, "ref": update.ref or known.ref}
        self.desk.leases[lease] = known.model_copy(update=changes)
        self.finish(self.desk.leases[lease].model_dump_json())


class _Demand(_Handler):
    def put(self, cluster: str) -> None:
        self.finish(self.desk.grant(cluster, Demand.model_validate_json(self.request.body)).model_dump_json())


class _Events(_Handler):
    def post(self) -> None:
        known = {event.id for event in self.desk.events}
        told = TypeAdapter(Events).validate_python(json.loads(self.request.body)).events
        self.desk.events.extend(event for event in told if event.id not in known)
        self.finish({})


class RunningStandIn:
    """The stand-in on a port of its own, as a context manager."""

    def __init__(self) -> None:
        self.desk = StandIn()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> StandIn:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)
        return self.desk

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self) -> None:
        told = {"desk": self.desk}
        api = r"/services/gatehouse/api/v1"
        self._server = HTTPServer(
            Application(
                [
                    (rf"{api}/offers", _Offers, told),
                    (rf"{api}/admissions", _Admissions, told),
                    (rf"{api}/leases/([^/]+)", _Lease, told),
                    (rf"{api}/clusters/([^/]+)/demand", _Demand, told),
                    (rf"{api}/events", _Events, told),
                ],
                log_function=lambda _: None,
            )
        )
        sockets = bind_sockets(0, "127.0.0.1")
        self.desk.port = sockets[0].getsockname()[1]
        self._server.add_sockets(sockets)

    async def _stop(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()
