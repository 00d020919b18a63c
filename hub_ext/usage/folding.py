"""A unit's events become its interval. Pure: any order, and any repetition, of the same events gives the same span.

The earliest start; of the ends the best-known one (exact before reconciled before estimated), of equals the earliest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from hub_ext.contract.quantities import DAY, TICK, pieces
from hub_ext.contract.usage import EventType, Source

_RANK = {Source.exact.value: 0, Source.reconciled.value: 1, Source.estimated.value: 2}


class Happened(Protocol):
    """What of an event the fold looks at; words as they are stored."""

    @property
    def type(self) -> str:
        """``started``, ``alive`` or ``ended``."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def source(self) -> str:
        """How that is known."""


@dataclass(frozen=True)
class Span:
    """From when to when a unit ran, as far as it is known."""

    started_at: datetime | None
    ended_at: datetime | None
    alive_at: datetime | None
    """Last sign of life."""
    source: str
    """The less certain of what is known of start and end."""

    @property
    def whole(self) -> tuple[datetime, datetime] | None:
        """Start and end, once both are known."""
        return (self.started_at, self.ended_at) if self.started_at and self.ended_at else None


def fold(events: Iterable[Happened]) -> Span:
    """Return the span of one unit.

    Args:
        events: at least one, all of the same unit.
    """
    seen = list(events)
    started = min((one for one in seen if one.type == EventType.started.value), key=lambda one: one.at, default=None)
    ends = (one for one in seen if one.type == EventType.ended.value)
    ended = min(ends, key=lambda one: (_RANK[one.source], one.at), default=None)
    end = ended.at if ended else None
    if started is not None and end is not None:
        end = max(end, started.at)
    return Span(
        started_at=started.at if started else None,
        ended_at=end,
        alive_at=max(one.at for one in seen),
        source=max((one.source for one in (started, ended) if one), key=_RANK.__getitem__, default=Source.exact.value),
    )


def by_day(started_at: datetime, ended_at: datetime) -> dict[date, int]:
    """Cut ``[started_at, ended_at)`` at the ends of days (UTC); return day -> whole microseconds, in order.

    Prices change at the ends of days only, so what ran on one day has one price.
    """
    return {first.date(): (last - first) // TICK for first, last in pieces(started_at, ended_at, DAY)}
