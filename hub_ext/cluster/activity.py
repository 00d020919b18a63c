"""When a cluster last computed, by the CPU time of its workers: nothing of it is taken from the scheduler's word.

A scheduler knows what is idle and may lie about it, because it runs user code. The operating system counts the CPU
time of every worker's session, which nobody can turn back. So a cluster counts as used while any of its workers
computes; one that only waits, for a clock or for another machine's answer, does not. The scheduler's own session is
left out: an open dashboard keeps it busy.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from hub_ext import clock
from hub_ext.contract.usage import UnitKind
from hub_ext.processes import cpu_seconds_by_session

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
        return after - before >= self._threshold * (now - then)


class ActivityWatcher(LoggingConfigurable):
    """Put in front of an engine whose workers are sessions of the gateway's own machine."""

    db: Any
    units: Any
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

    async def watch_activity(self) -> None:
        """Look at every cluster for as long as the gateway runs. Spawned by ``do_setup``."""
        activity = self.activity = Activity(self.idle_cpu)
        while True:
            clock.look()
            seconds = await asyncio.to_thread(cpu_seconds_by_session)
            now = asyncio.get_running_loop().time()
            activity.look(self._used(seconds), now=now, at=clock.now())
            await asyncio.sleep(_LOOK)

    def active_at(self, name: str) -> datetime | None:
        """Return when a cluster last computed."""
        return None if self.activity is None else self.activity.at(name)

    def _used(self, seconds: Mapping[int, float]) -> dict[str, dict[str, float]]:
        return {
            cluster.name: {
                unit.id: seconds.get(unit.pid, 0.0)
                for unit in self.units.alive(cluster.name)
                if unit.kind is UnitKind.worker
            }
            for cluster in self.db.active_clusters()
        }
