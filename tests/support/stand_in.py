"""A small real service for the hub's tests: it answers from a table and records what it is told.

Run it: ``python -m tests.support.stand_in --port 8010``. A test fills the table with ``PUT /table`` and reads what was
reported with ``GET /seen``. What cannot be provoked in the real service is one key here: ``away`` answers 503 to
everything, ``slow`` waits that many seconds before a decision.
"""

import argparse
import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from hub_ext.contract import paths
from hub_ext.contract.account import Balance, Holding
from hub_ext.contract.admission import Decision, Kind, Lease, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import NotFound, Unavailable
from hub_ext.contract.offers import GroupOffer, Offers, OffersRequest, ProfileOffer
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Events

PREFIX = "/services/gatehouse/"
GIB = 2**30
GROUPS: dict[str, dict[str, Any]] = {
    "research": {"title": "Research", "sso": "/research", "profiles": ["small", "large"], "budget": "5000"},
    "gpu": {"title": "GPU", "sso": "/gpu", "profiles": ["gpu-notebook"], "budget": None},
    "analysts": {"title": "Analysts", "sso": "/analysts", "profiles": ["small"], "budget": "400"},
}
PROFILES: dict[str, dict[str, Any]] = {
    "small": {"title": "Small notebook", "cores": 1, "memory": 2, "gpus": {}, "price": "0.05"},
    "large": {"title": "Large notebook", "cores": 4, "memory": 16, "gpus": {}, "price": "0.24"},
    "gpu-notebook": {"title": "Notebook with one L4", "cores": 4, "memory": 16, "gpus": {"l4": 1}, "price": "0.94"},
}


class Table:
    """What is answered, and what was heard."""

    def __init__(self) -> None:
        self.refused: dict[str, list[str]] = {}
        """Profile -> reason code and message."""
        self.away = False
        self.slow = 0.0
        self.groups = GROUPS
        self.placements: dict[str, Any] = {}
        """Profile -> its placement on Kubernetes, as JSON; of the others there is none."""
        self.admissions: list[Request] = []
        self.leases: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []

    def offers(self, asked: OffersRequest) -> Offers:
        """Return what the table offers a person."""
        mine = [name for name, group in self.groups.items() if group["sso"] in asked.identity.groups]
        return Offers(
            identity=asked.identity,
            as_of=datetime.now(UTC),
            currency="USD",
            groups=tuple(self._group(name) for name in mine),
            may=("read", "operate") if "/platform-admins" in asked.identity.groups else (),
            contact="#data-platform",
            group_titles=tuple(group["title"] for group in self.groups.values()),
        )

    def _group(self, name: str) -> GroupOffer:
        group = self.groups[name]
        money = {"spent": Decimal("86.42"), "mine": Decimal("41.20"), "burn_rate": 0, "my_burn_rate": 0}
        balance = Balance(group=name, title=group["title"], month="2026-11", budget=group["budget"], **money)
        profiles = tuple(self._profile(profile) for profile in group["profiles"])
        cores = Holding(used=Decimal(45), quota=Decimal(64), mine=Decimal(4))
        return GroupOffer(group=name, title=group["title"], balance=balance, cores=cores, profiles=profiles)

    def _profile(self, name: str) -> ProfileOffer:
        profile = PROFILES[name]
        reason, message = self.refused.get(name, [None, ""])
        return ProfileOffer(
            name=name,
            kind=Kind.server,
            title=profile["title"],
            description=profile.get("description", "Reading, plotting"),
            shape=shape(name),
            price_per_hour=profile["price"],
            idle_seconds=3600,
            available=reason is None,
            reason=reason,
            message=message or "",
        )

    def admit(self, request: Request) -> Decision:
        """Decide by the table, and reserve."""
        self.admissions.append(request)
        offered = {
            g.group: [p.name for p in g.profiles] for g in self.offers(OffersRequest(identity=request.identity)).groups
        }
        group = request.charge_to or next((g for g, names in offered.items() if request.profile in names), "")
        if request.profile not in offered.get(group, ()):
            message = f"Not started: your groups do not offer {request.profile}. Ask #data-platform."
            return Decision(id=request.id, allowed=False, reason=Reason.profile_not_offered, message=message)
        if request.profile in self.refused:
            reason, message = self.refused[request.profile]
            return Decision(id="d-81c04e", allowed=False, reason=Reason(reason), message=message)
        lease = Lease(
            id=f"d-{len(self.leases) + 1}-{request.id[-6:]}",
            state=LeaseState.reserved,
            user=request.identity.name,
            group=group,
            kind=Kind.server,
            profile=request.profile,
            name=request.name,
            base=shape(request.profile),
            placement=self.placements.get(request.profile),
        )
        self.leases[lease.id] = {"history": ["reserved"], "ref": "", **lease.model_dump(mode="json")}
        return Decision(id=lease.id, allowed=True, message="Started.", lease=lease)

    def update(self, lease: str, update: LeaseUpdate) -> None:
        """Record a lease's new state."""
        self.leases[lease]["history"].append(update.state.value)
        self.leases[lease]["ref"] = update.ref
        self.leases[lease]["said"] = [update.reason, update.message]


def shape(profile: str) -> Shape:
    """Return what a profile of the table holds."""
    row = PROFILES[profile]
    return Shape(cores=Decimal(row["cores"]), memory=row["memory"] * GIB, gpus=row["gpus"])


class Door(RequestHandler):
    """The paths that the hub uses, and the test's own two."""

    async def prepare(self) -> None:
        """Be away, if the table says so."""
        if self.table.away and not self.request.path.endswith(("/table", "/seen")):
            self.set_status(503)
            await self.finish(Unavailable("The Gatehouse service is not answering.").body().model_dump_json())

    @property
    def table(self) -> Table:
        """The program's one table."""
        table: Table = self.application.settings["table"]
        return table

    def get(self, path: str) -> None:
        """Return what was heard."""
        heard = {"events": self.table.events, "leases": self.table.leases}
        heard["admissions"] = [request.model_dump(mode="json") for request in self.table.admissions]
        self.finish(json.dumps(heard if path == "seen" else {"status": "ok"}))

    async def post(self, path: str) -> None:
        """Answer offers, admissions and events."""
        if path == paths.OFFERS:
            self.finish(self.table.offers(OffersRequest.model_validate_json(self.request.body)).model_dump_json())
        elif path == paths.ADMISSIONS:
            await asyncio.sleep(self.table.slow)
            self.finish(self.table.admit(Request.model_validate_json(self.request.body)).model_dump_json())
        else:
            said = Events.model_validate_json(self.request.body)
            self.table.events += [event.model_dump(mode="json") for event in said.events]
            self.finish("{}")

    def put(self, path: str) -> None:
        """Change the table, or a lease."""
        if path == "table":
            vars(self.table).update(json.loads(self.request.body))
        elif path.rpartition("/")[2] not in self.table.leases:  # of a test before this one
            self.set_status(404)
            self.finish(NotFound("There is no such lease.").body().model_dump_json())
            return
        else:
            self.table.update(path.rpartition("/")[2], LeaseUpdate.model_validate_json(self.request.body))
        self.finish("{}")


async def main(port: int) -> None:
    """Serve until killed."""
    application = Application([(PREFIX + "(.*)", Door)], table=Table())
    HTTPServer(application).listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(main(parser.parse_args().port))
