"""How many intervals a ledger takes in a second: events as an outbox sends them, five hundred units at a time."""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from benchmarks.figures import tell
from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Event, EventType, UnitKind
from hub_ext.usage import leases, ledger
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.support.postgres import running_postgres

INTERVALS, AT_ONCE, CLUSTERS, GROUPS = 50_000, 500, 500, 50
_DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
TARGETS = {"sqlite": 2000, "postgresql": 5000}
_CORE = Shape(cores=Decimal(1))


def _lease(number: int) -> Lease:
    return Lease(
        id=f"d-{number}",
        state=LeaseState.reserved,
        user=f"p{number}",
        group=f"g{number % GROUPS}",
        kind=Kind.cluster,
        profile="standard",
        name="",
        base=_CORE,
        worker=_CORE,
        workers_max=1000,
        expires_at=datetime.now(UTC),
    )


def _life(number: int, now: datetime) -> list[Event]:
    unit, lease = f"u{number}", f"d-{number // AT_ONCE % CLUSTERS}"
    start = now - timedelta(days=1) + timedelta(milliseconds=number)
    moments = ((EventType.started, start), (EventType.ended, start + timedelta(minutes=2)))
    return [
        Event(id=f"{unit}-{what}", unit=unit, kind=UnitKind.worker, lease=lease, type=what, at=at)
        for what, at in moments
    ]


def rate(database: Database) -> float:
    """Return the intervals that the database takes in a second, on one connection."""
    database.migrate()
    now = datetime.now(UTC)
    with database.write() as connection:
        for number in range(CLUSTERS):
            leases.add(connection, _lease(number), Pricing(), now)
    lives = [_life(number, now) for number in range(INTERVALS)]
    batches = [[event for life in lives[at : at + AT_ONCE] for event in life] for at in range(0, INTERVALS, AT_ONCE)]
    begun = time.perf_counter()
    for batch in batches:
        with database.write() as connection:
            leases.hold(connection, {event.lease for event in batch})
            ledger.record(connection, batch, now)
    seconds = time.perf_counter() - begun
    database.close()
    return INTERVALS / seconds


def measure() -> None:
    """Measure both databases and tell the figures; PostgreSQL writes through to the disk."""
    with tempfile.TemporaryDirectory() as directory:
        lite = rate(Database(f"sqlite:///{directory}/ledger.sqlite"))
    with running_postgres(*_DURABLE) as postgres:
        big = rate(Database(postgres.new()))
    size = f"{INTERVALS:,} intervals, {2 * AT_ONCE} events in a transaction"
    for kind, value in (("sqlite", lite), ("postgresql", big)):
        tell(f"ingest_{kind}_per_s", value, "intervals/s", target=TARGETS[kind], compared_with=f"at least; {size}")
