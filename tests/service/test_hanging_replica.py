"""A replica that hangs while it leads and holds a lock, and goes on when the others have done its work."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from hub_ext.usage import tables
from hub_ext.usage.database import Database
from tests.service.test_concurrency import FULL, _leases, _request
from tests.service.waiting import until
from tests.support.crowd import Crowd, Watcher, held
from tests.support.hub import Hub
from tests.support.postgres import Postgres
from tests.support.service import Service, running_service

REQUESTS = 400
_LOCKS = text(
    "select count(*) from pg_locks join pg_stat_activity using (pid) where usename = 'one' and locktype = 'advisory'"
    " and granted and state = 'idle in transaction' and datname = current_database()"
)


@dataclass
class Site:
    """Two replicas, of which the first leads; to the database it is the user ``one``."""

    first: Service
    second: Service
    url: str
    database: Database
    token: str

    def decisions(self) -> int:
        """Return how many decisions there are."""
        with self.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(tables.decisions)).scalar_one())

    def hang(self) -> None:
        """Stop the first replica at a moment at which it holds a lock."""
        pid = self.first.process.pid
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(0.1)  # what it had sent has arrived
            with self.database.read() as connection:
                if connection.execute(_LOCKS).scalar_one():
                    return
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.01)
        raise AssertionError("it was never caught with a lock")


@pytest.fixture
def site(hub: Hub, postgres: Postgres, tmp_path: Path) -> Iterator[Site]:
    """The first has decided something, so that it leads when the second starts."""
    policy, url = Path(__file__).parent / "crowd.yaml", postgres.new()
    with postgres.connect() as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE one SUPERUSER LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    with ExitStack() as stack:
        database = Database(url)
        stack.callback(database.close)
        services = []
        for name, user in (("first", "one"), ("second", "postgres")):
            address = url.replace("//postgres@", f"//{user}@")
            options = ["--GatehouseService.leader_seconds=2"]
            services.append(
                stack.enter_context(
                    running_service(
                        hub, tmp_path / name, policy, database=address, token_cache_seconds=120, options=options
                    )
                )
            )
            until(lambda: _leader(database) == "one")
        yield Site(services[0], services[1], url, database, hub.tokens["gatehouse-hub"])


def _leader(database: Database) -> str:
    """Return as which user the replica that leads has come: it holds its lock outside a transaction."""
    query = text(
        "select usename from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and granted"
        " and state = 'idle' and datname = current_database()"
    )
    with database.read() as connection:
        return str(connection.execute(query).scalar_one_or_none() or "")


def test_a_replica_that_hangs_stops_nobody_and_does_nothing_twice(site: Site) -> None:
    """Its lock is taken back, another one leads; what it was about to give out when it hung is not given out."""
    crowd = Crowd([site.first.url, site.second.url], site.token, processes=4, at_once=5)
    with Watcher(site.url).watching() as watcher:
        with crowd.calling([_request(number) for number in range(REQUESTS)]) as answers:
            until(lambda: site.decisions() >= 20, 60)
            site.hang()
            caught = site.decisions()
        given = _leases(answers)
        full, decided = held(site.database), site.decisions()
        until(lambda: _leader(site.database) == "postgres", 60)
        with site.database.write() as connection:
            connection.execute(update(tables.leases).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        until(lambda: held(site.database) == {})
        site.first.process.send_signal(signal.SIGCONT)
        until(lambda: site.first.call("GET", "api/v1/health").status == 200)

    assert caught < decided == REQUESTS
    assert (len(given), len(set(given)), full, watcher.most) == (80, 80, FULL, FULL)
    assert (held(site.database), site.decisions()) == ({}, REQUESTS)
    assert _leader(site.database) == "postgres"
    method, path, body = _request(REQUESTS)
    assert site.first.door(method, path, body).json["allowed"]
