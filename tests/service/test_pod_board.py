"""How the metering of pods goes is told by the replica that watches, and read at every other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub_ext.metrics import Metrics
from hub_ext.service.activities import Activities
from hub_ext.service.live import Changes
from hub_ext.service.metering import Meter
from hub_ext.service.notices import Notices
from hub_ext.service.pod_board import PodBoard
from hub_ext.service.pod_books import PodBooks
from hub_ext.service.pod_use import PodUse
from hub_ext.usage import watches
from hub_ext.usage.database import Database
from hub_ext.usage.watches import WatchRow
from tests.support.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty ledger."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
        database.migrate()
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        database = Database(postgres.migrated())
    yield database
    database.close()


def _replica(database: Database, *namespaces: str) -> tuple[Meter, PodBoard]:
    use = PodUse(Activities(database), Changes(), 0.1, 15)
    meter = Meter(PodBooks(database), Changes(), Metrics(), namespaces=namespaces, patience=60, use=use)
    return meter, PodBoard(database, meter, Notices())


def test_a_replica_reads_what_another_told(database: Database) -> None:
    """One cannot connect and says so; the other, which does not watch, tells nothing and reads it."""
    meter, board = _replica(database, "jhub", "dask")
    _, other = _replica(database, "dask", "new")
    meter.problem = "The service has no access to Kubernetes."
    board.tell()
    other.tell()
    assert [(one.namespace, one.problem) for one in other.read()] == [("dask", meter.problem), ("new", "")]
    assert (other.health(), _replica(database)[1].health(), _replica(database)[1].read()) == ("trouble", "off", ())


def test_what_nobody_tells_any_more_is_a_problem(database: Database) -> None:
    """After two minutes without a word the overview says since when."""
    now = datetime.now(UTC)
    told = WatchRow("jhub", now, 3, "", ("No quota.",), now)
    old = WatchRow("dask", now, 3, "", (), now - timedelta(minutes=3))
    with database.write() as connection:
        watches.tell(connection, [WatchRow("jhub", None, 0, "away", (), now), old])
        watches.tell(connection, [told])
    fresh, stale = _replica(database, "jhub", "dask")[1].read()
    assert (fresh.pods, fresh.problem, fresh.notices, fresh.heard_at) == (3, "", ("No quota.",), now)
    assert stale.problem.startswith("No service has watched the pods in dask since")
