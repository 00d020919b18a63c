"""The policy document: the one file that an administrator edits, as frozen values.

Sections in the order of the file: currency and prices, profiles, cohorts, groups (their order is their precedence),
administrators, packages, data sources, Kubernetes, defaults. Cross-references are checked in
:mod:`hub_ext.policy.reading`, which knows the line numbers.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from hub_ext.contract.admission import Kind
from hub_ext.policy.fields import (
    Amount,
    CoreCount,
    Day,
    Duration,
    Gpus,
    Name,
    Part,
    PositiveDuration,
    Share,
    Size,
    Truth,
    Weight,
    Whole,
)
from hub_ext.policy.kubernetes import Kubernetes, Pods
from hub_ext.policy.profiles import Profile

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Price(Part):
    """Unit prices per hour from a date (00:00 UTC) on, until the next entry."""

    since: Annotated[Day, Field(alias="from")]
    """The day from which these prices hold, 00:00 UTC."""
    currency: Currency | None = None
    """ISO 4217 code of these prices, and of the profiles' own while they hold; the document's, where it is left out."""
    core_hour: Amount = Decimal(0)
    """One CPU core for one hour."""
    gib_hour: Amount = Decimal(0)
    """One GiB of memory for one hour."""
    gpu_hour: dict[str, Amount] = {}
    """One GPU for one hour, by model."""
    spot_factor: Share = Decimal(1)
    """What a spot worker costs, as a share of the full price."""


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
    """Burst credits in core-minutes: saved up while the group uses less than its quota, spent on what it borrows."""

    core_minutes: Whole
    """The most credits that a group can save up."""
    mode: Literal["standard", "overdraft"] = "standard"
    """At zero credits: `standard` ends the burst, `overdraft` lets it go on and is paid back by saving up first."""


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
    """Short bursts above its quota, paid with saved-up credits; without it, borrowing needs none."""
    budget: Budget | None = None
    """Money per month; without it there is no limit on money."""
    leads: tuple[str, ...] = ()
    """SSO groups that may read the group's usage and top up its people's budgets."""
    environments: EnvironmentQuota | None = None
    """How much disk its environments may take."""
    data: tuple[Name, ...] = ()
    """Data sources that its people may use."""
    kubernetes: Pods = Pods()
    """What all its pods get on Kubernetes, such as a service account and shared volumes."""


class Administrator(Part):
    """Rights, by SSO group. They become hub scopes; there is no super-user flag."""

    match: Annotated[tuple[str, ...], Field(min_length=1)]
    """SSO groups by full path."""
    may: Annotated[tuple[Literal["read", "operate", "budget", "policy"], ...], Field(min_length=1)]
    """`read`: see everything; `operate`: stop anything; `budget`: top up, close months; `policy`: see and reload the
    policy."""


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
    usage_half_life: PositiveDuration = timedelta(days=7)
    """After this time what a group used counts half, where equals wait for the same cores."""
    contact: str = "your platform team"
    """Whom refusals tell people to ask."""


class Policy(Part):
    """The whole document."""

    api_version: Annotated[Literal["gatehouse/v1"], Field(alias="apiVersion")]
    """The version of this format."""
    currency: Currency = "USD"
    """ISO 4217 code of every amount in the file; nothing is converted. A price entry may have another one from the
    first of a month on; budgets of that month are then amounts of that currency."""
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
    kubernetes: Kubernetes = Kubernetes()
    """What all pods get on Kubernetes, and what GPUs and spot machines are to it."""
    defaults: Defaults = Defaults()
    """What holds where nothing else is said."""

    def currency_of(self, price: Price) -> str:
        """Return the currency of a price entry."""
        return price.currency or self.currency

    def currency_at(self, at: datetime) -> str:
        """Return the currency of an instant, and of its month: a change lies at the start of one."""
        return self.currency_of(self._stretch(at)[-1])

    def currency_since(self, at: datetime) -> datetime | None:
        """Return from when on prices have the currency of an instant; None: they never had another."""
        held = self._stretch(at)
        for place in range(len(held) - 1, 0, -1):
            if self.currency_of(held[place]) != self.currency_of(held[place - 1]):
                return _midnight(held[place])
        return None

    def _stretch(self, at: datetime) -> tuple[Price, ...]:
        """Return the price entries up to the one that holds at an instant; the first holds before its date too."""
        return self.prices[0], *(price for price in self.prices[1:] if _midnight(price) <= at)

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


def _midnight(price: Price) -> datetime:
    return datetime(price.since.year, price.since.month, price.since.day, tzinfo=UTC)
