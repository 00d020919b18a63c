"""How far the ledger is from the truth, and how far a sampler is, on the same burst of real processes.

The processes tell nothing to us: their start is read from the kernel and their end is heard through a pidfd, as the
local engine does it, and both go through events into a ledger. The truth is the record of the processes' parent.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from benchmarks.figures import tell
from benchmarks.samplers import Life, error_percent
from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Event, EventType, UnitKind
from hub_ext.processes import ProcessWatch, start_ticks, started_at
from hub_ext.usage import leases, ledger, rollups
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing

WORKERS, SPREAD, MEAN = 1000, 20, 120
_CORE = Shape(cores=Decimal(1))
_TICK = timedelta(microseconds=1)


async def _observe(burst: subprocess.Popen[bytes]) -> tuple[list[Event], list[Life]]:
    """Meter the burst from outside; return what we saw, and what its parent recorded."""
    events: list[Event] = []
    begun: dict[int, float] = {}
    lives: list[Life] = []
    watch, loop = ProcessWatch(), asyncio.get_running_loop()
    names: dict[int, str] = {}

    def saw(pid: int, what: EventType, at: datetime) -> None:
        unit = names[pid]
        events.append(Event(id=f"{unit}-{what}", unit=unit, kind=UnitKind.worker, lease="d-1", type=what, at=at))

    def ended(pid: int, at: datetime) -> None:
        saw(pid, EventType.ended, at)

    if burst.stdout is None:
        raise RuntimeError("the burst has no output")
    while line := await loop.run_in_executor(None, burst.stdout.readline):
        told = json.loads(line)
        pid = told["pid"]
        if told["what"] == "started":
            begun[pid] = told["at"]
            names[pid] = f"w{pid}-{start_ticks(pid)}"
            saw(pid, EventType.started, started_at(pid))
            watch.watch(pid, ended)
        else:
            lives.append((begun[pid], told["at"]))
    await asyncio.sleep(0.5)  # the last pidfd
    watch.close()
    return events, lives


def _ledger_seconds(events: list[Event]) -> float:
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{directory}/ledger.sqlite")
        database.migrate()
        now = datetime.now(UTC)
        lease = Lease(
            id="d-1",
            state=LeaseState.reserved,
            user="alice",
            group="research",
            kind=Kind.cluster,
            profile="standard",
            name="burst",
            base=_CORE,
            worker=_CORE,
            workers_max=WORKERS,
            expires_at=now,
        )
        with database.write() as connection:
            leases.add(connection, lease, Pricing(), now)
            ledger.record(connection, events, now)
            sums = rollups.ended(connection, date(2000, 1, 1), date(9000, 1, 1))
        database.close()
    return sum(one.ticks for one in sums) * _TICK / timedelta(seconds=1)


def measure() -> None:
    """Measure and tell the three errors."""
    program = [sys.executable, "-m", "benchmarks.burst", str(WORKERS), str(SPREAD), str(MEAN)]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as burst:
        events, lives = asyncio.run(_observe(burst))
    truth = sum(end - start for start, end in lives)
    ours = 100 * abs(_ledger_seconds(events) / truth - 1)
    trace = f"{len(lives)} real processes of {MEAN} s within {SPREAD} s"
    tell("ledger_error_percent", ours, "%", target=0.1, compared_with=trace)
    for resolution in (60, 300):
        error = error_percent(lives, resolution)
        beside = f"the same trace, 240 phases; the ledger: {ours:.4f} %"
        tell(f"sampler_{resolution}s_error_percent", error, "%", target=0.1, compared_with=beside)
