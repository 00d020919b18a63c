"""The views: what people read. Nothing here changes anything."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from hub_ext import clock
from hub_ext.contract.account import (
    Account,
    Balance,
    ClusterList,
    ClusterView,
    DecisionList,
    LedgerPage,
    Overview,
    PodWatch,
    ServerList,
    ServerView,
    State,
)
from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.admission import Kind, LeaseState
from hub_ext.contract.identity import Identity
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost import budgets, pricing, reports, rightsizing, unused
from hub_ext.policy.document import Policy
from hub_ext.policy.ending import Ending, Life, warning
from hub_ext.policy.resolving import resolve
from hub_ext.service import costs, counting, overview
from hub_ext.service.budgets import warnings
from hub_ext.service.counting import Count
from hub_ext.service.month import Month, read_month, read_total
from hub_ext.service.pod_views import about_pods, pods_of, with_waits
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import activity, decisions, held, leases, ledger, topups
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.leases import LeaseRecord
from hub_ext.usage.pods import PodRow

RECENT = timedelta(minutes=10)
"""How long something that ended stays in the lists."""


class Views:
    """Reads the ledger for people.

    Args:
        database: the ledger's database, migrated.
        store: the policy in force.
        without_lease: answers the servers that run without a lease.
        watched: answers how the metering of pods goes.
        warn: how long before an end its owner is told.
    """

    def __init__(
        self,
        database: Database,
        store: PolicyStore,
        without_lease: Callable[[], tuple[str, ...]] = tuple,
        warn: timedelta = timedelta(minutes=10),
        watched: Callable[[], tuple[PodWatch, ...]] = tuple,
    ) -> None:
        self.database = database
        self.store = store
        self._without_lease = without_lease
        self._warn = warn
        self._watched = watched

    def account(self, identity: Identity) -> Account:
        """Return the person's own view, and nothing of anybody else but the sums of their groups."""
        now, policy = clock.now(), self.store.policy
        entitlement = resolve(policy, identity)
        groups = [group.name for group in entitlement.groups]
        with self.database.read() as connection:
            records = leases.recent(connection, now - RECENT, user=identity.name)
            by_lease = seen_of(connection, records)
            month = read_month(connection, policy, groups, [identity.name], now, forecasts=True)
            passed = topups.passed(connection, budgets.month_key(now), groups=groups)
            counted = counting.read(connection, policy, groups, now)
            idle = costs.idle_costs(connection, policy, identity.name, now)
            balances = tuple(_balance(month, group, identity.name, counted, idle) for group in groups)
            refused = costs.refusals(connection, policy, identity.name, now - RECENT)
            told = warnings(month, groups, passed, identity.name)
        servers, clusters = _views(policy, records, by_lease, now, self._warn)
        return Account(
            identity=identity,
            as_of=now,
            currency=policy.currency_at(now),
            balances=balances,
            burn_rate=_burn_rate([*servers, *clusters]),
            servers=servers,
            clusters=clusters,
            may=entitlement.may,
            leads=entitlement.leads,
            contact=policy.defaults.contact,
            group_titles=tuple(policy.group_title(name) for name in policy.groups),
            warnings=told,
            refused=refused,
        )

    def servers(self) -> ServerList:
        """Return everybody's servers."""
        now, policy = clock.now(), self.store.policy
        return ServerList(as_of=now, currency=policy.currency_at(now), servers=self._everything(now)[0])

    def clusters(self) -> ClusterList:
        """Return everybody's clusters."""
        now, policy = clock.now(), self.store.policy
        return ClusterList(as_of=now, currency=policy.currency_at(now), clusters=self._everything(now)[1])

    def overview(self, *, forecasts: bool = True) -> Overview:
        """Return everything at a glance, with what each group's month is expected to cost or without."""
        now, policy = clock.now(), self.store.policy
        with self.database.read() as connection:
            month = read_month(connection, policy, None, (), now, forecasts=forecasts)
            passed = topups.passed(connection, budgets.month_key(now))
            counted = counting.read(connection, policy, policy.groups, now)
            built = overview.build(self.store, held.everything(connection), month, passed, counted)
        return built.model_copy(update={"servers_without_lease": self._without_lease(), "kubernetes": self._watched()})

    def decisions(self, limit: int) -> DecisionList:
        """Return the newest decisions."""
        with self.database.read() as connection:
            return DecisionList(as_of=clock.now(), decisions=decisions.newest(connection, limit))

    def ledger(self, month: str, *, group: str | None, user: str | None, limit: int) -> LedgerPage:
        """Return the intervals of a month with their cost.

        Args:
            month: ``2026-11``, in UTC.
            group: only this policy group.
            user: only this person.
            limit: the most rows; the total is of all.

        Raises:
            ValueError: the month is not one.
        """
        now, policy = clock.now(), self.store.policy
        since, end = budgets.month_bounds(month)
        until = min(end, now)
        with self.database.read() as connection:
            groups = [group] if group else None
            found = ledger.overlapping(connection, since, until, groups=groups, user=user, limit=limit)
            total = read_total(connection, policy, since, until, group=group, user=user)
            rows = with_waits(connection, [reports.row(i, policy.prices, since=since, until=until) for i in found])
        return LedgerPage(as_of=now, currency=policy.currency_at(since), month=month, rows=rows, total=total)

    def _everything(self, now: datetime) -> tuple[tuple[ServerView, ...], tuple[ClusterView, ...]]:
        with self.database.read() as connection:
            records = leases.recent(connection, now - RECENT)
            by_lease = seen_of(connection, records)
        return _views(self.store.policy, records, by_lease, now, self._warn)


