"""Show me: what a person sees of their own, and an administrator of everybody's."""

from decimal import Decimal
from enum import StrEnum
from typing import Literal

from hub_ext.contract.admission import Kind
from hub_ext.contract.funds import BudgetWarning
from hub_ext.contract.identity import Identity
from hub_ext.contract.model import CoreMinutes, Cores, Instant, Message, Money
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Count, Shape


class State(StrEnum):
    """The state of a server or cluster, in the words that people see."""

    starting = "starting"
    running = "running"
    stopping = "stopping"
    stopped = "stopped"


class Holding(Message):
    """Who uses how much of a group's cores."""

    used: Cores
    quota: Cores | None = None
    """None: no quota."""
    mine: Cores | None = None
    """The person's own part, where the answer is for a person."""
    borrowed: Cores | None = None
    """What the group uses above its quota, out of its cohort; None: it shares with nobody."""
    lent: Cores | None = None
    """What other groups use of its quota; None: it shares with nobody."""


class Balance(Message):
    """This month's money of one group, and of one person in it."""

    group: str
    title: str
    month: str
    """Calendar month in UTC, ``2026-11``."""
    spent: Money
    budget: Money | None = None
    """Of the month, the top-ups that hold now included. None: no budget."""
    topped_up: Money = Decimal(0)
    """What top-ups add to the group's budget now."""
    mine: Money
    """What the person spent in this group this month."""
    my_budget: Money | None = None
    my_topped_up: Money = Decimal(0)
    """What top-ups add to the person's own budget now."""
    burn_rate: Money
    """Per hour, of everything that runs now and is charged to the group."""
    my_burn_rate: Money
    warn_at: tuple[float, ...] = ()
    """Shares of the budget, 0.8 for 80 %."""
    daily: tuple[Money, ...] = ()
    """The person's cost in this group, day by day, from the first of the month to today."""
    forecast: Money | None = None
    """What the group will have spent at the month's end; None where it was not asked for."""
    my_forecast: Money | None = None
    """What the person will have spent in this group at the month's end; None where it was not asked for."""
    my_idle_cost: Money | None = None
    """Of what the person spent: what idle and starting workers cost, as far as their gateways saw. None: not asked."""
    credits: CoreMinutes | None = None
    """The group's burst credits now; below zero they are overdrawn. None: it has none."""
    credits_cap: CoreMinutes | None = None
    """The most that it saves up."""
    credits_rate: CoreMinutes | None = None
    """What comes in a minute by what runs now; below zero it drains."""
    credits_mode: Literal["standard", "overdraft"] | None = None
    """At zero credits: ``standard`` ends the burst, ``overdraft`` lets it go on."""


class LeaseView(Message):
    """What a server and a cluster have in common: whose it is, how it stands, when it ends, what it costs."""

    lease: str
    user: str
    group: str
    group_title: str
    profile: str
    title: str
    name: str
    """What the person calls the cluster; the hub's name of the server, empty for the default one."""
    state: State
    reason: Reason | None = None
    message: str = ""
    """When and why it stops soon, why a cluster has fewer workers than wanted, or why it ended."""
    ends_at: Instant | None = None
    """When it stops, where that is soon and ``message`` tells of it."""
    idle_seconds: Count = 0
    """It stops when it is not used for so long; 0: never."""
    idle_max_seconds: Count = 0
    """The longest idle time that the person may choose; 0: there is nothing to choose."""
    price_per_hour: Money
    """Of what runs now."""
    cost: Money
    """So far, all of its life; where the prices' currency changed within it, since then."""
    requested_at: Instant
    started_at: Instant | None = None
    ended_at: Instant | None = None


class ServerView(LeaseView):
    """One notebook server."""

    shape: Shape


class ClusterView(LeaseView):
    """One Dask cluster."""

    id: str
    """The gateway's name for it: what ``Gateway().connect()`` takes."""
    wanted: Count
    granted: Count
    running: Count
    workers_max: Count
    adaptive_minimum: Count | None = None
    """Fewest workers of adaptive scaling; None, as the next: it is off, or the cluster has ended."""
    adaptive_maximum: Count | None = None
    worker: Shape
    scheduler: Shape
    held: Shape
    """Scheduler and granted workers together."""
    idle_cost: Money = Decimal(0)
    """Of the cost so far: what the workers cost while they were idle or starting, as far as their gateway saw."""
    busy_share: float | None = None
    """Of the workers' time; with the next two 1. None: not known."""
    idle_share: float | None = None
    starting_share: float | None = None
    memory_share: float | None = None
    """The most memory that a worker held, by what it was charged for; None: not known."""
    hint: str = ""
    """Whether smaller workers would have done, and for how much less."""


