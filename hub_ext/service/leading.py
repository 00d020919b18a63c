"""What the leads of groups read, and the top-ups that they give. Who leads what is computed anew at each request."""

from collections.abc import Sequence

from hub_ext import clock
from hub_ext.contract.account import Holding
from hub_ext.contract.admission import Kind
from hub_ext.contract.funds import TopUp, TopUpRequest
from hub_ext.contract.identity import Identity
from hub_ext.contract.leading import LedGroup, LedGroups, MemberRow
from hub_ext.contract.shape import Shape
from hub_ext.policy.leading import check_top_up
from hub_ext.policy.resolving import led
from hub_ext.service.month import Month, read_month
from hub_ext.service.policy_store import PolicyStore
from hub_ext.service.treasury import Treasury
from hub_ext.usage import leases
from hub_ext.usage.database import Database
from hub_ext.usage.leases import LeaseRecord


class Leading:
    """Reads for leads, and gives out what they add.

    Args:
        database: the ledger's database, migrated.
        store: the policy in force.
        treasury: adds money to budgets.
    """

    def __init__(self, database: Database, store: PolicyStore, treasury: Treasury) -> None:
        self._database = database
        self._store = store
        self._treasury = treasury

    def leads(self, identity: Identity) -> tuple[str, ...]:
        """Return the names of the groups that the person leads."""
        return led(self._store.policy, identity)

    def groups(self, identity: Identity) -> LedGroups:
        """Return the groups that the person leads, and nothing of any other."""
        now, policy = clock.now(), self._store.policy
        names = list(led(policy, identity))
        with self._database.read() as connection:
            month = read_month(connection, policy, names, None, now, forecasts=True)
            held = leases.active(connection, groups=names)
        return LedGroups(
            as_of=now,
            currency=policy.currency,
            contact=policy.defaults.contact,
            groups=tuple(_group(month, name, [one for one in held if one.lease.group == name]) for name in names),
        )

    def top_up(self, identity: Identity, asked: TopUpRequest) -> TopUp:
        """Add money to a person's own budget in a group that the caller leads.

        Raises:
            Forbidden: it is not theirs to give.
            InvalidRequest: there is no such budget, or it would have expired already.
        """
        check_top_up(self._store.policy, identity, group=asked.group, user=asked.user)
        return self._treasury.top_up(asked, author=identity.name)


def _group(month: Month, name: str, held: Sequence[LeaseRecord]) -> LedGroup:
    rules = month.policy.groups[name]
    topups = tuple(one for one in month.topups if one.group == name)
    spenders = {user for (group, user), spending in month.people.items() if group == name and spending.days}
    own = {user: [one for one in held if one.lease.user == user] for user in {one.lease.user for one in held}}
    people = spenders | set(own) | {one.user for one in topups if one.user}
    return LedGroup(
        group=name,
        title=month.policy.group_title(name),
        cores=Holding(used=_shape(held).cores, quota=rules.quota.cores),
        balance=month.balance(name, ""),
        members=tuple(_member(month, name, user, own.get(user, [])) for user in sorted(people)),
        topups=topups,
    )


def _member(month: Month, group: str, user: str, held: Sequence[LeaseRecord]) -> MemberRow:
    balance = month.own(group, user)
    return MemberRow(
        user=user,
        servers=sum(one.lease.kind is Kind.server for one in held),
        clusters=sum(one.lease.kind is Kind.cluster for one in held),
        cores=_shape(held).cores,
        spent=balance.mine,
        budget=balance.my_budget,
        topped_up=balance.my_topped_up,
        burn_rate=balance.my_burn_rate,
    )


def _shape(held: Sequence[LeaseRecord]) -> Shape:
    return Shape.total([one.held for one in held])
