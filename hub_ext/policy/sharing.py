"""A cohort: groups that lend each other the cores that they do not use. Figures only; ``planning`` decides with them.

Kueue's semantics. Each member has a *nominal* quota; of it, the *lendable* part may be used by others, and the rest is
*guaranteed*. The cohort's *capacity* is its extra pool and all lendable parts; what a member holds beyond its
guaranteed part comes out of this capacity, and what it holds beyond its nominal is *borrowed*. So nobody ever holds
more than nominal and borrowing limit, and all together never more than all nominals and the pool.

Cores are shared. Memory, GPUs, servers and clusters stay hard limits of each group. A group without a quota of cores
is not bounded in them: it has nothing to lend and no need to borrow, and stands outside.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from hub_ext.policy.credits import Credits
from hub_ext.policy.document import Group, Policy
from hub_ext.policy.fairness import PENALTY

PATIENCE = timedelta(seconds=60)
"""How long a lender within its nominal waits before borrowers give back."""
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Member:
    """What the policy says of one group's cores, and its two counters."""

    title: str
    nominal: Decimal
    lendable: Decimal
    borrowing: Decimal | None = None
    """The most above nominal; None: whatever the cohort has."""
    weight: Decimal = Decimal(1)
    reserved: bool = False
    """Never lends, and gives back last."""
    credits: Credits | None = None
    """Its burst credits now; None: it borrows without any."""
    usage: float = 0.0
    """Its decayed usage now, core-seconds."""

    @property
    def guaranteed(self) -> Decimal:
        """The part of the nominal that nobody else ever uses."""
        return self.nominal - self.lendable

    @property
    def most(self) -> Decimal | None:
        """The most that the group may ever hold; None: only the cohort and its credits bound it."""
        return None if self.borrowing is None else self.nominal + self.borrowing


@dataclass(frozen=True)
class Claim:
    """One cluster's workers: how many it was granted, and how many it could use."""

    lease: str
    group: str
    cores: Decimal
    """Of one worker."""
    workers: int
    wish: int
    """The workers that it would get if the cohort had room; never fewer than ``workers``."""
    requested_at: datetime
    waiting_since: datetime | None = None
    """Since when its group, within nominal, waits for what others borrow."""


@dataclass(frozen=True)
class Cohort:
    """Everything that a decision about shared cores depends on."""

    members: Mapping[str, Member]
    """By group name; every group of a claim is one."""
    pool: Decimal = _NOTHING
    fixed: Mapping[str, Decimal] = field(default_factory=dict)
    """Cores of servers and schedulers, by group: they are never reclaimed."""
    claims: tuple[Claim, ...] = ()
    patience: timedelta = PATIENCE

    @property
    def capacity(self) -> Decimal:
        """What can be shared: the pool, and what every member lends."""
        return self.pool + sum((member.lendable for member in self.members.values()), _NOTHING)

    def claim(self, lease: str) -> Claim | None:
        """Return the claim of a cluster."""
        return next((claim for claim in self.claims if claim.lease == lease), None)

    def without(self, lease: str) -> tuple[Claim, ...]:
        """Return the claims of all other clusters."""
        return tuple(claim for claim in self.claims if claim.lease != lease)


@dataclass(frozen=True)
class Flow:
    """What a member borrows, and what of its quota others use."""

    borrowed: Decimal = _NOTHING
    lent: Decimal = _NOTHING


