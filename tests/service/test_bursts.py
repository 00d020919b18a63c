"""Burst credits on the real service, on both databases: granted, drained, ended with a reason, saved again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from hub_ext.usage import counters
from hub_ext.usage.counters import Counter
from hub_ext.usage.database import Database
from tests.service.test_doors import event
from tests.service.test_sharing import cluster, demand
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.service import Service, running_service

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2020-01-01, core_hour: 1}]
profiles:
  small: {kind: server, title: Small notebook, cores: 1, memory: 1 GiB}
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 20}
cohorts: {company: {}}
groups:
  research:
    title: Research
    match: [/research]
    cohort: company
    profiles: [small, standard]
    quota: {cores: 4}
    burst: {core_minutes: 76, mode: MODE}
  analysts: {match: [/analysts], cohort: company, profiles: [small], quota: {cores: 60}}
administrators:
  - {match: [/platform-admins], may: [read]}
"""
AGE = timedelta(minutes=6)
"""How long ago the counters were settled: less than what makes them due."""


@dataclass
class Site:
    """A service whose Research had full credits six minutes ago, and alice's cluster in it."""

    service: Service
    lease: str
    since: datetime

    def ran(self, type_: str, after: timedelta) -> None:
        """Report that the scheduler (it only starts) and its 18 workers started or ended so long after that moment."""
        at = self.since + after
        units = [f"w{number}" for number in range(18)]
        told = [event(self.lease, f"{self.lease}-{unit}", "worker", type_, at) for unit in units]
        if type_ == "started":
            told.append(event(self.lease, self.lease, "scheduler", type_, at))
        assert self.service.door("POST", "api/v1/events", {"events": told}).status == 200

    def demand(self) -> Any:
        """Wish for twenty workers."""
        return demand(self.service, "c-alice", 20)

    def balance(self) -> dict[str, Any]:
        """Return what alice sees of Research's credits."""
        [research] = self.service.as_("alice", "GET", "api/v1/account").json["balances"]
        return {key: value for key, value in research.items() if key.startswith("credits")}

    def metric(self) -> list[str]:
        """Return the samples of the credits."""
        token = self.service.hub.token("adam")
        metrics = Request(f"{self.service.url}metrics", headers={"Authorization": f"token {token}"})  # noqa: S310 - our own service
        with urlopen(metrics, timeout=60) as answer:  # noqa: S310 - our own service
            lines = answer.read().decode().splitlines()
        return [line for line in lines if line.startswith("gatehouse_credits_core_minutes{")]


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite"
    new: str = request.getfixturevalue("postgres").new()
    return new


@pytest.fixture
def site(request: pytest.FixtureRequest, hub: Hub, tmp_path: Path, address: str) -> Iterator[Site]:
    """The service; its mode is the parameter."""
    mode = getattr(request, "param", "standard")
    (tmp_path / "policy.yaml").write_text(POLICY.replace("MODE", mode))
    since = datetime.now(UTC) - AGE
    database = Database(address)
    database.migrate()
    with database.write() as connection:
        counters.keep(connection, {"research": Counter(Decimal(76 * 60), 0.0, since)})
    database.close()
    with running_service(hub, tmp_path, tmp_path / "policy.yaml", database=address) as service:
        yield Site(service, cluster(service, "c-alice"), since)


def test_a_burst_is_granted_drains_ends_and_comes_back(site: Site) -> None:
    """76 core-minutes carry 15 cores for five minutes; used up, four cores remain, until more is saved."""
    first = site.demand()
    assert (first["workers"], first["reason"]) == (18, "credits_exhausted")
    assert first["message"] == (
        "Grown to 18 of 20 workers: 4 quota + 15 borrowed (you 19), and Research's burst credits carry no more for "
        "five minutes."
    )
    assert site.balance() == {
        "credits": 76,
        "credits_cap": 76,
        "credits_rate": 0,
        "credits_mode": "standard",
    }

    site.ran("started", timedelta(0))  # 15 borrowed cores for six minutes: 90 core-minutes
    ended = site.demand()
    assert (ended["workers"], ended["reason"]) == (3, "credits_exhausted")
    assert ended["message"] == (
        "Shrinking to 3 of 20 workers: Research's burst credits are used up, so 15 borrowed cores go back; your "
        "results are kept. They fill while less than the quota of 4 cores is in use, and carry more after 2 min at the "
        "earliest."
    )
    assert datetime.fromisoformat(ended["retry_at"]) > datetime.now(UTC)
    assert [step["rule"] for step in ended["trace"] if not step["allows"]] == ["credits"]
    assert site.demand()["workers"] == 3
    assert (site.balance()["credits"], site.balance()["credits_rate"]) == (0, 0)
    assert site.metric() == ['gatehouse_credits_core_minutes{group="research"} 0.0']

    site.ran("ended", timedelta(minutes=1))  # 15 core-minutes, and five minutes of three idle cores since
    assert site.balance()["credits"] == 76
    assert site.demand()["workers"] == 18


@pytest.mark.parametrize("site", ["overdraft"], indirect=True)
def test_with_overdraft_it_goes_on_and_is_owed(site: Site) -> None:
    """The same burst in overdraft: what runs stays, nothing is added, and the balance is below zero."""
    assert site.demand()["workers"] == 18
    site.ran("started", timedelta(0))
    owed = site.demand()
    assert (owed["workers"], owed["reason"]) == (18, "credits_exhausted")
    assert "are overdrawn: what runs goes on, and nothing more is borrowed." in owed["message"]
    told = site.balance()
    assert told["credits"] < -13
    assert (told["credits_rate"], told["credits_mode"]) == (-15, "overdraft")


def test_who_waits_pays_nothing(site: Site) -> None:
    """A grant that nothing was started with costs no credits; nor does one that is waited for."""
    for _ in range(3):
        assert site.demand()["workers"] == 18
    assert site.balance()["credits"] == 76


def test_a_quote_tells_how_long_a_burst_lasts(site: Site) -> None:
    """Beside the scheduler, ten workers and another scheduler are eight above the quota of four: 9.5 minutes."""
    found = site.service.as_("alice", "GET", "api/v1/quote?profile=standard&workers=10").json
    assert found["credits_minutes"] == 9.5


def test_every_sharing_group_is_settled(site: Site, address: str) -> None:
    """The service writes a checkpoint for a group that has none, without being asked."""

    def settled() -> set[str]:
        with database.read() as connection:
            return set(counters.read(connection, ["research", "analysts"]))

    database = Database(address)
    until(lambda: settled() == {"research", "analysts"})
    database.close()
    assert site.service.as_("adam", "GET", "api/v1/admin/overview").json["groups"][0]["balance"]["credits"] == 76
