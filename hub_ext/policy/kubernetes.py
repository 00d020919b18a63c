"""The ``kubernetes:`` blocks of the policy document, with Kubernetes' own names for what they set.

They are read as strictly as the rest: an unknown key, an impossible name, a volume without a source is a mistake with
its line. Secrets are named here and never written. What a block sets adds up from the top of the document to the
single choice; :mod:`hub_ext.policy.placing` says in which order.

A volume may be of any source here, ``hostPath`` too: the policy is the administrators' word. What people may choose
among (``profileOptions``) sets less: see :mod:`hub_ext.policy.kubernetes_options`.
"""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from hub_ext.policy.fields import Part, Truth, Whole
from hub_ext.policy.kubernetes_names import (
    AnnotationKey,
    Image,
    LabelKey,
    LabelText,
    MountPath,
    ObjectName,
    OwnLabelKey,
    Quantity,
    ResourceName,
    VolumeName,
)


class KubePart(Part):
    """A block with Kubernetes' own key names."""

    model_config = ConfigDict(alias_generator=to_camel)


class Toleration(KubePart):
    """A taint of nodes that a pod bears."""

    key: LabelKey | None = None
    """Of the taint; with none, `operator: Exists` bears every taint."""
    operator: Literal["Equal", "Exists"] = "Equal"
    """`Exists` bears the key with any value."""
    value: LabelText | None = None
    """Of the taint, for `Equal`."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Of the taint; where it is left out, any."""
    toleration_seconds: Whole | None = None
    """How long `NoExecute` is borne."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.operator == "Exists" and self.value is not None:
            raise ValueError("operator: Exists bears every value; remove value, or write operator: Equal")
        if self.operator == "Equal" and self.key is None:
            raise ValueError("names no key; add it, or write operator: Exists to bear every taint")
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            raise ValueError("tolerationSeconds needs effect: NoExecute; add that, or remove it")
        return self


class Item(KubePart):
    """One key as a file."""

    key: str
    """In the Secret or ConfigMap."""
    path: str
    """Of the file."""


class EmptyDir(KubePart):
    """A directory that lives as long as the pod."""

    medium: Literal["Memory"] | None = None
    """`Memory`: a RAM disk, which counts as the pod's memory."""
    size_limit: Quantity | None = None
    """Most that it may hold."""


class ClaimSource(KubePart):
    """A PersistentVolumeClaim."""

    claim_name: ObjectName
    """Its name, in the pods' namespace."""
    read_only: Truth = False
    """Whether pods may only read."""


class ConfigMapSource(KubePart):
    """A ConfigMap as files."""

    name: ObjectName
    """Its name."""
    items: tuple[Item, ...] = ()
    """Which keys; all, where it is left out."""
    optional: Truth = False
    """Whether pods start without it."""


class SecretSource(KubePart):
    """A Secret as files."""

    secret_name: ObjectName
    """Its name; never its values."""
    items: tuple[Item, ...] = ()
    """Which keys; all, where it is left out."""
    optional: Truth = False
    """Whether pods start without it."""


class NfsSource(KubePart):
    """A directory of an NFS server."""

    server: Annotated[str, Field(min_length=1)]
    """Its host name."""
    path: MountPath
    """The directory that it exports."""
    read_only: Truth = False
    """Whether pods may only read."""


class HostPathSource(KubePart):
    """A directory of the node. It gives a pod what the node holds: only administrators can write this, no choice."""

    path: MountPath
    """On the node."""
    type: Literal["DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket"] | None = None
    """What must be there."""


class SecretName(KubePart):
    """A Secret by name."""

    name: ObjectName
    """Its name."""


class CsiSource(KubePart):
    """A volume of a CSI driver that lives as long as the pod."""

    driver: Annotated[str, Field(min_length=1)]
    """The driver's name."""
    read_only: Truth = False
    """Whether pods may only read."""
    volume_attributes: dict[str, str] = {}
    """What the driver is told."""
    node_publish_secret_ref: SecretName | None = None
    """The Secret that it uses."""


class Volume(KubePart):
    """A volume: a name and one source."""

    name: VolumeName
    """By which `volumeMounts` name it."""
    persistent_volume_claim: ClaimSource | None = None
    """A PersistentVolumeClaim."""
    config_map: ConfigMapSource | None = None
    """A ConfigMap as files."""
    secret: SecretSource | None = None
    """A Secret as files."""
    empty_dir: EmptyDir | None = None
    """A directory that lives as long as the pod."""
    nfs: NfsSource | None = None
    """A directory of an NFS server."""
    csi: CsiSource | None = None
    """A volume of a CSI driver."""
    host_path: HostPathSource | None = None
    """A directory of the node."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        known = [field for field in type(self).model_fields if field != "name"]
        held = [to_camel(field) for field in known if getattr(self, field) is not None]
        if not held:
            raise ValueError(f"volume {self.name} has no source; add one of {', '.join(map(to_camel, known))}")
        if len(held) > 1:
            raise ValueError(f"volume {self.name} has {len(held)} sources, {' and '.join(held)}; keep one")
        return self


class VolumeMount(KubePart):
    """Where a volume appears in the container."""

    name: VolumeName
    """Of the volume."""
    mount_path: MountPath
    """In the container."""
    sub_path: str | None = None
    """A path within the volume; its root, where it is left out."""
    read_only: Truth = False
    """Whether the container may only read."""


class Nodes(KubePart):
    """Which nodes."""

    node_selector: dict[LabelKey, LabelText] = {}
    """Labels that a node must have."""
    tolerations: tuple[Toleration, ...] = ()
    """Taints that are borne."""


class GpuNodes(Nodes):
    """What a GPU model is to Kubernetes."""

    resource: ResourceName = "nvidia.com/gpu"
    """The extended resource that a pod asks for."""


class Pods(Nodes):
    """What pods get beside their size."""

    priority_class_name: ObjectName | None = None
    """PriorityClass."""
    service_account_name: ObjectName | None = None
    """ServiceAccount, such as one with a cloud role."""
    image: Image | None = None
    """Container image, with its tag or digest."""
    volumes: tuple[Volume, ...] = ()
    """Volumes."""
    volume_mounts: tuple[VolumeMount, ...] = ()
    """Where volumes appear."""
    labels: dict[OwnLabelKey, LabelText] = {}
    """More labels; Gatehouse's own cannot be written."""
    annotations: dict[AnnotationKey, str] = {}
    """More annotations."""
    env_from_secrets: tuple[ObjectName, ...] = ()
    """Names of Secrets whose keys become environment variables. The Secrets are made outside of the policy."""


class ClusterPods(Pods):
    """Of a cluster profile: what holds for the scheduler and the workers, and what more for one of them."""

    scheduler: Pods = Pods()
    """For the scheduler, beside the rest."""
    worker: Pods = Pods()
    """For the workers, beside the rest."""


class Kubernetes(Pods):
    """Of the whole document: what holds for every pod, and what GPUs and spot machines are to this cluster."""

    gpus: dict[str, GpuNodes] = {}
    """By the model names of the policy."""
    spot: Nodes = Nodes()
    """Nodes of workers whose profile says `spot: {workers: true}`."""
    on_demand: Nodes = Nodes()
    """Nodes of everything else: servers, schedulers, and workers at the full price."""
