"""Everything at a glance, for administrators: pure figures from rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from hub_ext.contract.account import GroupRow, Holding, Overview
from hub_ext.contract.admission import Kind
from hub_ext.contract.shape import Shape
from hub_ext.policy import sharing
from hub_ext.policy.document import Policy
from hub_ext.policy.sharing import Flow
from hub_ext.service import standing
from hub_ext.service.budgets import Month, warnings
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage.leases import LeaseRecord
from hub_ext.usage.topups import Passed


def build(store: PolicyStore, active: Sequence[LeaseRecord], month: Month, passed: Sequence[Passed]) -> Overview:
    """Return the overview.

    Args:
        store: for the policy's version and the mistakes of a newer file.
        active: every lease that is not released.
        month: every interval that touches this month, and its top-ups, until the moment of the figures.
        passed: the warning levels that were reached this month.
    """
    policy, now = month.policy, month.now
    held = defaultdict(list)
    for record in active:
        held[record.lease.group].append(record)
    paid = {one.group for one in month.intervals if one.ended_at is None or one.ended_at > month.since}
    names = [*policy.groups, *sorted({*held, *paid} - set(policy.groups))]
    flows = _flows(policy, held)
    rows = tuple(_row(month, name, held[name], flows.get(name)) for name in names)
    budget = [row.balance.budget for row in rows if row.balance.budget is not None]
    return Overview(
        as_of=now,
        currency=policy.currency_at(now),
        burn_rate=sum((row.balance.burn_rate for row in rows), Decimal(0)),
        spent=sum((row.balance.spent for row in rows), Decimal(0)),
        budget=sum(budget, Decimal(0)) if budget else None,
        people=len({record.lease.user for record in active}),
        servers=sum(row.servers for row in rows),
        clusters=sum(row.clusters for row in rows),
        workers=sum(record.running for record in active),
        workers_wanted=sum(record.wanted for record in active),
        groups=rows,
        policy_version=store.version,
        policy_loaded_at=store.loaded_at,
        policy_mistakes=store.mistakes,
        warnings=warnings(month, names, passed, ""),
    )


def _flows(policy: Policy, held: Mapping[str, Sequence[LeaseRecord]]) -> dict[str, Flow]:
    """Return what each group of a cohort borrows and lends."""
    found: dict[str, Flow] = {}
    for name in policy.groups:
        cohort = None if name in found else standing.cohort(policy, name, held)
        if cohort is not None:
            found |= sharing.flows(cohort)
    return found


def _row(month: Month, name: str, records: Sequence[LeaseRecord], flow: Flow | None) -> GroupRow:
    policy = month.policy
    shape = Shape.total([record.held for record in records])
    group = policy.groups.get(name)
    return GroupRow(
        group=name,
        title=policy.group_title(name),
        cores=Holding(
            used=shape.cores,
            quota=group.quota.cores if group else None,
            borrowed=flow.borrowed if flow else None,
            lent=flow.lent if flow else None,
        ),
        shape=shape,
        balance=month.balance(name, ""),
        servers=sum(record.lease.kind is Kind.server for record in records),
        clusters=sum(record.lease.kind is Kind.cluster for record in records),
    )
