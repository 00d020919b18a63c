"""The one process that turns ``DaskCluster`` objects into pods: Dask Gateway's own, without its defects.

``gatehouse-kube-controller -f CONFIG`` takes the place of ``dask-gateway-server kube-controller``, which has no plug.
Different from the stock one:

- Pods carry a finalizer until the ledger has their end, so that none is lost while the service is away. A pod that is
  kept by it alone is neither counted nor waited for, and workers are deleted with their scheduler, not after it.
- Scaling down deletes as many pending pods as there are too many, the newest first; the stock one deletes too many of
  few and none of many. Pods that no node has taken are counted: the stock one does not see them.
- Running workers above what is granted are deleted once their scheduler has had time to retire them.
- A scheduler that cannot start ends its cluster, with the reason, instead of leaving it pending for ever.
- What the gateway must know of pods is written to ``status.gatehouse``.
"""

import asyncio
from collections import defaultdict
from datetime import datetime
from http import HTTPStatus
from typing import Any

from dask_gateway_server.backends.kubernetes.controller import KubeController, get_cluster_key
from dask_gateway_server.backends.kubernetes.utils import k8s_timestamp
from kubernetes_asyncio.client.rest import ApiException
from traitlets import Bool, Float

from hub_ext import clock
from hub_ext.cluster.failing import Failure
from hub_ext.cluster.holding import Overrun
from hub_ext.cluster.kube import counting, explaining, patience
from hub_ext.cluster.kube.counting import Pod, WorkerState
from hub_ext.contract.labels import FINALIZER

patience.install()

_LOOK = 1.0
"""Seconds between two looks at what runs: a walk over what is in memory."""
_FINAL = {"Stopped", "Failed"}
_REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
"""How an API server says that it will not take a pod, however often it is asked."""


