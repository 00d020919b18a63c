"""What would it cost, and what of it would be granted now? The doors' own decision, on a request that nobody makes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from hub_ext.contract.account import Balance
from hub_ext.contract.admission import Decision, Demand, Kind, Lease, Request
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.funds import Quote
from hub_ext.contract.units import format_rate
from hub_ext.policy.admission import Growth, decide, grow
from hub_ext.policy.document import Policy
from hub_ext.policy.limits import Holdings, Standing
from hub_ext.policy.profiles import ClusterProfile
from hub_ext.policy.rates import base_rate, price_at, worker_rate
from hub_ext.policy.resolving import Entitlement
from hub_ext.policy.sharing import Cohort, Table
from hub_ext.policy.weighing import need_of


def quote(
    policy: Policy,
    entitlement: Entitlement,
    profile: str,
    standings: Mapping[str, Standing],
    balances: Mapping[str, Balance],
    *,
    workers: int,
    charge_to: str | None,
    now: datetime,
) -> Quote:
    """Return the quote.

    Args:
        policy: the policy in force.
        entitlement: of the person who asks.
        profile: name of the profile.
        standings: by group name, one for each of the person's groups.
        balances: the same groups' money of this month.
        workers: of a cluster; a server has none.
        charge_to: the group to charge; None: the first that offers the profile.
        now: the moment, aware.

    Raises:
        InvalidRequest: there is no such profile, or it is a server's and workers were asked for.
    """
    kind, rate = _asked(policy, profile, workers, now)
    request = Request(id="quote", identity=entitlement.identity, kind=kind, profile=profile, charge_to=charge_to)
    decision = decide(policy, entitlement, request, standings, decision_id="quote", now=now)
    offering = [group.name for group in entitlement.offering(profile)]
    group = charge_to if charge_to in offering else next(iter(offering), "") if charge_to is None else ""
    growth = _growth(policy, decision, standings, workers, now)
    granted = growth.grant if growth else None
    running = granted.workers if granted else 0
    granted_rate = granted.price_per_hour if granted else rate if decision.allowed else Decimal(0)
    return Quote(
        as_of=now,
        currency=policy.currency_at(now),
        profile=profile,
        title=policy.profile_title(profile),
        kind=kind,
        group=group or "",
        workers=workers,
        granted=running,
        borrowed=_borrowed(decision, standings, running),
        allowed=decision.allowed,
        reason=(granted.reason if granted else None) or decision.reason,
        message=_message(policy.currency_at(now), decision, growth, rate),
        cause=growth.cause if growth else "",
        retry_at=granted.retry_at if granted else decision.retry_at,
        trace=(*decision.trace, *(granted.trace if granted else ())),
        price_per_hour=rate,
        granted_price_per_hour=granted_rate,
        budget_minutes=_minutes(balances[group], rate) if group else None,
        granted_budget_minutes=_minutes(balances[group], granted_rate) if group else None,
        credits_minutes=_credits_minutes(policy, profile, group, standings, workers) if group else None,
        granted_credits_minutes=_credits_minutes(policy, profile, group, standings, running) if group else None,
    )


def _asked(policy: Policy, profile: str, workers: int, now: datetime) -> tuple[Kind, Decimal]:
    rules = policy.profiles.get(profile)
    if rules is None:
        raise InvalidRequest(f"There is no profile {profile} in the policy; take one of {', '.join(policy.profiles)}.")
    price = price_at(policy.prices, now)
    rate = base_rate(rules, price)
    if isinstance(rules, ClusterProfile):
        return Kind.cluster, rate + workers * worker_rate(rules, price)
    if workers:
        raise InvalidRequest(
            f"{policy.profile_title(profile)} is a notebook server and has no workers; leave them out."
        )
    return Kind.server, rate


def _growth(
    policy: Policy, decision: Decision, standings: Mapping[str, Standing], workers: int, now: datetime
) -> Growth | None:
    """Return what the cluster would be granted at its first heartbeat; None where there are no workers to grant."""
    lease = decision.lease
    if lease is None or lease.kind is not Kind.cluster or not workers:
        return None
    standing = _with_base(standings[lease.group], lease)
    return grow(policy, lease, Demand(wanted=workers, running=0), standing, now=now)


def _borrowed(decision: Decision, standings: Mapping[str, Standing], granted: int) -> int:
    """Return how many of the granted workers are above the group's quota, whole or in part; the last ones are."""
    lease = decision.lease
    cohort = _with_scheduler(standings[lease.group].cohort, lease) if lease else None
    if lease is None or lease.worker is None or cohort is None or lease.worker.cores == 0:
        return 0
    table = Table(cohort)
    own = (table.members[lease.group].nominal - table.used[lease.group]) // lease.worker.cores
    return granted - max(0, min(granted, int(own)))


def _with_base(standing: Standing, lease: Lease) -> Standing:
    """Return how the group and the person would stand with the scheduler."""
    holders = dict(standing.holders)
    holders[lease.user] = holders.get(lease.user, Decimal(0)) + lease.base.cores
    return replace(
        standing,
        group=_more(standing.group, lease),
        person=_more(standing.person, lease),
        holders=tuple(holders.items()),
        cohort=_with_scheduler(standing.cohort, lease),
    )


def _with_scheduler(cohort: Cohort | None, lease: Lease) -> Cohort | None:
    if cohort is None:
        return None
    held = cohort.fixed.get(lease.group, Decimal(0))
    return replace(cohort, fixed={**cohort.fixed, lease.group: held + lease.base.cores})


def _more(held: Holdings, lease: Lease) -> Holdings:
    return replace(held, shape=held.shape + lease.base, clusters=held.clusters + 1)


def _message(currency: str, decision: Decision, growth: Growth | None, rate: Decimal) -> str:
    if growth is None:
        return decision.message
    workers, wanted = growth.grant.workers, growth.grant.wanted
    if workers == wanted:
        return f"All {workers:,} workers would start now, for {format_rate(rate, currency)} in all."
    return f"{f'{workers:,}' if workers else 'None'} of {wanted:,} workers would start now: {growth.cause}"


def _minutes(balance: Balance, rate: Decimal) -> float | None:
    """Return how long the budgets last if this ran beside what is charged to them now; the shorter of both."""
    pots = (
        (balance.budget, balance.spent, balance.burn_rate),
        (balance.my_budget, balance.mine, balance.my_burn_rate),
    )
    minutes = [
        max(0.0, float((budget - spent) / (burns + rate)) * 60)
        for budget, spent, burns in pots
        if budget is not None and burns + rate > 0
    ]
    return round(min(minutes), 1) if minutes else None


def _credits_minutes(
    policy: Policy, profile: str, group: str, standings: Mapping[str, Standing], workers: int
) -> float | None:
    """Return how long the burst credits last if this ran beside what the group holds now."""
    cohort, rules = standings[group].cohort, policy.profiles[profile]
    held = cohort.members[group].credits if cohort else None
    if cohort is None or held is None:
        return None
    asked = need_of(rules).shape.cores
    if isinstance(rules, ClusterProfile):
        asked += workers * rules.worker.shape.cores
    minutes = held.minutes(Table(cohort).used[group] + asked - held.terms.nominal)
    return None if minutes is None else round(float(minutes), 1)
