"""Two groups of a cohort on the real service: one borrows what the other leaves idle, and gives it back when asked."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.test_doors import ask, bind, release
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
cohorts:
  company: {nominal_quota: {cores: 2}}
groups:
  research:
    title: Research
    match: [/research]
    cohort: company
    profiles: [small, standard]
    quota: {cores: 4}
    borrowing_limit: {cores: 7}
  analysts:
    title: Analysts
    match: [/analysts]
    cohort: company
    profiles: [small, standard]
    quota: {cores: 6}
administrators:
  - {match: [/platform-admins], may: [read]}
"""
BOB = {"name": "bob", "groups": ["/analysts"]}


@pytest.fixture
def shared(hub: Hub, tmp_path: Path) -> Iterator[Service]:
    """A service whose lenders wait one second."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    with running_service(hub, tmp_path, tmp_path / "policy.yaml", reclaim_seconds=1) as service:
        yield service


def demand(service: Service, cluster: str, wanted: int) -> Any:
    """Report a cluster's wish as its gateway does; return the grant."""
    answer = service.door("PUT", f"api/v1/clusters/{cluster}/demand", {"wanted": wanted, "running": 0})
    assert answer.status == 200, answer
    return answer.json


def cluster(service: Service, ref: str, **who: Any) -> str:
    """Start a cluster; return its lease."""
    lease: str = ask(service, **who).json["lease"]["id"]
    bind(service, lease, ref)
    return lease


def cores(service: Service) -> dict[str, dict[str, float]]:
    """Return the meters of the admin page."""
    groups = service.as_("adam", "GET", "api/v1/admin/overview").json["groups"]
    return {row["group"]: row["cores"] for row in groups}


def test_an_owner_gets_its_quota_back(shared: Service) -> None:
    """Research borrows what Analysts leave idle; a second after they want it they have it, and half of the pool."""
    cluster(shared, "c-alice")
    cluster(shared, "c-bob", identity=BOB)
    first = demand(shared, "c-alice", 20)
    assert (first["workers"], first["reason"]) == (10, "borrowing_limit")
    assert "4 quota + 7 borrowed" in first["message"]
    assert cores(shared)["research"] == {"used": 11, "quota": 4, "mine": None, "borrowed": 7, "lent": 0}
    assert cores(shared)["analysts"] == {"used": 1, "quota": 6, "mine": None, "borrowed": 0, "lent": 5}

    waits = demand(shared, "c-bob", 20)
    assert (waits["workers"], waits["reason"]) == (0, "cohort_full")
    assert "Research 11" in waits["message"]
    assert demand(shared, "c-alice", 20)["workers"] == 10

    time.sleep(1.1)
    assert demand(shared, "c-bob", 20)["workers"] == 0, "granted before it is free"
    back = demand(shared, "c-alice", 20)
    assert (back["workers"], back["reason"]) == (4, "reclaimed")
    assert back["message"] == (
        "Shrinking to 4 of 20 workers: Analysts took back its own and a fair share of the rest, "
        "6 borrowed cores in all; your results are kept."
    )
    assert demand(shared, "c-bob", 20)["workers"] == 6
    assert demand(shared, "c-alice", 20)["workers"] == 4
    assert {name: row["used"] for name, row in cores(shared).items()} == {"research": 5, "analysts": 7}


def test_what_a_lender_wants_is_not_borrowed_meanwhile(shared: Service) -> None:
    """Cores that become free go to the lender that waits, not to the borrower that asks first."""
    lease = cluster(shared, "c-alice")
    cluster(shared, "c-bob", identity=BOB)
    other = ask(shared, "small").json["lease"]["id"]
    assert demand(shared, "c-alice", 20)["workers"] == 9
    assert demand(shared, "c-bob", 3)["workers"] == 0
    release(shared, other)
    assert demand(shared, "c-alice", 20)["workers"] == 9
    assert demand(shared, "c-bob", 3)["workers"] == 1
    release(shared, lease)
    assert demand(shared, "c-bob", 3)["workers"] == 3


def test_borrowed_cores_start_servers_too(shared: Service) -> None:
    """Above its quota a group starts what the cohort has; then it is refused, and told who holds the rest."""
    analysts = cluster(shared, "c-bob", identity=BOB)
    assert demand(shared, "c-bob", 3)["workers"] == 3
    allowed = [ask(shared, "small").json["allowed"] for _ in range(8)]
    refused = ask(shared, "small").json
    assert allowed == [True] * 8
    assert (refused["allowed"], refused["reason"]) == (False, "cohort_full")
    assert "4 quota + 4 borrowed" in refused["message"]
    assert "Analysts 4" in refused["message"]
    release(shared, analysts)
    assert ask(shared, "small").json["allowed"]


def test_an_owner_who_lent_everything_starts_its_first_cluster(shared: Service) -> None:
    """A refused start within the owner's quota is remembered: the borrower gives way, and the next try is allowed."""
    dan = {"name": "dan", "groups": ["/research"]}
    cluster(shared, "c-bob", identity=BOB)
    taken = demand(shared, "c-bob", 20)["workers"]
    assert taken == 11
    refused = ask(shared, identity=dan).json
    assert (refused["allowed"], refused["reason"]) == (False, "cohort_full")
    assert demand(shared, "c-bob", 20)["workers"] == taken

    time.sleep(1.1)
    assert demand(shared, "c-bob", 20)["workers"] == taken - 1
    assert demand(shared, "c-bob", 20)["workers"] == taken - 1, "not taken back by the borrower"
    allowed = ask(shared, identity=dan).json
    assert allowed["allowed"], allowed["message"]
    assert demand(shared, "c-bob", 20)["workers"] == taken - 1
