"""Sample leases and events."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Event, EventType, Source, UnitKind
from hub_ext.usage import leases, ledger
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LAPSES = NOON + timedelta(minutes=10)
"""When a sample reservation lapses."""


def at(seconds: float) -> datetime:
    """Return noon and so many seconds."""
    return NOON + timedelta(seconds=seconds)


def cluster_lease(name: str = "l1", user: str = "alice", group: str = "research") -> Lease:
    """A reserved cluster with workers of two cores."""
    return Lease(
        id=name,
        state=LeaseState.reserved,
        user=user,
        group=group,
        kind=Kind.cluster,
        profile="standard",
        name="sales-join",
        base=Shape(cores=Decimal("0.5"), memory=2**30),
        worker=Shape(cores=Decimal(2), memory=2**31, gpus={"l4": 1}),
        workers_max=10,
        expires_at=LAPSES,
    )


def event(
    unit: str, type_: EventType, seconds: float, *, source: Source = Source.exact, lease: str = "l1", number: int = 0
) -> Event:
    """An event of a worker, so many seconds after noon."""
    return Event(
        id=f"{unit}-{type_}-{source}-{number}",
        unit=unit,
        kind=UnitKind.worker,
        lease=lease,
        type=type_,
        at=at(seconds),
        source=source,
    )


def use(database: Database, count: int = 3) -> None:
    """Let a cluster run some workers for a second each."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        for number in range(count):
            life = [event(f"w{number}", kind, at) for kind, at in ((EventType.started, 0), (EventType.ended, 1))]
            ledger.record(connection, life, NOON)
