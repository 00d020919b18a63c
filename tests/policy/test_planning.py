"""A cohort's cores: nobody above nominal and limit, nobody brought below nominal, nothing idle that is wanted."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.policy.planning import admits, plan, portion
from hub_ext.policy.sharing import Claim, Cohort, Table, flows
from tests.policy.cohorts import claim, cohort, cohorts, member, total
from tests.policy.samples import NOW

TWO = {"research": member(64), "production": member(100)}

# id: (cohort, planned workers by lease)
PLANS: dict[str, tuple[Cohort, dict[str, int]]] = {
    "idle cores are borrowed": (cohort(TWO, claim("research", 64, 200)), {"research": 164}),
    "up to the borrowing limit": (
        cohort({"research": member(64, borrows=76), "production": member(100)}, claim("research", 0, 200)),
        {"research": 140},
    ),
    "a lending limit keeps the rest at home": (
        cohort({"research": member(64), "production": member(100, lends=30)}, claim("research", 0, 200)),
        {"research": 94},
    ),
    "reserved lends nothing": (
        cohort({"research": member(64), "production": member(100, reserved=True)}, claim("research", 0, 200)),
        {"research": 64},
    ),
    "reserved may borrow": (
        cohort({"research": member(64), "production": member(100, reserved=True)}, claim("production", 0, 200)),
        {"production": 164},
    ),
    "the pool is anybody's": (cohort(TWO, claim("research", 0, 999), pool=200), {"research": 364}),
    "a thousand workers for five minutes": (
        cohort({"research": member(64, borrows=1000)}, claim("research", 0, 1000), pool=936),
        {"research": 1000},
    ),
    "the owner takes back exactly what it wants": (
        cohort(TWO, claim("research", 140, 200), claim("production", 24, 60, waits=True)),
        {"research": 104, "production": 60},
    ),
    "all of its nominal, and not more": (
        cohort(TWO, claim("research", 140, 200), claim("production", 24, 500, waits=True)),
        {"research": 64, "production": 100},
    ),
    "before its patience ends it waits": (
        cohort(TWO, claim("research", 140, 200), claim("production", 24, 60)),
        {"research": 140, "production": 24},
    ),
    "servers and schedulers stay": (
        cohort(
            {"research": member(4), "production": member(8)},
            claim("production", 0, 8, waits=True),
            fixed={"research": 9},
        ),
        {"production": 3},
    ),
    "the highest weighted share gives first": (
        cohort(
            {"a": member(10), "b": member(10, weight=4), "c": member(20)},
            claim("a", 15, 15),
            claim("b", 25, 25),
            claim("c", 0, 3, waits=True),
        ),
        {"a": 13, "b": 24, "c": 3},
    ),
    "reserved gives last": (
        cohort(
            {"a": member(10), "b": member(10, reserved=True), "c": member(20)},
            claim("a", 15, 15),
            claim("b", 25, 25),
            claim("c", 0, 8, waits=True),
        ),
        {"a": 10, "b": 22, "c": 8},
    ),
    "the newest cluster gives first": (
        cohort(
            {"a": member(10), "b": member(10)},
            claim("a-new", 10, 10, age=5),
            claim("a-old", 10, 10, age=50),
            claim("b", 0, 4, waits=True),
        ),
        {"a-old": 10, "a-new": 6, "b": 4},
    ),
    "nothing is taken that does not help": (
        cohort(
            {"a": member(10), "b": member(10), "c": member(0, weight=10)},
            claim("a", 12, 12),
            claim("b", 1, 2, cores=4, waits=True),
            claim("c", 0, 5),
            fixed={"c": 4},
        ),
        {"a": 12, "b": 1, "c": 0},
    ),
    "a borrower leaves what a lender wants": (
        cohort(TWO, claim("research", 64, 200), claim("production", 60, 100)),
        {"research": 64, "production": 100},
    ),
    "borrowers share by weight": (
        cohort(
            {"a": member(0, weight=1), "b": member(0, weight=3), "c": member(40)}, claim("a", 0, 99), claim("b", 0, 99)
        ),
        {"a": 10, "b": 30},
    ),
    "borrowers even out when one has waited": (
        cohort({"a": member(0), "b": member(0), "c": member(10)}, claim("a", 10, 10), claim("b", 0, 10, waits=True)),
        {"a": 5, "b": 5},
    ),
    "nobody takes from an equal": (
        cohort({"a": member(0), "b": member(0), "c": member(9)}, claim("a", 5, 9), claim("b", 4, 9, waits=True)),
        {"a": 5, "b": 4},
    ),
    "a policy that gives less is followed": (
        cohort({"a": member(10, borrows=5), "b": member(10)}, claim("a", 18, 18)),
        {"a": 15},
    ),
    "a cohort that has less takes it from borrowers": (
        cohort({"a": member(10), "b": member(10)}, claim("a", 14, 14), claim("b", 8, 8)),
        {"a": 12, "b": 8},
    ),
}


@pytest.mark.parametrize(("state", "workers"), PLANS.values(), ids=PLANS)
def test_plan(state: Cohort, workers: dict[str, int]) -> None:
    """Each cluster has its number."""
    assert plan(state, NOW).workers == workers


def test_what_is_to_be_given_back_is_granted_when_it_is_free() -> None:
    """A lender is planned its nominal, and granted what is free until the borrower has shrunk."""
    state = cohort(TWO, claim("research", 160, 200), claim("production", 4, 60, waits=True))
    assert plan(state, NOW).workers["production"] == 60
    assert portion(state, "production", NOW)[0] == 4

    less = portion(state, "research", NOW)[0]
    shrunk = cohort(TWO, claim("research", less, 200), claim("production", 4, 60, waits=True))
    assert portion(shrunk, "production", NOW)[0] == 60


def _groups_within(state: Cohort, used: dict[str, Decimal]) -> bool:
    table = Table(state)
    beyond = sum(max(Decimal(0), used[name] - each.guaranteed) for name, each in state.members.items())
    return beyond <= table.capacity and all(
        each.most is None or used[name] <= max(each.most, table.used[name]) for name, each in state.members.items()
    )


@given(cohorts(bursts=True))
def test_nobody_exceeds_nominal_and_borrowable(state: Cohort) -> None:
    """A group never holds more than nominal and borrowing limit, nor all more than all nominals and pool."""
    used = total(state, plan(state, NOW).workers)
    assert _groups_within(state, used)
    nominals = sum((max(each.nominal, state.fixed[name]) for name, each in state.members.items()), state.pool)
    assert sum(used.values()) <= nominals


@given(cohorts())
def test_reclaim_stops_at_nominal(state: Cohort) -> None:
    """A group that loses workers still holds its nominal."""
    before, used = Table(state).used, total(state, plan(state, NOW).workers)
    for name, each in state.members.items():
        assert used[name] >= min(before[name], each.nominal)


@given(cohorts())
def test_nothing_is_reclaimed_unless_somebody_waits(state: Cohort) -> None:
    """While no lender has waited long enough, no cluster loses a worker."""
    patient = replace(state, claims=tuple(replace(each, waiting_since=None) for each in state.claims))
    planned = plan(patient, NOW)
    assert planned.takers == ()
    assert all(planned.workers[each.lease] >= each.workers for each in patient.claims)


@given(cohorts())
def test_only_what_is_needed_is_reclaimed(state: Cohort) -> None:
    """Whatever borrowers lose is used, but for less than the largest worker."""
    planned = plan(state, NOW)
    before, after = Table(state), total(state, planned.workers)
    lost = sum(max(0, each.workers - planned.workers[each.lease]) * each.cores for each in state.claims)
    largest = max((each.cores for each in state.claims), default=Decimal(0))
    slack = largest * max(1, len(state.claims))
    assert not lost or sum(after.values()) > sum(before.used.values()) - slack


@given(cohorts(bursts=True))
def test_no_core_is_idle_that_a_cluster_could_use(state: Cohort) -> None:
    """After the plan, no cluster with an open wish fits one worker more."""
    planned = plan(state, NOW).workers
    table = Table(_carried_out(state, planned))
    for each in state.claims:
        assert planned[each.lease] == each.wish or each.cores > table.room(each.group)


@given(cohorts(largest=1))
def test_no_lender_within_nominal_starves(state: Cohort) -> None:
    """A lender whose patience is at its end gets its wish or nominal; only servers and schedulers are in its way."""
    planned = plan(state, NOW).workers
    after = _carried_out(state, planned)
    table = Table(after)
    for each in state.claims:
        if each.waiting_since is None or planned[each.lease] == each.wish or not table.within(each.group, each.cores):
            continue
        borrowers = [other for other in state.claims if planned[other.lease] and table.borrowed(other.group)]
        assert borrowers == []


@given(cohorts(bursts=True), st.randoms(use_true_random=False))
def test_order_of_claims_does_not_matter(state: Cohort, random: Random) -> None:
    """The same state gets the same plan, however its claims are listed."""
    claims = list(state.claims)
    random.shuffle(claims)
    assert plan(replace(state, claims=tuple(claims)), NOW) == plan(state, NOW)


def _carried_out(state: Cohort, workers: Mapping[str, int]) -> Cohort:
    return replace(state, claims=tuple(replace(each, workers=workers[each.lease]) for each in state.claims))


def _asked_in_turn(state: Cohort, order: list[Claim]) -> Cohort:
    """Let each cluster ask once, in this order, and keep its grant."""
    for each in order:
        granted = portion(state, each.lease, NOW)[0]
        claims = (replace(c, workers=granted) if c.lease == each.lease else c for c in state.claims)
        state = replace(state, claims=tuple(claims))
        assert _groups_within(state, Table(state).used)
    return state


@given(cohorts(largest=1, bursts=True), st.randoms(use_true_random=False))
def test_order_of_requests_does_not_change_the_outcome(state: Cohort, random: Random) -> None:
    """In whatever order the clusters ask, after two heartbeats each group has what was planned; never more between.

    Where somebody's patience is over and cores change hands, which of several equals gets one that was given back may
    differ; what all of them have together, once they have come to rest, does not.
    """
    planned = total(state, plan(state, NOW).workers)
    order = list(state.claims)
    random.shuffle(order)
    overdue = any(each.waiting_since is not None and NOW - each.waiting_since >= state.patience for each in order)
    for _ in range(6 if overdue else 2):
        state = _asked_in_turn(state, order)
    after = Table(state).used
    assert sum(after.values()) == sum(planned.values())
    assert overdue or after == planned


@given(cohorts(bursts=True))
def test_heartbeats_come_to_rest(state: Cohort) -> None:
    """Asked again and again with nothing changed, every cluster keeps its number: nothing flutters."""
    for _ in range(4):
        state = _asked_in_turn(state, list(state.claims))
    again = _asked_in_turn(state, list(state.claims))
    assert again == state


@given(cohorts(bursts=True), st.integers(1, 8))
def test_what_is_admitted_fits(state: Cohort, cores: int) -> None:
    """A server or scheduler that is admitted leaves every bound intact."""
    for name in state.members:
        if admits(state, name, Decimal(cores)):
            fixed = {**state.fixed, name: state.fixed[name] + cores}
            assert _groups_within(state, Table(replace(state, fixed=fixed)).used)


@given(cohorts())
def test_what_is_borrowed_is_lent(state: Cohort) -> None:
    """Borrowed cores are those of the pool and those that others lend; nobody lends more than it may."""
    found = flows(state)
    borrowed = sum((flow.borrowed for flow in found.values()), Decimal(0))
    lent = sum((flow.lent for flow in found.values()), Decimal(0))
    assert abs(max(Decimal(0), borrowed - state.pool) - lent) < Decimal("1e-9")
    assert all(flow.lent <= state.members[name].lendable for name, flow in found.items())