def _balance(month: Month, group: str, user: str, counted: Mapping[str, Count], idle: Mapping[str, Decimal]) -> Balance:
    balance = month.balance(group, user).model_copy(update={"my_idle_cost": idle.get(group, Decimal(0))})
    return counted[group].tell(balance) if group in counted else balance


def _burn_rate(views: Sequence[ServerView | ClusterView]) -> Decimal:
    running = (view for view in views if view.started_at is not None and view.ended_at is None)
    return sum((view.price_per_hour for view in running), Decimal(0))


class Seen(NamedTuple):
    """What the ledger knows of a server or cluster."""

    intervals: list[Interval]
    activity: Mapping[str, UnitActivity]
    """Worker -> what it did with its time."""
    pods: Sequence[PodRow] = ()
    """Where it runs as pods, oldest first."""
    soon: Ending | None = None
    """Why and when it stops, where that is soon."""


def seen_of(connection: Connection, records: Sequence[LeaseRecord]) -> Mapping[str, Seen]:
    """Return lease -> what the ledger knows of it."""
    ids = [record.lease.id for record in records]
    done = activity.of_leases(connection, ids)
    found = {lease: Seen([], done.get(lease, {}), its) for lease, its in pods_of(connection, ids).items()}
    for interval in ledger.of_leases(connection, ids):
        found[interval.lease].intervals.append(interval)
    return found


def cluster_view(policy: Policy, record: LeaseRecord, seen: Seen, now: datetime, warn: timedelta) -> ClusterView:
    """Return one cluster as its owner reads it."""
    return _cluster(policy, record, seen._replace(soon=_soon(record, seen.intervals, now, warn)), now)


def _views(
    policy: Policy, found: Sequence[LeaseRecord], by_lease: Mapping[str, Seen], now: datetime, warn: timedelta
) -> tuple[tuple[ServerView, ...], tuple[ClusterView, ...]]:
    things = []
    for record in found:
        seen = by_lease[record.lease.id]
        things.append((record, seen._replace(soon=_soon(record, seen.intervals, now, warn))))
    servers = [(record, seen) for record, seen in things if record.lease.kind is Kind.server]
    clusters = [(record, seen) for record, seen in things if record.lease.kind is Kind.cluster]
    return (
        tuple(_server(policy, record, seen, now) for record, seen in servers),
        tuple(_cluster(policy, record, seen, now) for record, seen in clusters),
    )


