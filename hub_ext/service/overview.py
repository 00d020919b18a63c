"""Everything at a glance, for administrators: pure figures from rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from hub_ext.contract.account import GroupRow, Holding, Overview
from hub_ext.contract.admission import Kind
from hub_ext.contract.shape import Shape
from hub_ext.policy import sharing
from hub_ext.policy.document import Policy
from hub_ext.policy.sharing import Cohort, Flow
from hub_ext.service.budgets import warnings
from hub_ext.service.counting import Count
from hub_ext.service.month import Month
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage.held import Held, Holdings
from hub_ext.usage.topups import Passed


def build(
    store: PolicyStore,
    held: Holdings,
    month: Month,
    passed: Sequence[Passed],
    counted: Mapping[str, Count],
) -> Overview:
    """Return the overview.

    Args:
        store: for the policy's version and the mistakes of a newer file.
        held: what every group holds, and how many people.
        month: of every group.
        passed: the warning levels that were reached this month.
        counted: the counters of every group that shares its cores.
    """
    policy, now = month.policy, month.now
    parts: dict[str, list[Held]] = defaultdict(list)
    for one in held.groups:
        parts[one.group].append(one)
    names = [*policy.groups, *sorted({*parts, *month.groups} - set(policy.groups))]
    flows = _flows(policy, parts)
    rows = tuple(_row(month, name, parts[name], flows.get(name), counted.get(name)) for name in names)
    budget = [row.balance.budget for row in rows if row.balance.budget is not None]
    return Overview(
        as_of=now,
        currency=policy.currency_at(now),
        burn_rate=sum((row.balance.burn_rate for row in rows), Decimal(0)),
        spent=sum((row.balance.spent for row in rows), Decimal(0)),
        budget=sum(budget, Decimal(0)) if budget else None,
        people=held.people,
        servers=sum(row.servers for row in rows),
        clusters=sum(row.clusters for row in rows),
        workers=sum(one.running for one in held.groups),
        workers_wanted=sum(one.wanted for one in held.groups),
        groups=rows,
        policy_version=store.version,
        policy_loaded_at=store.loaded_at,
        policy_mistakes=store.mistakes,
        warnings=warnings(month, names, passed, ""),
    )


def _flows(policy: Policy, held: Mapping[str, Sequence[Held]]) -> dict[str, Flow]:
    """Return what each group of a cohort borrows and lends."""
    used = {name: _held(parts).cores for name, parts in held.items()}
    found: dict[str, Flow] = {}
    for name in {cohort for group in policy.groups if (cohort := sharing.cohort_of(policy, group)) is not None}:
        members = sharing.members(policy, name)
        pool = policy.cohorts[name].nominal_quota.cores or Decimal(0)
        fixed = {member: used[member] for member in members if member in used}
        found |= sharing.flows(Cohort(members, pool=pool, fixed=fixed))
    return found


def _held(parts: Sequence[Held]) -> Shape:
    return Shape.total([one.shape for one in parts])


def _row(month: Month, name: str, parts: Sequence[Held], flow: Flow | None, count: Count | None) -> GroupRow:
    policy = month.policy
    shape = _held(parts)
    group = policy.groups.get(name)
    balance = month.balance(name, "")
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
        balance=count.tell(balance) if count else balance,
        servers=sum(one.count for one in parts if one.kind is Kind.server),
        clusters=sum(one.count for one in parts if one.kind is Kind.cluster),
    )
