"""What one cluster of pods was admitted as, and where its pods go. It becomes ``spec.config`` of its object."""

from collections.abc import Mapping
from typing import Any

from dask_gateway_server.backends.kubernetes.backend import KubeClusterConfig
from dask_gateway_server.backends.kubernetes.utils import merge_json_objects
from dask_gateway_server.traitlets import Command
from traitlets import Dict

from hub_ext.cluster.config import GatehouseConfigTraits, apply_lease
from hub_ext.cluster.kube.placing import Extra, placed
from hub_ext.contract.admission import Lease

UNITS = ("scheduler", "worker")


class GatehouseKubeClusterConfig(GatehouseConfigTraits, KubeClusterConfig):
    """A cluster of pods."""

    scheduler_cmd = Command(
        ["dask", "scheduler"],
        help="Command that starts a scheduler. The stock one names a script that distributed 2026.6 removed.",
    ).tag(config=True)

    worker_cmd = Command(
        ["dask", "worker"],
        help="Command that starts a worker. The stock one names a script that distributed 2026.6 removed.",
    ).tag(config=True)

    environment = Dict(
        help="""
        Environment variables of scheduler and workers. They are kept in a Secret of the cluster, never in its object,
        whoever set them: what is secret among them is not known here.
        """,
    ).tag(config=True)


def fit(config: Any, lease: Lease) -> None:
    """Give a new cluster exactly what its lease says: shapes, limits that are the requests, and where its pods go.

    An administrator's own extra configuration stays below it: lists are added to, single values are replaced.

    Raises:
        ValueError: the lease is none of a cluster.
    """
    apply_lease(config, lease)
    for unit, shape in zip(UNITS, (lease.base, lease.worker), strict=True):
        assert shape is not None  # noqa: S101 - apply_lease has looked
        setattr(config, f"{unit}_cores", float(shape.cores))
        setattr(config, f"{unit}_cores_limit", float(shape.cores))
        setattr(config, f"{unit}_memory_limit", shape.memory)
        _add(config, unit, placed(lease, unit))
    if lease.placement is not None and lease.placement.base.image:
        config.image = lease.placement.base.image


def _add(config: Any, unit: str, extra: Extra) -> None:
    for part, told in (
        ("pod_config", extra.pod),
        ("container_config", extra.container),
        ("pod_labels", extra.labels),
        ("pod_annotations", extra.annotations),
    ):
        name = f"{unit}_extra_{part}"
        setattr(config, name, merge_json_objects(getattr(config, name), told))


def with_secret(config: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """Return a cluster's configuration whose environment is in a Secret of this name, and nowhere else."""
    found = {**config, "environment": {}}
    for unit in UNITS:
        name = f"{unit}_extra_container_config"
        found[name] = merge_json_objects(config[name], {"envFrom": [{"secretRef": {"name": secret}}]})
    return found
