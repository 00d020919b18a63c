"""What ran: events as they are reported, intervals as they are kept.

A *unit* is one process that is paid for: a server, a scheduler or a worker. Its interval runs from the ``started`` to
the ``ended`` event; events are idempotent by their id, may come late and in any order.
"""

from enum import StrEnum

from pydantic import Field

from hub_ext.contract.admission import Id
from hub_ext.contract.model import Instant, Message, Money
from hub_ext.contract.shape import Shape


class UnitKind(StrEnum):
    """What a unit is."""

    server = "server"
    scheduler = "scheduler"
    worker = "worker"


class EventType(StrEnum):
    """What happened to a unit."""

    started = "started"
    alive = "alive"
    ended = "ended"


class Source(StrEnum):
    """How we know: seen by the operating system, set right afterwards, or guessed from the last sign of life."""

    exact = "exact"
    reconciled = "reconciled"
    estimated = "estimated"


class Event(Message):
    """Something happened to a unit."""

    id: Id
    unit: Id
    kind: UnitKind
    lease: Id
    type: EventType
    at: Instant
    source: Source = Source.exact
    detail: str = Field(default="", max_length=500)
    """For an administrator: exit status, host and process id."""


class Events(Message):
    """Several events at once, as an outbox sends them."""

    events: tuple[Event, ...]


class Interval(Message):
    """One unit from start to end, with everything that its price depends on."""

    unit: Id
    kind: UnitKind
    lease: Id
    user: str
    group: str
    profile: str
    name: str
    ref: str = ""
    shape: Shape
    unit_price_per_hour: Money | None = None
    """The profile's own price, where it overrides the unit prices."""
    spot: bool = False
    started_at: Instant
    ended_at: Instant | None = None
    source: Source = Source.exact
