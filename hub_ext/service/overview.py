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
from hub_ext.service.month import Month
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage.held import Held
from hub_ext.usage.topups import Passed


def build(store: PolicyStore, found: Sequence[Held], people: int, month: Month, passed: Sequence[Passed]) -> Overview:
    """Return the overview.

    Args:
        store: for the policy's version and the mistakes of a newer file.
        found: what every group holds.
        people: how many people hold something.
        month: of every group.
        passed: the warning levels that were reached this month.
    """
    policy, now = month.policy, month.now
    held: dict[str, list[Held]] = defaultdict(list)
    for one in found:
        held[one.group].append(one)
    names = [*policy.groups, *sorted({*held, *month.groups} - set(policy.groups))]
    flows = _flows(policy, held)
    rows = tuple(_row(month, name, held[name], flows.get(name)) for name in names)
    budget = [row.balance.budget for row in rows if row.balance.budget is not None]
    return Overview(
        as_of=now,
        currency=policy.currency,
        burn_rate=sum((row.balance.burn_rate for row in rows), Decimal(0)),
        spent=sum((row.balance.spent for row in rows), Decimal(0)),
        budget=sum(budget, Decimal(0)) if budget else None,
        people=people,
        servers=sum(row.servers for row in rows),
        clusters=sum(row.clusters for row in rows),
        workers=sum(one.running for one in found),
        workers_wanted=sum(one.wanted for one in found),
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


def _row(month: Month, name: str, parts: Sequence[Held], flow: Flow | None) -> GroupRow:
    policy = month.policy
    shape = _held(parts)
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
        servers=sum(one.count for one in parts if one.kind is Kind.server),
        clusters=sum(one.count for one in parts if one.kind is Kind.cluster),
    )
