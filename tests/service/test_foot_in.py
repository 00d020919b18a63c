"""A foot in the door: what a start that was refused for want of shared cores claims, and from whom.

Before the desk with a real database; owners wait for no time at all.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from hub_ext.contract.admission import Decision, Demand, Kind, LeaseState, LeaseUpdate, Request
from hub_ext.contract.identity import Identity
from hub_ext.contract.reasons import Reason
from hub_ext.service.desk import Desk
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage.database import Database

POLICY = """
apiVersion: gatehouse/v1
currency: USD
prices: [{from: 2020-01-01, core_hour: 1}]
profiles:
  small: {kind: server, title: Small notebook, cores: 1, memory: 1 GiB}
  whole: {kind: server, title: The whole machine, cores: 9, memory: 1 GiB}
  fine: &fine
    kind: cluster
    title: Fine workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 20}
  wide: {<<: *fine, title: Wide workers, worker: {cores: 3, memory: 1 GiB}}
cohorts: {company: {}}
groups:
  owner: {match: [/owner], cohort: company, profiles: [small, whole, wide], quota: {cores: 7}}
  borrower: {match: [/borrower], cohort: company, profiles: [fine], quota: {cores: 2}}
"""
TAKEN = 8
"""Workers of bob's cluster: of nine cores all but its scheduler's."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The desk; bob's cluster borrows all that the owners leave idle."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
    database.migrate()
    desk = Desk(database, PolicyStore(tmp_path / "policy.yaml"), patience=timedelta(0))
    start(desk, "bob", "borrower", "fine", bound_to="c-bob")
    assert grant(desk) == TAKEN
    yield desk
    database.close()


def start(desk: Desk, user: str, group: str, profile: str, *, bound_to: str = "") -> Decision:
    """Ask for a start, and bind what was allowed."""
    kind = Kind.cluster if profile in {"fine", "wide"} else Kind.server
    who = Identity(name=user, groups=(f"/{group}",))
    decision = desk.admit(Request(id=uuid4().hex, identity=who, kind=kind, profile=profile))
    if bound_to and decision.lease:
        update = LeaseUpdate(state=LeaseState.bound, ref=bound_to, at=datetime.now(UTC))
        desk.update_lease(decision.lease.id, update)
    return decision


def grant(desk: Desk) -> int:
    """Return how many workers bob's cluster gets of twenty."""
    return desk.demand("c-bob", Demand(wanted=20, running=0)).grant.workers


def test_a_refused_cluster_takes_back_its_schedulers_size(desk: Desk) -> None:
    """Its workers ask for themselves, once there is a scheduler: a worker of three cores takes nothing before."""
    refused = start(desk, "dan", "owner", "wide")
    assert refused.reason is Reason.cohort_full
    assert grant(desk) == TAKEN - 1
    assert start(desk, "dan", "owner", "wide").allowed
    assert grant(desk) == TAKEN - 1


def test_a_start_that_was_refused_for_another_reason_takes_nothing(desk: Desk) -> None:
    """What is not offered could not start in what others give back."""
    assert start(desk, "eve", "owner", "fine").reason is Reason.profile_not_offered
    assert grant(desk) == TAKEN


@pytest.mark.parametrize(("waits", "allowed"), [("dan", True), ("eve", False)], ids=["one's own", "another's"])
def test_what_another_person_waits_for_is_not_borrowed(desk: Desk, waits: str, *, allowed: bool) -> None:
    """Dan borrows the whole machine although his own small start was refused before: he changed his mind."""
    assert start(desk, waits, "owner", "small").reason is Reason.cohort_full
    [lease] = desk.bound()
    desk.update_lease(lease.id, LeaseUpdate(state=LeaseState.released, at=datetime.now(UTC)))
    assert start(desk, "dan", "owner", "whole").allowed is allowed
