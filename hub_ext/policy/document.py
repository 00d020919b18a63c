"""The policy document: the one file that an administrator edits, as frozen values.

Sections in the order of the file: currency and prices, profiles, cohorts, groups (their order is their precedence),
administrators, packages, data sources, defaults. Cross-references are checked in :mod:`hub_ext.policy.reading`, which
knows the line numbers.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from hub_ext.contract.admission import Kind
from hub_ext.contract.shape import Shape
from hub_ext.policy.fields import (
    Amount,
    Block,
    CoreCount,
    Day,
    Duration,
    Gpus,
    Name,
    Part,
    PositiveCores,
    PositiveSize,
    PositiveWhole,
    Share,
    Size,
    Truth,
    Weight,
    Whole,
)


class Price(Part):
    """Unit prices per hour from a date (00:00 UTC) on, until the next entry."""

    since: Annotated[Day, Field(alias="from")]
    """The day from which these prices hold, 00:00 UTC."""
    core_hour: Amount = Decimal(0)
    """One CPU core for one hour."""
    gib_hour: Amount = Decimal(0)
    """One GiB of memory for one hour."""
    gpu_hour: dict[str, Amount] = {}
    """One GPU for one hour, by model."""
    spot_factor: Share = Decimal(1)
    """What a spot worker costs, as a share of the full price."""


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
    kubernetes: Block = {}
    """Settings for Kubernetes, passed on as they are."""
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
    """How long it lives with nobody connected."""
    stops_with_server: Truth = False
    """Whether it ends with the notebook server that started it."""
    spot: Spot = Spot()
    """What runs on interruptible machines."""
    price: WorkerPrice | None = None
    """The workers' own price, instead of the unit prices."""


Profile = Annotated[ServerProfile | ClusterProfile, Field(discriminator="kind")]


class Quota(Part):
    """Upper bounds; what is not named is not bounded."""

    cores: CoreCount | None = None
    """CPU cores at the same time."""
    memory: Size | None = None
    """Memory at the same time."""
    gpus: Gpus = {}
    """GPUs at the same time, by model."""
    clusters: Whole | None = None
    """Clusters at the same time."""
    servers: Whole | None = None
    """Notebook servers at the same time."""


class CoreLimit(Part):
    """A bound on cores alone, as borrowing and lending use."""

    cores: CoreCount
    """CPU cores."""


class Cohort(Part):
    """Groups that lend to each other; ``nominal_quota`` is an extra pool that any member may borrow from."""

    nominal_quota: Quota = Quota()
    """The extra pool."""


class Burst(Part):
    """Burst credits in core-minutes."""

    core_minutes: Whole
    """The most credits that a group can save up."""
    mode: Literal["standard", "overdraft"] = "standard"
    """At zero credits: `standard` stops the burst, `overdraft` charges it."""


class Budget(Part):
    """Money per calendar month (UTC)."""

    monthly: Amount
    """For the whole group."""
    per_user: Amount | None = None
    """For each person in the group."""
    warn_at: tuple[Share, ...] = (Decimal("0.8"),)
    """Shares of the budget at which people are warned."""
    on_exhausted: Literal["warn", "deny_new", "drain", "stop"] = "deny_new"
    """What happens when it is used up."""
    grace: Duration = timedelta(minutes=10)
    """How long running work has left to save what it holds."""


class EnvironmentQuota(Part):
    """How much disk a group's environments may take."""

    quota: Size
    """Disk space."""


