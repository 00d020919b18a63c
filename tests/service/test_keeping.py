"""Retention in the running service, and a backup of its ledger."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from traitlets import TraitError

from hub_ext.contract.usage import Event, EventType, UnitKind
from hub_ext.metrics import Metrics
from hub_ext.service.app import GatehouseService
from hub_ext.service.keeping import Keeper
from hub_ext.usage import leases, ledger
from hub_ext.usage.backup import back_up
from hub_ext.usage.checking import verify
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from hub_ext.usage.restoring import restore
from tests.service.test_doors import ask, release
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.postgres import Postgres
from tests.support.service import running_service
from tests.usage.samples import cluster_lease

OLD = datetime.now(UTC) - timedelta(days=800)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A ledger in which a cluster ended long ago, and one three months ago."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new()
    database = Database(url)
    database.migrate()
    with database.write() as connection:
        for name, when in (("old", OLD), ("new", OLD + timedelta(days=710))):
            leases.add(connection, cluster_lease(name), Pricing(), when)
            life = ((EventType.started, when), (EventType.ended, when + timedelta(hours=1)))
            events = [
                Event(id=f"{name}-{kind}", unit=name, kind=UnitKind.worker, lease=name, type=kind, at=at)
                for kind, at in life
            ]
            ledger.record(connection, events, when)
            leases.release(connection, name, when + timedelta(hours=1))
    yield database
    database.close()


def _known(database: Database) -> set[str]:
    with database.read() as connection:
        return set(leases.several(connection, ["old", "new"]))


def test_the_service_removes_what_is_too_old(hub: Hub, policy: Path, database: Database, tmp_path: Path) -> None:
    """It goes soon after the start; metric and audit log say how much. A backup is taken meanwhile, and is whole."""
    url = database.engine.url.render_as_string(hide_password=False)
    with running_service(hub, tmp_path / "service", policy, database=url) as service:
        until(lambda: _known(database) == {"new"}, 30)
        lease = ask(service, "small").json["lease"]["id"]
        manifest = back_up(database, tmp_path / "ledger.backup")
        release(service, lease)
        metrics = Request(f"{service.url}metrics", headers={"Authorization": f"token {hub.token('adam')}"})  # noqa: S310 - our own service
        with urlopen(metrics, timeout=60) as answer:  # noqa: S310 - our own service
            told = answer.read().decode()
    copy = f"sqlite:///{tmp_path}/copy.sqlite"
    restore(tmp_path / "ledger.backup", copy)
    restored = Database(copy)
    assert verify(restored) == []
    with restored.read() as connection:
        assert leases.get(connection, lease) is not None
    restored.close()
    assert {entry.name: entry.rows for entry in manifest.tables}["removals"] == 1
    assert 'gatehouse_removed_rows_total{table="leases"} 1.0' in told


async def test_for_ever_removes_nothing(database: Database) -> None:
    """0 days is for ever."""
    await Keeper(database, 0, Metrics()).check()
    assert _known(database) == {"old", "new"}


async def test_nothing_of_an_open_month_is_removed(database: Database) -> None:
    """Where months are closed, removing ends with the last closed one, however few days are kept."""
    await Keeper(database, 62, Metrics(), closed_until=lambda _: OLD - timedelta(days=1)).check()
    assert _known(database) == {"old", "new"}
    await Keeper(database, 62, Metrics(), closed_until=lambda _: OLD + timedelta(days=3)).check()
    assert _known(database) == {"new"}


@pytest.mark.parametrize("days", [-1, 1, 61])
def test_what_a_month_needs_is_kept(days: int) -> None:
    """So few days would take this month's sums away from people's budgets."""
    with pytest.raises(TraitError, match="retention_days"):
        GatehouseService(retention_days=days)
