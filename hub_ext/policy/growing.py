"""How many workers a cluster may have now: the largest number that every bound leaves room for.

Asked at every heartbeat of the cluster, so the answer must be stable: with nothing changed around it, the same wish
gets the same grant and the same sentence. Limits and quota hold for all of the workers; a budget holds for further ones
only, because what runs is stopped by the budget's own rule (``on_exhausted``), not by a shrinking grant. The cohort is
asked last, for what all other bounds leave room for: that is the cluster's claim on shared cores.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub_ext.contract.admission import Demand, Grant, Lease, TraceStep
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.policy import wording
from hub_ext.policy.borrowing import Share, share
from hub_ext.policy.document import Group, Policy
from hub_ext.policy.limits import Bound, Holdings, Standing, bounds, sound
from hub_ext.policy.months import month_end
from hub_ext.policy.profiles import ClusterProfile
from hub_ext.policy.purse import Purse, purses
from hub_ext.policy.rates import price_at, price_per_hour
from hub_ext.policy.weighing import budget_step, limit_step
from hub_ext.policy.wording import Scene

_PASSING = {Reason.quota_exceeded, Reason.user_limit, Reason.borrowing_limit, Reason.cohort_full}
"""What passes by itself: the cluster grows when others need less."""
_TAKING = {Reason.reclaimed, Reason.credits_exhausted}
"""What takes workers away that were granted."""


@dataclass(frozen=True)
class _Ceiling:
    """The most workers that one rule leaves room for."""

    room: int
    reason: Reason
    step: TraceStep
    cause: Callable[[int], str]
    """Given the granted number, the fact and its cause."""
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Growth:
    """A grant, and what the cohort should remember of the wish behind it."""

    grant: Grant
    wish: int
    """The workers that every bound but the cohort leaves room for."""
    waits: bool = False
    """Whether the group, within its nominal, waits for cores that others borrow."""
    cause: str = ""
    """Why there are fewer workers than wanted, and what happens next: the grant's message without its head."""


def grant(policy: Policy, lease: Lease, demand: Demand, standing: Standing, *, now: datetime) -> Grant:
    """Return the grant alone; see :func:`grow`."""
    return grow(policy, lease, demand, standing, now=now).grant


def grow(policy: Policy, lease: Lease, demand: Demand, standing: Standing, *, now: datetime) -> Growth:
    """Grant a cluster the largest number of workers, up to its wish, that fits.

    Args:
        policy: the policy in force.
        lease: of the cluster; ``lease.workers`` is what it was granted last.
        demand: its wish.
        standing: of the lease's group and user, with this cluster's scheduler and without its workers.
        now: the moment, aware.

    Raises:
        InvalidRequest: the lease is no cluster's, or a figure is not finite and positive.
    """
    worker = _checked(lease, demand, standing)
    scene = Scene(
        policy.group_title(lease.group), lease.user, standing, policy.currency_at(now), policy.defaults.contact, now
    )
    ceilings = list(_ceilings(policy, lease, worker, demand.wanted, scene))
    wish = min((ceiling.room for ceiling in ceilings), default=demand.wanted)
    wish = min(wish, demand.wanted)
    shared = share(scene, lease, wish) if standing.cohort else None
    if shared is not None:
        ceilings += _cohort_ceilings(shared, demand.wanted)
    made, cause = _grant(policy, lease, demand.wanted, ceilings, now)
    return Growth(made, wish, waits=shared is not None and shared.waits, cause=cause)


def _grant(policy: Policy, lease: Lease, wanted: int, ceilings: list[_Ceiling], now: datetime) -> tuple[Grant, str]:
    granted = min((ceiling.room for ceiling in ceilings), default=wanted)
    granted = min(granted, wanted)
    trace = tuple(ceiling.step for ceiling in ceilings)
    rate = _rate(policy, lease, granted, now)
    if granted == wanted:
        return Grant(workers=granted, wanted=wanted, trace=trace, price_per_hour=rate), ""
    binding = min(ceilings, key=lambda ceiling: ceiling.room)
    cause = f"{binding.cause(granted)}{_next(binding.reason, wanted - granted)}"
    made = Grant(
        workers=granted,
        wanted=wanted,
        reason=binding.reason,
        message=f"{_head(lease, granted, wanted, binding)}: {cause}",
        retry_at=binding.retry_at,
        trace=trace,
        price_per_hour=rate,
    )
    return made, cause


def _cohort_ceilings(shared: Share, wanted: int) -> Iterator[_Ceiling]:
    """Yield the cohort as one more bound; where it grants all that it was asked for, another one binds."""
    room = shared.workers if shared.short else wanted
    for step in shared.steps:
        yield _Ceiling(room, shared.reason, step, lambda _: shared.text, shared.retry_at)


