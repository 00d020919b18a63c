"""Watches budgets while work runs: tells people, and says what has to end.

Every look computes everything anew from the ledger; what is kept are the notices on leases, taken back when a top-up
comes, and each warning level once a month.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from hub_ext import clock
from hub_ext.contract.admission import Lease, LeaseState
from hub_ext.cost.budgets import month_key
from hub_ext.policy import exhaustion
from hub_ext.policy.document import Policy
from hub_ext.policy.ending import Ending
from hub_ext.policy.exhaustion import UsedUp
from hub_ext.service.budgets import Pot, pots
from hub_ext.service.month import read_month
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import leases, topups
from hub_ext.usage.database import Database
from hub_ext.usage.leases import LeaseRecord
from hub_ext.usage.topups import Passed

_RECENT = timedelta(minutes=5)
_WHOLE = Decimal(1)


@dataclass(frozen=True)
class Sight:
    """What one look at the budgets found."""

    due: tuple[tuple[Lease, Ending], ...] = ()
    """What has to end now, and why."""
    told: frozenset[str] = frozenset()
    """People whose account says something new."""
    everybody: bool = False
    """Whether a budget has passed a level, or is below one again, which all of the group's people see."""


class BudgetWatch:
    """Looks at every budget of the month.

    Args:
        database: the ledger's database, migrated.
        store: the policy in force.
    """

    def __init__(self, database: Database, store: PolicyStore) -> None:
        self._database = database
        self._store = store

    def look(self) -> Sight:
        """Tell people what is new, and return what ends now."""
        now, policy = clock.now(), self._store.policy
        groups = [name for name, rules in policy.groups.items() if rules.budget is not None]
        with self._database.read() as connection:
            known = {(row.group, row.user, row.level): row for row in topups.passed(connection, month_key(now))}
            recent = leases.recent(connection, now - _RECENT)
            users = _users(policy, recent)
            month = read_month(connection, policy, groups, {user for those in users.values() for user in those}, now)
            found = [pot for group in groups for pot in pots(month, group, sorted(users.get(group, ())))]
            news = [row for pot in found for row in _news(pot, known)]
            told = {(row.group, row.user): row.told_at for row in (*known.values(), *news) if row.level == _WHOLE}
            used = {
                whose: replace(pot.used_up, told_at=told.get(whose))
                for pot in found
                if pot.used_up is not None and (whose := (pot.group, pot.user))
            }
        active = [record for record in reversed(recent) if record.lease.state is not LeaseState.released]
        notices = {record.lease.id: _notice(policy, record, used) for record in active if not record.stopping}
        changed = [record for record in active if notices.get(record.lease.id, record.notice) != record.notice]
        if news or changed:
            with self._database.write() as connection:
                topups.pass_levels(connection, news)
                for record in changed:
                    leases.set_notice(connection, record.lease.id, notices[record.lease.id])
        return Sight(
            due=tuple(_due(policy, active, used, now)),
            told=frozenset(record.lease.user for record in changed),
            everybody=bool(news),
        )


def _users(policy: Policy, recent: Sequence[LeaseRecord]) -> Mapping[str, set[str]]:
    """Return, by group, the people with a budget of their own who may have passed a level of it.

    Only by what runs, or ran a moment ago, can one be passed.
    """
    budgets = {name: rules.budget for name, rules in policy.groups.items()}
    users: defaultdict[str, set[str]] = defaultdict(set)
    for record in recent:
        budget = budgets.get(record.lease.group)
        if budget is not None and budget.per_user is not None:
            users[record.lease.group].add(record.lease.user)
    return users


def _news(pot: Pot, known: Mapping[tuple[str, str, Decimal], Passed]) -> Iterator[Passed]:
    """Yield the levels that are passed since the last look, and those that were taken back."""
    now = pot.month.now
    for share in pot.passed:
        row = known.get((pot.group, pot.user, share))
        if row is None:
            yield Passed(month_key(now), pot.group, pot.user, share, pot.reached_at(share) or now, told_at=now)
        elif row.told_at is None:
            yield replace(row, told_at=now)
    for (group, user, share), row in known.items():
        if (group, user) == (pot.group, pot.user) and row.told_at is not None and share not in pot.passed:
            yield replace(row, told_at=None)


_Used = dict[tuple[str, str], UsedUp]


def _ends(policy: Policy, lease: Lease, used: _Used) -> tuple[UsedUp, datetime] | None:
    """Return the budget that ends the lease first, the group's or its owner's, and when."""
    return exhaustion.earliest(policy, used.get((lease.group, "")), used.get((lease.group, lease.user)))


def _notice(policy: Policy, record: LeaseRecord, used: _Used) -> str:
    found = _ends(policy, record.lease, used)
    return exhaustion.notice(policy, found[0]) if found else ""


def _due(policy: Policy, active: list[LeaseRecord], used: _Used, now: datetime) -> Iterator[tuple[Lease, Ending]]:
    for record in active:
        found = _ends(policy, record.lease, used)
        bound = record.lease.state is LeaseState.bound and not record.stopping
        if bound and found is not None and found[1] <= now:
            yield record.lease, exhaustion.ending(policy, found[0], record.lease)
