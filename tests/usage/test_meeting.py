"""Transactions that meet: who waits for whom, and what the later one sees."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import text

from hub_ext.contract.admission import Grant
from hub_ext.contract.errors import Unavailable
from hub_ext.contract.usage import EventType
from hub_ext.usage import grants, leases, ledger
from hub_ext.usage.database import CONFLICT, Database
from hub_ext.usage.leases import Pricing
from hub_ext.usage.locks import key_of
from hub_ext.usage.trying import TIMES, Conflict, repeated
from tests.support.postgres import Postgres
from tests.usage.samples import LAPSES, NOON, at, cluster_lease, event


def _second_waits(database: Database, first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Say whether a transaction on some names waits until one on others has ended."""
    order: list[str] = []

    def later() -> None:
        with database.write(*second):
            order.append("second")

    with ThreadPoolExecutor() as threads:
        with database.write(*first):
            waiting = threads.submit(later)
            time.sleep(0.2)
            order.append("first")
        waiting.result()
    return order == ["first", "second"]


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (("cohort a",), ("cohort a",), True),
        (("cohort a", "cohort b"), ("cohort b", "cohort c"), True),
        (("cohort a",), ("cohort b",), False),
        ((), ("cohort a",), False),
    ],
    ids=["the same", "one in common", "different", "nothing decided"],
)
def test_on_postgresql_only_decisions_about_the_same_wait(
    postgresql: Database, first: tuple[str, ...], second: tuple[str, ...], *, waits: bool
) -> None:
    """Two cohorts are decided about side by side; one cohort by one decision at a time."""
    assert _second_waits(postgresql, first, second) is waits


def test_on_sqlite_there_is_one_writer(sqlite: Database) -> None:
    """SQLite has one lock for everything."""
    assert _second_waits(sqlite, ("cohort a",), ("cohort b",))


def test_the_number_of_a_lock_is_the_same_everywhere() -> None:
    """Replicas of any version and machine mean the same lock by the same name."""
    assert key_of("cohort science") == 3777620117142756173
    assert -(2**63) <= min(map(key_of, "abcdef")) < 0 < max(map(key_of, "abcdef")) < 2**63


def test_names_in_any_order_never_deadlock(database: Database) -> None:
    """Eight writers that name the same two cohorts in opposite orders all come through, and no count is lost."""
    with database.write() as connection:
        connection.execute(text("create table counted (n integer)"))
        connection.execute(text("insert into counted values (0)"))

    def count(names: tuple[str, ...]) -> None:
        for _ in range(20):
            with database.write(*names) as connection:
                n = connection.execute(text("select n from counted")).scalar_one()
                connection.execute(text("update counted set n = :n"), {"n": n + 1})

    orders = [("cohort a", "cohort b"), ("cohort b", "cohort a")] * 4
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, orders))
    with database.read() as connection:
        assert connection.execute(text("select n from counted")).scalar_one() == 160


def test_nobody_waits_for_ever(postgresql: Database) -> None:
    """Who waits for a replica that hangs gives up, and the locks are taken back."""
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    with postgresql.write() as connection:
        limits = [connection.execute(text(f"show {name}")).scalar_one() for name in names]

    assert limits == ["10s", "1min", "30s"]


def test_nobody_waits_for_ever_for_a_turn(sqlite: Database) -> None:
    """On SQLite, who waits for a transaction that hangs gives up."""

    def later() -> None:
        with sqlite.write():
            pass

    with ThreadPoolExecutor() as threads, sqlite.write():
        waiting = threads.submit(later)
        assert isinstance(waiting.exception(timeout=180), Unavailable)


def test_replicas_that_start_together_migrate_once(postgres: Postgres) -> None:
    """Four replicas that find an empty database at the same moment all find the schema afterwards."""
    url = postgres.new()
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(Database.migrate, databases))
    with databases[0].read() as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar_one() == 1
    for database in databases:
        database.close()


