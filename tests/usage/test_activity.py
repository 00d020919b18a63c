"""What workers did: lost, repeated, late and reordered reports give the same figures."""

from itertools import permutations

import pytest

from hub_ext.contract.activity import UnitActivity
from hub_ext.usage import activity, leases
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.usage.samples import NOON, at, cluster_lease


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