class Table:
    """Who holds how much of a cohort, while somebody counts: starts with what is held now."""

    def __init__(self, cohort: Cohort) -> None:
        self.members = cohort.members
        self.capacity = cohort.capacity
        self.used = {name: cohort.fixed.get(name, _NOTHING) for name in cohort.members}
        for claim in cohort.claims:
            self.used[claim.group] += claim.workers * claim.cores
        self.shared = sum((self._beyond(name, used) for name, used in self.used.items()), _NOTHING)
        self._carried = {name: self._with_credits(name) for name, each in cohort.members.items() if each.credits}

    def _with_credits(self, group: str) -> Decimal:
        """Return the most that the credits allow, given what is held at the start."""
        member = self.members[group]
        return member.nominal + (member.credits.most(self.borrowed(group)) if member.credits else _NOTHING)

    def most(self, group: str) -> Decimal | None:
        """Return the most that the group may hold now by its borrowing limit and credits; None: neither binds."""
        bounds = (self.members[group].most, self._carried.get(group))
        return min((bound for bound in bounds if bound is not None), default=None)

    def lacks_credits(self, group: str, cores: Decimal) -> bool:
        """Whether it is the group's credits that do not allow these cores more, and not its borrowing limit."""
        carried, limit = self._carried.get(group), self.members[group].most
        return carried is not None and self.used[group] + cores > carried and (limit is None or carried < limit)

    def _beyond(self, group: str, used: Decimal) -> Decimal:
        """Return what of these cores comes out of the cohort's capacity."""
        return max(_NOTHING, used - self.members[group].guaranteed)

    def take(self, group: str, cores: Decimal) -> None:
        """Give a group these cores; fewer than none takes them away."""
        after = self.used[group] + cores
        self.shared += self._beyond(group, after) - self._beyond(group, self.used[group])
        self.used[group] = after

    def room(self, group: str) -> Decimal:
        """Return how many more cores the group may hold now; never below zero."""
        member, used = self.members[group], self.used[group]
        room = max(_NOTHING, member.guaranteed - used) + max(_NOTHING, self.capacity - self.shared)
        most = self.most(group)
        return room if most is None else max(_NOTHING, min(room, most - used))

    def borrowed(self, group: str) -> Decimal:
        """Return what the group holds above its nominal."""
        return max(_NOTHING, self.used[group] - self.members[group].nominal)

    def within(self, group: str, cores: Decimal) -> bool:
        """Whether the group stays within its nominal with these cores more."""
        return self.used[group] + cores <= self.members[group].nominal

    def share(self, group: str, more: Decimal = _NOTHING) -> Decimal:
        """Return the weighted share: borrowed cores by weight, with ``more`` cores than now."""
        member = self.members[group]
        return max(_NOTHING, self.used[group] + more - member.nominal) / member.weight

    def usage(self, group: str, more: Decimal = _NOTHING) -> float:
        """Return the decayed usage by weight: what the group holds, and ``more`` cores, count from the first moment."""
        member = self.members[group]
        return (member.usage + float(self.used[group] + more) * PENALTY) / float(member.weight)

    def overfull(self) -> bool:
        """Whether more is shared than there is, as after a policy that gives less."""
        return self.shared > self.capacity

    def over_limit(self, group: str) -> bool:
        """Whether the group holds more than it may."""
        most = self.most(group)
        return most is not None and self.used[group] > most


def members(policy: Policy, cohort: str) -> dict[str, Member]:
    """Return the members of a cohort, in policy order."""
    return {
        name: _member(policy.group_title(name), rules, rules.quota.cores)
        for name, rules in policy.groups.items()
        if rules.cohort == cohort and rules.quota.cores is not None
    }


def _member(title: str, rules: Group, nominal: Decimal) -> Member:
    lends = nominal if rules.lending_limit is None else min(nominal, rules.lending_limit.cores)
    return Member(
        title=title,
        nominal=nominal,
        lendable=_NOTHING if rules.reserved else lends,
        borrowing=None if rules.borrowing_limit is None else rules.borrowing_limit.cores,
        weight=rules.weight,
        reserved=rules.reserved,
    )


def cohort_of(policy: Policy, group: str) -> str | None:
    """Return the name of the cohort with which the group shares its cores, if it does."""
    rules = policy.groups.get(group)
    return None if rules is None or rules.quota.cores is None else rules.cohort


def relatives(policy: Policy, groups: Iterable[str]) -> list[str]:
    """Return these groups and everybody with whom one of them shares cores."""
    names = list(dict.fromkeys(groups))
    cohorts = {cohort for name in names if (cohort := cohort_of(policy, name)) is not None}
    return names + [name for name in policy.groups if name not in names and cohort_of(policy, name) in cohorts]


def flows(cohort: Cohort) -> dict[str, Flow]:
    """Return what each member borrows and lends now.

    Borrowed cores come out of the pool first; the rest is lent by those who leave lendable cores idle, each in
    proportion to them.
    """
    table = Table(cohort)
    idle = {
        name: member.nominal - max(table.used[name], member.guaranteed)
        for name, member in cohort.members.items()
        if table.used[name] < member.nominal and member.lendable > 0
    }
    lent = max(_NOTHING, sum((table.borrowed(name) for name in cohort.members), _NOTHING) - cohort.pool)
    whole = sum(idle.values(), _NOTHING)
    part = min(Decimal(1), lent / whole) if whole else _NOTHING
    return {name: Flow(table.borrowed(name), idle.get(name, _NOTHING) * part) for name in cohort.members}
