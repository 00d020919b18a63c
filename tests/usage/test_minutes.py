"""A picture of a cluster's day is kept by the minute, and no longer."""

from hub_ext.usage import activity, leases, minutes, retention
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from hub_ext.usage.minutes import KEPT, Granted, Spent
from tests.usage.samples import NOON, at, cluster_lease
from tests.usage.test_activity import did


def test_one_row_a_minute_the_last_one_counts(database: Database) -> None:
    """A wish that changes back and forth takes one row."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        for seconds, wanted, granted in ((0, 2, 2), (30, 9, 4), (59, 3, 3), (61, 5, 4)):
            minutes.note_grant(connection, "l1", wanted=wanted, granted=granted, at=at(seconds))
        assert minutes.grants(connection, "l1") == [Granted(at(59), 3, 3), Granted(at(61), 5, 4)]


def test_sums_of_all_workers_and_what_is_a_day_old_goes(database: Database) -> None:
    """Each row is the sum of all workers until then; a row older than a day goes with the next."""
    day = KEPT.total_seconds()
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        minutes.note_grant(connection, "l1", wanted=1, granted=1, at=NOON)
        for number, seconds in ((1, 0), (2, 70), (3, day + 65)):
            activity.keep(connection, "l1", [did(number), did(number, unit="l1-v")], at(seconds))
            minutes.note_activity(connection, "l1", at(seconds))
        found = minutes.spent(connection, "l1")
        one = did(3)
        assert [row.at for row in found] == [at(70), at(day + 65)]
        assert found[-1] == Spent(at(day + 65), 2 * one.busy, 2 * one.idle, 2 * one.starting)
        assert minutes.grants(connection, "l1") == []


def test_they_go_with_their_lease(database: Database) -> None:
    """A cluster that is removed for its age leaves no minute behind."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        minutes.note_grant(connection, "l1", wanted=1, granted=1, at=NOON)
        minutes.note_activity(connection, "l1", NOON)
        leases.release(connection, "l1", NOON)
        counts = retention.remove_some(connection, NOON + KEPT)
        assert counts["leases"] == 1
        assert (minutes.grants(connection, "l1"), minutes.spent(connection, "l1")) == ([], [])
