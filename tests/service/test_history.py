"""One cluster as time went by: from what the doors told, for its owner and for administrators alone."""

from datetime import UTC, datetime, timedelta

import pytest

from hub_ext.contract.history import ClusterHistory
from tests.service.test_activity import MINUTE, did
from tests.service.test_doors import ask, bind, event, release
from tests.support.service import Service

pytestmark = pytest.mark.parametrize("ledger", ["sqlite", "postgresql"], indirect=True, scope="module")


def history(service: Service, cluster: str, user: str = "alice") -> ClusterHistory:
    """Return a cluster as somebody sees it alone."""
    answer = service.as_(user, "GET", f"api/v1/clusters/{cluster}/history")
    assert answer.status == 200, answer
    return ClusterHistory.model_validate(answer.json)


@pytest.fixture
def lease(service: Service) -> str:
    """A cluster of alice's, bound as ``c-LEASE``."""
    found: str = ask(service).json["lease"]["id"]
    bind(service, found, f"c-{found}")
    return found


def test_it_equals_what_ran(service: Service, lease: str) -> None:
    """Two workers that overlap give three steps; each has its cost, and the newest is first."""
    now = datetime.now(UTC)
    start, first, second, end = (now - timedelta(minutes=minutes) for minutes in (60, 50, 40, 20))
    told = [
        event(lease, f"{lease}-scheduler", "scheduler", "started", start),
        event(lease, f"{lease}-w1", "worker", "started", first),
        event(lease, f"{lease}-w2", "worker", "started", second),
        event(lease, f"{lease}-w1", "worker", "ended", end),
    ]
    assert service.door("POST", "api/v1/events", {"events": told}).status == 200
    report = did(f"{lease}-w1", busy=15 * MINUTE, idle=15 * MINUTE)
    assert service.door("PUT", f"api/v1/clusters/c-{lease}/activity", {"units": [report]}).status == 200

    found = history(service, f"c-{lease}")
    assert [(step.at, step.workers) for step in found.running] == [(start, 0), (first, 1), (second, 2), (end, 1)]
    assert [(row.name, row.started_at, row.ended_at) for row in found.workers] == [
        ("w2", second, None),
        ("w1", first, end),
    ]
    assert float(found.workers[1].cost) == pytest.approx(1.8)  # half an hour of a worker at 3.60
    assert [row.busy_share for row in found.workers] == [None, 0.5]
    assert found.workers_total == 2
    assert (found.cluster.id, found.cluster.busy_share) == (f"c-{lease}", 0.5)
    assert found.busy == ()  # one report is no stretch of time

    release(service, lease)
    assert history(service, f"c-{lease}").running == found.running
    assert history(service, f"c-{lease}").cluster.state == "stopped"


def test_what_was_done_counts_from_the_first_workers_start(service: Service, lease: str) -> None:
    """So the first report is a stretch of time already, and the second one of the same minute makes it longer."""
    start = datetime.now(UTC) - timedelta(minutes=1)
    told = [event(lease, f"{lease}-w1", "worker", "started", start)]
    assert service.door("POST", "api/v1/events", {"events": told}).status == 200
    for busy in (10, 30):
        report = did(f"{lease}-w1", busy=busy * MINUTE // 60, starting=10 * MINUTE // 60)
        assert service.door("PUT", f"api/v1/clusters/c-{lease}/activity", {"units": [report]}).status == 200
    found = history(service, f"c-{lease}").busy
    release(service, lease)
    assert found[0].since == start
    assert sum(one.busy * (one.until - one.since).total_seconds() for one in found) > 0
    if len(found) == 1:  # no minute began between the two
        assert (found[0].busy, found[0].idle, found[0].starting) == (0.75, 0, 0.25)


def test_wish_grant_and_why_are_kept(service: Service, lease: str) -> None:
    """Of a minute the last counts, what does not change is not kept again; each cut is among the decisions."""
    for wanted in (2, 2, 500):
        body = {"wanted": wanted, "running": 0}
        assert service.door("PUT", f"api/v1/clusters/c-{lease}/demand", body).status == 200
    found = history(service, f"c-{lease}")
    release(service, lease)
    last = found.grants[-1]
    assert (last.wanted, last.granted) == (found.cluster.wanted, found.cluster.granted)
    assert last.granted < last.wanted == 500
    assert len(found.grants) <= 2
    assert [(row.kind, row.allowed) for row in found.decisions] == [("cluster", True)] * 2
    cut, start = found.decisions
    assert (cut.reason, cut.message) == (found.cluster.reason, found.cluster.message)
    assert (start.id, start.reason) == (lease, None)


def test_it_is_its_owners_and_an_administrators(service: Service, lease: str) -> None:
    """Bob is told what he is told of a cluster that never was."""
    assert history(service, f"c-{lease}", "adam").cluster.lease == lease
    foreign, never = (service.as_("bob", "GET", f"api/v1/clusters/{name}/history") for name in (f"c-{lease}", "c-none"))
    release(service, lease)
    assert (foreign.status, foreign.json["error"]["reason"]) == (404, "not_found")
    assert foreign.json["error"]["message"].replace(f"c-{lease}", "") == never.json["error"]["message"].replace(
        "c-none", ""
    )
