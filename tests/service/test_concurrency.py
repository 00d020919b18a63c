"""Many processes at once: never more than the quota, and nothing leaks, also when a replica is killed in the middle."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from hub_ext.usage import tables
from hub_ext.usage.database import Database
from tests.support.crowd import Call, Crowd, Watcher, held
from tests.support.hub import Hub
from tests.support.postgres import Postgres
from tests.support.service import Service, running_service

PROCESSES, EACH = 8, 200
GROUPS = [f"g{n}" for n in range(4)]
FULL = dict.fromkeys(GROUPS, 20)
"""Cores of each group when its quota is used up."""


@dataclass
class Site:
    """The replicas of the service on one database, and a crowd before their doors."""

    services: list[Service]
    url: str
    database: Database
    crowd: Crowd

    def count(self, *conditions: Any) -> int:
        """Return how many decisions there are of a kind."""
        with self.database.read() as connection:
            query = select(func.count()).select_from(tables.decisions).where(*conditions)
            return int(connection.execute(query).scalar_one())


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, hub: Hub, tmp_path: Path) -> Iterator[Site]:
    """One service on SQLite; two replicas on PostgreSQL."""
    policy = Path(__file__).parent / "crowd.yaml"
    urls, replicas = f"sqlite:///{tmp_path}/ledger.sqlite", 1
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        urls, replicas = postgres.new(), 2
    with ExitStack() as stack:
        services = [
            stack.enter_context(
                running_service(
                    hub,
                    tmp_path / f"replica-{number}",
                    policy,
                    database=urls,
                    token_cache_seconds=60,
                )
            )
            for number in range(replicas)
        ]
        database = Database(urls)
        stack.callback(database.close)
        token = hub.tokens["gatehouse-hub"]
        yield Site(services, urls, database, Crowd([s.url for s in services], token, processes=PROCESSES))


def _request(number: int, kind: str = "server") -> Call:
    """Ask for a server of one core, or a cluster; every person asks once, and the groups take turns."""
    identity = {"name": f"p{number}", "groups": [f"/{GROUPS[number % 4]}"]}
    profile = "small" if kind == "server" else "standard"
    return "POST", "api/v1/admissions", {"id": f"r{number}", "identity": identity, "kind": kind, "profile": profile}


def _told(lease: str, state: str, ref: str = "") -> Call:
    return "PUT", f"api/v1/leases/{lease}", {"state": state, "ref": ref, "at": datetime.now(UTC).isoformat()}


def _leases(answers: list[dict[str, Any]]) -> list[str]:
    """Return the leases that were given out; every call was answered."""
    assert [answer["status"] for answer in answers] == [200] * len(answers)
    return [answer["json"]["lease"]["id"] for answer in answers if answer["json"]["allowed"]]


def _until(holds: Callable[[], bool], patience: float = 180) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.02)


def test_a_crowd_gets_exactly_the_quota_and_gives_all_of_it_back(site: Site) -> None:
    """Of 1600 requests at once exactly as many are allowed as fit; what is given back is there for clusters to grow.

    Eight clusters, two in each group, then want a thousand workers each, again and again and all at once: together
    they get what is left, to the core. At no moment does a group hold more than its quota.
    """
    with Watcher(site.url).watching() as watcher:
        given = _leases(site.crowd.call([_request(number) for number in range(PROCESSES * EACH)]))
        full = held(site.database)
        site.crowd.call([_told(lease, "released") for lease in given])
        empty = held(site.database)
        clusters = _leases(site.crowd.call([_request(10_000 + number, "cluster") for number in range(8)]))
        site.crowd.call([_told(lease, "bound", f"c{number}") for number, lease in enumerate(clusters)])
        wish = {"wanted": 1000, "running": 0}
        wishes = [("PUT", f"api/v1/clusters/c{number % 8}/demand", wish) for number in range(320)]
        assert {answer["status"] for answer in site.crowd.call(wishes)} == {200}
        grown = held(site.database)
        site.crowd.call([_told(lease, "released") for lease in clusters])

    assert (len(given), len(set(given))) == (80, 80)
    assert (full, empty, grown, held(site.database)) == (FULL, {}, FULL, {})
    assert watcher.most == FULL
    assert watcher.looks > 20


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_a_killed_replica_gives_nothing_out_twice_and_leaks_nothing(site: Site) -> None:
    """One of two replicas is killed among 800 requests: each gets one answer, and exactly the quota is given out.

    Nobody releases those that were given out: reservations that nobody binds lapse at the replica that is left, also
    when the killed one was the leader.
    """
    with Watcher(site.url).watching() as watcher:
        with site.crowd.calling([_request(number) for number in range(PROCESSES * EACH)]) as answers:
            _until(lambda: site.count() >= 400)
            site.services[0].process.send_signal(signal.SIGKILL)
            site.services[0].process.wait()
            answered_before = site.count()
        given = _leases(answers)
        full = held(site.database)
        with site.database.write() as connection:
            connection.execute(update(tables.leases).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        _until(lambda: held(site.database) == {})

    assert answered_before < PROCESSES * EACH
    assert any(answer["unanswered"] for answer in answers)
    assert (site.count(), site.count(tables.decisions.c.allowed)) == (PROCESSES * EACH, 80)
    assert (len(given), len(set(given)), full) == (80, 80, FULL)
    assert watcher.most == FULL
