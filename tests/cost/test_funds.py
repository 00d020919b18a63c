"""What a budget amounts to, with its top-ups."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.funds import TopUp
from hub_ext.cost import budgets
from hub_ext.cost.funds import Funds, group_funds, holds, person_funds
from hub_ext.policy.document import Budget
from tests.cost.samples import at, interval, spending
from tests.cost.test_exhaustion import topup
from tests.policy.samples import policy

NOW = at("3 12:00")
RULES = Budget(monthly=Decimal(5000), per_user=Decimal(500))


@pytest.mark.parametrize(
    ("one", "now", "counts"),
    [
        (topup("5", at("2 10:00")), "3 12:00", True),
        (topup("5", at("3 12:00")), "3 12:00", True),
        (topup("5", at("3 12:00")), "3 11:59", False),
        (topup("5", at("2 10:00"), at("3 12:00")), "3 11:59", True),
        (topup("5", at("2 10:00"), at("3 12:00")), "3 12:00", False),
        (topup("5", at("2026-10-31T10:00"), at("9 12:00")), "3 12:00", False),
    ],
    ids=["since yesterday", "at its instant", "not yet", "before its expiry", "at its expiry", "last month's"],
)
def test_a_top_up_counts_from_its_moment_to_its_expiry(one: TopUp, now: str, *, counts: bool) -> None:
    """It holds in its own month only, and no longer at the instant of its expiry."""
    assert holds(one, at(now)) is counts


def test_a_balance_tells_the_whole_budget_and_what_was_added() -> None:
    """The group's and the person's budgets grow by their own top-ups, not by each other's."""
    added = [topup("1000", at("2 10:00")), topup("50", at("2 11:00"), user="alice"), topup("9", NOW, user="carol")]
    ours = spending([interval("3 11:00")], since=at("1 00:00"), until=NOW)
    balance = budgets.balance(policy(), "research", ours, ours, topups=added, user="alice")
    assert (balance.budget, balance.topped_up) == (Decimal(6000), Decimal(1000))
    assert (balance.my_budget, balance.my_topped_up) == (Decimal(550), Decimal(50))


def test_nobody_has_an_own_budget_where_the_policy_gives_none() -> None:
    """Without ``per_user`` there is no pot that a person's top-up could go to."""
    assert person_funds(Budget(monthly=Decimal(5)), "research", "alice", ()) is None


people = st.sampled_from(["", "alice", "carol"])
groups = st.sampled_from(["research", "analysts"])
moments = st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 30)).map(  # noqa: DTZ001 - the zone is added below
    lambda naive: at(naive.isoformat())
)
made = st.lists(
    st.builds(
        TopUp,
        id=st.just("t"),
        group=groups,
        user=people,
        amount=st.decimals(min_value="0.01", max_value=1000, places=2),
        reason=st.just("a deadline"),
        author=st.just("adam"),
        at=moments,
        expires_at=st.none() | moments,
    ),
    max_size=8,
)


@given(topups=made, now=moments)
def test_top_ups_are_counted_once_and_nowhere_else(topups: list[TopUp], now: datetime) -> None:
    """What all budgets have been topped up by is what was given and holds: nothing is lost, nothing counted twice."""
    pots: list[Funds | None] = []
    for group in ("research", "analysts"):
        pots += [group_funds(RULES, group, topups)]
        pots += [person_funds(RULES, group, user, topups) for user in ("alice", "carol")]
    given_ = sum((one.amount for one in topups if holds(one, now)), Decimal(0))
    assert sum((pot.topped_up(now) for pot in pots if pot), Decimal(0)) == given_


@given(topups=made, now=moments)
def test_the_amount_changes_only_where_it_says(topups: list[TopUp], now: datetime) -> None:
    """Between two of its changes a budget stays the same."""
    funds = group_funds(RULES, "research", topups)
    since = budgets.month_start(now)
    steps = [since, *funds.changes(since, now)]
    last = max(steps)
    assert funds.amount(last) == funds.amount(now)
    for step in steps[1:]:
        before = max(one for one in steps if one < step)
        assert funds.amount(step - timedelta(microseconds=1)) == funds.amount(before)
