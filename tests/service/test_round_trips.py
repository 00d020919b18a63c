"""What a grant asks of the database: a cluster asks every few seconds, so everybody feels each statement more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from hub_ext.contract.admission import Demand, Kind, LeaseState, LeaseUpdate, Request
from hub_ext.contract.identity import Identity
from hub_ext.service.desk import Desk
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage.database import Database
from tests.support.postgres import Postgres

POLICY = """
apiVersion: gatehouse/v1
currency: USD
prices:
  - {from: 2020-01-01, core_hour: 1, gib_hour: 0}
profiles:
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 1000}
cohorts:
  all: {}
groups:
  plain: {title: Plain, match: [/plain], profiles: [standard], quota: {cores: 100}}
  rich: {title: Rich, match: [/rich], profiles: [standard], quota: {cores: 100}, cohort: all, budget: {monthly: 900}}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """The desk before a real database of its own."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new()
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    database = Database(url)
    database.migrate()
    yield Desk(database, PolicyStore(policy))
    database.close()


def _cluster(desk: Desk, group: str) -> str:
    """Start a cluster of a group and return its name."""
    identity = Identity(name="alice", groups=(f"/{group}",))
    decision = desk.admit(Request(id=group, identity=identity, kind=Kind.cluster, profile="standard"))
    assert decision.lease is not None
    update = LeaseUpdate(state=LeaseState.bound, ref=f"c-{group}", at=datetime.now(UTC))
    desk.update_lease(decision.lease.id, update)
    return f"c-{group}"


@contextmanager
def _counting(database: Database) -> Iterator[list[str]]:
    """Give the statements that are sent during the block."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("group", "most"), [("plain", 4), ("rich", 10)], ids=["a quota alone", "cohort and budget"])
def test_a_grant_takes_few_statements(desk: Desk, group: str, most: int) -> None:
    """Lock, who holds what, grant, its change; a cohort: who waits, counters; a budget: sums, what runs, top-ups."""
    cluster = _cluster(desk, group)
    desk.demand(cluster, Demand(wanted=10, running=0))  # the first also asks whose the cluster is
    with _counting(desk.database) as sent:
        grant = desk.demand(cluster, Demand(wanted=20, running=10)).grant

    assert grant.workers == 20
    assert len(sent) <= most, sent
