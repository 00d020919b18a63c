"""Where and as what the pods of a lease run, as the policy says: what the spawner and the gateway apply on Kubernetes.

Volumes, mounts and tolerations are Kubernetes' own objects, ready for a manifest. Nothing in here is secret: Secrets
are named, never held.
"""

from pydantic import JsonValue

from hub_ext.contract.model import Message
from hub_ext.contract.shape import Count

Manifest = dict[str, JsonValue]
"""A part of a Kubernetes object, with Kubernetes' own keys."""


class PodPlacement(Message):
    """Of one pod. What is empty is left to the chart's values."""

    node_selector: dict[str, str] = {}
    tolerations: tuple[Manifest, ...] = ()
    priority_class: str = ""
    service_account: str = ""
    image: str = ""
    volumes: tuple[Manifest, ...] = ()
    volume_mounts: tuple[Manifest, ...] = ()
    labels: dict[str, str] = {}
    """Ours (:mod:`hub_ext.contract.labels`) and the policy's."""
    annotations: dict[str, str] = {}
    env_from_secrets: tuple[str, ...] = ()
    """Names of Secrets whose keys become environment variables."""
    resources: dict[str, Count] = {}
    """Extended resources, such as ``{"nvidia.com/gpu": 1}``."""


class Placement(Message):
    """Of the pods of one lease."""

    base: PodPlacement
    """The server, or the cluster's scheduler."""
    worker: PodPlacement | None = None
