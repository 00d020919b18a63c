"""The metrics API as a resource that is simply kept: what a test writes there is what gateway and service read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.kubernetes.cluster import Cluster

WINDOW = 15
"""Seconds over which a figure is a mean."""
_KIND: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {
        "name": "pods.metrics.k8s.io",
        "annotations": {"api-approved.kubernetes.io": "unapproved, it stands in for metrics-server"},
    },
    "spec": {
        "group": "metrics.k8s.io",
        "names": {"kind": "PodMetrics", "listKind": "PodMetricsList", "plural": "pods", "singular": "pod"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1beta1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


@contextmanager
def served(kubernetes: Cluster) -> Iterator[None]:
    """Have a metrics API for a while."""
    kubernetes.install_crds([_KIND])
    try:
        yield
    finally:
        kubernetes.kubectl("delete", "crd", _KIND["metadata"]["name"])


def measured(pod: str, labels: Mapping[str, str], ended: datetime, cpu: str, memory: str = "90Mi") -> dict[str, Any]:
    """Return what metrics-server tells of a pod: its labels, and a mean over the ``WINDOW`` before ``ended``."""
    return {
        "apiVersion": "metrics.k8s.io/v1beta1",
        "kind": "PodMetrics",
        "metadata": {"name": pod, "labels": dict(labels)},
        "timestamp": ended.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "window": f"{WINDOW}s",
        "containers": [{"name": "dask-worker", "usage": {"cpu": cpu, "memory": memory}}],
    }
