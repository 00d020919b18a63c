"""The profiles of the policy document: what a notebook server or a Dask cluster is, and what it costs."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from hub_ext.contract.shape import Shape
from hub_ext.policy.fields import Amount, Block, Duration, Gpus, Part, PositiveCores, PositiveSize, PositiveWhole, Truth
from hub_ext.policy.kubernetes import ClusterPods
from hub_ext.policy.kubernetes_options import ServerPods


class Idle(Part):
    """Idle time until a stop: the default, and what a person may choose within. Nobody can switch it off."""

    default: Duration
    """Holds unless a person chooses another."""
    min: Duration | None = None
    """The shortest that a person may choose."""
    max: Duration | None = None
    """The longest that a person may choose."""


class Lifetime(Part):
    """The longest life of a server or cluster."""

    max: Duration
    """Counted from the start."""


class Resources(Part):
    """What one process gets."""

    cores: PositiveCores
    """CPU cores; fractions such as 0.5 are fine."""
    memory: PositiveSize
    """Memory."""
    gpus: Gpus = {}
    """GPUs, by model."""

    @property
    def shape(self) -> Shape:
        """The same as a message."""
        return Shape(cores=self.cores, memory=self.memory, gpus=dict(self.gpus))


class WorkerBounds(Part):
    """How many workers one cluster may have."""

    max: PositiveWhole
    """Of one cluster, whatever the quota."""


class ServerPrice(Part):
    """The price of one server, instead of the unit prices."""

    hour: Amount
    """Per hour."""


class WorkerPrice(Part):
    """The price of one worker, instead of the unit prices; the scheduler is priced by units."""

    worker_hour: Amount
    """Per hour."""


class Spot(Part):
    """What runs on interruptible machines."""

    workers: Truth = False
    """Whether workers run on interruptible machines, at `spot_factor` of the price."""


class _Profile(Part):
    title: str = ""
    """What people read; the profile's name, where it is left out."""
    description: str = ""
    """What it is good for, in half a line."""
    idle: Idle | None = None
    """When it stops by itself because nothing is done."""
    lifetime: Lifetime | None = None
    """When it stops by itself in any case."""
    local: Block = {}
    """Settings for the engine of one machine, passed on as they are."""
    slurm: Block = {}
    """Settings for Slurm, passed on as they are."""

    @property
    def idle_default(self) -> timedelta:
        """The idle time that holds unless a person chooses another; zero: none."""
        return self.idle.default if self.idle else timedelta(0)

    @property
    def lifetime_max(self) -> timedelta:
        """The longest life; zero: unbounded."""
        return self.lifetime.max if self.lifetime else timedelta(0)


class ServerProfile(_Profile):
    """A notebook server of one size."""

    kind: Literal["server"]
    """Marks a notebook server."""
    cores: PositiveCores
    """CPU cores of the server."""
    memory: PositiveSize
    """Memory of the server."""
    gpus: Gpus = {}
    """GPUs of the server, by model."""
    price: ServerPrice | None = None
    """Its own price, instead of the unit prices."""
    kubernetes: ServerPods = ServerPods()
    """What its pods get on Kubernetes beside their size."""

    @property
    def shape(self) -> Shape:
        """What the server holds."""
        return Shape(cores=self.cores, memory=self.memory, gpus=dict(self.gpus))


class ClusterProfile(_Profile):
    """A Dask cluster: one scheduler, and workers of one size."""

    kind: Literal["cluster"]
    """Marks a Dask cluster."""
    scheduler: Resources = Resources(cores=Decimal(1), memory=2 * 2**30)
    """What the scheduler gets."""
    worker: Resources
    """What each worker gets."""
    workers: WorkerBounds
    """How many workers one cluster may have."""
    no_client: Duration | None = None
    """How long it lives without a connected `Client`; a `GatewayCluster`, the panel and a dashboard do not count."""
    stops_with_server: Truth = True
    """Whether it ends when the last notebook server of its person has ended that ran beside it."""
    spot: Spot = Spot()
    """What runs on interruptible machines."""
    price: WorkerPrice | None = None
    """The workers' own price, instead of the unit prices."""
    kubernetes: ClusterPods = ClusterPods()
    """What its pods get on Kubernetes beside their size."""


Profile = Annotated[ServerProfile | ClusterProfile, Field(discriminator="kind")]
