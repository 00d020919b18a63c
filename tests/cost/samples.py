"""Intervals and prices whose cost can be told by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost.money import Rates
from hub_ext.cost.spending import Spending
from hub_ext.policy.document import Price
from tests.policy.samples import policy

PRICES = (
    Price(
        since=date(2026, 1, 1), core_hour=Decimal("0.04"), gib_hour=Decimal("0.005"), gpu_hour={"l4": Decimal("0.7")}
    ),
    Price(since=date(2026, 11, 10), core_hour=Decimal("0.06"), spot_factor=Decimal("0.35")),
    Price(since=date(2026, 12, 1), core_hour=Decimal(1)),
)
"""One core costs 0.04, from 10 November 0.06, from December 1; memory and GPUs cost only before 10 November."""
CORE = Shape(cores=Decimal(1))


def at(text: str) -> datetime:
    """Return an instant of November 2026: ``9 23:30``, ``9 23:30:15.5``; or a whole date and time."""
    if text[:4].isdigit():
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-11-{int(day):02}T{clock}").replace(tzinfo=UTC)


def rates(prices: tuple[Price, ...] = PRICES) -> Rates:
    """Return prices as the sample policy with these would have them."""
    return Rates(policy().model_copy(update={"prices": prices}))


def spending(
    ran: Sequence[Interval], *, since: datetime, until: datetime, prices: tuple[Price, ...] = PRICES
) -> Spending:
    """Return what these intervals cost, as a curve; summed by day, as the ledger keeps what has ended."""
    return Spending.of(rates(prices), ran, since=since, until=until)


def interval(
    start: str | datetime,
    end: str | datetime | None = None,
    *,
    shape: Shape = CORE,
    user: str = "alice",
    group: str = "research",
    price: str | None = None,
    spot: bool = False,
) -> Interval:
    """Return one unit that ran from start to end, or still runs."""
    return Interval(
        unit=f"{user}-{start}",
        kind=UnitKind.worker,
        lease="d-1",
        user=user,
        group=group,
        profile="standard",
        name="sales-join",
        shape=shape,
        unit_price_per_hour=None if price is None else Decimal(price),
        spot=spot,
        started_at=at(start) if isinstance(start, str) else start,
        ended_at=at(end) if isinstance(end, str) else end,
    )
