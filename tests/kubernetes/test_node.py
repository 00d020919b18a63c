"""Pods on the node that stands in have the statuses that a kubelet writes; what happened is what they say."""

from typing import Any

import pytest

from tests.kubernetes.cluster import PATIENCE, Cluster
from tests.kubernetes.node import Node, standing_in
from tests.kubernetes.statuses import stamp
from tests.service.waiting import until


def a_pod(name: str, image: str = "registry/worker:1", **spec: Any) -> dict[str, Any]:
    """Return a pod with one container."""
    main = {"name": "main", "image": image, "resources": {"requests": {"cpu": "1"}}, **spec.pop("main", {})}
    body = {"restartPolicy": "Never", "containers": [main], "terminationGracePeriodSeconds": 1, **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": body}


def status(kubernetes: Cluster, namespace: str, name: str) -> Any:
    """Return the pod's status."""
    return kubernetes.get("pod", name, "-n", namespace)["status"]


def until_phase(kubernetes: Cluster, namespace: str, name: str, phase: str) -> Any:
    """Wait for a phase and return the status."""
    until(lambda: status(kubernetes, namespace, name)["phase"] == phase, PATIENCE)
    return status(kubernetes, namespace, name)


def test_run(kubernetes: Cluster, namespace: str, node: Node) -> None:
    """A pod is bound by the scheduler, runs, and ends; its times are those of what happened."""
    kubernetes.apply(a_pod("one"), namespace=namespace)
    begun = until_phase(kubernetes, namespace, "one", "Running")
    (run,) = (run for run in node.ran if run.namespace == namespace)
    assert begun["containerStatuses"][0]["state"] == {"running": {"startedAt": stamp(run.started)}}
    assert {one["type"] for one in begun["conditions"]} >= {"PodScheduled", "Ready"}

    node.end(namespace, "one", 137, "OOMKilled")

    ended = until_phase(kubernetes, namespace, "one", "Failed")["containerStatuses"][0]["state"]["terminated"]
    assert run.ended is not None
    assert (ended["startedAt"], ended["finishedAt"]) == (stamp(run.started), stamp(run.ended))
    assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")


def test_restarted_in_place(kubernetes: Cluster, namespace: str, node: Node) -> None:
    """A container that fails starts again where the policy says so; the pod tells both runs."""
    kubernetes.apply(a_pod("again", restartPolicy="OnFailure"), namespace=namespace)
    until_phase(kubernetes, namespace, "again", "Running")

    node.end(namespace, "again", 1)

    until(lambda: status(kubernetes, namespace, "again")["containerStatuses"][0]["restartCount"] == 1, PATIENCE)
    told = status(kubernetes, namespace, "again")["containerStatuses"][0]
    first, second = (run for run in node.ran if run.namespace == namespace)
    assert first.ended is not None
    assert told["lastState"]["terminated"]["finishedAt"] == stamp(first.ended)
    assert told["state"]["running"]["startedAt"] == stamp(second.started)


def test_deleted_with_finalizer(kubernetes: Cluster, namespace: str, node: Node) -> None:
    """A deleted pod with a finalizer stays, with the end of its container, until the finalizer is removed."""
    pod = a_pod("kept")
    pod["metadata"]["finalizers"] = ["gatehouse/ledger"]
    kubernetes.apply(pod, namespace=namespace)
    until_phase(kubernetes, namespace, "kept", "Running")
    node.stubborn.add("kept")

    kubernetes.kubectl("delete", "pod", "kept", "-n", namespace, "--wait=false")

    told = until_phase(kubernetes, namespace, "kept", "Failed")["containerStatuses"][0]["state"]["terminated"]
    (run,) = (run for run in node.ran if run.namespace == namespace)
    assert run.ended is not None
    assert (told["finishedAt"], told["exitCode"]) == (stamp(run.ended), 137)  # it ignored SIGTERM
    kubernetes.kubectl("patch", "pod", "kept", "-n", namespace, "--type=merge", "-p", '{"metadata":{"finalizers":[]}}')
    until(lambda: not kubernetes.get("pods", "-n", namespace), PATIENCE)


def test_cannot_start(kubernetes: Cluster, namespace: str, node: Node) -> None:
    """An image that is not there and a secret that is missing are told as a kubelet tells them."""
    node.unpullable.add("registry/none:1")
    wants = {"env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "key"}}}]}
    kubernetes.apply(a_pod("no-image", "registry/none:1"), a_pod("no-secret", main=wants), namespace=namespace)

    def reason(name: str) -> Any:
        found = status(kubernetes, namespace, name).get("containerStatuses")
        return found and found[0]["state"].get("waiting")

    until(lambda: (reason("no-image") or {}).get("reason") == "ErrImagePull", PATIENCE)
    until(lambda: (reason("no-secret") or {}).get("message") == 'secret "keys" not found', PATIENCE)
    kubernetes.kubectl("create", "secret", "generic", "keys", "-n", namespace, "--from-literal=key=1")
    until_phase(kubernetes, namespace, "no-secret", "Running")
    kubernetes.kubectl("delete", "pod", "no-image", "-n", namespace)
    assert not [run for run in node.ran if run.pod == "no-image"]


@pytest.mark.own_plane
def test_taken_back(kubernetes: Cluster, namespace: str) -> None:
    """Pods choose a node by selector and toleration; of a node that is taken away nobody writes the end."""
    assert kubernetes.plane is not None
    taint = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
    chosen: dict[str, Any] = {"nodeSelector": {"pool": "spot"}}
    tolerant = {**chosen, "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}]}
    with standing_in(kubernetes.plane, "spot-1", labels={"pool": "spot"}, taints=[taint]) as spot:
        kubernetes.apply(a_pod("tolerant", **tolerant), a_pod("intolerant", **chosen), namespace=namespace)
        until_phase(kubernetes, namespace, "tolerant", "Running")
        assert "untolerated taint" in str(status(kubernetes, namespace, "intolerant")["conditions"])

        spot.vanish()

        assert spot.ran[0].ended is not None
        assert status(kubernetes, namespace, "tolerant")["phase"] == "Running"
        kubernetes.kubectl("delete", "pod", "tolerant", "-n", namespace, "--force")  # as a collector does later


@pytest.mark.own_plane
def test_api_server_away(kubernetes: Cluster, namespace: str, node: Node) -> None:
    """What ended while the API server was away is told, with its time, when it is back."""
    assert kubernetes.plane is not None
    kubernetes.apply(a_pod("one"), namespace=namespace)
    until_phase(kubernetes, namespace, "one", "Running")
    (run,) = (run for run in node.ran if run.namespace == namespace)
    kubernetes.plane.apiserver.kill()
    node.end(namespace, "one")

    kubernetes.plane.start_apiserver()

    assert run.ended is not None
    ended = until_phase(kubernetes, namespace, "one", "Succeeded")["containerStatuses"][0]["state"]["terminated"]
    assert ended["finishedAt"] == stamp(run.ended)
