"""The backstop that ``gatehouse policy kubernetes`` writes, before a real API server."""

import subprocess
import sys
from typing import Any

import pytest

from tests.kubernetes.cluster import Cluster, Refused
from tests.kubernetes.installing import VALUES
from tests.service.waiting import until

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 1, gpu_hour: {l4: 1}}]
profiles:
  small: {kind: server, cores: 0.5, memory: 1 GiB}
  gpu: {kind: server, cores: 1, memory: 2 GiB, gpus: {l4: 1}}
  standard: {kind: cluster, scheduler: {cores: 1, memory: 1 GiB}, worker: {cores: 1, memory: 1 GiB}, workers: {max: 9}}
groups:
  research: {match: [/r], profiles: [small, standard], quota: {cores: 10, memory: 12 GiB}}
  gpus: {match: [/g], profiles: [gpu], quota: {gpus: {l4: 2}}}
kubernetes: {gpus: {l4: {resource: example.org/l4}}}
"""


def written(text: str, *options: str) -> str:
    """Return what the command prints for a policy."""
    command = [sys.executable, "-m", "hub_ext.cli.main", "policy", "kubernetes", "/dev/stdin", *options]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def pod(name: str, cpu: str, memory: str, gpus: int = 0) -> dict[str, Any]:
    """Return a pod of a size, as the spawner makes it: requests are limits."""
    sizes = {"cpu": cpu, "memory": memory} | ({"example.org/l4": str(gpus)} if gpus else {})
    container = {"name": "main", "image": "none", "resources": {"requests": sizes, "limits": sizes}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}


def test_a_full_policy_fits_and_more_does_not(kubernetes: Cluster, namespace: str) -> None:
    """All that the policy can give out fits below the backstop; beyond ten percent Kubernetes refuses, naming it."""
    kubernetes.apply(written(POLICY, f"--namespace={namespace}"))
    until(lambda: "hard" in kubernetes.get("resourcequota", "gatehouse", "-n", namespace).get("status", {}))

    full = [pod(f"server-{place}", "500m", "1Gi") for place in range(2)]
    full += [pod(f"worker-{place}", "1", "1Gi") for place in range(9)]
    full += [pod(f"gpu-{place}", "1", "2Gi", gpus=1) for place in range(2)]
    for one in full:
        kubernetes.apply(one, namespace=namespace)

    kubernetes.apply(pod("within", "1", "1Gi"), namespace=namespace)
    with pytest.raises(Refused, match=r"exceeded quota: gatehouse, .* limited: requests.cpu=13200m"):
        kubernetes.apply(pod("beyond", "1", "100Mi"), namespace=namespace)
    with pytest.raises(Refused, match=r"exceeded quota: gatehouse, .*requests.example.org/l4"):
        kubernetes.apply(pod("gpus", "1m", "1Mi", gpus=2), namespace=namespace)
    with pytest.raises(Refused, match=r"maximum memory usage per Container is 2253Mi, but limit is 3Gi"):
        kubernetes.apply(pod("large", "1m", "3Gi"), namespace=namespace)


def test_a_pod_that_says_nothing_gets_little_and_no_gpu(kubernetes: Cluster, namespace: str) -> None:
    """A container without requests is counted with small ones, and never gets a GPU by default."""
    kubernetes.apply(written(POLICY, f"--namespace={namespace}"))
    plain = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "plain"}}
    kubernetes.apply({**plain, "spec": {"containers": [{"name": "main", "image": "none"}]}}, namespace=namespace)
    resources = kubernetes.get("pod", "plain", "-n", namespace)["spec"]["containers"][0]["resources"]
    assert resources["requests"] == {"cpu": "100m", "memory": "128Mi"}
    assert resources["limits"] == {"cpu": "1100m", "memory": "2253Mi"}
    half = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "half"}}
    named = {"name": "main", "image": "none", "resources": {"requests": {"memory": "2Gi"}}}
    kubernetes.apply(
        {**half, "spec": {"containers": [named]}}, namespace=namespace
    )  # a request without a limit is fine


def test_our_own_policies_have_a_backstop(kubernetes: Cluster, namespace: str) -> None:
    """The policies of helm-values bound everything, and the API server takes what is written of them."""
    for path in (VALUES / "manifests" / "policy.yaml", VALUES / "overlays" / "production" / "policy.yaml"):
        text = written(path.read_text(encoding="utf-8"), f"--namespace={namespace}", "--own-cores=8")
        assert "left out" not in text
        kubernetes.apply(text, dry_run=True)