class GatehouseKubeController(KubeController):
    """Dask Gateway's controller for Kubernetes, with Gatehouse's rules for pods."""

    name = "gatehouse-kube-controller"
    description = """Start the controller that turns Dask clusters into pods."""
    examples = """

    Start the controller with config file ``config.py``

        gatehouse-kube-controller -f config.py
    """

    ledger_finalizer = Bool(
        default_value=True,
        help="""
        Whether pods keep a finalizer until the service has their end in its ledger. Without it, the end of a pod that
        is deleted while the service is away is an estimate. Switch it off where the service does not watch pods:
        nothing else removes it.
        """,
    ).tag(config=True)

    start_timeout = Float(
        600.0,
        min=1,
        help="""
        Seconds that a scheduler has until it is ready, a new machine for it and the pull of its image included. A
        cluster whose scheduler takes longer has failed.
        """,
    ).tag(config=True)

    hopeless_seconds = Float(
        120.0,
        min=1,
        help="""
        Seconds after which a cluster has failed whose scheduler's image cannot be pulled, or whose container cannot be
        made: mostly a name is wrong or a Secret is missing, and time does not mend it.
        """,
    ).tag(config=True)

    shrink_grace = Float(
        60.0,
        min=0,
        help="""
        Seconds in which a scheduler may retire workers after its grant has fallen. What still runs above the grant
        afterwards is deleted, the newest first, and its results are computed again where they are needed.
        """,
    ).tag(config=True)

    # -- start -------------------------------------------------------------------------------------------------------

    async def setup(self) -> None:
        """Start to watch, to reconcile and to look at the time. Called once."""
        self._workers: defaultdict[str, dict[str, Pod]] = defaultdict(dict)
        """The worker pods of each cluster that are still listed."""
        self._verdicts: dict[str, Failure] = {}
        """Why clusters failed: what was heard of one may be older, and its pod is being deleted by then."""
        await super().setup()
        self.task_pool.spawn(self._keep_looking())

    async def _keep_looking(self) -> None:
        overruns: dict[str, Overrun] = {}
        while True:
            await asyncio.sleep(_LOOK)
            try:
                clusters = dict(self.informers["cluster"].cache)
                overruns = {key: overruns.get(key) or Overrun() for key in clusters}
                for key, cluster in clusters.items():
                    phase = cluster.get("status", {}).get("phase", "Pending")
                    if phase == "Pending" and self._late(cluster) is not None:
                        self.queue.put(key)
                    elif phase == "Running":
                        await self._hold(key, cluster, overruns[key])
            except Exception:
                self.log.exception("What runs was not looked at")

    # -- what pods are -----------------------------------------------------------------------------------------------

    def make_pod(
        self,
        namespace: str,
        cluster_name: str,
        config: Any,
        is_worker: bool = False,  # noqa: FBT001, FBT002 - the gateway's signature
    ) -> dict[str, Any]:
        """Make the manifest of a scheduler or worker. Its labels come with the cluster's configuration."""
        pod: dict[str, Any] = super().make_pod(namespace, cluster_name, config, is_worker)
        if self.ledger_finalizer:
            pod["metadata"]["finalizers"] = [FINALIZER]
        return pod

    # -- what is heard -----------------------------------------------------------------------------------------------

    def on_pod_update(self, pod: Any, old: Any = None) -> None:
        """Take in a pod, and see whether its cluster needs anything."""
        key = get_cluster_key(pod)
        if key is None:
            return
        if counting.is_worker(pod):
            self._workers[key][pod["metadata"]["name"]] = pod
            changed = self._count(self.cluster_info[key], pod)
            if changed or self.cluster_info[key].should_trigger():
                self.queue.put(key)
        else:
            super().on_pod_update(pod, old)
            if not counting.lives(pod):
                self.queue.put(key)

    def on_pod_delete(self, pod: Any) -> None:
        """Forget a pod that is listed no longer."""
        super().on_pod_delete(pod)
        key = get_cluster_key(pod)
        if key is None:
            return
        self._workers[key].pop(pod["metadata"]["name"], None)
        if key in self.informers["cluster"].cache:
            self.queue.put(key)
        elif not self._workers[key]:
            self._forget(key)

    def on_cluster_delete(self, cluster: Any) -> None:
        """Forget a cluster, and end what somebody left running by deleting its object."""
        super().on_cluster_delete(cluster)
        namespace, name = cluster["metadata"]["namespace"], cluster["metadata"]["name"]
        self._verdicts.pop(f"{namespace}.{name}", None)
        if not self._workers[f"{namespace}.{name}"]:
            self._forget(f"{namespace}.{name}")
        if cluster.get("status", {}).get("phase") not in _FINAL:
            self.task_pool.spawn(self._delete_workers(namespace, name))

    def _forget(self, key: str) -> None:
        """Drop what is remembered of a cluster; the stock controller never does."""
        self.cluster_info.pop(key, None)
        self._workers.pop(key, None)

    @staticmethod
    def _count(info: Any, pod: Pod) -> bool:
        """Take a worker's pod into its cluster's count; return whether it failed just now."""
        name = pod["metadata"]["name"]
        match counting.worker_state(pod):
            case WorkerState.pending:
                info.on_worker_pending(name)
            case WorkerState.running:
                info.on_worker_running(name)
            case WorkerState.succeeded:
                info.on_worker_succeeded(name)
            case WorkerState.failed:
                return bool(info.on_worker_failed(name))
            case WorkerState.gone:
                info.on_worker_deleted(name)
            case None:
                pass
        return False

    # -- clusters ----------------------------------------------------------------------------------------------------

    async def handle_cluster(self, cluster: Any) -> Any:
        """Bring a cluster to what its object says; of one that has ended, note how many of its pods live."""
        status, requeue = await super().handle_cluster(cluster)
        known = cluster.get("status", {})
        if known.get("phase") not in _FINAL or known.get("gatehouse", {}).get("living") == 0:
            return status, requeue
        pods = await self._pods(cluster["metadata"]["namespace"], cluster["metadata"]["name"])
        living = sum(1 for pod in pods if counting.lives(pod))
        told = {**known.get("gatehouse", {}), "living": living, "workers": 0, "pending": 0}
        return {**known, "gatehouse": told}, False

    async def handle_pending_cluster(self, cluster: Any) -> Any:
        """Start a cluster's scheduler, or say why it cannot."""
        pod = await self._scheduler(cluster)
        if pod is not None and not counting.lives(pod):
            return await self._failed(cluster, explaining.ended(pod, ran=False))
        late = self._late(cluster)
        if late is not None:
            return await self._failed(cluster, late)
        try:
            return await super().handle_pending_cluster(cluster)
        except ApiException as error:
            if error.status not in _REFUSED:
                raise
            return await self._failed(cluster, explaining.refused(error.status, error.body))

    async def handle_running_cluster(self, cluster: Any) -> Any:
        """Keep a cluster at its replicas, and count its workers."""
        pod = await self._scheduler(cluster)
        if pod is None or not counting.lives(pod) or _has_ended(pod):
            return await self._failed(cluster, explaining.ended(pod, ran=True))
        status, requeue = await super().handle_running_cluster(cluster)
        key = get_cluster_key(cluster)
        return {**status, "gatehouse": counting.counted(self._workers[key].values())}, requeue

    async def _failed(self, cluster: Any, why: Failure) -> tuple[dict[str, Any], bool]:
        """End a cluster, and say why."""
        namespace, name = cluster["metadata"]["namespace"], cluster["metadata"]["name"]
        why = self._verdicts.setdefault(f"{namespace}.{name}", why)
        self.log.warning("Cluster %s.%s failed: %s", namespace, name, why.message)
        status = dict(cluster.get("status", {}))
        status.setdefault("schedulerPod", f"dask-scheduler-{name}")
        await self.cleanup_cluster_resources(status, namespace)
        told = {**status.get("gatehouse", {}), "reason": why.reason.value, "message": why.message}
        return {**status, "phase": "Failed", "completionTime": k8s_timestamp(), "gatehouse": told}, False

    async def _scheduler(self, cluster: Any) -> Pod | None:
        """Return the pod of a cluster's scheduler; one that is in the object and not heard of is asked for."""
        namespace = cluster["metadata"]["namespace"]
        name = cluster.get("status", {}).get("schedulerPod")
        if not name:
            return None
        found: Pod | None = self.informers["pod"].get(f"{namespace}.{name}")
        if found is not None:
            return found
        try:
            pod = await self.core_client.read_namespaced_pod(name, namespace)
        except ApiException as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return {"metadata": {"deletionTimestamp": k8s_timestamp()}, "status": {}}
        asked: Pod = self.api_client.sanitize_for_serialization(pod)
        return asked

    def _late(self, cluster: Any) -> Failure | None:
        """Return why a cluster that is still starting has failed; None: it has time left."""
        begun = datetime.fromisoformat(cluster["metadata"]["creationTimestamp"])
        passed = (clock.now() - begun).total_seconds()
        if passed < min(self.hopeless_seconds, self.start_timeout):
            return None
        namespace, name = cluster["metadata"]["namespace"], cluster.get("status", {}).get("schedulerPod")
        pod = self.informers["pod"].get(f"{namespace}.{name}")
        if passed >= self.start_timeout:
            return explaining.too_slow(pod, passed)
        return explaining.waits_for(pod)

    # -- ends --------------------------------------------------------------------------------------------------------

    async def cleanup_cluster_resources(self, status: Any, namespace: str) -> None:
        """Delete a cluster's workers, then its scheduler and its credentials.

        The stock one leaves the workers to Kubernetes, which deletes them once their scheduler's pod is listed no
        longer. That has a finalizer here, so they would run until the ledger is written.
        """
        scheduler = status.get("schedulerPod")
        if scheduler:
            await self._delete_workers(namespace, scheduler.removeprefix("dask-scheduler-"))
        await super().cleanup_cluster_resources(status, namespace)

    async def _delete_workers(self, namespace: str, name: str) -> None:
        pods = await self._pods(namespace, name)
        names = [
            pod["metadata"]["name"] for pod in pods if counting.is_worker(pod) and not counting.is_terminating(pod)
        ]
        await asyncio.gather(*(self.delete_pod(namespace, pod) for pod in names))

    async def _pods(self, namespace: str, name: str) -> list[dict[str, Any]]:
        """Return a cluster's pods as the API server has them now."""
        selector = f"{self.label_selector},gateway.dask.org/cluster={name}"
        found = await self.core_client.list_namespaced_pod(namespace, label_selector=selector)
        items: list[dict[str, Any]] = self.api_client.sanitize_for_serialization(found)["items"]
        return items

    async def delete_pod(self, namespace: str, pod_name: str, info: Any = None) -> None:
        """Delete a pod. One that is gone is deleted; the stock method fails on it."""
        try:
            await self.core_client.delete_namespaced_pod(pod_name, namespace)
        except ApiException as error:
            if info is not None:
                info.deletes -= 1
            if error.status == HTTPStatus.NOT_FOUND:
                return
            self.log.warning("Pod %s/%s was not deleted: HTTP %d %s", namespace, pod_name, error.status, error.reason)
            raise

    async def handle_scale_down(self, cluster: Any, sched_pod: Any, info: Any, replicas: int, delta: int) -> bool:
        """Delete as many pending pods as there are too many, the newest first, and all that have stopped."""
        del sched_pod
        namespace, key = cluster["metadata"]["namespace"], get_cluster_key(cluster)
        listed = self._workers[key]
        pending = counting.newest((listed[name] for name in info.pending if name in listed), -delta)
        pods = [*pending, *(info.succeeded | info.failed)]
        if not pods:
            return False
        self.log.info(
            "Cluster %s scaled to %d: deleting %d pending, %d pods in all", key, replicas, len(pending), len(pods)
        )
        info.set_expectations(deletes=len(pods))
        answers = await asyncio.gather(*(self.delete_pod(namespace, pod, info) for pod in pods), return_exceptions=True)
        return any(isinstance(answer, Exception) for answer in answers)

    async def _hold(self, key: str, cluster: Any, overrun: Overrun) -> None:
        """Delete running workers above the grant that their scheduler does not retire."""
        running = [
            pod
            for pod in self._workers[key].values()
            if counting.worker_state(pod) is WorkerState.running and not counting.is_terminating(pod)
        ]
        granted = cluster["spec"].get("replicas", 0)
        now = asyncio.get_running_loop().time()
        surplus = overrun.surplus(len(running), granted, now=now, grace=self.shrink_grace)
        names = counting.newest(running, surplus)
        if names:
            self.log.warning(
                "Cluster %s runs %d workers and is granted %d. Deleting %s", key, len(running), granted, names
            )
        await asyncio.gather(*(self.delete_pod(cluster["metadata"]["namespace"], name) for name in names))


def _has_ended(scheduler: Pod) -> bool:
    """Whether a scheduler's container has ended: it is never started again."""
    statuses = scheduler.get("status", {}).get("containerStatuses") or ()
    return any("terminated" in (status.get("state") or {}) for status in statuses)


main = GatehouseKubeController.launch_instance

if __name__ == "__main__":
    main()
