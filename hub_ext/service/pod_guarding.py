"""Compares pods and DaskClusters with leases: what has no lease ends, what has no pod gives its lease back.

It asks the gateway or the hub to end what is theirs, as an administrator would. A pod is deleted, or a DaskCluster told
to stop, only where they do not answer or do not know it. What was there before this service first looked, and carries
no lease that it knows, is somebody's work from before Gatehouse, and is left alone.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub_ext import clock
from hub_ext.contract.admission import Lease, LeaseState
from hub_ext.contract.errors import GatehouseError
from hub_ext.contract.usage import UnitKind
from hub_ext.metrics import Metrics
from hub_ext.pods.crs import Cluster, cluster
from hub_ext.pods.facts import Pod
from hub_ext.pods.sweeping import too_many
from hub_ext.pods.watching import Watcher
from hub_ext.service.desk import Desk
from hub_ext.service.guarding import Misses
from hub_ext.service.live import Changes
from hub_ext.service.metering import Meter
from hub_ext.service.notices import Notices
from hub_ext.service.pod_books import PodBooks
from hub_ext.service.sides import Sides

if TYPE_CHECKING:
    from hub_ext.pods.api import PodApi

log = logging.getLogger(__name__)

_NO_PODS = "Its pods are gone, and neither the hub nor the gateway had said so."
_SURPLUS = "It waited for a machine though no grant covers it."
_ORPHAN = "It ran without a lease: it counted against no quota and nobody paid for it."


class PodGuard:
    """Finds orphans among pods, DaskClusters and leases, and waiting workers that are too many.

    Args:
        desk: knows the leases, and gives them back.
        books: know the pods.
        meter: watches the pods; of a replica that does not, nothing is asked.
        sides: know servers and clusters, and end them.
        changes: tells the streams.
        metrics: counts.
        every: seconds between two checks.
        patience: how many checks in a row must agree.
        since: when a service with this ledger first looked.
        ends: whether what has no lease is ended, or only logged.
    """

    def __init__(
        self,
        desk: Desk,
        books: PodBooks,
        meter: Meter,
        sides: Sides,
        *,
        changes: Changes,
        metrics: Metrics,
        every: float,
        patience: int,
        since: Callable[[], datetime],
        ends: bool,
    ) -> None:
        self._desk, self._books, self._meter, self._sides = desk, books, meter, sides
        self._changes, self._metrics = changes, metrics
        self._every, self._since, self._ends = every, since, ends
        self._surplus, self._stray, self._podless, self._crs = (Misses(patience) for _ in range(4))
        self._next = 0.0
        self.notices = Notices()

    async def check(self) -> None:
        """Compare once, if it is time to and every pod is known."""
        watcher, now = self._meter.watcher, asyncio.get_running_loop().time()
        if watcher is None or now < self._next:
            return
        self._next = now + self._every
        await self.notices.look(watcher.api, watcher.namespaces)
        if not watcher.listed:
            return
        clusters = await self._clusters(watcher)
        pods = [pod for pod in watcher.pods.values() if pod.lives and pod.deleting_at is None]
        named = {pod.lease for pod in pods} | {one.lease for one in clusters.values()}
        leases = await asyncio.to_thread(self._books.leases, named)
        bound = {lease.id: lease for lease in await asyncio.to_thread(self._desk.bound)}
        paid = {lease.ref for lease in bound.values()}
        await self._sweep(watcher.api, pods, leases, clusters)
        await self._end_strays(watcher.api, pods, leases, paid)
        await self._end_clusters(watcher.api, {ref: one for ref, one in clusters.items() if ref not in paid}, leases)
        await self._give_back(pods, bound)

    async def _clusters(self, watcher: Watcher) -> Mapping[str, Cluster]:
        """Return the DaskClusters that have not ended, by the gateway's name; where none can be listed, none."""
        found: list[dict[str, Any]] = []
        for namespace in watcher.namespaces:
            if not self.notices.no_clusters(namespace):
                found += await watcher.api.clusters(namespace)
        return {one.ref: one for one in map(cluster, found) if one.active}

    async def _sweep(
        self, api: "PodApi", pods: Sequence[Pod], leases: Mapping[str, Lease], clusters: Mapping[str, Cluster]
    ) -> None:
        """Delete waiting workers that the upstream controller should have deleted."""
        of_cluster: defaultdict[str, list[Pod]] = defaultdict(list)
        for pod in pods:
            if pod.cluster and pod.lease in leases:
                of_cluster[pod.cluster].append(pod)
        surplus: dict[str, Pod] = {}
        for ref, its in of_cluster.items():
            granted = leases[its[0].lease].workers
            allowed = min(granted, clusters[ref].replicas) if ref in clusters else granted
            surplus |= {pod.uid: pod for pod in too_many(its, allowed)}
        for uid in self._surplus.look(dict.fromkeys(surplus, False)):
            await self._delete(api, surplus[uid], "surplus", _SURPLUS)

    async def _end_strays(
        self, api: "PodApi", pods: Sequence[Pod], leases: Mapping[str, Lease], paid: Collection[str]
    ) -> None:
        """End pods without a lease.

        One that says it is of a server or cluster which another lease pays for is only deleted: whoever can write
        labels must not be able to have somebody else's stopped.
        """
        strays = {pod.uid: pod for pod in pods if not _holds(leases.get(pod.lease))}
        found = [strays[uid] for uid in self._stray.look(dict.fromkeys(strays, False))]
        found = [pod for pod in found if pod.lease in leases or pod.created_at > await self._first()]
        if found and not self._ends:
            log.warning("Pods that run without a lease: %s", ", ".join(pod.name for pod in found))
            return
        servers = [pod for pod in found if pod.kind is UnitKind.server]
        known = await self._sides.servers() if servers else None
        for pod in servers:
            theirs = None if known is None else pod.server in known and pod.server not in paid
            await self._end_pod(api, pod, theirs=theirs, known=pod.lease in leases)
        lives = {ref: await self._sides.lives(ref) for ref in {pod.cluster for pod in found} - {"", *paid}}
        for pod in found:
            if pod not in servers:
                await self._end_pod(api, pod, theirs=lives.get(pod.cluster, False), known=pod.lease in leases)

    async def _end_pod(self, api: "PodApi", pod: Pod, *, theirs: bool | None, known: bool) -> None:
        """End a pod without a lease: through the hub or the gateway if it is theirs; None: they do not say."""
        try:
            if theirs and pod.kind is UnitKind.server:
                user, _, name = pod.server.partition("/")
                await self._sides.stopper.stop_server(user, name)
            elif theirs:
                await self._sides.stopper.stop_cluster(pod.cluster)
            elif theirs is False or known:
                await self._delete(api, pod, "orphan", _ORPHAN)
        except GatehouseError as error:
            log.warning("The pod %s/%s has no lease and should end, but: %s", pod.namespace, pod.name, error.line)

    async def _end_clusters(self, api: "PodApi", clusters: Mapping[str, Cluster], leases: Mapping[str, Lease]) -> None:
        strays = [ref for ref, one in clusters.items() if not _holds(leases.get(one.lease))]
        for ref in self._crs.look(dict.fromkeys(strays, False)):
            one = clusters[ref]
            if one.lease not in leases and one.created_at <= await self._first():
                continue
            log.warning("The DaskCluster %s runs without a lease", ref)
            if not self._ends:
                continue
            try:
                if await self._sides.lives(ref):
                    await self._sides.stopper.stop_cluster(ref)
                else:
                    await api.stop_cluster(one.namespace, one.name)
            except GatehouseError as error:
                log.warning("It should end, but: %s", error.line)
                continue
            await asyncio.to_thread(self._books.note, "end stranger", f"DaskCluster {ref}", _ORPHAN, clock.now())

    async def _give_back(self, pods: Sequence[Pod], leases: Mapping[str, Lease]) -> None:
        """Give back the leases whose server or scheduler is gone."""
        living = {pod.lease for pod in pods if pod.kind is not UnitKind.worker}
        bound = {name: lease for name, lease in leases.items() if name not in living}
        gone = await asyncio.to_thread(self._books.bases_gone, list(bound))
        for name in self._podless.look(dict.fromkeys(gone, False)):
            lease = bound[name]
            try:
                await self._sides.stopper.stop(lease)  # whoever still believes that it runs
            except GatehouseError as error:
                log.info("%s of %s has no pod any more; nobody was told: %s", lease.ref, lease.user, error.line)
            log.warning("The pods of %s %s of %s are gone; its lease is given back", lease.kind, lease.ref, lease.user)
            await asyncio.to_thread(self._desk.orphaned, lease, _NO_PODS)
            self._metrics.orphans.labels(lease.kind.value).inc()
            self._changes.of(lease.user)

    async def _delete(self, api: "PodApi", pod: Pod, why: str, text: str) -> None:
        log.warning("Deleting the pod %s/%s: %s", pod.namespace, pod.name, text)
        await api.delete(pod.namespace, pod.name, pod.uid)
        self._metrics.pods_ended.labels(why).inc()
        target = f"pod {pod.namespace}/{pod.name}"
        await asyncio.to_thread(self._books.note, "end pod", target, text, clock.now())

    async def _first(self) -> datetime:
        return await asyncio.to_thread(self._since)


def _holds(lease: Lease | None) -> bool:
    return lease is not None and lease.state is not LeaseState.released
