"""What really ran: every process that is paid for, from its start to its end as the operating system saw them.

A *unit* is one scheduler or worker. Its start is the process's own (``/proc``), its end comes from a pidfd within
milliseconds, also for processes that outlived a gateway; of one that ended while no gateway ran, the witness knows.
Event ids are made from the unit, so that reporting twice changes nothing.
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
from hub_ext.processes import ProcessWatch, boot_seconds, is_same, wall
from hub_ext.witness.register import Birth, Register

UNIT_VARIABLE = "GATEHOUSE_UNIT"
"""Environment variable that names the unit of a process and of all its descendants."""


@dataclass
class Unit:
    """One living process that is paid for."""

    id: str
    kind: UnitKind
    lease: str
    cluster: str
    birth: Birth
    process: subprocess.Popen[bytes] | None = None
    """None: a process that an earlier gateway started."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self.birth.pid

    @property
    def state(self) -> dict[str, Any]:
        """What the gateway's database must keep to know the process again."""
        return {"pid": self.pid, "ticks": self.birth.ticks, "unit": self.id}


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
        register: where they outlive this gateway.
        on_end: called after a unit has ended and its end has been reported; it ends what the unit left behind and
            then calls :meth:`forget`.
    """

    def __init__(self, client: ServiceClient, register: Register, on_end: Callable[[Unit], None]) -> None:
        self.register = register
        self._client = client
        self._on_end = on_end
        self._watch = ProcessWatch()
        self._by_pid: dict[int, Unit] = {}
        self._gone: set[int] = set()
        """What the last look found ended, though its end had not been told."""

    def born(self, unit: str, cluster: str, process: subprocess.Popen[bytes], cgroup: str = "") -> Unit:
        """Take in a process that has not run anything yet: register it, and report its start.

        Raises:
            ProcessLookupError: it has ended already.
        """
        return self._take(self.register.add(unit, process.pid, cgroup), cluster, process)

    def again(self, birth: Birth, cluster: str) -> bool:
        """Take in a process that an earlier gateway registered; return whether it still lives.

        Its start is reported once more, because that gateway may have had no time to. An end that came meanwhile is
        reported as the witness saw it. A later process with the same number is not mistaken for it, because the start
        time is registered too.
        """
        if birth.alive:
            self._take(birth, cluster)
            return True
        unit = _unit(birth, cluster)
        self._report(unit, EventType.started, birth.started_at)
        end = self.register.end(birth)
        self._report(unit, EventType.ended, end.at, end.detail, end.source)
        self._on_end(unit)
        return False

    def known(self, state: dict[str, Any]) -> Birth | None:
        """Return the process that a gateway without a register noted in its database; None: it has ended.

        One that ended is reported as ended now, ``reconciled``: nobody saw when.
        """
        name, pid, ticks = state["unit"], state["pid"], state["ticks"]
        if is_same(pid, ticks):
            return self.register.add(name, pid)
        self.lost(name)
        return None

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

    def forget(self, unit: Unit) -> None:
        """Drop a unit that has ended and left nothing behind."""
        self.register.forget(unit.id)

    def reconcile(self) -> None:
        """Compare what is watched with what runs: report an end that the watch did not tell. Called now and then."""
        self.register.ensure_witness()
        self.register.tidy()
        gone = {unit.pid for unit in self._by_pid.values() if not unit.birth.alive}
        for pid in gone & self._gone:  # at the look before, too: so the watch had its time to tell
            self._watch.forget(pid)
            self._ended(pid, wall(boot_seconds(), self._by_pid[pid].birth.offset), Source.reconciled)
        self._gone = gone - self._gone

    def named(self, unit: str) -> Unit | None:
        """Return the living unit with this id."""
        return next((one for one in self._by_pid.values() if one.id == unit), None)

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
        """Stop watching; the processes go on, and so does the witness."""
        self._watch.close()
        self.register.close()

    def _take(self, birth: Birth, cluster: str, process: subprocess.Popen[bytes] | None = None) -> Unit:
        unit = _unit(birth, cluster, process)
        self._report(unit, EventType.started, birth.started_at)
        self._by_pid[unit.pid] = unit
        self._watch.watch(unit.pid, self._ended, birth.offset)
        return unit

    def _ended(self, pid: int, at: datetime, source: Source = Source.exact) -> None:
        unit = self._by_pid.pop(pid)
        status = unit.process.wait() if unit.process is not None else None  # it has ended: this only reaps it
        seen = self.register.seen(unit.birth)  # a busy gateway hears of it later than the witness
        detail = "" if status is None else f"exit status {status}"
        self._report(unit, EventType.ended, min(at, seen or at), detail, Source.exact if seen else source)
        unit.ended.set()
        self._on_end(unit)

    def _report(
        self, unit: Unit, what: EventType, at: datetime, detail: str = "", source: Source = Source.exact
    ) -> None:
        event = Event(
            id=f"{unit.id}-{what.value}",
            unit=unit.id,
            kind=unit.kind,
            lease=unit.lease,
            type=what,
            at=at,
            source=source,
            detail=f"pid {unit.pid} {detail}".strip(),
        )
        self._client.report(event)


def _unit(birth: Birth, cluster: str, process: subprocess.Popen[bytes] | None = None) -> Unit:
    name = birth.unit
    return Unit(name, kind_of(name), lease_of(name), cluster, birth, process)