class Refusal(Message):
    """A start that was not allowed."""

    id: str
    at: Instant
    kind: Kind
    title: str
    """Of the profile; its name, where there is no such profile."""
    name: str
    """What the person would have called it."""
    reason: Reason | None
    message: str


class Account(Message):
    """One person's own view. ``as_of`` and the burn rates let a reader carry the cost on without asking again."""

    identity: Identity
    as_of: Instant
    currency: str
    balances: tuple[Balance, ...]
    """One for each of the person's groups, in policy order; the first is charged by default."""
    burn_rate: Money
    servers: tuple[ServerView, ...]
    clusters: tuple[ClusterView, ...]
    may: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    """Policy groups that the person leads."""
    contact: str
    group_titles: tuple[str, ...] = ()
    warnings: tuple[BudgetWarning, ...] = ()
    """Levels of the person's and their groups' budgets that are passed, newest first."""
    refused: tuple[Refusal, ...] = ()
    """Starts of the last minutes that were not allowed, newest first; a few."""


class GroupRow(Message):
    """One group as an administrator sees it."""

    group: str
    title: str
    cores: Holding
    shape: Shape
    balance: Balance
    servers: Count
    clusters: Count


class PodWatch(Message):
    """How the metering of pods goes in one namespace of Kubernetes."""

    namespace: str
    heard_at: Instant | None = None
    """Last word of the API server about its pods; at least one comes every minute."""
    pods: Count = 0
    """With a lease's label, that are there."""
    problem: str = ""
    """Why its pods are not metered now, and what to do; empty: they are."""
    notices: tuple[str, ...] = ()
    """What else is missing there, and what to do."""


class Overview(Message):
    """Everything at a glance."""

    as_of: Instant
    currency: str
    burn_rate: Money
    spent: Money
    budget: Money | None
    people: Count
    servers: Count
    clusters: Count
    workers: Count
    workers_wanted: Count
    groups: tuple[GroupRow, ...]
    policy_version: str
    policy_loaded_at: Instant
    policy_mistakes: tuple[str, ...] = ()
    """Of a newer file that was not loaded."""
    servers_without_lease: tuple[str, ...] = ()
    """Servers that run although nothing was reserved for them, as ``user/server``."""
    warnings: tuple[BudgetWarning, ...] = ()
    """Levels of the groups' budgets that are passed, newest first."""
    kubernetes: tuple[PodWatch, ...] = ()
    """Each namespace that is watched."""


class ServerList(Message):
    """Everybody's servers."""

    as_of: Instant
    currency: str
    servers: tuple[ServerView, ...]


class ClusterList(Message):
    """Everybody's clusters."""

    as_of: Instant
    currency: str
    clusters: tuple[ClusterView, ...]


class DecisionRow(Message):
    """One recorded decision."""

    id: str
    at: Instant
    user: str
    group: str
    kind: Kind
    profile: str
    name: str
    allowed: bool
    reason: Reason | None = None
    message: str


class DecisionList(Message):
    """The newest decisions first."""

    as_of: Instant
    decisions: tuple[DecisionRow, ...]


class LedgerRow(Message):
    """One interval with its price, for people who check the sum."""

    unit: str
    kind: str
    user: str
    group: str
    profile: str
    name: str
    cores: Cores
    memory: Count
    gpus: dict[str, Count] = {}
    started_at: Instant
    ended_at: Instant | None = None
    seconds: float
    source: str
    cost: Money
    pending_seconds: float | None = None
    """Of a pod: how long it waited for a machine, which costs nothing. None: it is no pod, or not known."""
    pulling_seconds: float | None = None
    """Of a pod: how long its machine took to get its image and start it, which costs nothing."""


class LedgerPage(Message):
    """Intervals of a month, newest first, and their sum."""

    as_of: Instant
    currency: str
    month: str
    rows: tuple[LedgerRow, ...]
    total: Money
    """Of the whole month, also of rows that this page leaves out."""


class StopRequest(Message):
    """Stop somebody's server or cluster, and say why."""

    lease: str
    note: str = ""
    """Shown to the person and kept in the audit log."""


class Stopped(Message):
    """The stop was carried out."""

    lease: str
    message: str


class ExtendRequest(Message):
    """Choose another idle time for a server or cluster of one's own, within its profile's bounds."""

    lease: str
    idle_seconds: Count


class Extended(Message):
    """The idle time that holds from now on."""

    lease: str
    idle_seconds: Count
    message: str


class Health(Message):
    """Whether the service can do its work."""

    status: str
    version: str
    policy_version: str
    database: str
    pods: str = "off"
    """``off``: no namespace is to be watched. ``ok``, or ``trouble``: the overview tells an administrator which."""
