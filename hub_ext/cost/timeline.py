"""One cluster as time went by: how many workers ran, and what they did. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from hub_ext.contract.history import BusyMinute, Step
from hub_ext.contract.usage import Interval

GAP = timedelta(minutes=3)
"""Of a longer silence between two sums nothing is said: nobody looked, or no worker ran."""


class Sum(NamedTuple):
    """What all workers of a cluster had done until a moment, in any one unit of time."""

    at: datetime
    busy: int
    idle: int
    starting: int


def running(workers: Iterable[Interval], *, start: datetime | None) -> tuple[Step, ...]:
    """Return each change of the number of workers, oldest first.

    Args:
        workers: their intervals; one without an end runs on.
        start: since when the cluster runs, with none; None: since its first worker.
    """
    changes: Counter[datetime] = Counter()
    for one in workers:
        changes[one.started_at] += 1
        if one.ended_at is not None:
            changes[one.ended_at] -= 1
    count = 0
    steps: list[Step] = []
    if start is not None:
        changes[min(start, *changes) if changes else start] += 0
    for at in sorted(changes):
        count += changes[at]
        if not steps or steps[-1].workers != count:
            steps.append(Step(at=at, workers=count))
    return tuple(steps)


def busy(sums: Sequence[Sum]) -> tuple[BusyMinute, ...]:
    """Return what was done between each two sums that follow each other closely, oldest first."""
    found = []
    for before, after in pairwise(sums):
        done = [max(0, new - old) for old, new in zip(before[1:], after[1:], strict=True)]
        total = sum(done)
        if total and after.at - before.at <= GAP:
            shares = dict(zip(("busy", "idle", "starting"), (part / total for part in done), strict=True))
            found.append(BusyMinute(since=before.at, until=after.at, **shares))
    return tuple(found)
