"""How a worker's time splits into starting, busy and idle, from looks at what the operating system counted. Pure.

A worker is *starting* until its scheduler has it. From then on it is *busy* in a look in which it used as much CPU time
as makes a cluster count as used (``activity``), and *idle* in every other. A look counts as a whole: it is five seconds
long, and as long as a gateway was away where one was started again.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from hub_ext.contract.activity import UnitActivity

_TICKS = 1_000_000
"""Microseconds in a second."""


@dataclass(frozen=True)
class Seen:
    """One worker at a look."""

    unit: str
    cluster: str
    born: float
    """Its start, in seconds since boot."""
    cpu: float
    """CPU seconds so far."""
    memory: int
    """The most bytes that its processes have held."""
    listed: bool
    """Whether its scheduler has had it."""


@dataclass
class Split:
    """One worker so far. Times are in microseconds, but where they are told to be seconds."""

    cluster: str
    looked: float
    """The last look, in seconds since boot; before the first, the worker's start."""
    used: float = 0.0
    """CPU seconds at the last look."""
    listed: bool = False
    busy: int = 0
    idle: int = 0
    starting: int = 0
    cpu: int = 0
    memory_peak: int = 0

    def look(self, seen: Seen, now: float, computes: Callable[[float, float], bool]) -> None:
        """Take in one look; no figure ever falls."""
        passed, used = max(0.0, now - self.looked), seen.cpu - self.used
        ticks = int(passed * _TICKS)
        if not self.listed:  # its scheduler may have got it in between: known to a look
            self.starting += ticks
        elif computes(used, passed):
            self.busy += ticks
            self.cpu += int(used * _TICKS)
        else:
            self.idle += ticks
        self.listed = self.listed or seen.listed
        self.looked, self.used = max(now, self.looked), max(seen.cpu, self.used)
        self.memory_peak = max(self.memory_peak, seen.memory)


class Splits:
    """All workers of one gateway, until what is known of them has been reported.

    Args:
        computes: answers whether so many CPU seconds in so many seconds are more than housekeeping.
    """

    def __init__(self, computes: Callable[[float, float], bool]) -> None:
        self._computes = computes
        self._units: dict[str, Split] = {}
        self._living: set[str] = set()
        self._reported: dict[str, UnitActivity] = {}

    def look(self, workers: Iterable[Seen], now: float) -> None:
        """Take in a look at every living worker.

        Args:
            workers: those that live.
            now: seconds since boot.
        """
        self._living = set()
        for seen in workers:
            self._living.add(seen.unit)
            split = self._units.setdefault(seen.unit, Split(seen.cluster, seen.born))
            split.look(seen, now, self._computes)
        for unit in self._reported.keys() - self._living:
            if self._reported[unit] == _told(unit, self._units[unit]):
                self._forget(unit)

    def to_report(self) -> dict[str, list[UnitActivity]]:
        """Return by cluster the figures that have grown since they were reported."""
        found: dict[str, list[UnitActivity]] = {}
        for unit, split in self._units.items():
            told = _told(unit, split)
            if self._reported.get(unit) != told:
                found.setdefault(split.cluster, []).append(told)
        return found

    def reported(self, told: Collection[UnitActivity]) -> None:
        """Note that these figures have arrived, or never will; workers that have ended are then forgotten."""
        for one in told:
            if one.unit in self._living:
                self._reported[one.unit] = one
            else:
                self._forget(one.unit)

    def _forget(self, unit: str) -> None:
        self._units.pop(unit, None)
        self._reported.pop(unit, None)

    def dump(self) -> dict[str, Any]:
        """Return everything that the next gateway needs to go on."""
        return {unit: asdict(split) for unit, split in self._units.items()}

    def load(self, dumped: dict[str, Any]) -> None:
        """Go on from what an earlier gateway knew.

        Raises:
            TypeError: it is not what :meth:`dump` returned; or an AttributeError.
        """
        self._units = {unit: Split(**split) for unit, split in dumped.items()}


def _told(unit: str, split: Split) -> UnitActivity:
    return UnitActivity(
        unit=unit,
        busy=split.busy,
        idle=split.idle,
        starting=split.starting,
        cpu=split.cpu,
        memory_peak=split.memory_peak,
    )
