"""The daily sums are checked against the intervals, and counted anew."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, update

from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.usage import EventType
from hub_ext.usage import leases, ledger
from hub_ext.usage.checking import repair, verify
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.leases import Pricing
from hub_ext.usage.tables import group_days, intervals, lease_days, rates
from tests.usage.samples import NOON, cluster_lease, event


def _no_sum(connection: Connection) -> None:
    connection.execute(delete(lease_days).where(lease_days.c.lease == "l2"))


def _wrong_sum(connection: Connection) -> None:
    connection.execute(update(group_days).values(ticks=group_days.c.ticks + 1))


def _sum_of_nothing(connection: Connection) -> None:
    row = connection.execute(group_days.select()).mappings().first()
    assert row is not None
    connection.execute(insert(group_days).values({**row, "group": "nobody"}))


def _longer_interval(connection: Connection) -> None:
    connection.execute(update(intervals).where(intervals.c.unit == "w1").values(started_at=NOON.replace(hour=11)))


def _other_person(connection: Connection) -> None:
    connection.execute(update(lease_days).where(lease_days.c.lease == "l1").values(user="mallory"))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        pytest.param(_no_sum, ["the sum of lease l2 research bob on 2026-11-20"], id="a sum is missing"),
        pytest.param(_wrong_sum, ["the sum of group research on 2026-11-20"], id="a sum is another"),
        pytest.param(_sum_of_nothing, ["the sum of group nobody on 2026-11-20"], id="a sum of nothing"),
        pytest.param(_longer_interval, ["the sum of lease l1", "the sum of group research"], id="an interval changed"),
        pytest.param(_other_person, ["the sum of lease l1 research alice", "l1 research mallory"], id="another person"),
    ],
)
def test_differences_are_told_and_repaired(
    database: Database, harm: Callable[[Connection], None], told: list[str]
) -> None:
    """Each is one line that says whose, which day, what is stored and what was counted."""
    with database.write() as connection:
        for number, user in ((1, "alice"), (2, "bob")):
            leases.add(connection, cluster_lease(f"l{number}", user=user), Pricing(), NOON)
            life = ((EventType.started, 0), (EventType.ended, 60))
            ledger.record(connection, [event(f"w{number}", kind, s, lease=f"l{number}") for kind, s in life], NOON)
    assert verify(database) == []
    with database.write() as connection:
        harm(connection)
    found = verify(database)
    repair(database)

    assert len(found) == len(told)
    assert all(part in line for part, line in zip(told, found, strict=True))
    assert verify(database) == []


def test_a_rate_whose_name_is_not_its_content_is_told(database: Database) -> None:
    """The name of a rate is the hash of what it says."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        life = ((EventType.started, 0), (EventType.ended, 60))
        ledger.record(connection, [event("w", kind, s) for kind, s in life], NOON)
        connection.execute(update(rates).values(memory=5))
    assert [line.endswith("has another name than its content") for line in verify(database)] == [True]


def test_another_schema_is_not_checked(database: Database) -> None:
    """A ledger that the service of this version has not opened yet is left alone."""
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0008'")
    with pytest.raises(InvalidRequest, match="has the schema 0008"):
        verify(database)
