"""Settling: the checkpoint moves on and changes no figure; late reports and clocks that are set back create nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Event, EventType, UnitKind
from hub_ext.service import counting
from hub_ext.service.counting import LAG, Count, Counting
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import counters, leases, ledger
from hub_ext.usage.counters import Counter
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.policy.samples import NOW
from tests.support.postgres import Postgres

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2020-01-01}]
profiles: {small: {kind: server, cores: 1, memory: 1 GiB}}
cohorts: {company: {}}
groups:
  research: {match: [/research], cohort: company, quota: {cores: 4}, burst: {core_minutes: 1000}}
  analysts: {match: [/analysts], cohort: company, quota: {cores: 60}}
  alone: {match: [/alone], quota: {cores: 60}}
"""
EVERYBODY = ("research", "analysts", "alone")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A ledger in which Research has a lease for workers of seven cores."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new()
    database = Database(url)
    database.migrate()
    lease = Lease(
        id="l1",
        state=LeaseState.bound,
        user="alice",
        group="research",
        kind=Kind.cluster,
        profile="standard",
        name="",
        base=Shape(cores=Decimal(1)),
        worker=Shape(cores=Decimal(7)),
    )
    with database.write() as connection:
        leases.add(connection, lease, Pricing(), NOW)
    yield database
    database.close()


@pytest.fixture
def store(tmp_path: Path) -> PolicyStore:
    """The policy in force."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    return PolicyStore(tmp_path / "policy.yaml")


def report(database: Database, unit: str, type_: EventType, at: datetime) -> None:
    """Report that a worker started or ended."""
    told = Event(id=f"{unit}-{type_}", unit=unit, kind=UnitKind.worker, lease="l1", type=type_, at=at)
    with database.write() as connection:
        ledger.record(connection, [told], at)


def count(database: Database, store: PolicyStore, at: datetime) -> dict[str, Count]:
    """Return the counters at an instant."""
    with database.read() as connection:
        return counting.read(connection, store.policy, EVERYBODY, at)


def credits_(database: Database, store: PolicyStore, at: datetime) -> Decimal:
    """Return Research's balance in core-minutes."""
    held = count(database, store, at)["research"].credits
    assert held is not None
    return held.balance / 60


def settled(database: Database) -> dict[str, Counter]:
    """Return what is written."""
    with database.read() as connection:
        return counters.read(connection, EVERYBODY)


def test_a_new_group_starts_full_and_now(database: Database, store: PolicyStore) -> None:
    """The first checkpoint is of this moment; who shares nothing has none, and who has no burst has no credits."""
    Counting(database, store).settle(NOW)
    assert settled(database) == {
        "research": Counter(Decimal(60000), 0.0, NOW),
        "analysts": Counter(None, 0.0, NOW),
    }


def test_a_checkpoint_stays_until_it_is_due(database: Database, store: PolicyStore) -> None:
    """It is moved when it is twice the lag old, so that not every look writes."""
    housekeeping = Counting(database, store)
    for later in (timedelta(0), 2 * LAG - timedelta(seconds=1)):
        housekeeping.settle(NOW + later)
        assert settled(database)["research"].settled_at == NOW
    housekeeping.settle(NOW + 2 * LAG)
    assert settled(database)["research"].settled_at == NOW + LAG


def test_settling_changes_no_figure(database: Database, store: PolicyStore) -> None:
    """Balance and usage at an instant are what they were before the checkpoint moved, on and on."""
    housekeeping = Counting(database, store)
    housekeeping.settle(NOW)
    report(database, "w1", EventType.started, NOW + timedelta(minutes=1, microseconds=7))
    report(database, "w2", EventType.started, NOW + timedelta(minutes=2))
    report(database, "w2", EventType.ended, NOW + timedelta(minutes=13, seconds=1))
    for minutes in (9, 11, 17, 25, 300):
        later = NOW + timedelta(minutes=minutes)
        before = count(database, store, later)
        housekeeping.settle(later)
        after = count(database, store, later)
        assert (after["research"].credits, after["research"].used) == (
            before["research"].credits,
            before["research"].used,
        )
        assert after["research"].usage == pytest.approx(before["research"].usage)
    assert settled(database)["research"].settled_at == NOW + timedelta(minutes=300) - LAG
    drained = Decimal(3) * 299 - Decimal(3 * 7) / 60_000_000 + Decimal(7) * (11 * 60 + 1) / 60
    assert credits_(database, store, NOW + timedelta(minutes=300)) == pytest.approx(1000 - drained)


def test_a_report_counts_until_it_is_later_than_the_lag(database: Database, store: PolicyStore) -> None:
    """An end that is told five minutes late is in the balance; a start from before the checkpoint counts from there."""
    housekeeping, now = Counting(database, store), NOW + timedelta(minutes=10)
    housekeeping.settle(NOW)
    report(database, "w1", EventType.started, NOW)
    housekeeping.settle(now)
    assert credits_(database, store, now) == 1000 - 30
    report(database, "w1", EventType.ended, now - LAG)
    assert credits_(database, store, now) == 1000 - 15 + 20 - 5, "saved up again, to the cap"
    report(database, "w2", EventType.started, NOW)
    assert credits_(database, store, now) == 1000 - 15 - 15


def test_a_clock_that_is_set_back_creates_no_credits(database: Database, store: PolicyStore) -> None:
    """The checkpoint never moves back, and before it nothing is saved up."""
    housekeeping = Counting(database, store)
    empty = {"research": Counter(Decimal(0), 5.0, NOW)}
    with database.write() as connection:
        counters.keep(connection, empty)
    for hours in (1, 24):
        housekeeping.settle(NOW - timedelta(hours=hours))
        assert settled(database)["research"] == empty["research"]
        assert credits_(database, store, NOW - timedelta(hours=hours)) == 0
    assert credits_(database, store, NOW + timedelta(minutes=1)) == 4


def test_a_group_that_gets_burst_starts_full(database: Database, store: PolicyStore) -> None:
    """Credits begin and end with the policy; usage goes on."""
    housekeeping = Counting(database, store)
    with database.write() as connection:
        counters.keep(connection, {"research": Counter(None, 5.0, NOW)})
    assert credits_(database, store, NOW) == 1000
    housekeeping.settle(NOW)
    assert settled(database)["research"] == Counter(Decimal(60000), 5.0, NOW)
    (store.path).write_text(POLICY.replace(", burst: {core_minutes: 1000}", ""))
    store.refresh()
    housekeeping.settle(NOW)
    assert settled(database)["research"] == Counter(None, 5.0, NOW)


def test_reading_writes_nothing(database: Database, store: PolicyStore) -> None:
    """A figure is folded anew each time it is asked for."""
    assert credits_(database, store, NOW) == 1000
    assert settled(database) == {}
