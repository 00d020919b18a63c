"""What workers cost while they did not compute, from the split of their time. The ledger's seconds stay the truth.

A worker's idle and starting seconds cost their share of what its interval costs. Where the price changed within its
life that is the mean price of it. What is not known, the last seconds since a look, counts as neither.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.quantities import TICK, Quantity
from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost import pricing
from hub_ext.cost.money import Rates, cut
from hub_ext.policy.document import Price


@dataclass(frozen=True)
class Use:
    """What the workers of one cluster did."""

    idle_cost: Decimal = Decimal(0)
    """Of their idle and starting seconds."""
    busy: Fraction = Fraction(0)
    """Microseconds of all workers together, as the next two."""
    idle: Fraction = Fraction(0)
    starting: Fraction = Fraction(0)
    memory_share: float | None = None
    """The largest peak of a worker by the memory it was charged for; None: not known."""

    def share(self, part: Fraction) -> float | None:
        """Return a part of the known time; None: nothing is known."""
        known = self.busy + self.idle + self.starting
        return float(part / known) if known else None


def workers(intervals: Iterable[Interval]) -> list[Interval]:
    """Return those of workers."""
    return [one for one in intervals if one.kind is UnitKind.worker]


def use(
    intervals: Iterable[Interval],
    known: Mapping[str, UnitActivity],
    prices: tuple[Price, ...],
    *,
    until: datetime,
    since: datetime | None = None,
) -> Use:
    """Return what the workers of a cluster did, and what they cost while they did not compute.

    Args:
        intervals: of the cluster; what is no worker does not count.
        known: worker -> the split of its time.
        prices: unit prices, sorted by date.
        until: now.
        since: from when on money counts (:func:`hub_ext.cost.pricing.cost`); None: from the start.
    """
    wasted, shares = Fraction(0), []
    busy = idle = starting = Fraction(0)
    for one in workers(intervals):
        activity = known.get(one.unit)
        if activity is None:
            continue
        length = max(((one.ended_at or until) - one.started_at) // TICK, 1)
        told = activity.busy + activity.idle + activity.starting
        fits = min(Fraction(1), Fraction(length, max(told, 1)))  # never more than the interval itself
        busy, idle, starting = (
            busy + activity.busy * fits,
            idle + activity.idle * fits,
            starting + activity.starting * fits,
        )
        cost = pricing.cost(one, prices, until=until, since=since)
        wasted += Fraction(cost) * (activity.idle + activity.starting) * fits / length
        if one.shape.memory and activity.memory_peak:
            shares.append(activity.memory_peak / one.shape.memory)
    return Use(cut(wasted), busy, idle, starting, max(shares, default=None))


def by_group(rates: Rates, unused: Iterable[Quantity]) -> Mapping[str, Decimal]:
    """Return what idle and starting time cost each group, at the price of the day on which its worker started.

    Args:
        rates: prices.
        unused: how long workers of each rate were idle or starting.
    """
    found: dict[str, Fraction] = defaultdict(Fraction)
    for one in unused:
        found[one.group] += rates.cost(one.rate, one.day, one.ticks)
    return {group: cut(amount) for group, amount in found.items()}
