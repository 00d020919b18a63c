"""Holds a cluster to its grant when its scheduler does not: single workers are stopped by the gateway itself.

A scheduler retires workers without losing results, so it is asked first (``steering``). It runs user code and may not
listen; what still runs above the grant after a grace period is stopped here, newest first. For every engine that keeps
its workers in Dask Gateway's own database.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dask_gateway_server.backends.db_base import JobStatus
from traitlets import Float
from traitlets.config import LoggingConfigurable

from hub_ext.contract.admission import Grant

_STEERING = "steering"
_LOOK = 1.0
"""Seconds between two looks at what runs: a walk over a table in memory."""


@dataclass
class Overrun:
    """Since when a cluster has run more workers than granted. Pure."""

    since: float | None = None

    def surplus(self, running: int, granted: int, *, now: float, grace: float) -> int:
        """Return how many workers have to be stopped now.

        Args:
            running: workers that run or are about to.
            granted: workers of the present grant.
            now: the moment, in seconds of any steady clock.
            grace: seconds in which the scheduler may retire them by itself.
        """
        if running <= granted:
            self.since = None
            return 0
        if self.since is None:
            self.since = now
        return running - granted if now - self.since >= grace else 0


def to_stop(workers: Iterable[Any], count: int) -> list[Any]:
    """Return this many of a cluster's workers: those that are retiring already, then the newest."""
    return sorted(workers, key=lambda worker: (worker.close_expected, worker.id), reverse=True)[:count]


class GrantHolder(LoggingConfigurable):
    """Put in front of an engine that is a ``DBBackendBase``, beside ``GatehouseBackendMixin``."""

    db: Any
    queue: Any
    grants: dict[str, Grant]

    shrink_grace = Float(
        60.0,
        min=0,
        help="""
        Seconds in which a scheduler may retire workers after its grant has fallen. It moves their results first; what
        still runs above the grant afterwards is stopped by the gateway, the newest first, and its results are
        computed again where they are needed.
        """,
    ).tag(config=True)

    async def note_steering(self, name: str, note: dict[str, Any]) -> None:
        """Keep how a cluster is steered beside its other state in the gateway's database."""
        cluster = self.db.get_cluster(name)
        if cluster is not None and cluster.state.get(_STEERING) != note:
            self.db.update_cluster(cluster, state={**cluster.state, _STEERING: note})

    async def steering_before(self, name: str) -> dict[str, Any]:
        """Return how an earlier gateway steered a cluster; empty: not at all, or not known."""
        cluster = self.db.get_cluster(name)
        note: dict[str, Any] = {} if cluster is None else cluster.state.get(_STEERING, {})
        return note

    async def hold_to_grants(self) -> None:
        """Look at every cluster for as long as the gateway runs. Spawned by ``do_setup``."""
        overruns: dict[str, Overrun] = {}
        while True:
            await asyncio.sleep(_LOOK)
            active = {cluster.name: cluster for cluster in self.db.active_clusters()}
            overruns = {name: overruns.get(name) or Overrun() for name in active}
            for name, cluster in active.items():
                self._hold(cluster, overruns[name])

    def _hold(self, cluster: Any, overrun: Overrun) -> None:
        grant = self.grants.get(cluster.name)
        granted = cluster.count if grant is None else grant.workers
        workers = [worker for worker in cluster.workers.values() if worker.target == JobStatus.RUNNING]
        now = asyncio.get_running_loop().time()
        surplus = overrun.surplus(len(workers), granted, now=now, grace=self.shrink_grace)
        if not surplus:
            return
        if cluster.count > granted:  # a scheduler that contradicts itself keeps the heartbeat from lowering it
            self.db.update_cluster(cluster, count=granted)
        stopped = to_stop(workers, surplus)
        self.log.warning(
            "Cluster %s runs %d workers and is granted %d; its scheduler did not retire them in %.0f s. Stopping %s",
            *(cluster.name, len(workers), granted, self.shrink_grace, ", ".join(worker.name for worker in stopped)),
        )
        self.db.update_workers([(w, {"target": JobStatus.STOPPED, "close_expected": True}) for w in stopped])
        for worker in stopped:
            self.queue.put(worker)
