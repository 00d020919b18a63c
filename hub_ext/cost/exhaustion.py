"""When a budget, or a share of it, was used up: to the microsecond, from intervals and prices alone.

The moment depends on nothing that a process remembers, so it is the same after a restart, and whoever looks when.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hub_ext.contract.usage import Interval
from hub_ext.cost.budgets import spent
from hub_ext.cost.funds import Funds
from hub_ext.policy.document import Price

_TICK = timedelta(microseconds=1)


def reached(
    intervals: Iterable[Interval], prices: tuple[Price, ...], amount: Decimal, *, since: datetime, until: datetime
) -> datetime | None:
    """Return the first instant in ``[since, until]`` at which this much is spent since ``since``.

    The span is halved until it is one microsecond. Costs of parts add up exactly (``pricing``), so each step counts one
    half only, of only those intervals that touch what is left of the span.
    """
    live = list(intervals)
    if amount <= 0:
        return since
    if spent(live, prices, since=since, until=until) < amount:
        return None
    low, high = since, until
    while high - low > _TICK:
        middle = low + (high - low) // 2
        half = spent(live, prices, since=low, until=middle)
        if half >= amount:
            high = middle
        else:
            low, amount = middle, amount - half
        live = [one for one in live if one.started_at < high and (one.ended_at is None or one.ended_at > low)]
    return high


def exhausted_at(
    intervals: Sequence[Interval],
    prices: tuple[Price, ...],
    funds: Funds,
    *,
    since: datetime,
    until: datetime,
    share: Decimal = Decimal(1),
) -> datetime | None:
    """Return since when, without a break, this share of the budget is spent at ``until``; None: it is not.

    A top-up that covers what was spent ends a stretch; its expiry, or further work, begins another. One that covers too
    little changes nothing, so small top-ups give no further grace.

    Args:
        intervals: everything that the budget pays for.
        prices: unit prices, sorted by date.
        funds: the budget with its top-ups.
        since: the start of the month.
        until: the moment of the question.
        share: of the budget, 0.8 for 80 %.
    """
    found = None
    begins = [since, *funds.changes(since, until)]
    for begin, end in reversed(list(pairwise([*begins, until]))):
        amount = funds.amount(begin) * share
        if spent(intervals, prices, since=since, until=end) < amount:
            return found
        before = spent(intervals, prices, since=since, until=begin)
        if before < amount:
            return reached(intervals, prices, amount - before, since=begin, until=end)
        found = begin
    return found
