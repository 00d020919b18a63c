"""A month's money of a group and of one person in it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hub_ext.contract.account import Balance
from hub_ext.contract.usage import Interval
from hub_ext.cost import budgets
from hub_ext.policy.document import Policy
from tests.cost.samples import PRICES, at, interval, spending
from tests.policy.samples import policy

NOW = at("3 12:00")


def with_prices() -> Policy:
    """Return the sample policy with prices that are easy to add up."""
    return policy().model_copy(update={"prices": PRICES})


def balance_of(ran: list[Interval], group: str = "research", user: str = "alice", now: datetime = NOW) -> Balance:
    """Return the balance of a group, and of a person in it, after these intervals."""
    ours = [one for one in ran if one.group == group]
    month = budgets.month_start(now)
    whole, own = (spending(part, since=month, until=now) for part in (ours, [one for one in ours if one.user == user]))
    return budgets.balance(with_prices(), group, whole, own, user=user)


def test_month_is_that_of_utc() -> None:
    """A month runs from its first midnight in UTC to the next month's."""
    assert budgets.month_start(NOW) == datetime(2026, 11, 1, tzinfo=UTC)
    assert budgets.month_end(NOW) == datetime(2026, 12, 1, tzinfo=UTC)
    assert budgets.month_end(datetime(2026, 12, 31, 23, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert (budgets.month_key(NOW), budgets.month_name(NOW)) == ("2026-11", "November")


def test_month_is_read_from_its_key() -> None:
    """A month's bounds follow from its key."""
    assert budgets.month_bounds("2026-12") == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "0000-01", "9999-12", "november", "2026-11-01"])
def test_no_month(text: str) -> None:
    """What is no month is refused with an example."""
    with pytest.raises(ValueError, match="write 2026-11"):
        budgets.month_bounds(text)


def test_balance_of_group_and_person() -> None:
    """A group has spent what everybody's intervals cost this month, the person what theirs do."""
    ran = [
        interval("1 10:00", "1 12:00"),
        interval("2 23:00", "3 01:00"),
        interval("3 11:00"),
        interval("3 11:30", user="carol"),
        interval("1 10:00", "1 12:00", group="analysts"),
    ]
    balance = balance_of(ran)
    assert (balance.spent, balance.mine) == (Decimal("0.22"), Decimal("0.20"))
    assert (balance.burn_rate, balance.my_burn_rate) == (Decimal("0.08"), Decimal("0.04"))
    assert (balance.budget, balance.my_budget, balance.warn_at) == (Decimal(5000), Decimal(500), (0.8,))
    assert (balance.title, balance.month) == ("Research", "2026-11")
    assert balance.daily == (Decimal("0.08"), Decimal("0.04"), Decimal("0.08"))


def test_month_before_does_not_count() -> None:
    """What ran over the first midnight counts from midnight on."""
    balance = balance_of([interval("2026-10-31T20:00", "1 01:00")])
    assert (balance.spent, balance.daily) == (Decimal("0.04"), (Decimal("0.04"), Decimal(0), Decimal(0)))


def test_days_add_up_to_the_month() -> None:
    """The days' costs add up to the person's month, to the last digit."""
    ran = [interval("1 00:00:00.000001", "3 11:59:59.999999"), interval("2 13:07:11.7", price="0.07")]
    balance = balance_of(ran)
    assert sum(balance.daily) == balance.mine == balance.spent


def test_first_instant_of_a_month() -> None:
    """At the first instant of a month nothing is spent yet, and there is one day."""
    balance = balance_of([interval("2026-10-31T20:00")], now=at("1 00:00"))
    assert (balance.spent, balance.daily, balance.burn_rate) == (Decimal(0), (Decimal(0),), Decimal("0.04"))


def test_burn_rate_is_of_one_instant() -> None:
    """What runs at an instant burns from its start on, and no longer at its end."""
    ran = [interval("1 10:00", "1 12:00")]
    moments = [at(f"1 {hour}") for hour in ("09:00", "10:00:01", "11:00", "12:00")]
    rates = [spending(ran, since=at("1 00:00"), until=moment).burn_rate for moment in moments]
    assert rates == [Decimal(0), Decimal("0.04"), Decimal("0.04"), Decimal(0)]


def test_group_that_left_the_policy_keeps_its_money() -> None:
    """A group that is no longer in the policy has spent what it spent, and has no budget."""
    ran = [interval("1 10:00", "1 11:00", group="old-team")]
    balance = balance_of(ran, "old-team", "")
    assert (balance.title, balance.spent, balance.mine, balance.budget) == (
        "Old team",
        Decimal("0.04"),
        Decimal(0),
        None,
    )