def _ends_with(*outcomes: Exception | None) -> tuple[Callable[[], int], list[int]]:
    """Return a piece of work that ends so, one call after the other, and the list of its calls."""
    calls: list[int] = []

    def work() -> int:
        calls.append(len(calls))
        outcome = outcomes[len(calls) - 1]
        if outcome is not None:
            raise outcome
        return len(calls)

    return work, calls


def test_a_transaction_that_met_another_is_repeated() -> None:
    """Two conflicts, then its answer."""
    work, _ = _ends_with(Conflict(CONFLICT), Conflict(CONFLICT), None)
    assert repeated(work)() == 3


@pytest.mark.parametrize(
    ("outcome", "tries"),
    [(Conflict(CONFLICT), TIMES), (Unavailable("away"), 1), (KeyError("defect"), 1)],
    ids=["always met", "away", "defect"],
)
def test_nothing_is_repeated_for_ever(outcome: Exception, tries: int) -> None:
    """A conflict is tried a bounded number of times; any other error is told at once."""
    work, calls = _ends_with(*[outcome] * (TIMES + 1))
    with pytest.raises(type(outcome)):
        repeated(work)()
    assert len(calls) == tries


def test_equal_rows_at_the_same_moment_are_a_conflict(database: Database) -> None:
    """A second lease of the same id is neither a defect nor an outage: who repeats will find the first."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
    with pytest.raises(Conflict, match="Repeat"), database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)


def test_a_deadlock_of_rows_is_a_conflict(postgresql: Database) -> None:
    """Of two transactions that wait for each other's row, one comes through and one is told to repeat."""
    with postgresql.write() as connection:
        for name in ("a", "b"):
            leases.add(connection, cluster_lease(name), Pricing(), NOON)
    both = threading.Barrier(2)

    def release(*names: str) -> str:
        try:
            with postgresql.write() as connection:
                leases.release(connection, names[0], NOON)
                both.wait()
                leases.release(connection, names[1], NOON)
        except Conflict:
            return "conflict"
        return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = [threads.submit(release, "a", "b"), threads.submit(release, "b", "a")]
        assert sorted(outcome.result() for outcome in outcomes) == ["conflict", "done"]


def test_events_of_one_unit_at_the_same_moment_give_one_interval(database: Database) -> None:
    """Eight reporters with the start, the end and repetitions of both, all at once, give the one true interval."""
    happened = [event("w1", EventType.started, 0), event("w1", EventType.ended, 60)] * 4
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
    ready = threading.Barrier(8)

    @repeated
    def report(number: int) -> bool:
        with database.write() as connection:
            leases.hold(connection, {"l1"})
            return bool(ledger.record(connection, [happened[number]], NOON))

    def together(number: int) -> bool:
        ready.wait()
        return report(number)

    with ThreadPoolExecutor(8) as threads:
        new = list(threads.map(together, range(8)))
    with database.read() as connection:
        [interval] = ledger.overlapping(connection, at(-3600), at(3600))
    assert (sum(new), interval.started_at, interval.ended_at) == (2, at(0), at(60))


def test_a_grant_that_meets_a_release_gives_nothing_back_to_life(database: Database) -> None:
    """A released lease takes no grant."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        leases.release(connection, "l1", NOON)
        grants.keep(connection, "l1", Grant(workers=3, wanted=3, price_per_hour=Decimal(0)), running=3, at=NOON)
        record = leases.get(connection, "l1")
    assert record is not None
    assert (record.lease.workers, record.running) == (0, 0)


def test_a_reservation_that_is_being_bound_does_not_lapse(postgresql: Database) -> None:
    """Lapsing neither waits for a binding that is under way nor takes its lease away."""
    with postgresql.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
    with postgresql.write() as binding:
        leases.bind(binding, "l1", "c-1")
        with postgresql.write() as lapsing:
            assert leases.lapse(lapsing, LAPSES) == []
