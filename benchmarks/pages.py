"""How long a person waits for their account, and Prometheus for its figures, when there is a lot in the ledger.

The account: 10,000 people in 50 groups with 10,000,000 intervals this month, on PostgreSQL, asked for over HTTP with a
person's token of a real hub. The metrics: 10,000 clusters that run, four workers each. Ledgers are filled with SQL, and
their daily sums counted as by ``gatehouse usage verify``; every figure is read back through the service.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from benchmarks.figures import percentile, tell
from hub_ext.cost.budgets import month_start
from hub_ext.usage import rollups
from hub_ext.usage.database import Database
from hub_ext.usage.tables import intervals
from tests.support.hub import Hub, running_hub
from tests.support.postgres import running_postgres
from tests.support.service import Service, running_service

PEOPLE, INTERVALS, GROUPS, LEASES, CLUSTERS, WORKERS = 10_000, 10_000_000, 50, 100_000, 10_000, 4
_ROOMY = ("shared_buffers=1GB", "maintenance_work_mem=512MB", "max_wal_size=8GB", "work_mem=32MB")

_HEAD = """
apiVersion: gatehouse/v1
currency: USD
prices:
  - {from: 2020-01-01, core_hour: 0.04, gib_hour: 0.005}
profiles:
  standard:
    kind: cluster
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 2 GiB}
    workers: {max: 1000}
groups:
  g0: {match: [/research], profiles: [standard], budget: {monthly: 1000000, per_user: 100000}}
  g1: {match: [/analysts], profiles: [standard], budget: {monthly: 1000000, per_user: 100000}}
"""
_GROUP = "  g{n}: {{match: [/g{n}], profiles: [standard], budget: {{monthly: 1000000}}}}\n"
_ADMINISTRATORS = "administrators:\n  - {match: [/platform-admins], may: [read]}\n"

_LEASES = """
INSERT INTO leases (id, state, kind, "user", "group", profile, name, ref, base_cores, base_memory, base_gpus,
  worker_cores, worker_memory, worker_gpus, workers, workers_max, wanted, running, idle_seconds, lifetime_seconds,
  worker_spot, reason, message, stopping, requested_at, idle_max_seconds, stops_with_server)
SELECT 'd' || n, :state, 'cluster',
  CASE n % :people WHEN 0 THEN 'alice' WHEN 1 THEN 'bob' ELSE 'p' || n % :people END, 'g' || n % :groups,
  'standard', '', 'c' || n, 1000, 1073741824, '{}', 1000, 2147483648, '{}',
  :workers, 1000, :workers, :workers, 0, 0, false, '', '', false, :at, 0, false
FROM generate_series(0, :leases - 1) AS n
"""
_INTERVALS = """
INSERT INTO intervals (unit, kind, lease, "user", "group", profile, name, ref, cores, memory, gpus, spot,
  started_at, ended_at, alive_at, source)
SELECT 'd' || n % :leases || '-' || n / :leases, CASE WHEN n < :leases THEN 'scheduler' ELSE 'worker' END,
  'd' || n % :leases, CASE n % :people WHEN 0 THEN 'alice' WHEN 1 THEN 'bob' ELSE 'p' || n % :people END,
  'g' || n % :groups, 'standard', '', 'c' || n % :leases, 1000,
  CASE WHEN n < :leases THEN 1073741824 ELSE 2147483648 END, '{}', false,
  at, CASE WHEN :open THEN NULL ELSE at + :life END, at, 'exact'
FROM (SELECT n, :since + (n % 9973) / 9973.0 * CAST(:over AS interval) AS at
      FROM generate_series(0, :count - 1) AS n) AS moments
"""


def _fill(connection: Connection, *, leases: int, each: int, state: str, now: datetime) -> None:
    """Write leases and their intervals, spread over the month; those of bound leases run."""
    runs = state == "bound"
    since = now - timedelta(minutes=30) if runs else month_start(now)
    figures = {"people": PEOPLE, "groups": GROUPS, "leases": leases}
    connection.execute(text(_LEASES), {**figures, "state": state, "workers": WORKERS if runs else 0, "at": since})
    span = {"since": since, "over": (now - since) - timedelta(minutes=3), "life": timedelta(minutes=2), "open": runs}
    connection.execute(text(_INTERVALS), {**figures, "count": leases * each, **span})


def _filled(url: str, *, leases: int, each: int, state: str) -> None:
    database = Database(url)
    database.migrate()
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for index in intervals.indexes:
            index.drop(connection)
        _fill(connection, leases=leases, each=each, state=state, now=datetime.now(UTC))
        for index in intervals.indexes:
            index.create(connection)
        rollups.rebuild(connection)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    database.close()


def _seconds(service: Service, calls: Sequence[Callable[[], int]]) -> list[float]:
    found = []
    for call in calls:
        begun = time.perf_counter()
        status = call()
        found.append(time.perf_counter() - begun)
        if status != 200:  # noqa: PLR2004 - HTTP
            raise SystemExit(f"{service.url} answered {status}")
    return found


def _account(hub: Hub, base: Path, policy: Path, url: str) -> list[float]:
    with running_service(hub, base / "account", policy, database=url, token_cache_seconds=60) as service:
        ask = [lambda user=user: service.as_(user, "GET", "api/v1/account").status for user in ("alice", "bob")]
        _seconds(service, ask * 3)
        spent = service.as_("alice", "GET", "api/v1/account").json["balances"][0]["mine"]
        if float(spent) <= 0:
            raise SystemExit("the account is empty: nothing was measured")
        return _seconds(service, ask * 100)


def _metrics(hub: Hub, base: Path, policy: Path, url: str) -> list[float]:
    # As often as by default: tests look at everything five times a second, which nobody does with 10,000 clusters.
    with running_service(
        hub, base / "metrics", policy, database=url, token_cache_seconds=60, policy_check_seconds=5
    ) as service:
        token = hub.token("adam")

        def ask() -> int:
            status, told = service.text("metrics", token)
            if f'gatehouse_group_clusters{{group="g0"}} {CLUSTERS / GROUPS}' not in told:
                raise SystemExit("the metrics do not tell the clusters")
            return status

        _seconds(service, [ask] * 2)
        return _seconds(service, [ask] * 200)


def measure() -> None:
    """Fill, ask and tell the figures."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        base = Path(name)
        hub = stack.enter_context(running_hub(base))
        postgres = stack.enter_context(running_postgres(*_ROOMY))
        policy = base / "policy.yaml"
        policy.write_text(_HEAD + "".join(_GROUP.format(n=n) for n in range(2, GROUPS)) + _ADMINISTRATORS)
        big, small = postgres.new(), postgres.new()
        _filled(big, leases=LEASES, each=INTERVALS // LEASES, state="released")
        account = percentile(_account(hub, base, policy, big), 0.95) * 1000
        _filled(small, leases=CLUSTERS, each=1 + WORKERS, state="bound")
        metrics = percentile(_metrics(hub, base, policy, small), 0.95) * 1000
    size = f"{PEOPLE:,} people, {INTERVALS:,} intervals this month, {GROUPS} groups, PostgreSQL, over HTTP"
    tell("account_page_p95_ms", account, "ms", target=100, compared_with=size)
    running = f"{CLUSTERS:,} clusters with {WORKERS} workers each, p95 of 200"
    tell("metrics_10k_clusters_ms", metrics, "ms", target=250, compared_with=running)
