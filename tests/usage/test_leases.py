"""Leases: what counts against quota."""

from datetime import timedelta
from decimal import Decimal

from hub_ext.contract.admission import Grant, Kind, LeaseState
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.usage import grants, leases
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.usage.samples import LAPSES, NOON, cluster_lease


def test_a_lease_comes_back_as_it_was_kept(database: Database) -> None:
    """A reserved lease is read back with everything that was written, to the millicore and the byte."""
    lease = cluster_lease()
    with database.write() as connection:
        leases.add(connection, lease, Pricing(worker=Decimal("0.22"), worker_spot=True), NOON)
        record = leases.get(connection, "l1")

    assert record is not None
    assert lease == record.lease
    assert Pricing(worker=Decimal("0.22"), worker_spot=True) == record.pricing


def test_a_lease_holds_its_base_and_its_granted_workers(database: Database) -> None:
    """A cluster with three granted workers holds the scheduler and three workers."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        grants.keep(connection, "l1", Grant(workers=3, wanted=5, price_per_hour=Decimal(0)), running=2, at=NOON)
        [record] = leases.active(connection, groups=["research"])

    assert (record.adaptive_minimum, record.adaptive_maximum) == (None, None)
    assert Shape(cores=Decimal("6.5"), memory=7 * 2**30, gpus={"l4": 3}) == record.held
    assert (record.wanted, record.running) == (5, 2)


def test_a_released_lease_holds_nothing_and_stays_released(database: Database) -> None:
    """A late bind does not bring a released lease back."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        leases.release(connection, "l1", NOON)
        leases.bind(connection, "l1", "abc")
        leases.release(connection, "l1", NOON + timedelta(hours=1))
        record = leases.get(connection, "l1")
        active = leases.active(connection)

    assert record is not None
    assert (LeaseState.released, NOON, Shape()) == (record.lease.state, record.released_at, record.held)
    assert active == []


def test_a_reservation_lapses_unless_it_is_bound_in_time(database: Database) -> None:
    """Of two reservations only the one that nobody bound is released at its time."""
    with database.write() as connection:
        leases.add(connection, cluster_lease("forgotten"), Pricing(), NOON)
        leases.add(connection, cluster_lease("bound"), Pricing(), NOON)
        leases.bind(connection, "bound", "c-1")
        early = leases.lapse(connection, LAPSES - timedelta(seconds=1))
        late = leases.lapse(connection, LAPSES)
        found = leases.by_ref(connection, Kind.cluster, "c-1")

    assert (early, late) == ([], ["forgotten"])
    assert found is not None
    assert (LeaseState.bound, None) == (found.lease.state, found.lease.expires_at)


def test_recent_tells_what_ended_lately_but_not_what_never_ran(database: Database) -> None:
    """A released lease stays in the list for a while if it was bound; one that never came to be does not."""
    with database.write() as connection:
        for name in ("ran", "never-ran", "long-ago"):
            leases.add(connection, cluster_lease(name), Pricing(), NOON)
        leases.bind(connection, "ran", "c-1")
        leases.bind(connection, "long-ago", "c-2")
        leases.release(connection, "ran", NOON + timedelta(minutes=30))
        leases.release(connection, "never-ran", NOON + timedelta(minutes=30))
        leases.release(connection, "long-ago", NOON + timedelta(minutes=1))
        recent = leases.recent(connection, NOON + timedelta(minutes=20))

    assert [record.lease.id for record in recent] == ["ran"]


def test_adaptive_bounds_are_kept_until_the_lease_ends(database: Database) -> None:
    """A cluster that follows its load says between what; one that was told to stop follows nothing."""
    grant = Grant(workers=1, wanted=1, price_per_hour=Decimal(0))
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        grants.keep(connection, "l1", grant, running=1, at=NOON, adaptive=(1, 5))
        adapts = leases.get(connection, "l1")
        leases.mark_stopping(connection, "l1", Reason.idle, "")
        ends = leases.get(connection, "l1")

    assert adapts is not None
    assert ends is not None
    assert (adapts.adaptive_minimum, adapts.adaptive_maximum) == (1, 5)
    assert (ends.adaptive_minimum, ends.adaptive_maximum) == (None, None)
