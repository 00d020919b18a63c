"""Policy x group x profile -> where and as what the pods of a lease run on Kubernetes. Pure.

What is set adds up, and the later wins where two set the same thing (the same node label, taint, volume name, mount
path, label, annotation; the image, the priority class, the service account)::

    kubernetes:                          the whole document
    profiles.NAME.kubernetes             the profile
      .scheduler, .worker                of a cluster: one of its parts
    groups.NAME.kubernetes               the group that is charged
    a choice of profileOptions           of a server: what the person chose
    kubernetes.spot or .onDemand         nodes only
    kubernetes.gpus.MODEL                nodes only

Nodes of spot machines and GPUs come last: what is metered is what is priced, whatever else is said. Ours are the last
labels and annotations of all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub_ext.contract.labels import PodUnit, annotations_of, labels_of
from hub_ext.contract.placement import Manifest, Placement, PodPlacement
from hub_ext.policy.document import Policy
from hub_ext.policy.fields import Part
from hub_ext.policy.kubernetes import GpuNodes, Nodes, Pods
from hub_ext.policy.profiles import ClusterProfile


@dataclass
class _Sum:
    """What has been set so far."""

    node_selector: dict[str, str] = field(default_factory=dict)
    tolerations: dict[str, Manifest] = field(default_factory=dict)
    volumes: dict[str, Manifest] = field(default_factory=dict)
    mounts: dict[str, Manifest] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, None] = field(default_factory=dict)
    image: str = ""
    priority_class: str = ""
    service_account: str = ""

    def add(self, pods: Pods) -> None:
        self.add_nodes(pods)
        self.volumes |= {volume.name: _manifest(volume) for volume in pods.volumes}
        self.mounts |= {mount.mount_path: _manifest(mount) for mount in pods.volume_mounts}
        self.labels |= pods.labels
        self.annotations |= pods.annotations
        self.secrets |= dict.fromkeys(pods.env_from_secrets)
        self.image = pods.image or self.image
        self.priority_class = pods.priority_class_name or self.priority_class
        self.service_account = pods.service_account_name or self.service_account

    def add_nodes(self, nodes: Nodes) -> None:
        self.node_selector |= nodes.node_selector
        for toleration in nodes.tolerations:
            taint = f"{toleration.key} {toleration.operator} {toleration.value} {toleration.effect}"
            self.tolerations[taint] = _manifest(toleration)

    def pod(self, resources: Mapping[str, int], labels: Mapping[str, str], notes: Mapping[str, str]) -> PodPlacement:
        return PodPlacement(
            node_selector=self.node_selector,
            tolerations=tuple(self.tolerations.values()),
            priority_class=self.priority_class,
            service_account=self.service_account,
            image=self.image,
            volumes=tuple(self.volumes.values()),
            volume_mounts=tuple(self.mounts.values()),
            labels=self.labels | dict(labels),
            annotations=self.annotations | dict(notes),
            env_from_secrets=tuple(self.secrets),
            resources=dict(resources),
        )


def place(policy: Policy, group: str, profile: str, *, lease: str, user: str, chosen: Iterable[Pods] = ()) -> Placement:
    """Return where the pods of a lease run.

    Args:
        policy: the policy in force.
        group: the policy group that is charged.
        profile: name of the profile.
        lease: id of the lease.
        user: the person's name.
        chosen: what the person's choices set (:func:`hub_ext.policy.choosing.choose`).
    """
    rules = policy.profiles[profile]
    names = {"user": user, "group": group, "profile": profile}

    def one(unit: PodUnit, nodes: Nodes, gpus: Mapping[str, int], *more: Pods) -> PodPlacement:
        total = _Sum()
        for block in (policy.kubernetes, rules.kubernetes, *more, policy.groups[group].kubernetes, *chosen):
            total.add(block)
        total.add_nodes(nodes)
        resources = _gpus(policy, total, gpus)
        return total.pod(resources, labels_of(lease=lease, unit=unit, **names), annotations_of(**names))

    on_demand, spot = policy.kubernetes.on_demand, policy.kubernetes.spot
    if not isinstance(rules, ClusterProfile):
        return Placement(base=one(PodUnit.server, on_demand, rules.gpus))
    parts = rules.kubernetes
    return Placement(
        base=one(PodUnit.scheduler, on_demand, rules.scheduler.gpus, parts.scheduler),
        worker=one(PodUnit.worker, spot if rules.spot.workers else on_demand, rules.worker.gpus, parts.worker),
    )


def _gpus(policy: Policy, total: _Sum, gpus: Mapping[str, int]) -> dict[str, int]:
    """Add the nodes of each GPU model, and return the extended resources."""
    resources: dict[str, int] = {}
    for model, count in gpus.items():
        if count:
            nodes = policy.kubernetes.gpus.get(model, _PLAIN_GPU)
            total.add_nodes(nodes)
            resources[nodes.resource] = resources.get(nodes.resource, 0) + count
    return resources


_PLAIN_GPU = GpuNodes()
"""Of a document that says nothing of Kubernetes: what the most used device plugin calls a GPU."""


def _manifest(part: Part) -> Manifest:
    """Return a block as Kubernetes takes it; what was left out stays out."""
    written: Manifest = _plain(part.model_dump(by_alias=True, exclude_none=True))
    return written


def _plain(value: Any) -> Any:
    """Leave out the empty lists that stand for "not said" to us and for "none of them" to nobody."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items() if item not in ((), [])}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
