"""Logs of schedulers and workers that are pods: read through Kubernetes, which keeps them as long as it keeps the pod.

A worker that has retired is deleted with what it wrote, and so is every pod of a cluster that has ended. What is to
outlive them is the business of the cluster's own log store; its person is told so.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kubernetes_asyncio.client.rest import ApiException
from traitlets.config import LoggingConfigurable

from hub_ext import clock
from hub_ext.cluster.kube import counting
from hub_ext.cluster.log_route import HasLogs
from hub_ext.contract.errors import NotFound
from hub_ext.contract.logs import KeptLogs, LogSource, LogTail
from hub_ext.contract.usage import UnitKind

_LEAST_TAIL = 4_096
"""Bytes of each pod, however many there are."""
_MOST_SOURCES = 50
"""The most pods whose text is read at once; the rest are listed, and can be asked for alone."""
_MOST_READ = 4_194_304
"""Bytes of one pod's last lines that are fetched, however long they are."""
_AT_ONCE = 8
_UNREAD = "Kubernetes has no text of this pod: its container has not started, or its machine is gone."


class PodLogs(HasLogs, LoggingConfigurable):
    """Put in front of ``KubeBackend``. Needs the verbs ``list`` of pods and ``get`` of ``pods/log``."""

    clusters: dict[str, Any]
    core_client: Any
    api_client: Any
    label_selector: str

    async def log_owner(self, name: str) -> str | None:
        """Return whose cluster it is, for as long as its object is kept: a day after its end."""
        cluster = self.clusters.get(name)
        return None if cluster is None else str(cluster.username)

    async def read_logs(self, name: str, source: str, most: int) -> KeptLogs:
        """Return what the cluster's pods wrote that are still there.

        Raises:
            NotFound: there is none, or none of that name; or the gateway may not read them.
        """
        pods = await self._pods(name)
        asked = [pod for pod in pods if source in {"", source_of(pod)}]
        if not asked:
            raise NotFound(
                f"Kubernetes keeps a log only as long as its pod, and {source or 'every pod'} of {name} is gone. "
                "Your platform team knows whether they are stored elsewhere."
            )
        asked = sorted(asked, key=lambda pod: pod["metadata"]["creationTimestamp"], reverse=True)[:_MOST_SOURCES]
        each = max(most // len(asked), _LEAST_TAIL)
        turns = asyncio.Semaphore(_AT_ONCE)
        tails = await asyncio.gather(*(self._tail(turns, pod, each) for pod in asked))
        return KeptLogs(cluster=name, kept_days=0, utc_offset=0, sources=tuple(listed(pods, tails)), tails=tuple(tails))

    async def _pods(self, cluster: str) -> list[dict[str, Any]]:
        namespace, name = cluster.split(".")
        selector = f"{self.label_selector},gateway.dask.org/cluster={name}"
        try:
            found = await self.core_client.list_namespaced_pod(namespace, label_selector=selector)
        except ApiException as error:
            self.log.warning("The pods of cluster %s cannot be listed: %s", cluster, error.reason)
            raise NotFound(
                f"The logs of {cluster} cannot be read: Kubernetes answered {error.status} to the gateway. "
                "Tell whoever runs the platform."
            ) from error
        items: list[dict[str, Any]] = self.api_client.sanitize_for_serialization(found)["items"]
        return items

    async def _tail(self, turns: asyncio.Semaphore, pod: dict[str, Any], most: int) -> LogTail:
        metadata = pod["metadata"]
        container = metadata["labels"]["app.kubernetes.io/component"]
        async with turns:
            try:
                text = await self.core_client.read_namespaced_pod_log(
                    metadata["name"],
                    metadata["namespace"],
                    container=container,
                    tail_lines=most // 40,
                    limit_bytes=_MOST_READ,
                )
            except ApiException as error:
                self.log.info("The log of pod %s was not read: %s", metadata["name"], error.reason)
                text = _UNREAD
        return LogTail(source=source_of(pod), text=whole_lines(text or "", most))


def source_of(pod: dict[str, Any]) -> str:
    """Return the name of a pod's log."""
    if counting.is_scheduler(pod):
        return "scheduler"
    return f"worker-{pod['metadata']['name'].rpartition('-')[2]}"


def whole_lines(text: str, most: int) -> str:
    """Return the last whole lines of a text, about so many bytes of them."""
    if len(text) <= most:
        return text
    return text[-most:].partition("\n")[2]


def listed(pods: Sequence[dict[str, Any]], tails: Sequence[LogTail]) -> list[LogSource]:
    """Return who wrote, and how much of it was read."""
    sizes = {tail.source: len(tail.text.encode()) for tail in tails}
    return [
        LogSource(
            name=source_of(pod),
            kind=UnitKind.scheduler if counting.is_scheduler(pod) else UnitKind.worker,
            running=counting.lives(pod),
            size=sizes.get(source_of(pod), 0),
            written_at=_begun(pod),
        )
        for pod in pods
    ]


def _begun(pod: dict[str, Any]) -> datetime:
    """Return when its container's present run began: Kubernetes does not say when it last wrote."""
    for status in pod.get("status", {}).get("containerStatuses") or ():
        for state in (status.get("state") or {}).values():
            if state.get("startedAt"):
                return datetime.fromisoformat(state["startedAt"])
    return clock.now()
