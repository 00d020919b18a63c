"""From rows to the figures that the policy weighs: who holds how much, and what was spent this month."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from hub_ext.contract.account import Balance
from hub_ext.contract.admission import Kind
from hub_ext.contract.shape import Shape
from hub_ext.policy import sharing
from hub_ext.policy.admission import Holdings, Standing
from hub_ext.policy.document import Policy
from hub_ext.policy.profiles import ClusterProfile
from hub_ext.policy.sharing import PATIENCE, Claim, Cohort
from hub_ext.service import counting
from hub_ext.service.counting import Count
from hub_ext.service.month import read_month
from hub_ext.usage import decisions, leases
from hub_ext.usage.database import Connection
from hub_ext.usage.decisions import Waiting
from hub_ext.usage.leases import LeaseRecord

REMEMBERED = timedelta(minutes=5)
"""How long a start that was refused for want of shared cores is kept in mind: time to try again."""


@dataclass(frozen=True)
class Books:
    """How some groups, and one person in each of them, stand now."""

    standings: Mapping[str, Standing]
    balances: Mapping[str, Balance]


def read(
    connection: Connection,
    policy: Policy,
    groups: Sequence[str],
    user: str,
    now: datetime,
    *,
    without_workers_of: str | None = None,
    patience: timedelta = PATIENCE,
    held: Mapping[str, Sequence[LeaseRecord]] | None = None,
    unbudgeted: bool = True,
) -> Books:
    """Read how the groups stand.

    Args:
        connection: a transaction; the one that decides, where this is for a decision.
        policy: the policy in force.
        groups: names of the policy groups.
        user: the person whose own part is told beside the group's.
        now: the moment; the month is that of UTC.
        without_workers_of: a lease whose workers do not count, because they are about to be granted anew.
        patience: how long a lender waits before borrowers give back.
        held: what :func:`holdings` has read of these groups in this transaction; None: it is read here.
        unbudgeted: whether to read what groups without a budget have spent, too. No decision depends on it.
    """
    held = holdings(connection, policy, groups) if held is None else held
    sharers = [name for name in groups if sharing.cohort_of(policy, name) is not None]
    relatives = sharing.relatives(policy, sharers)
    refused = decisions.waiting(connection, relatives, now - REMEMBERED) if sharers else []
    wishes = [_first_wish(policy, one) for one in refused if one.user != user]
    paying = [name for name in groups if unbudgeted or _has_budget(policy, name)]
    month = read_month(connection, policy, groups, [user], now, spending=paying)
    balances = {name: month.balance(name, user) for name in groups}
    counted = counting.read(connection, policy, relatives, now) if sharers else {}
    waiting = [wish for wish in wishes if wish is not None]
    standings = {
        name: replace(
            _standing(held.get(name, ()), balances[name], user, without_workers_of),
            cohort=cohort(policy, name, held, waiting, counted, patience=patience),
        )
        for name in groups
    }
    told = {name: counted[name].tell(money) if name in counted else money for name, money in balances.items()}
    return Books(standings, told)


def holdings(connection: Connection, policy: Policy, groups: Sequence[str]) -> dict[str, list[LeaseRecord]]:
    """Return what is not released, by group: of these groups and of everybody with whom they share cores."""
    held = defaultdict(list)
    for record in leases.active(connection, groups=sharing.relatives(policy, groups)):
        held[record.lease.group].append(record)
    return held


def _has_budget(policy: Policy, group: str) -> bool:
    rules = policy.groups.get(group)
    return rules is not None and rules.budget is not None


def cohort(
    policy: Policy,
    group: str,
    held: Mapping[str, Sequence[LeaseRecord]],
    wishes: Sequence[Claim] = (),
    counted: Mapping[str, Count] = MappingProxyType({}),
    *,
    patience: timedelta = PATIENCE,
) -> Cohort | None:
    """Return how the cohort stands with which a group shares its cores; None: with nobody.

    Args:
        policy: the policy in force.
        group: its name.
        held: what is not released, by group; of every member.
        wishes: of people who hold nothing yet, because others borrow what is theirs; of any group.
        counted: the two counters of every member; without them nobody needs credits, and nobody has used more.
        patience: how long a lender waits before borrowers give back.
    """
    name = sharing.cohort_of(policy, group)
    if name is None:
        return None
    members = {
        member: counted[member].of(figures) if member in counted else figures
        for member, figures in sharing.members(policy, name).items()
    }
    records = [record for member in members for record in held.get(member, ())]
    fixed: dict[str, Decimal] = defaultdict(Decimal)
    for record in records:
        fixed[record.lease.group] += record.lease.base.cores
    return Cohort(
        members=members,
        pool=policy.cohorts[name].nominal_quota.cores or Decimal(0),
        fixed=fixed,
        claims=(
            *(_claim(record) for record in records if record.lease.worker is not None),
            *(wish for wish in wishes if wish.group in members),
        ),
        patience=patience,
    )


def _claim(record: LeaseRecord) -> Claim:
    """Return what a cluster claims; one that is told to stop wants nothing more."""
    lease, worker = record.lease, record.lease.worker or Shape()
    return Claim(
        lease=lease.id,
        group=lease.group,
        cores=worker.cores,
        workers=lease.workers,
        wish=lease.workers if record.stopping else record.wish,
        requested_at=record.requested_at,
        waiting_since=None if record.stopping else record.waiting_since,
    )


def _first_wish(policy: Policy, refused: Waiting) -> Claim | None:
    """Return what a refused start claims: its server or scheduler. So an owner who lent everything gets a foot in."""
    profile = policy.profiles.get(refused.profile)
    if profile is None:
        return None
    base = profile.scheduler.shape if isinstance(profile, ClusterProfile) else profile.shape
    return Claim(
        lease=refused.decision,
        group=refused.group,
        cores=base.cores,
        workers=0,
        wish=1,
        requested_at=refused.since,
        waiting_since=refused.since,
    )


def _standing(records: Sequence[LeaseRecord], money: Balance, user: str, without: str | None) -> Standing:
    cores: dict[str, Decimal] = defaultdict(Decimal)
    for record in records:
        cores[record.lease.user] += _held(record, without).cores
    return Standing(
        group=_holdings(records, without),
        person=_holdings([record for record in records if record.lease.user == user], without),
        spent=money.spent,
        person_spent=money.mine,
        topped_up=money.topped_up,
        person_topped_up=money.my_topped_up,
        holders=tuple(sorted(cores.items(), key=lambda item: (-item[1], item[0]))),
    )


def _held(record: LeaseRecord, without: str | None) -> Shape:
    return record.lease.base if record.lease.id == without else record.held


def _holdings(records: Sequence[LeaseRecord], without: str | None) -> Holdings:
    return Holdings(
        shape=Shape.total([_held(record, without) for record in records]),
        servers=sum(record.lease.kind is Kind.server for record in records),
        clusters=sum(record.lease.kind is Kind.cluster for record in records),
    )
