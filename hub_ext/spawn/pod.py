"""A pod gets what its lease says, over everything that KubeSpawner was configured with.

This is the last word on a manifest: profiles, group overrides, user options and ``extra_pod_config`` have all been read
by then. What they set beside the lease stays.
"""

from typing import Any

from kubernetes_asyncio.client.models import (
    V1EnvFromSource,
    V1ResourceRequirements,
    V1SecretEnvSource,
    V1Toleration,
    V1Volume,
    V1VolumeMount,
)
from kubespawner.utils import get_k8s_model

from hub_ext.contract.placement import PodPlacement
from hub_ext.contract.shape import Shape
from hub_ext.spawn.pod_life import CONTAINER

_UNPRICED = ("ephemeral-storage", "hugepages-")
"""Resources that configuration may add: they are in no price. Every other one comes from the lease alone."""


def seal(pod: Any, shape: Shape, placed: PodPlacement) -> None:
    """Give a pod its lease.

    Args:
        pod: a ``V1Pod`` from KubeSpawner; changed in place.
        shape: what it is priced by; it is request and limit alike.
        placed: what the policy says.
    """
    container = next(one for one in pod.spec.containers if one.name == CONTAINER)
    container.resources = _resources(container.resources, shape, placed)
    container.image = placed.image or container.image
    _secrets(container, placed)
    _volumes(pod.spec, container, placed)
    _nodes(pod.spec, placed)
    if placed.service_account:
        pod.spec.service_account_name = placed.service_account
        if pod.spec.automount_service_account_token is None:  # a cloud role needs no token of the cluster
            pod.spec.automount_service_account_token = False
    pod.spec.priority_class_name = placed.priority_class or pod.spec.priority_class_name
    pod.spec.restart_policy = "Never"  # a server that ended has ended: its interval and its lease have too
    pod.metadata.labels = {**(pod.metadata.labels or {}), **placed.labels}
    pod.metadata.annotations = {**(pod.metadata.annotations or {}), **placed.annotations}


def _resources(configured: Any, shape: Shape, placed: PodPlacement) -> V1ResourceRequirements:
    priced: dict[str, Any] = {"cpu": f"{shape.cores.normalize():f}", "memory": quantity(shape.memory)}
    priced |= {name: str(count) for name, count in placed.resources.items() if count}
    return V1ResourceRequirements(
        requests={**_unpriced(configured.requests), **priced}, limits={**_unpriced(configured.limits), **priced}
    )


def quantity(size: int) -> str:
    """Return bytes as people write them where that is exact: ``16Gi``, ``1536Mi``."""
    for unit, scale in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if size % scale == 0:
            return f"{size // scale}{unit}"
    return str(size)


def _unpriced(configured: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (configured or {}).items() if name.startswith(_UNPRICED)}


def _secrets(container: Any, placed: PodPlacement) -> None:
    sources = [V1EnvFromSource(secret_ref=V1SecretEnvSource(name=name)) for name in placed.env_from_secrets]
    container.env_from = [*(container.env_from or []), *sources] or None


def _volumes(spec: Any, container: Any, placed: PodPlacement) -> None:
    """Add the volumes; one of the same name, or at the same path, gives way."""
    names = {volume["name"] for volume in placed.volumes}
    paths = {mount["mountPath"] for mount in placed.volume_mounts}
    spec.volumes = [
        *(volume for volume in spec.volumes or [] if _read(volume, "name", "name") not in names),
        *(get_k8s_model(V1Volume, dict(volume)) for volume in placed.volumes),
    ]
    container.volume_mounts = [
        *(mount for mount in container.volume_mounts or [] if _read(mount, "mount_path", "mountPath") not in paths),
        *(get_k8s_model(V1VolumeMount, dict(mount)) for mount in placed.volume_mounts),
    ]


def _nodes(spec: Any, placed: PodPlacement) -> None:
    spec.node_selector = {**(spec.node_selector or {}), **placed.node_selector} or None
    added = [get_k8s_model(V1Toleration, dict(toleration)) for toleration in placed.tolerations]
    spec.tolerations = [*(spec.tolerations or []), *added] or None


def _read(part: Any, attribute: str, key: str) -> Any:
    """Read a part that ``extra_pod_config`` may have left as it was written."""
    return part.get(key, part.get(attribute)) if isinstance(part, dict) else getattr(part, attribute)
