"""Steps and minutes are what the intervals and sums say, and nothing is said of a time in which nobody looked."""

from datetime import UTC, datetime, timedelta

import pytest

from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost import timeline
from hub_ext.cost.timeline import Sum

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return an instant so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def worker(unit: str, start: float, end: float | None) -> Interval:
    """Return a worker that ran from one minute to another."""
    return Interval(
        unit=unit,
        kind=UnitKind.worker,
        lease="l1",
        user="alice",
        group="research",
        profile="standard",
        name="",
        shape=Shape(),
        started_at=at(start),
        ended_at=None if end is None else at(end),
    )


@pytest.mark.parametrize(
    ("workers", "start", "steps"),
    [
        ([], None, []),
        ([], 0, [(0, 0)]),
        ([worker("a", 1, None)], 0, [(0, 0), (1, 1)]),
        ([worker("a", 1, 3), worker("b", 2, None)], 0, [(0, 0), (1, 1), (2, 2), (3, 1)]),
        ([worker("a", 1, 2), worker("b", 2, 3)], 0, [(0, 0), (1, 1), (3, 0)]),
        ([worker("a", 1, 2), worker("b", 1, 2)], None, [(1, 2), (2, 0)]),
        ([worker("a", 0, 1)], 2, [(0, 1), (1, 0)]),
    ],
    ids=["nothing", "no worker yet", "one runs", "two overlap", "one replaces another", "together", "a late start"],
)
def test_steps(workers: list[Interval], start: float | None, steps: list[tuple[float, int]]) -> None:
    """Each change of the number is one step."""
    found = timeline.running(workers, start=None if start is None else at(start))
    assert [(step.at, step.workers) for step in found] == [(at(minute), count) for minute, count in steps]


def test_what_was_done_between_two_sums() -> None:
    """The shares of each stretch add up; after a silence, or where nothing grew, nothing is said."""
    sums = [Sum(at(0), 0, 0, 60), Sum(at(1), 30, 10, 80), Sum(at(2), 30, 10, 80), Sum(at(9), 90, 9, 80)]
    [one] = timeline.busy(sums)
    assert (one.since, one.until) == (at(0), at(1))
    assert (one.busy, one.idle, one.starting) == pytest.approx((1 / 2, 1 / 6, 1 / 3))
