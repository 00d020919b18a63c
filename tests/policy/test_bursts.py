"""Burst credits in the plan: what is borrowed is carried by credits, and ends with them; equals take turns."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.policy.planning import admits, plan
from hub_ext.policy.sharing import Claim, Cohort, Member, Table
from tests.policy.cohorts import claim, cohort, cohorts, member, total
from tests.policy.samples import NOW

OTHERS = {"production": member(1000)}


def _research(workers: int, wish: int, **more: Any) -> Cohort:
    """Return a cohort in which 64 cores are Research's own and 1,000 more are idle."""
    return cohort({"research": member(64, **more), **OTHERS}, claim("research", workers, wish))


# id: (cohort, planned workers of Research)
PLANS: dict[str, tuple[Cohort, int]] = {
    "full credits carry a thousand cores for five minutes": (_research(0, 2000, credits=5000), 1064),
    "a part of them carries a part": (_research(0, 2000, credits=300), 124),
    "the borrowing limit binds before": (_research(0, 2000, credits=5000, borrows=10), 74),
    "what was granted stays while something is left": (_research(800, 2000, credits=1), 800),
    "and gets no more": (_research(800, 900, credits=3000), 800),
    "at nothing the burst ends": (_research(800, 2000, credits=0), 64),
    "below nothing too": (_research(800, 2000, credits=-7), 64),
    "with overdraft it goes on": (_research(800, 2000, credits=-7, overdraft=True), 800),
    "and gets no more until that is paid back": (_research(64, 2000, credits=-7, overdraft=True), 64),
    "no burst from nothing": (_research(0, 2000, credits=0), 64),
    "without burst in the policy nothing is needed": (_research(0, 2000), 1064),
    "a worker that is borrowed in part goes too": (
        cohort({"research": member(64, credits=0), **OTHERS}, claim("research", 22, 30, cores=3)),
        21,
    ),
    "credits of less than a worker for five minutes carry none": (
        cohort({"research": member(64, credits=9), **OTHERS}, claim("research", 0, 30, cores=4)),
        16,
    ),
    "the newest cluster goes first": (
        cohort(
            {"research": member(64, credits=0), **OTHERS},
            claim("research", 60, 60, age=50),
            claim("research-new", 60, 60, age=5),
        ),
        60,
    ),
}


@pytest.mark.parametrize(("state", "workers"), PLANS.values(), ids=PLANS)
def test_plan(state: Cohort, workers: int) -> None:
    """Research has its number."""
    assert plan(state, NOW).workers["research"] == workers


@pytest.mark.parametrize(("saved", "fits"), [(10, True), (9, False), (0, False)])
def test_what_a_start_borrows_needs_credits_too(saved: int, *, fits: bool) -> None:
    """A server of two cores above the quota needs ten core-minutes; within the quota it needs none."""
    full = cohort({"research": member(64, credits=saved), **OTHERS}, fixed={"research": 64})
    part = cohort({"research": member(64, credits=saved), **OTHERS}, fixed={"research": 62})
    assert admits(full, "research", Decimal(2)) is fits
    assert admits(part, "research", Decimal(2))


@given(cohorts(bursts=True))
def test_without_credits_nothing_is_granted_above_the_quota(state: Cohort) -> None:
    """In standard mode a group with nothing left holds no worker above its quota, whatever it held before."""
    used = total(state, plan(state, NOW).workers)
    for name, each in state.members.items():
        if each.credits is not None and each.credits.ended:
            assert used[name] <= max(each.nominal, state.fixed[name])


@given(cohorts(bursts=True))
def test_what_is_granted_more_is_carried_for_five_minutes(state: Cohort) -> None:
    """Who borrows more than before has the credits for all that it borrows."""
    before, after = Table(state), _carried_out(state, plan(state, NOW).workers)
    for name, each in state.members.items():
        borrowed = after.borrowed(name)
        if each.credits is not None and borrowed > before.borrowed(name):
            assert borrowed * 5 * 60 <= each.credits.balance


@given(cohorts(bursts=True))
def test_credits_take_no_core_from_those_within_their_quota(state: Cohort) -> None:
    """Where credits end a burst nobody within its quota has fewer workers than without any credits."""
    free = replace(state, members={name: replace(each, credits=None) for name, each in state.members.items()})
    with_credits, without = total(state, plan(state, NOW).workers), total(free, plan(free, NOW).workers)
    for name, each in state.members.items():
        assert with_credits[name] >= min(without[name], each.nominal) - _largest(state)


def _largest(state: Cohort) -> Decimal:
    return max((each.cores for each in state.claims), default=Decimal(0)) * max(1, len(state.claims))


def _carried_out(state: Cohort, workers: Mapping[str, int]) -> Table:
    return Table(replace(state, claims=tuple(replace(each, workers=workers[each.lease]) for each in state.claims)))


def test_of_equals_who_used_less_is_first() -> None:
    """Usage decides between groups that borrow the same; weight counts, and age comes after."""
    members = {"a": member(0, usage=3600), "b": member(0, usage=0), "c": member(1)}
    older, newer = claim("a", 0, 1, age=90), claim("b", 0, 1, age=5)
    assert plan(cohort(members, older, newer), NOW).workers == {"a": 0, "b": 1}
    heavy = {**members, "a": member(0, usage=3600, weight=2), "b": member(0, usage=3600, weight=2)}
    assert plan(cohort(heavy, older, newer), NOW).workers == {"a": 1, "b": 0}
    entitled = {"a": member(1, usage=7200, weight=3), "b": member(1, usage=3600), "c": member(0)}
    assert plan(cohort(entitled, newer, older, fixed={"c": 1}), NOW).workers == {"a": 1, "b": 0}


def test_usage_never_overtakes_the_weighted_share() -> None:
    """A group that borrows less is first, however much it has used."""
    members = {"a": member(0, usage=10**9), "b": member(0), "c": member(3)}
    planned = plan(cohort(members, claim("a", 0, 2), claim("b", 2, 4)), NOW)
    assert planned.workers == {"a": 1, "b": 2}


def test_what_is_granted_counts_at_once() -> None:
    """Within their quotas two groups with the same usage share what is free one by one, although nothing ran yet."""
    members = {"a": member(10), "b": member(10), "c": member(0)}
    state = cohort(members, claim("a", 0, 10, age=90), claim("b", 0, 10, age=5), fixed={"c": 10})
    assert plan(state, NOW).workers == {"a": 5, "b": 5}


@given(st.lists(st.integers(1, 10**5), min_size=2, max_size=4), st.integers(1, 50))
def test_nobody_starves(first: list[int], minutes: int) -> None:
    """Groups that all want the one idle core have it in turns: whoever waits is served before others are far ahead."""
    usage = {name: float(used) for name, used in zip("abcd", first, strict=False)}
    served = dict.fromkeys(usage, 0)
    piece = minutes * 60.0
    for _ in range(int(max(first) / piece) * len(usage) + 2 * len(usage)):
        winner = next(name for name, workers in plan(_one_core(usage), NOW).workers.items() if workers)
        served[winner] += 1
        usage[winner] += piece
    assert all(served.values())
    assert max(usage.values()) - min(usage.values()) <= max(piece, max(first) - min(first)) + 1


def _one_core(usage: Mapping[str, float]) -> Cohort:
    members: dict[str, Member] = {name: member(0, usage=used) for name, used in usage.items()}
    claims: list[Claim] = [claim(name, 0, 1) for name in usage]
    return cohort(members | {"z": member(1)}, *claims)