def _soon(record: LeaseRecord, intervals: Sequence[Interval], now: datetime, warn: timedelta) -> Ending | None:
    """Return why and when something stops soon; None: it does not, as far as is known."""
    base = next((interval for interval in intervals if interval.kind is not UnitKind.worker), None)
    if base is None or _state(record, base) is not State.running:
        return None
    life = Life(base.started_at, record.active_at, record.seen_at, record.connected_at)
    return warning(record.lease, life, now=now, window=warn)


def _state(record: LeaseRecord, base: Interval | None) -> State:
    if record.lease.state is LeaseState.released or (base is not None and base.ended_at is not None):
        return State.stopped
    if record.stopping:
        return State.stopping
    return State.starting if base is None else State.running


def _cost(policy: Policy, intervals: Sequence[Interval], now: datetime) -> Decimal:
    since = policy.currency_since(now)  # amounts of two currencies are never added
    return sum((pricing.cost(interval, policy.prices, until=now, since=since) for interval in intervals), Decimal(0))


def _common(policy: Policy, record: LeaseRecord, base: Interval | None, seen: Seen, now: datetime) -> dict[str, Any]:
    """Return what a server and a cluster tell alike; ``base`` is the server, or the cluster's scheduler.

    The warning of a near end comes before whatever else there is to say.
    """
    lease, told, state = record.lease, seen.soon or record, _state(record, base)
    return {
        "lease": lease.id,
        "user": lease.user,
        "group": lease.group,
        "group_title": policy.group_title(lease.group),
        "profile": lease.profile,
        "title": policy.profile_title(lease.profile),
        "name": lease.name,
        "state": state,
        "reason": told.reason,
        "message": told.message or about_pods(state, seen.pods, now),
        "ends_at": seen.soon.at if seen.soon else None,
        "idle_seconds": lease.idle_seconds,
        "idle_max_seconds": lease.idle_max_seconds,
        "cost": _cost(policy, seen.intervals, now),
        "requested_at": record.requested_at,
        "started_at": base.started_at if base else None,
        "ended_at": base.ended_at if base else record.released_at,
    }


def _server(policy: Policy, record: LeaseRecord, seen: Seen, now: datetime) -> ServerView:
    price = pricing.price_at(policy.prices, now)
    return ServerView(
        **_common(policy, record, seen.intervals[0] if seen.intervals else None, seen, now),
        shape=record.lease.base,
        price_per_hour=pricing.price_per_hour(record.lease.base, price, override=record.pricing.base),
    )


def _cluster(policy: Policy, record: LeaseRecord, seen: Seen, now: datetime) -> ClusterView:
    lease, intervals = record.lease, seen.intervals
    running = [interval for interval in intervals if interval.ended_at is None]
    price = pricing.price_at(policy.prices, now)
    rates = (pricing.price_per_hour(i.shape, price, override=i.unit_price_per_hour, spot=i.spot) for i in running)
    return ClusterView(
        **_common(policy, record, next((i for i in intervals if i.kind is UnitKind.scheduler), None), seen, now),
        id=lease.ref,
        wanted=record.wanted,
        granted=lease.workers,
        running=sum(interval.kind is UnitKind.worker for interval in running),
        workers_max=lease.workers_max,
        adaptive_minimum=record.adaptive_minimum,
        adaptive_maximum=record.adaptive_maximum,
        worker=lease.worker or Shape(),
        scheduler=lease.base,
        held=record.held,
        price_per_hour=sum(rates, Decimal(0)),
        **_use(policy, record, seen, now),
    )


def _use(policy: Policy, record: LeaseRecord, seen: Seen, now: datetime) -> dict[str, Any]:
    """Return what a cluster's workers did with their time and memory."""
    since = policy.currency_since(now)
    used = unused.use(seen.intervals, seen.activity, policy.prices, until=now, since=since)
    return {
        "idle_cost": used.idle_cost,
        "busy_share": used.share(used.busy),
        "idle_share": used.share(used.idle),
        "starting_share": used.share(used.starting),
        "memory_share": used.memory_share,
        "hint": rightsizing.hint(policy, record.lease.group, seen.intervals, seen.activity, now),
    }
