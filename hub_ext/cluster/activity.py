"""When a cluster last computed, by the CPU time of its workers: nothing of it is taken from the scheduler's word.

A scheduler knows what is idle and may lie about it, because it runs user code. The operating system counts the CPU
time of every worker's session, which nobody can turn back. So a cluster counts as used while any of its workers
computes; one that only waits, for a clock or for another machine's answer, does not. The scheduler's own session is
left out: an open dashboard keeps it busy.

The same looks split the time of every worker into starting, busy and idle (``splitting``), which the service is told.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dask_gateway_server.backends.db_base import JobStatus
from traitlets import Float
from traitlets.config import LoggingConfigurable

from hub_ext import clock
from hub_ext.cluster import split_file
from hub_ext.cluster.splitting import Seen, Splits
from hub_ext.cluster.units import Unit
from hub_ext.contract.activity import MOST_UNITS, ClusterActivity
from hub_ext.contract.errors import GatehouseError, InvalidRequest, NotFound
from hub_ext.contract.usage import UnitKind
from hub_ext.processes import Use, boot_seconds, seconds_of, use_by_session

_LOOK = 5.0
"""Seconds over which a worker's use is averaged: longer than the bursts of its own housekeeping."""


class Activity:
    """When something last computed, from growing sums of CPU time. Pure.

    Args:
        threshold: share of one core from which a worker counts as computing.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._last: dict[str, tuple[float, float]] = {}
        self._active: dict[str, datetime] = {}

    def look(self, used: Mapping[str, Mapping[str, float]], *, now: float, at: datetime) -> None:
        """Compare with the last look.

        Args:
            used: cluster -> worker -> CPU seconds so far.
            now: the moment in seconds of a steady clock.
            at: the same moment as people write it.
        """
        last = self._last
        self._last = {worker: (seconds, now) for workers in used.values() for worker, seconds in workers.items()}
        computing = {name for name, workers in used.items() if any(self._computes(last, w) for w in workers)}
        self._active = {name: at if name in computing else self._active.get(name, at) for name in used}

    def at(self, cluster: str) -> datetime | None:
        """Return when the cluster last computed; at the first look at it, it is taken to."""
        return self._active.get(cluster)

    def _computes(self, last: Mapping[str, tuple[float, float]], worker: str) -> bool:
        if worker not in last:  # it has just been started
            return True
        (before, then), (after, now) = last[worker], self._last[worker]
        return self.computes(after - before, now - then)

    def computes(self, used: float, passed: float) -> bool:
        """Say whether a worker that used so many CPU seconds in so many seconds computed."""
        return used >= self._threshold * passed


class ActivityWatcher(LoggingConfigurable):
    """Put in front of an engine whose workers are sessions of the gateway's own machine."""

    db: Any
    units: Any
    client: Any
    units_directory: Any
    activity: Activity | None = None

    idle_cpu = Float(
        0.1,
        min=0,
        help="""
        Share of one core below which a worker counts as idle. A worker without work uses a few hundredths for its
        heartbeat; a cluster all of whose workers stay below this for its profile's idle time is stopped. Lower it
        where tasks mostly wait for other machines.
        """,
    ).tag(config=True)

    activity_report_seconds = Float(
        30.0,
        min=0.1,
        help="How often the service is told how long each worker was busy, idle and starting.",
    ).tag(config=True)

    async def watch_activity(self) -> None:
        """Look at every cluster for as long as the gateway runs. Spawned by ``do_setup``."""
        activity = self.activity = Activity(self.idle_cpu)
        splits, path = Splits(activity.computes), Path(self.units_directory).parent / "activity.json"
        await asyncio.to_thread(split_file.load, path, splits)
        told = now = asyncio.get_running_loop().time()
        while True:
            clock.look()
            workers = list(self._workers())
            uses = await asyncio.to_thread(use_by_session, {unit.pid for unit, _ in workers})
            now = asyncio.get_running_loop().time()
            activity.look(self._used(workers, uses), now=now, at=clock.now())
            splits.look([_seen(unit, cluster, uses.get(unit.pid, Use())) for unit, cluster in workers], boot_seconds())
            await asyncio.to_thread(split_file.keep, path, splits.dump())
            if now - told >= self.activity_report_seconds:
                told = now
                await self._tell(splits)
            await asyncio.sleep(_LOOK)

    def active_at(self, name: str) -> datetime | None:
        """Return when a cluster last computed."""
        return None if self.activity is None else self.activity.at(name)

    def _workers(self) -> Iterator[tuple[Unit, Any]]:
        """Yield every living worker of an active cluster, with its cluster."""
        for cluster in self.db.active_clusters():
            for unit in self.units.alive(cluster.name):
                if unit.kind is UnitKind.worker:
                    yield unit, cluster

    def _used(self, workers: Iterable[tuple[Unit, Any]], uses: Mapping[int, Use]) -> dict[str, dict[str, float]]:
        """Return the CPU seconds of each worker by cluster; a cluster without workers has none."""
        found: dict[str, dict[str, float]] = {cluster.name: {} for cluster in self.db.active_clusters()}
        for unit, cluster in workers:
            found.setdefault(cluster.name, {})[unit.id] = uses.get(unit.pid, Use()).cpu
        return found

    async def _tell(self, splits: Splits) -> None:
        """Report what has grown. What does not arrive is told with the next figures, which hold it."""
        for name, units in splits.to_report().items():
            for begin in range(0, len(units), MOST_UNITS):
                part = tuple(units[begin : begin + MOST_UNITS])
                try:
                    await self.client.activity(name, ClusterActivity(units=part))
                except (NotFound, InvalidRequest) as error:  # repeating it would not help
                    self.log.warning("The activity of cluster %s was refused: %s", name, error.line)
                except GatehouseError as error:
                    self.log.info("The activity of cluster %s waits: %s", name, error.line)
                    continue
                splits.reported(part)


def _seen(unit: Unit, cluster: Any, use: Use) -> Seen:
    worker = cluster.workers.get(unit.id.rpartition("-")[2])
    return Seen(
        unit=unit.id,
        cluster=cluster.name,
        born=seconds_of(unit.birth.ticks),
        cpu=use.cpu,
        memory=use.memory,
        listed=worker is not None and worker.status >= JobStatus.RUNNING,
    )
