"""Quantities: how long what was used on which day. Whole microseconds, so that sums are exact and need no order.

A price holds from 00:00 UTC of a day, so a day of UTC has one price; a quantity of one day and one rate class has one
too. The ledger sums time up as quantities, and ``cost`` prices them. Plain values and no messages: there are millions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import UnitKind

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate class: everything but the date that a price per hour depends on."""

    kind: UnitKind
    profile: str
    cores: Decimal
    memory: int
    """Bytes."""
    gpus: tuple[tuple[str, int], ...] = ()
    """Model and count, sorted by model."""
    own_price: Decimal | None = None
    """Per hour, where the profile overrides the unit prices."""
    spot: bool = False

    @property
    def shape(self) -> Shape:
        """What one unit holds."""
        return Shape(cores=self.cores, memory=self.memory, gpus=dict(self.gpus))


@dataclass(frozen=True, slots=True)
class Quantity:
    """How long units of one rate class ran on one day for one person, group and cluster."""

    day: date
    """Of UTC, the line that it belongs to."""
    group: str
    user: str
    cluster: str
    rate: Rate
    ticks: int
    """Microseconds; less than nothing where a correction takes time away."""
    priced_on: date | None = None
    """The day whose price holds, where that is another one: corrections are priced as what they correct."""
    correction: bool = False


@dataclass(frozen=True, slots=True)
class Going:
    """Units of one rate class that started on one day and still run."""

    group: str
    user: str
    """Empty in a sum over everybody."""
    rate: Rate
    day: date
    """Of UTC, on which they started."""
    count: int
    offset: int
    """Microseconds from the beginning of that day to their starts, all added up."""


def pieces(start: datetime, end: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of ``[start, end)`` between the ends of days or hours in UTC.

    Args:
        start: an aware time.
        end: an aware time; where it is not after the start there are no parts.
        step: a day or an hour. UTC has neither days of 23 nor hours that come twice.
    """
    here, end = start.astimezone(UTC), end.astimezone(UTC)
    while here < end:
        stop = min(end, _ORIGIN + ((here - _ORIGIN) // step + 1) * step)
        yield here, stop
        here = stop
