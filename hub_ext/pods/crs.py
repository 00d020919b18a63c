"""What a DaskCluster says of itself. Pure.

Source: dask-gateway 2026.3, ``KubeBackend.make_cluster_object`` and ``KubeController.handle_cluster``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_ext.contract.labels import LEASE


@dataclass(frozen=True)
class Cluster:
    """A DaskCluster."""

    namespace: str
    name: str
    lease: str
    """By its label; empty: it has none."""
    replicas: int
    """Workers that its controller may start."""
    active: bool
    """Whether it has neither ended nor been told to."""
    created_at: datetime

    @property
    def ref(self) -> str:
        """The gateway's name for it."""
        return f"{self.namespace}.{self.name}"


def cluster(told: Mapping[str, Any]) -> Cluster:
    """Read an object of the API server."""
    meta, spec, status = told["metadata"], told.get("spec") or {}, told.get("status") or {}
    return Cluster(
        namespace=meta["namespace"],
        name=meta["name"],
        lease=(meta.get("labels") or {}).get(LEASE, ""),
        replicas=int(spec.get("replicas") or 0),
        active=bool(spec.get("active", True)) and status.get("phase") not in {"Stopped", "Failed"},
        created_at=datetime.fromisoformat(meta["creationTimestamp"]),
    )
