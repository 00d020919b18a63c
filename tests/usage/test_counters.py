"""What ran since a checkpoint: added up by the database, without a look at the history."""

from decimal import Decimal
from typing import Any

from sqlalchemy import event as listening

from hub_ext.contract.usage import EventType
from hub_ext.policy.uses import Use
from hub_ext.usage import counters, leases, ledger
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.usage.samples import NOON, at, cluster_lease, event


def test_equal_uses_are_one(database: Database) -> None:
    """Workers that ran before and still run are one use from the checkpoint on; what ended before is not there."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        for unit, start, end in (("w1", 0, None), ("w2", 5, None), ("w3", 0, 30), ("w4", 40, None), ("w5", 0, 20)):
            ledger.record(connection, [event(unit, EventType.started, start)], NOON)
            if end is not None:
                ledger.record(connection, [event(unit, EventType.ended, end)], NOON)
        found = counters.uses(connection, ["research", "analysts"], at(20))
    assert set(found) == {"research"}
    assert sorted(found["research"], key=lambda use: (use.cores, use.started_at)) == [
        Use(Decimal(2), at(20), at(30)),
        Use(Decimal(2), at(40)),
        Use(Decimal(4), at(20)),
    ]


def test_a_long_history_is_not_read(sqlite: Database) -> None:
    """Both halves of the question are answered by the index of ends."""
    asked: list[tuple[str, Any]] = []
    listening.listen(
        sqlite.engine, "before_cursor_execute", lambda _c, _u, text, given, *_: asked.append((text, given))
    )
    with sqlite.read() as connection:
        counters.uses(connection, ["research"], NOON)
        text, given = asked[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given).all()
    searches = [row.detail for row in plan if "intervals" in row.detail]
    assert len(searches) == 2
    assert all("ix_intervals_group_ended_at" in search for search in searches)
