"""What workers did: lost, repeated, late and reordered reports give the same figures."""

from itertools import permutations

import pytest

from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.usage import EventType
from hub_ext.usage import activity, leases, ledger
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.usage.samples import NOON, at, cluster_lease, event, use


def did(busy: int, idle: int = 0, *, unit: str = "l1-w", peak: int = 0) -> UnitActivity:
    """Return a report."""
    return UnitActivity(unit=unit, busy=busy, idle=idle, starting=1, cpu=busy, memory_peak=peak)


REPORTS = (did(1, 1, peak=5), did(1, 4, peak=9), did(3, 4, peak=9))


@pytest.mark.parametrize("order", [*permutations(REPORTS), (REPORTS[2], *REPORTS)], ids=range(7))
def test_of_each_figure_the_largest_counts(database: Database, order: tuple[UnitActivity, ...]) -> None:
    """Figures only grow, so the largest are the newest, in whatever order they come."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
    for number, report in enumerate(order):
        with database.write() as connection:
            activity.keep(connection, "l1", [report], at(number))
    with database.read() as connection:
        assert activity.of_leases(connection, ["l1"]) == {"l1": {"l1-w": REPORTS[-1]}}


def test_many_workers_are_kept_at_once_and_told_by_lease(database: Database) -> None:
    """Of two reports of one worker in one message the last counts; another lease's worker stays as it is."""
    with database.write() as connection:
        for name in ("l1", "l2"):
            leases.add(connection, cluster_lease(name), Pricing(), NOON)
        activity.keep(connection, "l1", [did(1), did(2), did(7, unit="l1-v")], NOON)
        activity.keep(connection, "l2", [did(99, unit="l1-v"), did(3, unit="l2-w")], NOON)
        activity.keep(connection, "l2", [], NOON)
    with database.read() as connection:
        found = activity.of_leases(connection, ["l1", "l2", "none"])
        told = {lease: {unit: one.busy for unit, one in units.items()} for lease, units in found.items()}
        assert told == {"l1": {"l1-w": 2, "l1-v": 7}, "l2": {"l2-w": 3}}


def test_unused_time_is_summed_up_by_rate_and_day(database: Database) -> None:
    """A hundred workers are one row; one counts for no longer than it lived, and of others nothing is told."""
    use(database, 100)  # each lived for a second
    lasts = [event(f"r{n}", EventType.started, n) for n in range(2)]
    with database.write() as connection:
        ledger.record(connection, lasts, NOON)
        short = [did(1, 400_000, unit=f"w{n}") for n in range(99)]
        activity.keep(connection, "l1", [*short, did(1, 9_000_000, unit="w99"), did(1, 2_000_000, unit="r0")], NOON)
    with database.read() as connection:
        [sum_] = activity.unused(connection, "alice", at(0), at(10))
        assert (sum_.group, sum_.day, sum_.rate.profile) == ("research", NOON.date(), "standard")
        assert sum_.ticks == 99 * 400_001 + 1_000_000 + 2_000_001
        assert activity.unused(connection, "alice", at(1), at(10)) == []
        assert activity.unused(connection, "bob", at(0), at(10)) == []
        [now] = activity.unused(connection, "alice", at(0), at(0.000001))
        assert now.ticks == 100 * 1_000_000 - 99 * 599_999 + 1
