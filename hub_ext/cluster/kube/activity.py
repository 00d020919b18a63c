"""When a cluster of pods last computed, by the CPU time that Kubernetes' metrics API tells of its workers.

The figures are the nodes' own, so nothing is taken from a scheduler's word: that runs user code. Where a Kubernetes has
no metrics API, or it does not answer, nothing is known, and nothing is held against anybody. How each worker's time
splits into busy and idle is the service's to say (``hub_ext.pods.splitting``), which knows the pods' lives.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
from kubernetes_asyncio.client.rest import ApiException
from traitlets import Float
from traitlets.config import LoggingConfigurable

from hub_ext import clock
from hub_ext.pods.measures import cores

_MISSED_LOOKS = 4
"""After so many looks without an answer nothing is known of any cluster."""


def uses(items: Iterable[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Return the cores that each worker uses, by cluster, from the items of a ``PodMetricsList``.

    Raises:
        ValueError: a figure is none.
        KeyError: an item is not what the API promises.
    """
    found: dict[str, list[float]] = {}
    for item in items:
        metadata = item["metadata"]
        cluster = f"{metadata['namespace']}.{metadata['labels']['gateway.dask.org/cluster']}"
        found.setdefault(cluster, []).append(cores(item))
    return found


class LastUse:
    """When each cluster last computed. Pure.

    Args:
        threshold: share of one core from which a worker counts as computing.
        patience: seconds without a look after which nothing is known.
    """

    def __init__(self, threshold: float, patience: float) -> None:
        self._threshold = threshold
        self._patience = patience
        self._active: dict[str, datetime] = {}
        self._looked = float("-inf")

    def look(self, workers: Mapping[str, int], used: Mapping[str, list[float]], *, now: float, at: datetime) -> None:
        """Take in one look.

        Args:
            workers: of each running cluster, how many hold a place.
            used: the cores of each that is measured. One that is not yet may compute: it is not held to be idle.
            now: the moment in seconds of a steady clock.
            at: the same moment as people write it.
        """
        fresh = now - self._looked <= self._patience
        last, self._looked = self._active if fresh else {}, now
        self._active = {
            name: at if self._computes(count, used.get(name, [])) else last.get(name, at)
            for name, count in workers.items()
        }

    def at(self, cluster: str, *, now: float) -> datetime | None:
        """Return when the cluster last computed; None: not known."""
        return self._active.get(cluster) if now - self._looked <= self._patience else None

    def _computes(self, count: int, used: list[float]) -> bool:
        return len(used) < count or any(share >= self._threshold for share in used)


class PodActivity(LoggingConfigurable):
    """Put in front of ``KubeBackend``. Needs the verb ``list`` of ``pods`` in the group ``metrics.k8s.io``."""

    custom_client: Any
    label_selector: str
    running_clusters: Any
    running_workers: Any
    last_use: LastUse | None = None

    idle_cpu = Float(
        0.1,
        min=0,
        help="""
        Share of one core below which a worker counts as idle. A worker without work uses a few hundredths for its
        heartbeat; a cluster all of whose workers stay below this for its profile's idle time is stopped.
        """,
    ).tag(config=True)

    activity_check_seconds = Float(
        15.0,
        min=0.1,
        help="""
        How often the metrics API is asked what workers use. Its figures are averages over about as long, so work
        between two looks is seen.
        """,
    ).tag(config=True)

    async def watch_activity(self) -> None:
        """Look at every cluster for as long as the gateway runs."""
        last = self.last_use = LastUse(self.idle_cpu, _MISSED_LOOKS * self.activity_check_seconds)
        told = ""
        while True:
            await asyncio.sleep(self.activity_check_seconds)
            workers = {cluster.name: self.running_workers(cluster.name, 0) for cluster in self.running_clusters()}
            try:
                used = await self._measured({name.partition(".")[0] for name in workers})
            except (ApiException, aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
                why = f"HTTP {error.status}" if isinstance(error, ApiException) else repr(error)
                if why != told:
                    self.log.warning(
                        "How busy workers are is not known, so idle clusters stay: metrics.k8s.io: %s", why
                    )
                told = why
                continue
            told = ""
            last.look(workers, used, now=asyncio.get_running_loop().time(), at=clock.now())

    def active_at(self, name: str) -> datetime | None:
        """Return when a cluster last computed; None: not known."""
        return None if self.last_use is None else self.last_use.at(name, now=asyncio.get_running_loop().time())

    async def _measured(self, namespaces: set[str]) -> dict[str, list[float]]:
        selector = f"{self.label_selector},app.kubernetes.io/component=dask-worker"
        found: dict[str, list[float]] = {}
        for namespace in sorted(namespaces):
            told = await self.custom_client.list_namespaced_custom_object(
                "metrics.k8s.io", "v1beta1", namespace, "pods", label_selector=selector
            )
            found |= uses(told["items"])
        return found
