"""A group's use of cores in time: intervals in, a step function out.

Both counters are folds over it: burst credits (``credits``) and decayed usage (``fairness``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Use:
    """Cores that were used from one instant to another."""

    cores: Decimal
    started_at: datetime
    ended_at: datetime | None = None
    """None: they still are."""


@dataclass(frozen=True)
class Step:
    """A stretch of time in which the use did not change."""

    cores: Decimal
    seconds: Decimal
    """Its length, exact to the microsecond; above zero."""


def steps(uses: Iterable[Use], *, since: datetime, until: datetime) -> Iterator[Step]:
    """Yield the use of cores in ``[since, until)`` piece by piece, gaps included; the order of the uses is no matter.

    Args:
        uses: of one group; what lies outside is left out.
        since: aware.
        until: aware; where it is not after ``since`` there is nothing to yield.
    """
    if until <= since:
        return
    changes: dict[datetime, Decimal] = defaultdict(Decimal)
    for use in uses:
        start, end = max(since, use.started_at), min(until, use.ended_at or until)
        if start < end:
            changes[start] += use.cores
            changes[end] -= use.cores
    changes[until] += 0
    cores, at = Decimal(0), since
    for instant in sorted(changes):
        if instant > at:
            yield Step(cores, Decimal((instant - at) // _TICK).scaleb(-6))
        cores, at = cores + changes[instant], instant


def used_at(uses: Iterable[Use], at: datetime) -> Decimal:
    """Return the cores that are in use at an instant."""
    running = (use for use in uses if use.started_at <= at and (use.ended_at is None or use.ended_at > at))
    return sum((use.cores for use in running), Decimal(0))
