"""On a real node containers run; what the stand-in writes into a pod's status is what a real kubelet writes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.kubernetes.cluster import Cluster
from tests.kubernetes.image import IMAGE
from tests.kubernetes.inside import NODE
from tests.kubernetes.kubelet import RealNode, real_node
from tests.kubernetes.node import Node
from tests.service.waiting import until

pytestmark = [pytest.mark.own_plane, pytest.mark.real_node]
PATIENCE = 60.0
"""Seconds for what a kubelet does; on an idle machine it is a second or two."""
MISSING = "127.0.0.1:1/none:1"
"""An image in a registry that is not there."""
DOES = {
    "done": ["exit", "0"],
    "failed": ["exit", "3"],
    "eaten": ["eat", "200"],
    "stays": ["pause", "143"],
    "stubborn": ["stubborn"],
    "imageless": ["pause"],
    "secretless": ["pause"],
}
"""By a pod's name, what its container does."""
ENDS = {"done": (0, ""), "failed": (3, ""), "eaten": (137, "OOMKilled")}
"""What the stand-in is told of those that end by themselves."""


def a_pod(name: str, node: str) -> dict[str, Any]:
    """Return a pod for one of the two nodes."""
    image = MISSING if name == "imageless" else IMAGE
    secret = [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "key"}}}]
    main = {
        "name": "main",
        "image": image,
        "args": DOES[name],
        "env": secret if name == "secretless" else [],
        "resources": {"limits": {"memory": "64Mi"}},
    }
    spec = {
        "restartPolicy": "Never",
        "containers": [main],
        "terminationGracePeriodSeconds": 2,
        "nodeSelector": {"kubernetes.io/hostname": node},
    }
    metadata = {"name": f"{name}-{node}", "finalizers": ["gatehouse/ledger"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


class Pods:
    """The pods of a namespace on both nodes."""

    def __init__(self, kubernetes: Cluster, namespace: str, nodes: tuple[str, str], real: RealNode) -> None:
        self.real = real
        self.kubernetes = kubernetes
        self.namespace = namespace
        self.nodes = nodes

    def every(self) -> dict[str, Any]:
        """Return every pod by its name."""
        return {one["metadata"]["name"]: one for one in self.kubernetes.get("pods", "-n", self.namespace)}

    def until(self, names: tuple[str, ...], text: str) -> None:
        """Wait until the states of the pods' containers, on both nodes, hold a text."""
        wanted = [f"{name}-{node}" for name in names for node in self.nodes]

        def holds() -> bool:
            assert self.real.program.runs
            pods = self.every()
            return all(text in str(pods[name]["status"].get("containerStatuses")) for name in wanted)

        until(holds, PATIENCE)

    def release(self) -> None:
        """Remove the finalizers."""
        for name in self.every():
            none = '{"metadata":{"finalizers":null}}'
            self.kubernetes.kubectl("patch", "pod", name, "-n", self.namespace, "--type=merge", "-p", none)


@pytest.fixture
def pods(kubernetes: Cluster, namespace: str, node: Node) -> Iterator[Pods]:
    """Every kind of pod, on a real node and on one that stands in."""
    assert kubernetes.plane is not None
    node.unpullable.add(MISSING)
    node.stubborn.add(f"stubborn-{node.name}")
    with real_node(kubernetes) as real:
        pods = Pods(kubernetes, namespace, (NODE, node.name), real)
        kubernetes.apply(*(a_pod(name, which) for name in DOES for which in pods.nodes), namespace=namespace)
        try:
            until(lambda: {f"{name}-{node.name}" for name in ENDS} <= {run.pod for run in node.ran}, PATIENCE)
            for name, (code, reason) in ENDS.items():
                node.end(namespace, f"{name}-{node.name}", code, reason)
            yield pods
        finally:
            pods.release()


def test_statuses_are_a_kubelets(pods: Pods, node: Node) -> None:
    """For each kind of end both nodes write the same phase, exit code, reason and times; times are whole seconds."""
    pods.until(tuple(ENDS), "terminated")
    pods.until(("stays", "stubborn"), "running")
    pods.until(("imageless",), "ErrImagePull")
    pods.until(("secretless",), 'secret "keys" not found')

    pods.kubernetes.kubectl("delete", "pods", "--all", "-n", pods.namespace, "--wait=false")

    pods.until(tuple(DOES), "terminated")
    told: dict[str, dict[str, Any]] = {NODE: {}, node.name: {}}
    for full, pod in pods.every().items():
        name, _, which = full.partition("-")
        end = pod["status"]["containerStatuses"][0]["state"]["terminated"]
        moments = [end[key] for key in ("startedAt", "finishedAt") if end.get(key)]
        told[which][name] = (pod["status"]["phase"], end["exitCode"], end["reason"], len(moments))
        assert all(datetime.fromisoformat(moment).microsecond == 0 for moment in moments)
    assert told[NODE] == told[node.name]
    assert told[NODE]["eaten"] == ("Failed", 137, "OOMKilled", 2)
