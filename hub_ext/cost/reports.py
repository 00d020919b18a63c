"""Rows that people can add up: each interval with its price."""

from datetime import datetime, timedelta

from hub_ext.contract.account import LedgerRow
from hub_ext.contract.usage import Interval
from hub_ext.cost.pricing import cost
from hub_ext.policy.document import Price

_SECOND = timedelta(seconds=1)


def row(interval: Interval, prices: tuple[Price, ...], *, until: datetime, since: datetime | None = None) -> LedgerRow:
    """Return an interval as a row of the ledger page.

    Args:
        interval: one unit from start to end.
        prices: unit prices, sorted by date.
        until: later parts do not count; now, or the end of the month.
        since: earlier parts do not count; the start of the month, so that a month's rows add up to its total.

    Returns:
        The row. ``started_at`` and ``ended_at`` are the interval's own; ``seconds`` and ``cost`` are what counts here.
    """
    start = interval.started_at if since is None else max(interval.started_at, since)
    end = until if interval.ended_at is None else min(interval.ended_at, until)
    return LedgerRow(
        unit=interval.unit,
        kind=interval.kind.value,
        user=interval.user,
        group=interval.group,
        profile=interval.profile,
        name=interval.name,
        cores=interval.shape.cores,
        memory=interval.shape.memory,
        gpus=interval.shape.gpus,
        started_at=interval.started_at,
        ended_at=interval.ended_at,
        seconds=max(0.0, (end - start) / _SECOND),
        source=interval.source.value,
        cost=cost(interval, prices, until=until, since=since),
    )
