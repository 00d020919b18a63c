"""This month's money of one group, and of one person in it, from the intervals that are charged to the group.

A month is a calendar month in UTC. What ran over its first midnight counts from midnight on.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hub_ext.contract.account import Balance
from hub_ext.contract.funds import TopUp
from hub_ext.contract.usage import Interval
from hub_ext.cost.funds import group_funds, person_funds
from hub_ext.cost.pricing import cost, price_at, price_per_hour
from hub_ext.policy.document import Policy, Price
from hub_ext.policy.months import month_bounds, month_end, month_key, month_name, month_start

__all__ = ["balance", "burn_rate", "month_bounds", "month_end", "month_key", "month_name", "month_start", "spent"]

_DAY = timedelta(days=1)


def spent(intervals: Iterable[Interval], prices: tuple[Price, ...], *, since: datetime, until: datetime) -> Decimal:
    """Return what the intervals cost in ``[since, until)``."""
    return sum((cost(interval, prices, until=until, since=since) for interval in intervals), Decimal(0))


def burn_rate(intervals: Iterable[Interval], prices: tuple[Price, ...], *, at: datetime) -> Decimal:
    """Return the price per hour of everything that runs at an instant."""
    price = price_at(prices, at)
    return sum(
        (
            price_per_hour(one.shape, price, override=one.unit_price_per_hour, spot=one.spot)
            for one in intervals
            if one.started_at <= at and (one.ended_at is None or one.ended_at > at)
        ),
        Decimal(0),
    )


def balance(
    policy: Policy,
    group: str,
    user: str,
    intervals: Sequence[Interval],
    *,
    now: datetime,
    topups: Sequence[TopUp] = (),
) -> Balance:
    """Return how the group, and the person in it, stand this month.

    Args:
        policy: titles, prices and budgets; a group that has left it has no budget.
        group: name of the policy group.
        user: the person; of nobody, everything of their own is zero.
        intervals: everything charged to the group that runs in this month, and anything else: other groups' intervals
            and other months' are left out.
        now: the moment; nothing after it counts.
        topups: of the month, of any group; those that hold now are part of the budgets.
    """
    first, prices = month_start(now), policy.prices
    ours = [one for one in intervals if one.group == group]
    mine = [one for one in ours if one.user == user]
    rules = policy.groups.get(group)
    budget = rules.budget if rules else None
    whole = group_funds(budget, group, topups) if budget else None
    own = person_funds(budget, group, user, topups) if budget else None
    daily = _daily(mine, prices, now)
    return Balance(
        group=group,
        title=policy.group_title(group),
        month=month_key(now),
        spent=spent(ours, prices, since=first, until=now),
        budget=whole.amount(now) if whole else None,
        topped_up=whole.topped_up(now) if whole else Decimal(0),
        mine=sum(daily, Decimal(0)),
        my_budget=own.amount(now) if own else budget.per_user if budget else None,
        my_topped_up=own.topped_up(now) if own else Decimal(0),
        burn_rate=burn_rate(ours, prices, at=now),
        my_burn_rate=burn_rate(mine, prices, at=now),
        warn_at=tuple(float(share) for share in budget.warn_at) if budget else (),
        daily=daily,
    )


def _daily(intervals: Sequence[Interval], prices: tuple[Price, ...], now: datetime) -> tuple[Decimal, ...]:
    """Return the cost of each day (UTC) from the first of the month to today; today up to now."""
    first = month_start(now)
    days = [Decimal(0)] * now.astimezone(UTC).day
    for one in intervals:
        end = min(one.ended_at or now, now)
        day = max(0, (one.started_at - first) // _DAY)
        while day < len(days) and (since := first + day * _DAY) < end:
            days[day] += cost(one, prices, since=since, until=min(since + _DAY, end))
            day += 1
    return tuple(days)
