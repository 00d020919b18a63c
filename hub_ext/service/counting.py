"""Burst credits and decayed usage of each group that shares its cores: read from a checkpoint and what ran since.

The figures of a moment are a pure fold, so reading writes nothing, and two replicas say the same. *Settling* moves the
checkpoint on, to some minutes ago and never back: reports that are up to so late still count. A report that comes later
does not change what is settled; a clock that was set back creates no credits. What is not settled yet is counted by the
policy that is in force when it is read.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from hub_ext.contract.account import Balance
from hub_ext.policy import fairness
from hub_ext.policy.credits import MINUTE, Credits, Terms, balance_at, terms_of
from hub_ext.policy.document import Policy
from hub_ext.policy.sharing import Member, cohort_of
from hub_ext.policy.uses import Use, used_at
from hub_ext.service.locking import locks
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import counters
from hub_ext.usage.counters import Counter
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.trying import repeated

LAG = timedelta(minutes=5)
"""How late a report may come and still count."""


@dataclass(frozen=True)
class Count:
    """One group's counters at an instant."""

    credits: Credits | None
    """None: it has no burst credits."""
    usage: float
    """Core-seconds, decayed."""
    used: Decimal
    """Cores of what runs."""

    def of(self, member: Member) -> Member:
        """Return the member with its counters."""
        return replace(member, credits=self.credits, usage=self.usage)

    def tell(self, balance: Balance) -> Balance:
        """Return the balance with the credits as people read them, in core-minutes."""
        if self.credits is None:
            return balance
        terms = self.credits.terms
        minutes = (self.credits.balance / MINUTE).quantize(Decimal("0.01"), ROUND_FLOOR)
        told = {
            "credits": minutes,
            "credits_cap": terms.cap / MINUTE,
            "credits_rate": _rate(self.credits, self.used),
            "credits_mode": "overdraft" if terms.overdraft else "standard",
        }
        return balance.model_copy(update=told)


def _rate(held: Credits, used: Decimal) -> Decimal:
    """Return the core-minutes that come in a minute; none where the balance is full, or may not fall further."""
    rate = held.terms.nominal - used
    full = rate > 0 and held.balance >= held.terms.cap
    return Decimal(0) if full or (rate < 0 and held.ended) else rate


def read(connection: Connection, policy: Policy, groups: Iterable[str], now: datetime) -> dict[str, Count]:
    """Return the counters of those of the groups that share their cores.

    Args:
        connection: a transaction; the one that decides, where this is for a decision.
        policy: the policy in force.
        groups: names of policy groups.
        now: the moment, aware.
    """
    names = [name for name in dict.fromkeys(groups) if cohort_of(policy, name) is not None]
    if not names:
        return {}
    known = counters.read(connection, names)
    ran = _ran(connection, names, known, now)
    return {name: _count(policy, name, known.get(name), ran.get(name, ()), now) for name in names}


def _ran(
    connection: Connection, names: list[str], known: Mapping[str, Counter], now: datetime
) -> Mapping[str, Collection[Use]]:
    since = min((counter.settled_at for counter in known.values()), default=now)
    return counters.uses(connection, names, min(since, now))


def _count(policy: Policy, name: str, known: Counter | None, ran: Collection[Use], until: datetime) -> Count:
    terms, since = terms_of(policy.groups[name]), known.settled_at if known else until
    return Count(
        credits=None if terms is None else _credits(terms, known, ran, since, until),
        usage=fairness.usage(
            known.usage if known else 0.0, ran, since=since, until=until, half_life=policy.defaults.usage_half_life
        ),
        used=used_at(ran, until),
    )


def _credits(terms: Terms, known: Counter | None, ran: Collection[Use], since: datetime, until: datetime) -> Credits:
    start = known.credits if known else None
    return Credits(balance_at(start, terms, ran, since=since, until=until), terms)


class Counting:
    """Moves the checkpoints on. Runs on the leader; twice does no harm.

    Args:
        database: the ledger's database, migrated.
        store: the policy in force.
    """

    def __init__(self, database: Database, store: PolicyStore) -> None:
        self._database = database
        self._store = store

    def settle(self, now: datetime) -> None:
        """Settle what is due: a group that never was, or not for twice the lag, or whose credits began or ended."""
        policy = self._store.policy
        shared = [name for name in policy.groups if cohort_of(policy, name) is not None]
        with self._database.read() as connection:
            known = counters.read(connection, shared)
        due = [name for name in shared if _due(policy, name, known.get(name), now)]
        for cohort in dict.fromkeys(cohort_of(policy, name) for name in due):
            self._settle(policy, [name for name in due if cohort_of(policy, name) == cohort], now)

    @repeated
    def _settle(self, policy: Policy, names: list[str], now: datetime) -> None:
        with self._database.write(*locks(policy, names)) as connection:
            known = counters.read(connection, names)
            ran = _ran(connection, names, known, now)
            counters.keep(connection, {name: _settled(policy, name, known.get(name), ran, now) for name in names})


def _due(policy: Policy, name: str, known: Counter | None, now: datetime) -> bool:
    if known is None or known.settled_at <= now - 2 * LAG:
        return True
    return (known.credits is None) is not (terms_of(policy.groups[name]) is None)


def _settled(
    policy: Policy, name: str, known: Counter | None, ran: Mapping[str, Collection[Use]], now: datetime
) -> Counter:
    """Return the next checkpoint: a new group's is now."""
    until = max(known.settled_at, now - LAG) if known else now
    count = _count(policy, name, known, ran.get(name, ()), until)
    return Counter(count.credits.balance if count.credits else None, count.usage, until)