def _checked(lease: Lease, demand: Demand, standing: Standing) -> Shape:
    if lease.worker is None:
        raise InvalidRequest(f"Lease {lease.id} is for a server; only clusters have workers.")
    one = Holdings(lease.worker)
    whole = isinstance(demand.wanted, int) and not isinstance(demand.wanted, bool) and demand.wanted >= 0
    if not whole or not sound(standing, one):
        raise InvalidRequest("A figure in the demand or in the ledger is no finite, positive number.")
    return lease.worker


def _ceilings(policy: Policy, lease: Lease, worker: Shape, wanted: int, scene: Scene) -> Iterator[_Ceiling]:
    rules = policy.groups.get(lease.group)
    yield _profile_ceiling(policy, lease, rules, wanted)
    if rules is not None:
        yield from _limit_ceilings(scene, rules, Holdings(worker), wanted)
        yield from _budget_ceilings(policy, scene, rules, lease, wanted)


def _profile_ceiling(policy: Policy, lease: Lease, rules: Group | None, wanted: int) -> _Ceiling:
    title, group = policy.profile_title(lease.profile), policy.group_title(lease.group)
    profile = policy.profiles.get(lease.profile)
    if rules is None or lease.profile not in rules.profiles or not isinstance(profile, ClusterProfile):
        return _Ceiling(
            lease.workers,
            Reason.profile_not_offered,
            TraceStep(
                rule="profile", allows=lease.workers >= wanted, detail=f"{group} no longer offers {lease.profile}"
            ),
            lambda _: f"{group} no longer offers {title}; what runs goes on, nothing is added.",
        )
    most = min(lease.workers_max, profile.workers.max)
    return _Ceiling(
        most,
        Reason.capped,
        TraceStep(rule="workers.max", allows=most >= wanted, detail=f"at most {most:,} in one cluster"),
        lambda _: f"one cluster of {title} has at most {most:,}.",
    )


def _limit_ceilings(scene: Scene, rules: Group, need: Holdings, wanted: int) -> Iterator[_Ceiling]:
    for bound in bounds(rules, scene.standing, need):
        step = limit_step(bound, allows=bound.room >= wanted)
        yield _Ceiling(bound.room, bound.reason, step, _limit_cause(scene, bound))


def _limit_cause(scene: Scene, bound: Bound) -> Callable[[int], str]:
    return lambda granted: wording.no_more_workers(scene, bound, granted)


def _budget_ceilings(policy: Policy, scene: Scene, rules: Group, lease: Lease, wanted: int) -> Iterator[_Ceiling]:
    rate = _worker_rate(policy, lease, scene.now)
    for purse in purses(rules.budget, scene.standing):
        more = purse.room(rate)
        if more is None:
            continue
        room = lease.workers + more
        reason = Reason.budget_exhausted if purse.exhausted else Reason.budget_reserve
        yield _Ceiling(
            room,
            reason,
            budget_step(scene, purse, rate, allows=room >= wanted),
            _budget_cause(scene, purse, rate),
            month_end(scene.now) if purse.exhausted else None,
        )


def _budget_cause(scene: Scene, purse: Purse, rate: Decimal) -> Callable[[int], str]:
    return lambda _: wording.over_budget(scene, purse, "another worker", rate)


def _worker_rate(policy: Policy, lease: Lease, now: datetime) -> Decimal:
    profile = policy.profiles.get(lease.profile)
    cluster = profile if isinstance(profile, ClusterProfile) else None
    override = cluster.price.worker_hour if cluster and cluster.price else None
    spot = cluster is not None and cluster.spot.workers
    return price_per_hour(lease.worker or Shape(), price_at(policy.prices, now), override=override, spot=spot)


def _rate(policy: Policy, lease: Lease, workers: int, now: datetime) -> Decimal:
    scheduler = price_per_hour(lease.base, price_at(policy.prices, now))
    return scheduler + workers * _worker_rate(policy, lease, now)


def _head(lease: Lease, granted: int, wanted: int, binding: _Ceiling) -> str:
    of = f"{granted:,} of {wanted:,} workers"
    if granted == 0 and not (lease.workers and binding.reason in _TAKING):
        return f"None of {wanted:,} workers yet"
    if granted < lease.workers:
        return f"Shrinking to {of}"
    if binding.reason in {Reason.budget_exhausted, Reason.profile_not_offered}:
        return f"Staying at {of}"
    return f"Grown to {of}"


def _next(reason: Reason, waiting: int) -> str:
    if reason not in _PASSING:
        return ""
    return f" The other {waiting:,} start{'s' if waiting == 1 else ''} as soon as there is room."
