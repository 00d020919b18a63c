"""Workers of the controller: what it hears of their pods, and how it deletes those that are too many."""

import asyncio
from collections import defaultdict
from http import HTTPStatus
from typing import Any

from dask_gateway_server.backends.kubernetes.controller import KubeController, get_cluster_key
from kubernetes_asyncio.client.rest import ApiException
from traitlets import Float

from hub_ext.cluster.holding import Overrun
from hub_ext.cluster.kube import counting
from hub_ext.cluster.kube.counting import Pod, WorkerState


class ScalingController(KubeController):
    """Dask Gateway's controller, which counts every pod and deletes the right ones."""

    shrink_grace = Float(
        60.0,
        min=0,
        help="""
        Seconds in which a scheduler may retire workers after its grant has fallen. What still runs above the grant
        afterwards is deleted, the newest first, and its results are computed again where they are needed.
        """,
    ).tag(config=True)

    async def setup(self) -> None:
        """Begin with no memory of any pod. Called once."""
        self._workers: defaultdict[str, dict[str, Pod]] = defaultdict(dict)
        """The worker pods of each cluster that are still listed."""
        await super().setup()

    def workers(self, key: str) -> list[Pod]:
        """Return the pods of a cluster's workers that are still listed."""
        return list(self._workers[key].values())

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
            self.forget(key)

    def forget(self, key: str) -> None:
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

    # -- ends --------------------------------------------------------------------------------------------------------

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

    async def hold(self, key: str, cluster: Any, overrun: Overrun) -> None:
        """Delete running workers above the grant that their scheduler does not retire."""
        running = [
            pod
            for pod in self.workers(key)
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
