"""What is kept of pods, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub_ext.usage import leases, pods, retention
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from hub_ext.usage.pods import PodRow
from tests.support.postgres import Postgres
from tests.usage.samples import NOON, at, cluster_lease

ROW = PodRow(
    uid="u1",
    unit="l1-w1",
    kind="worker",
    lease="l1",
    namespace="jhub",
    name="w1",
    stage="running",
    why="",
    created_at=at(0),
    scheduled_at=at(10),
    started_at=at(50),
    gone=False,
    seen_at=at(60),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A ledger with one lease."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
        database.migrate()
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        database = Database(postgres.migrated())
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
    yield database
    database.close()


def _kept(database: Database, *rows: PodRow) -> list[PodRow]:
    with database.write() as connection:
        pods.keep(connection, rows)
    with database.read() as connection:
        return pods.of_leases(connection, ["l1"])


def test_waits_are_apart() -> None:
    """Ten seconds for a machine, forty for its image; what has not come to its end is not known."""
    told = [(row.pending, row.pulling) for row in (ROW, replace(ROW, started_at=None), replace(ROW, scheduled_at=None))]
    seconds = [tuple(None if one is None else one.total_seconds() for one in pair) for pair in told]
    assert seconds == [(10, 40), (10, None), (None, None)]


def test_the_last_word_counts_and_what_is_gone_stays_gone(database: Database) -> None:
    """An older replica's word comes late: it brings nothing back."""
    assert _kept(database, replace(ROW, stage="pending", scheduled_at=None, started_at=None), ROW)[-1] == ROW
    ended = replace(ROW, stage="ended", why="OOMKilled", gone=True, seen_at=at(90))
    assert _kept(database, ended) == [ended]
    assert _kept(database, ROW) == [ended]


def test_what_is_there_is_noted(database: Database) -> None:
    """Of the namespaces that are asked for, oldest first; each has its last sign of life."""
    other = replace(ROW, uid="u2", unit="l1-w2", created_at=at(-5))
    _kept(database, ROW, other, replace(ROW, uid="u3", namespace="else"), replace(ROW, uid="u4", gone=True))
    with database.write() as connection:
        pods.alive(connection, ["u1", "u2"], at(300))
    with database.read() as connection:
        found = pods.there(connection, ["jhub"])
        units = pods.of_units(connection, ["l1-w2", "none"])
    assert [(row.uid, row.seen_at) for row in found] == [("u2", at(300)), ("u1", at(300))]
    assert units == {"l1-w2": replace(other, seen_at=at(300))}


def test_pods_go_with_their_lease(database: Database) -> None:
    """When a lease is removed for its age, so is what is known of its pods."""
    _kept(database, ROW)
    with database.write() as connection:
        leases.release(connection, "l1", at(100))
        gone: Any = retention.remove_some(connection, at(86400 * 3).replace(hour=0))
    assert gone["leases"] == 1
    assert _kept(database) == []
