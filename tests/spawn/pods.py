"""Pods as an API server sends them, for tests of what is made of their statuses."""

from typing import Any


def a_pod(state: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a server's pod; ``state`` is that of its container, ``meta`` and ``status`` are added to."""
    statuses = [{"name": "notebook", "image": "images.example.org/lab@sha256:1", "state": state}] if state else []
    meta = {"name": "jupyter-alice", "namespace": "people", "uid": "u-1", "labels": {"gatehouse/lease": "d-1"}}
    return {
        "metadata": {**meta, **changes.pop("meta", {})},
        "spec": {"nodeName": "node-1", "containers": [{"name": "notebook", "image": "images.example.org/lab:1"}]},
        "status": {"phase": "Pending", "containerStatuses": statuses, **changes.pop("status", {})},
    }
