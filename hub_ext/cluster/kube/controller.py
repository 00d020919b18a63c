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
from datetime import datetime
from http import HTTPStatus
from typing import Any

from dask_gateway_server.backends.kubernetes.controller import get_cluster_key
from dask_gateway_server.backends.kubernetes.utils import k8s_timestamp
from kubernetes_asyncio.client.rest import ApiException
from traitlets import Bool, Float

from hub_ext import clock
from hub_ext.cluster.failing import Failure
from hub_ext.cluster.holding import Overrun
from hub_ext.cluster.kube import counting, explaining, patience
from hub_ext.cluster.kube.counting import Pod
from hub_ext.cluster.kube.scaling import ScalingController
from hub_ext.contract.labels import FINALIZER

patience.install()

_LOOK = 1.0
"""Seconds between two looks at what runs: a walk over what is in memory."""
_FINAL = {"Stopped", "Failed"}
_REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
"""How an API server says that it will not take a pod, however often it is asked."""


class GatehouseKubeController(ScalingController):
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

    # -- start -------------------------------------------------------------------------------------------------------

    async def setup(self) -> None:
        """Start to watch, to reconcile and to look at the time. Called once."""
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
                        await self.hold(key, cluster, overruns[key])
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
        """Make the manifest of a scheduler or worker. Its labels come with the cluster's configuration.

        What a task prints is in the log at once, as on one machine.
        """
        pod: dict[str, Any] = super().make_pod(namespace, cluster_name, config, is_worker)
        container = pod["spec"]["containers"][0]
        container["env"] = [*(container.get("env") or ()), {"name": "PYTHONUNBUFFERED", "value": "1"}]
        if self.ledger_finalizer:
            pod["metadata"]["finalizers"] = [FINALIZER]
        return pod

    def on_cluster_delete(self, cluster: Any) -> None:
        """Forget a cluster, and end what somebody left running by deleting its object."""
        super().on_cluster_delete(cluster)
        namespace, name = cluster["metadata"]["namespace"], cluster["metadata"]["name"]
        self._verdicts.pop(f"{namespace}.{name}", None)
        if not self.workers(f"{namespace}.{name}"):
            self.forget(f"{namespace}.{name}")
        if cluster.get("status", {}).get("phase") not in _FINAL:
            self.task_pool.spawn(self._delete_pods(namespace, name))

    # -- clusters ----------------------------------------------------------------------------------------------------

    async def handle_cluster(self, cluster: Any) -> Any:
        """Bring a cluster to what its object says; of one that has ended, note how many of its pods live."""
        known = cluster.get("status", {})
        if not cluster["spec"].get("active", True):
            cluster = {**cluster, "status": {**self._made(cluster["metadata"]["name"]), **known}}
        status, requeue = await super().handle_cluster(cluster)
        if known.get("phase") not in _FINAL or known.get("gatehouse", {}).get("living") == 0:
            return status, requeue
        living = await self._delete_pods(cluster["metadata"]["namespace"], cluster["metadata"]["name"])
        told = {**known.get("gatehouse", {}), "living": living, "workers": 0, "pending": 0}
        return {**known, "gatehouse": told}, False

    def _made(self, name: str) -> dict[str, str]:
        """Return what a cluster's status says of what was made for it.

        Of a cluster that is stopped as soon as it was asked for, what was heard last may not say it yet; the stock
        controller then leaves its scheduler running, for ever.
        """
        return {"schedulerPod": f"dask-scheduler-{name}", "credentials": self.make_secret_name(name)}

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
        return {**status, "gatehouse": counting.counted(self.workers(key))}, requeue

    async def _failed(self, cluster: Any, why: Failure) -> tuple[dict[str, Any], bool]:
        """End a cluster, and say why."""
        namespace, name = cluster["metadata"]["namespace"], cluster["metadata"]["name"]
        why = self._verdicts.setdefault(f"{namespace}.{name}", why)
        self.log.warning("Cluster %s.%s failed: %s", namespace, name, why.message)
        status = {**self._made(name), **cluster.get("status", {})}
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

    async def _delete_pods(self, namespace: str, name: str) -> int:
        """Delete the pods of a cluster that has ended, and return how many of them still live.

        The stock controller deletes the scheduler's alone, and leaves the workers to Kubernetes, which deletes them
        once that is listed no longer. It has a finalizer here, so they would run until the ledger is written.
        """
        living = [pod for pod in await self._pods(namespace, name) if counting.lives(pod)]
        names = [pod["metadata"]["name"] for pod in living if not counting.is_terminating(pod)]
        await asyncio.gather(*(self.delete_pod(namespace, pod) for pod in names))
        return len(living)

    async def _pods(self, namespace: str, name: str) -> list[dict[str, Any]]:
        """Return a cluster's pods as the API server has them now."""
        selector = f"{self.label_selector},gateway.dask.org/cluster={name}"
        found = await self.core_client.list_namespaced_pod(namespace, label_selector=selector)
        items: list[dict[str, Any]] = self.api_client.sanitize_for_serialization(found)["items"]
        return items


def _has_ended(scheduler: Pod) -> bool:
    """Whether a scheduler's container has ended: it is never started again."""
    statuses = scheduler.get("status", {}).get("containerStatuses") or ()
    return any("terminated" in (status.get("state") or {}) for status in statuses)


main = GatehouseKubeController.launch_instance

if __name__ == "__main__":
    main()
