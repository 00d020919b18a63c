"""A node that stands in for a kubelet: pods live and end as a test says, hundreds of them, and nothing really runs.

It registers a Node, keeps its lease, watches the pods that the real scheduler bound to it, and writes statuses by the
kubelet's rules. While the API server is away it goes on, and writes what happened when it is back. What it does not do:
run a process, pull an image, probe, or give a pod a network. ``test_kubelet.py`` does those with a real kubelet.

::

    node.unpullable.add("registry/none:1")        # its pods stay in ErrImagePull
    node.held.add("registry/slow:1")              # ... in ContainerCreating until discarded
    node.stubborn.add("worker-3")                 # this pod ignores SIGTERM for its whole grace period
    node.end(namespace, "worker-3", 137, "OOMKilled")
    node.cordon()                                 # the scheduler leaves further pods pending
    node.ran                                      # every run of every container, as it happened

A missing Secret or ConfigMap that a container's environment or a volume names is told as a kubelet tells it.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.kubernetes.life import Life
from tests.kubernetes.plane import ControlPlane
from tests.kubernetes.rest import Gone, Rest
from tests.kubernetes.statuses import Container, now, stamp
from tests.kubernetes.threads import beside

HEARTBEAT = 10.0
"""Seconds between two renewals of the node's lease, as a kubelet's."""
CAPACITY = {"cpu": "1000", "memory": "4000Gi", "pods": "2000", "ephemeral-storage": "1000Gi"}


class Node:
    """One stand-in; :func:`standing_in` starts it in a thread of its own."""

    def __init__(self, rest: Rest, name: str) -> None:
        self.name = name
        self.rest = rest
        self.unpullable: set[str] = set()
        """Images that no registry has."""
        self.held: set[str] = set()
        """Images whose pull does not end as long as they are here."""
        self.stubborn: set[str] = set()
        """Names of pods that ignore SIGTERM."""
        self.ran: list[Container] = []
        """Every run of every container so far."""
        self._lives: dict[str, Life] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop
        self.up = threading.Event()
        """Set when it is registered."""
        self._addresses = iter(f"127.77.{high}.{low}" for high in range(250) for low in range(1, 250))

    def end(self, namespace: str, pod: str, exit_code: int = 0, reason: str = "", container: str | None = None) -> None:
        """Let a container's process end now; whether it starts again is the pod's restart policy's.

        Its status tells that as soon as the API server takes it.

        Args:
            namespace: of the pod.
            pod: its name.
            exit_code: of the process; 137 for one that was killed.
            reason: such as ``OOMKilled``; the kubelet's own word for the exit code if empty.
            container: its name; the first one of the pod if ``None``.
        """

        async def ending() -> None:
            found = [one for one in self._lives.values() if (one.namespace, one.name) == (namespace, pod)]
            assert found, f"{namespace}/{pod} is not on {self.name}"
            found[0].end(exit_code, reason, container)

        self._call(ending())

    def cordon(self, held: bool = True) -> None:  # noqa: FBT001, FBT002 - reads as kubectl cordon, uncordon
        """Let the scheduler bind no further pods to it, or let it again."""
        self._call(self.rest.patch(f"/api/v1/nodes/{self.name}", {"spec": {"unschedulable": held}}))

    def vanish(self) -> None:
        """Remove the node as a cloud does that takes a spot machine back: nobody writes its pods' statuses any more."""

        async def vanishing() -> None:
            for life in self._lives.values():
                life.vanished()
            await self.rest.ask("DELETE", f"/api/v1/nodes/{self.name}")

        self._call(vanishing())

    def address(self) -> str:
        """Return an address for a pod: of loopback, so that a test may listen there."""
        return next(self._addresses)

    def do(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something beside the rest, in the node's own loop; nothing comes of it if its object is gone by then."""

        async def done() -> None:
            with suppress(Gone):
                await doing

        task = asyncio.ensure_future(done())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _call(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(60)

    async def register(self, labels: dict[str, str], taints: list[dict[str, str]], capacity: dict[str, str]) -> None:
        """Make the Node, and say that it is ready."""
        self._loop = asyncio.get_running_loop()
        metadata = {"name": self.name, "labels": {"kubernetes.io/hostname": self.name, **labels}}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {"taints": taints}}
        await self.rest.ask("POST", "/api/v1/nodes", node)
        sizes = {**CAPACITY, **capacity}
        moment = {"lastHeartbeatTime": stamp(now()), "lastTransitionTime": stamp(now())}
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "stands in", **moment}
        address = [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": self.name}]
        status = {"capacity": sizes, "allocatable": sizes, "conditions": [ready], "addresses": address}
        await self.rest.patch(f"/api/v1/nodes/{self.name}/status", {"status": status})

    async def live(self) -> None:
        """Follow the node's pods and keep its lease, until cancelled."""
        beating = asyncio.ensure_future(self._beat())
        try:
            async for kind, pods in self.rest.follow(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{self.name}"):
                for pod in pods:
                    self._see(pod, gone=kind == "DELETED")
                if kind == "ALL":
                    self._miss({pod["metadata"]["uid"] for pod in pods})
        finally:
            beating.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(beating, *self._tasks, return_exceptions=True)
            await self.rest.close()

    def _see(self, pod: dict[str, Any], *, gone: bool) -> None:
        uid = pod["metadata"]["uid"]
        life = self._lives.get(uid)
        if gone:
            if life is not None:
                self._lives.pop(uid).vanished()
        elif life is not None:
            life.changed(pod)
        elif pod.get("status", {}).get("phase") not in {"Succeeded", "Failed"}:
            self._lives[uid] = life = Life(self, pod)
            self.do(life.live())

    def _miss(self, present: set[str]) -> None:
        for uid in self._lives.keys() - present:
            self._lives.pop(uid).vanished()

    async def _beat(self) -> None:
        path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
        body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": self.name}}
        while True:
            renewed = f"{stamp(now())[:-1]}.000000Z"
            spec = {"holderIdentity": self.name, "leaseDurationSeconds": 120, "renewTime": renewed}
            try:
                await self.rest.patch(f"{path}/{self.name}", {"spec": spec})
            except Gone:
                with suppress(Gone):  # the namespace comes a moment after the API server
                    await self.rest.ask("POST", path, {**body, "spec": spec})
            await asyncio.sleep(HEARTBEAT)


@contextmanager
def standing_in(
    plane: ControlPlane,
    name: str,
    *,
    labels: dict[str, str] | None = None,
    taints: list[dict[str, str]] | None = None,
    capacity: dict[str, str] | None = None,
) -> Iterator[Node]:
    """Add a node to a control plane of our own, and remove it afterwards.

    Args:
        plane: the control plane.
        name: of the node.
        labels: what node selectors find.
        taints: such as ``{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}``.
        capacity: over :data:`CAPACITY`, such as ``{"nvidia.com/gpu": "8"}``.
    """
    node = Node(Rest(plane.server, str(plane.certificate), plane.tokens["admin"]), name)

    async def living() -> None:
        await node.register(labels or {}, taints or [], capacity or {})
        node.up.set()
        await node.live()

    with beside(f"node {name}", living):
        assert node.up.wait(60), f"The node {name} could not be registered."
        yield node
        with suppress(Gone):
            node.vanish()