class Group(Part):
    """Who (SSO groups) may start what (profiles), how much of it (quota), and for how much money (budget)."""

    title: str = ""
    """What people read; the group's name, where it is left out."""
    match: Annotated[tuple[str, ...], Field(min_length=1)]
    """SSO groups by full path: `/research` is that group, `/research/*` everything below it."""
    cohort: Name | None = None
    """The cohort it lends to and borrows from."""
    reserved: Truth = False
    """Its quota is never lent, and it outranks others when capacity is reclaimed."""
    profiles: tuple[Name, ...] = ()
    """What its people may start, in the order in which they see it."""
    quota: Quota = Quota()
    """What the whole group may hold at the same time."""
    per_user: Quota = Quota()
    """What one person may hold of it at the same time."""
    borrowing_limit: CoreLimit | None = None
    """How much it may hold above its quota."""
    lending_limit: CoreLimit | None = None
    """How much of its quota others may use."""
    weight: Weight = Decimal(1)
    """Its share when several groups wait for the same capacity."""
    burst: Burst | None = None
    """Short bursts above its quota, paid with saved-up credits."""
    budget: Budget | None = None
    """Money per month; without it there is no limit on money."""
    leads: tuple[str, ...] = ()
    """SSO groups that may read the group's usage and top up its people's budgets."""
    environments: EnvironmentQuota | None = None
    """How much disk its environments may take."""
    data: tuple[Name, ...] = ()
    """Data sources that its people may use."""


class Administrator(Part):
    """Rights, by SSO group. They become hub scopes; there is no super-user flag."""

    match: Annotated[tuple[str, ...], Field(min_length=1)]
    """SSO groups by full path."""
    may: Annotated[tuple[Literal["read", "operate", "budget", "policy"], ...], Field(min_length=1)]
    """`read`: see everything; `operate`: stop anything; `budget`: top up; `policy`: see and reload the policy."""


class PackageRule(Part):
    """What to do about packages that match; the first match decides."""

    match: dict[str, str]
    """What the rule is about, such as a licence or a severity."""
    action: Literal["allow", "warn", "block", "approve"]
    """What happens to a package that matches."""
    reason: str = ""
    """Shown to people who ask for such a package."""


class DataSource(Part):
    """A place where data is, and how people get credentials for it."""

    title: str = ""
    """What people read."""
    url: str
    """Where the data is."""
    access: Literal["read", "write"] = "read"
    """What people may do with it."""
    credentials: dict[str, str] = {}
    """How people get short-lived credentials for it."""


class Defaults(Part):
    """What holds where nothing else is said."""

    unavailable: Literal["deny", "allow"] = "deny"
    """What happens to new work while the service is away."""
    contact: str = "your platform team"
    """Whom refusals tell people to ask."""


class Policy(Part):
    """The whole document."""

    api_version: Annotated[Literal["gatehouse/v1"], Field(alias="apiVersion")]
    """The version of this format."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    """ISO 4217 code of every amount in the file; nothing is converted."""
    prices: Annotated[tuple[Price, ...], Field(min_length=1)]
    """Unit prices, oldest first; what runs is priced by the entry that held while it ran."""
    profiles: Annotated[dict[Name, Profile], Field(min_length=1)]
    """What can be started, by name."""
    cohorts: dict[Name, Cohort] = {}
    """Groups that lend capacity to each other, by name."""
    groups: Annotated[dict[Name, Group], Field(min_length=1)]
    """Who may start what; the order decides which group is charged by default."""
    administrators: tuple[Administrator, ...] = ()
    """Who may see and stop other people's work."""
    packages: tuple[PackageRule, ...] = ()
    """Rules about packages in environments."""
    data: dict[Name, DataSource] = {}
    """Data sources, by name."""
    defaults: Defaults = Defaults()
    """What holds where nothing else is said."""

    def group_title(self, name: str) -> str:
        """Return what people call the group; a group that has left the policy keeps its name."""
        group = self.groups.get(name)
        return (group.title if group else "") or name.replace("-", " ").capitalize()

    def profile_title(self, name: str) -> str:
        """Return what people call the profile; a profile that has left the policy keeps its name."""
        profile = self.profiles.get(name)
        return (profile.title if profile else "") or name.replace("-", " ").capitalize()

    def kind_of(self, profile: str) -> Kind:
        """Return what the profile starts.

        Raises:
            KeyError: if there is no such profile.
        """
        return Kind(self.profiles[profile].kind)
