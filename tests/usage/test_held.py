"""What leases hold, summed up by the database: as if one lease was added to the other."""

from decimal import Decimal

from hub_ext.contract.admission import Grant, Kind
from hub_ext.contract.shape import Shape
from hub_ext.usage import grants, held, leases
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.usage.samples import NOON, cluster_lease


def test_the_sums_are_those_of_the_leases(database: Database) -> None:
    """Bases and granted workers of what is not released, by group; everybody who holds something is counted once."""
    with database.write() as connection:
        for name, user, group in (("l1", "alice", "research"), ("l2", "bob", "research"), ("l3", "bob", "gpu")):
            leases.add(connection, cluster_lease(name, user=user, group=group), Pricing(), NOON)
        leases.add(connection, cluster_lease("l4", user="carol"), Pricing(), NOON)
        leases.release(connection, "l4", NOON)
        grants.keep(connection, "l1", Grant(workers=3, wanted=5, price_per_hour=Decimal(1)), 2, at=NOON)
        told = held.everything(connection)
        records = leases.active(connection)

    assert told.people == 2
    assert {(one.group, one.kind, one.count) for one in told.groups} == {
        ("research", Kind.cluster, 2),
        ("gpu", Kind.cluster, 1),
    }
    for group in ("research", "gpu"):
        ours = [one for one in told.groups if one.group == group]
        counted = Shape.total([record.held for record in records if record.lease.group == group])
        assert Shape.total([one.shape for one in ours]) == counted
    [research] = [one for one in told.groups if one.group == "research"]
    assert (research.shape.cores, research.running, research.wanted) == (Decimal(7), 2, 5)
