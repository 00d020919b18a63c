"""Where the pods of a lease go, as the parts of a manifest that Dask Gateway merges into its own. Pure."""

from dataclasses import dataclass
from typing import Any

from hub_ext.contract.admission import Lease
from hub_ext.contract.labels import PodUnit, annotations_of, labels_of
from hub_ext.contract.placement import PodPlacement


@dataclass(frozen=True)
class Extra:
    """What one kind of pod has beside the stock manifest, with Kubernetes' own keys."""

    pod: dict[str, Any]
    container: dict[str, Any]
    labels: dict[str, str]
    annotations: dict[str, str]


def placed(lease: Lease, unit: str) -> Extra:
    """Return what a lease's schedulers or workers are to have.

    Ours among the labels stand above the policy's: by them a pod is found and paid for.

    Args:
        lease: a cluster's, as it was admitted.
        unit: ``scheduler`` or ``worker``.
    """
    where = _where(lease, unit)
    return Extra(
        pod=_filled(
            nodeSelector=where.node_selector,
            tolerations=list(where.tolerations),
            priorityClassName=where.priority_class,
            serviceAccountName=where.service_account,
            volumes=list(where.volumes),
        ),
        container=_filled(
            image=where.image,
            volumeMounts=list(where.volume_mounts),
            envFrom=[{"secretRef": {"name": name}} for name in where.env_from_secrets],
            resources=_resources(where),
        ),
        labels={**where.labels, **labels(lease, PodUnit(unit))},
        annotations={**where.annotations, **annotations(lease)},
    )


def labels(lease: Lease, unit: PodUnit) -> dict[str, str]:
    """Return our labels of a pod of the lease."""
    return labels_of(lease=lease.id, unit=unit, user=lease.user, group=lease.group, profile=lease.profile)


def annotations(lease: Lease) -> dict[str, str]:
    """Return our annotations of a pod of the lease."""
    return annotations_of(user=lease.user, group=lease.group, profile=lease.profile)


def _where(lease: Lease, unit: str) -> PodPlacement:
    if lease.placement is None:
        return PodPlacement()
    if unit == PodUnit.worker and lease.placement.worker is not None:
        return lease.placement.worker
    return lease.placement.base


def _resources(where: PodPlacement) -> dict[str, Any]:
    """Return extended resources; Kubernetes takes them only where request and limit are the same."""
    counts = {name: str(count) for name, count in where.resources.items() if count}
    return {"requests": counts, "limits": dict(counts)} if counts else {}


def _filled(**parts: Any) -> dict[str, Any]:
    """Leave out what is empty, so that the chart's own value stands."""
    return {name: part for name, part in parts.items() if part}
