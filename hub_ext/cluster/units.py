"""What really ran: every process that is paid for, from its start to its end as the operating system saw them.

A *unit* is one scheduler or worker. Its start is the process's own (``/proc``), its end comes from a pidfd within
milliseconds, also for processes that outlived a gateway. Event ids are made from the unit, so that reporting twice
changes nothing.
"""

import asyncio
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub_ext import clock
from hub_ext.client import ServiceClient
from hub_ext.contract.usage import Event, EventType, Source, UnitKind
from hub_ext.processes import ProcessWatch, is_same, start_ticks, started_at

UNIT_VARIABLE = "GATEHOUSE_UNIT"
"""Environment variable that names the unit of a process and of all its descendants."""


@dataclass
class Unit:
    """One living process that is paid for."""

    id: str
    kind: UnitKind
    lease: str
    cluster: str
    pid: int
    ticks: int | None = None
    """Start time in clock ticks: with the number it names the process for good."""
    process: subprocess.Popen[bytes] | None = None
    """None: a process that an earlier gateway started."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def state(self) -> dict[str, Any]:
        """What the gateway's database must keep to know the process again."""
        return {"pid": self.pid, "ticks": self.ticks, "unit": self.id}


def unit_id(lease: str, worker: str | None = None) -> str:
    """Return the unit of a lease's scheduler, or of one of its workers."""
    return f"{lease}-{worker or 'scheduler'}"


def lease_of(unit: str) -> str:
    """Return the lease in a unit's id; worker names hold no hyphen."""
    return unit.rpartition("-")[0]


def kind_of(unit: str) -> UnitKind:
    """Return what a unit is by its id."""
    return UnitKind.scheduler if unit.endswith("-scheduler") else UnitKind.worker


class Units:
    """All living units of one gateway. Needs a running asyncio loop.

    Args:
        client: where events are reported.
        on_end: called after a unit has ended and its end has been reported.
    """

    def __init__(self, client: ServiceClient, on_end: Callable[[Unit], None]) -> None:
        self._client = client
        self._on_end = on_end
        self._watch = ProcessWatch()
        self._by_pid: dict[int, Unit] = {}

    def born(self, unit: Unit) -> None:
        """Take a process in, and report its start; doing it again after a restart changes nothing."""
        unit.ticks = unit.ticks or start_ticks(unit.pid)
        self._report(unit, EventType.started, started_at(unit.pid))
        self._by_pid[unit.pid] = unit
        self._watch.watch(unit.pid, self._ended)

    def again(self, cluster: str, state: dict[str, Any]) -> bool:
        """Take in a process that an earlier gateway started; return whether it still lives.

        A process that died meanwhile is reported as ended now, ``reconciled``: nobody saw when. A later process with
        the same number is not mistaken for it, because the start time was stored too.
        """
        name, pid, ticks = state["unit"], state["pid"], state["ticks"]
        if not is_same(pid, ticks):
            self.lost(name)
            return False
        self.born(Unit(id=name, kind=kind_of(name), lease=lease_of(name), cluster=cluster, pid=pid, ticks=ticks))
        return True

    def lost(self, unit: str) -> None:
        """Report the end of a unit that nobody saw ending."""
        self._client.report(
            Event(
                id=f"{unit}-ended",
                unit=unit,
                kind=kind_of(unit),
                lease=lease_of(unit),
                type=EventType.ended,
                at=clock.now(),
                source=Source.reconciled,
                detail="ended while the gateway was away",
            )
        )

    def of_pid(self, pid: int | None) -> Unit | None:
        """Return the living unit with this process number."""
        return None if pid is None else self._by_pid.get(pid)

    def alive(self, cluster: str) -> list[Unit]:
        """Return the living units of a cluster."""
        return [unit for unit in self._by_pid.values() if unit.cluster == cluster]

    def ids(self) -> set[str]:
        """Return the ids of everything that lives."""
        return {unit.id for unit in self._by_pid.values()}

    def close(self) -> None:
        """Stop watching; the processes go on."""
        self._watch.close()

    def _ended(self, pid: int, at: datetime) -> None:
        unit = self._by_pid.pop(pid)
        status = unit.process.wait() if unit.process is not None else None  # it has ended: this only reaps it
        self._report(unit, EventType.ended, at, "" if status is None else f"exit status {status}")
        unit.ended.set()
        self._on_end(unit)

    def _report(self, unit: Unit, what: EventType, at: datetime, detail: str = "") -> None:
        event = Event(
            id=f"{unit.id}-{what.value}",
            unit=unit.id,
            kind=unit.kind,
            lease=unit.lease,
            type=what,
            at=at,
            detail=f"pid {unit.pid} {detail}".strip(),
        )
        self._client.report(event)
