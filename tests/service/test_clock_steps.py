"""Clocks that are set an hour ahead or back while work runs: the service's own, a replica's, and a door's."""

import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from hub_ext.usage import tables
from hub_ext.usage.database import Database
from tests.service.noting_gateway import NotingGateway
from tests.service.test_doors import ALICE, ask, bind, event
from tests.service.test_enforcing import back_date
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.postgres import Postgres
from tests.support.service import Service, running_service
from tests.support.stepping import Stepping

HOUR = 3600
LIMITS = "workers: {max: 20}\n    idle: {default: 20m}\n    lifetime: {max: 30m}"

steps = pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["an hour ahead", "an hour back"])


@pytest.fixture
def limited(policy: Path, tmp_path: Path) -> Path:
    """The policy, with clusters that end after twenty minutes without use and half an hour in all."""
    path = tmp_path / "limited.yaml"
    path.write_text(policy.read_text().replace("workers: {max: 20}", LIMITS))
    return path


@dataclass
class Work:
    """A reservation that nobody has bound yet, and a cluster that computes."""

    reserved: str
    cluster: str

    @classmethod
    def begin(cls, service: Service, clock: timedelta = timedelta(0), age: timedelta = timedelta(0)) -> "Work":
        """Begin both, the cluster so long ago; the gateway's clock is that much ahead."""
        reserved, cluster = ask(service, "small").json["lease"]["id"], ask(service).json["lease"]["id"]
        bind(service, cluster, "c-steps")
        work = cls(reserved, cluster)
        work.tell(service, "started", clock - age)
        work.beat(service, clock)
        return work

    def tell(self, service: Service, what: str, clock: timedelta = timedelta(0)) -> None:
        """Report the scheduler's start or end now."""
        told = event(self.cluster, self.cluster, "scheduler", what, datetime.now(UTC) + clock)
        assert service.door("POST", "api/v1/events", {"events": [told]}).status == 200

    def beat(self, service: Service, clock: timedelta = timedelta(0)) -> Any:
        """Ask for workers as the gateway of a cluster does that has computed a moment ago."""
        now = (datetime.now(UTC) + clock).isoformat()
        demand = {"wanted": 2, "running": 2, "active_at": now, "asked_at": now}
        return service.door("PUT", "api/v1/clusters/c-steps/demand", demand).json

    def states(self, service: Service) -> tuple[str, str]:
        """Return how the reservation and the cluster stand."""
        account = service.as_("alice", "GET", "api/v1/account").json
        views = {view["lease"]: view["state"] for view in (*account["servers"], *account["clusters"])}
        return views.get(self.reserved, "lapsed"), views[self.cluster]


def _looked_after(service: Service, policy: Path) -> None:
    """Wait until the service has looked twice at what runs: it reads a changed policy in the same round."""
    for _ in range(2):
        title = f"Analysts {uuid4().hex}"
        policy.write_text(re.sub("title: Analysts.*", f"title: {title}", policy.read_text()))
        until(partial(_takes, service, title), 60)


def _takes(service: Service, title: str) -> bool:
    return title in service.door("POST", "api/v1/offers", {"identity": ALICE}).json["group_titles"]


@steps
def test_a_step_of_the_services_clock_ends_nothing(
    hub: Hub, limited: Path, tmp_path: Path, gateway: NotingGateway, step: int
) -> None:
    """No reservation lapses, nothing is idle or too old, and a minute costs a minute."""
    clock = Stepping(tmp_path / "clock")
    with running_service(
        hub, tmp_path / "service", limited, gateway_url=gateway.url, environment=clock.environment
    ) as service:
        work = Work.begin(service)
        clock.set(step)
        until(lambda: "The machine's clock was set by" in (tmp_path / "service" / "service.log").read_text())
        _looked_after(service, limited)
        grant = work.beat(service)
        _looked_after(service, limited)

        assert work.states(service) == ("starting", "running")
        assert (grant["workers"], gateway.asked) == (2, [])
        balance = service.as_("alice", "GET", "api/v1/account").json["balances"][0]
        assert 0 <= float(balance["spent"]) < 60 / 3600 * 3.6
        work.tell(service, "ended")
        [row] = service.as_("adam", "GET", "api/v1/admin/ledger").json["rows"]
        assert 0 <= row["seconds"] < 60


@steps
def test_a_gateway_whose_clock_is_wrong_ends_nothing(
    hub: Hub, limited: Path, tmp_path: Path, gateway: NotingGateway, step: int
) -> None:
    """What computes by its gateway's clock computes, and nothing is older than its lease."""
    ahead, age = timedelta(seconds=step), timedelta(minutes=25)  # old enough to be idle, and not yet too old
    with running_service(hub, tmp_path / "service", limited, gateway_url=gateway.url) as service:
        work = Work.begin(service, ahead, age)
        back_date(service, work.cluster, datetime.now(UTC) - age)
        _looked_after(service, limited)
        work.beat(service, ahead)
        _looked_after(service, limited)

        assert work.states(service) == ("starting", "running")
        assert gateway.asked == []


@steps
def test_no_interval_is_negative(hub: Hub, limited: Path, tmp_path: Path, step: int) -> None:
    """Whatever a door says about when something ended, it is not before it began, and nobody is paid for it."""
    with running_service(hub, tmp_path / "service", limited) as service:
        work = Work.begin(service, timedelta(seconds=max(step, 0)))
        work.tell(service, "ended", timedelta(seconds=min(step, 0)))
        rows = service.as_("adam", "GET", "api/v1/admin/ledger").json["rows"]
        balance = service.as_("alice", "GET", "api/v1/account").json["balances"][0]

        assert [(row["seconds"], float(row["cost"])) for row in rows] in ([], [(0, 0)])  # an hour ahead is not yet
        assert float(balance["spent"]) == 0
        database = Database(f"sqlite:///{service.directory}/ledger.sqlite")
        with database.read() as connection:
            kept = connection.execute(select(tables.intervals)).one()
        database.close()
        assert kept.ended_at == kept.started_at


@pytest.fixture
def replicas(hub: Hub, limited: Path, postgres: Postgres, tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    """The first, which leads, on a machine whose clock is an hour ahead; the second on one that is right."""
    clock, url = Stepping(tmp_path / "clock"), postgres.new()
    clock.set(HOUR)
    with ExitStack() as stack:
        one = stack.enter_context(
            running_service(hub, tmp_path / "one", limited, database=url, environment=clock.environment)
        )
        _looked_after(one, limited)
        yield one, stack.enter_context(running_service(hub, tmp_path / "two", limited, database=url))


def test_a_leader_with_a_wrong_clock_takes_the_databases(
    replicas: tuple[Service, Service], limited: Path, tmp_path: Path
) -> None:
    """It lapses nothing that the other has reserved, both tell the same time, and the other leads when it is gone."""
    first, second = replicas
    work = Work.begin(second)
    _looked_after(first, limited)
    told = [datetime.fromisoformat(one.as_("alice", "GET", "api/v1/account").json["as_of"]) for one in replicas]

    assert work.states(first) == ("starting", "running")
    assert abs(told[1] - told[0]) < timedelta(minutes=1)
    assert "This machine's clock differs by -3600 s" in (tmp_path / "one" / "service.log").read_text()
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    _looked_after(second, limited)
    assert work.states(second) == ("starting", "running")
