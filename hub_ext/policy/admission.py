"""May it start, and how far may it grow: the two questions that both doors ask, answered with a reason.

The profile must be offered; figures must be finite and positive; then the person's limits, the group's quota, and the
budget with the money of the next five minutes in reserve. What does not fit is refused or, of workers, granted in part;
every answer carries a trace. A group in a cohort may hold more cores than its quota: there ``borrowing`` answers for
the cohort.

Pure: the same arguments give the same answer. The service calls this inside the transaction that keeps the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub_ext.contract.admission import Decision, Kind, Lease, LeaseState, Request, TraceStep
from hub_ext.contract.errors import Refused
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_rate
from hub_ext.policy.choosing import choose
from hub_ext.policy.document import Policy
from hub_ext.policy.growing import Growth, grant, grow
from hub_ext.policy.kubernetes import Pods
from hub_ext.policy.limits import Holdings, Standing
from hub_ext.policy.placing import place
from hub_ext.policy.profiles import ClusterProfile
from hub_ext.policy.rates import base_rate, price_at, worker_rate
from hub_ext.policy.resolving import EntitledGroup, Entitlement
from hub_ext.policy.weighing import Obstacle, Weighed, need_of, weigh

__all__ = ["RESERVED_FOR", "Growth", "Holdings", "Standing", "decide", "grant", "grow"]

RESERVED_FOR = timedelta(minutes=10)
"""How long a reservation waits to be bound: longer than any engine takes to say whether it will start something."""


@dataclass(frozen=True)
class _Case:
    """One question with everything that its answer depends on."""

    policy: Policy
    entitlement: Entitlement
    request: Request
    standings: Mapping[str, Standing]
    id: str
    now: datetime

    def weigh(self, group: EntitledGroup) -> Weighed:
        return weigh(
            self.policy,
            group,
            self.request.profile,
            self.standings[group.name],
            user=self.entitlement.identity.name,
            now=self.now,
        )


def decide(
    policy: Policy,
    entitlement: Entitlement,
    request: Request,
    standings: Mapping[str, Standing],
    *,
    decision_id: str,
    now: datetime,
) -> Decision:
    """Decide whether a server or cluster may start.

    Args:
        policy: the policy in force.
        entitlement: of the person who asks.
        request: what is asked.
        standings: by group name, one for each of the person's groups.
        decision_id: of the decision, and of the lease where it is allowed.
        now: the moment, aware.

    Returns:
        The decision; where it is allowed, with a lease in state ``reserved`` that holds the server, or the scheduler
        and no worker yet.
    """
    case = _Case(policy, entitlement, request, standings, decision_id, now)
    group = _charged(policy, entitlement, request)
    if isinstance(group, Obstacle):
        return _refused(case, group, _offer_step(request, None))
    weighed = case.weigh(group)
    try:
        chosen = choose(policy, group.name, request.profile, request.options)
    except Refused as refused:
        obstacle = _not_offered(policy, refused.message, Reason.option_not_offered)
        step = TraceStep(rule="options", allows=False, detail=refused.message)
        return _refused(case, obstacle, _offer_step(request, group), step)
    if weighed.obstacle is None:
        return _allowed(case, group, weighed, chosen)
    trace = (_offer_step(request, group), *weighed.trace)
    return _refused(case, weighed.obstacle, *trace, hint=_elsewhere(case, group))


def _charged(policy: Policy, entitlement: Entitlement, request: Request) -> EntitledGroup | Obstacle:
    """Return the group to charge, or why there is none."""
    if not entitlement.groups:
        return _no_group(policy, entitlement)
    title = policy.profile_title(request.profile)
    offering = entitlement.offering(request.profile)
    if request.charge_to is not None:
        chosen = entitlement.group(request.charge_to)
        if chosen is None:
            return _not_offered(policy, f"you are not in {policy.group_title(request.charge_to)}.")
        if chosen not in offering:
            return _not_offered(policy, f"{chosen.title} does not offer {title}.")
        offering = (chosen,)
    if not offering:
        mine = " or ".join(group.title for group in entitlement.groups)
        return _not_offered(policy, f"{title} is not offered to {mine}.")
    kind = policy.kind_of(request.profile)
    if kind is not request.kind:
        return _not_offered(policy, f"{title} starts a {kind.value}, and a {request.kind.value} was asked for.")
    return offering[0]


def _no_group(policy: Policy, entitlement: Entitlement) -> Obstacle:
    sent = ", ".join(entitlement.identity.groups)
    text = f"none of your groups ({sent}) is in the policy." if sent else "the login service sent no group for you."
    return Obstacle(Reason.no_group, text, f"Ask {policy.defaults.contact} to be added to a group.")


def _not_offered(policy: Policy, text: str, reason: Reason = Reason.profile_not_offered) -> Obstacle:
    what = "a profile" if reason is Reason.profile_not_offered else "one"
    return Obstacle(reason, text, f"Choose {what} that is offered to you, or ask {policy.defaults.contact}.")


def _offer_step(request: Request, group: EntitledGroup | None) -> TraceStep:
    charged = group.title if group else request.charge_to or "any group"
    detail = f"{request.kind.value} {request.profile}, charged to {charged}"
    return TraceStep(rule="profile", allows=group is not None, detail=detail)


def _elsewhere(case: _Case, refused: EntitledGroup) -> str:
    """Name another of the person's groups that could be charged for the same now."""
    for group in case.entitlement.offering(case.request.profile):
        if group != refused and case.weigh(group).obstacle is None:
            return f"It fits if you charge it to {group.title}."
    return ""


def _refused(case: _Case, obstacle: Obstacle, *trace: TraceStep, hint: str = "") -> Decision:
    return Decision(
        id=case.id,
        allowed=False,
        reason=obstacle.reason,
        message=" ".join(part for part in (f"Not started: {obstacle.text}", obstacle.remedy, hint) if part),
        retry_at=obstacle.retry_at,
        trace=trace,
    )


def _allowed(case: _Case, group: EntitledGroup, weighed: Weighed, chosen: tuple[Pods, ...]) -> Decision:
    return Decision(
        id=case.id,
        allowed=True,
        message=f"{_terms(case, group)} {weighed.warning}".rstrip(),
        trace=(_offer_step(case.request, group), *weighed.trace),
        lease=_lease(case, group, chosen),
    )


def _terms(case: _Case, group: EntitledGroup) -> str:
    policy, name = case.policy, case.request.profile
    profile, price, title = policy.profiles[name], price_at(policy.prices, case.now), policy.profile_title(name)
    base = format_rate(base_rate(profile, price), policy.currency_of(price))
    if not isinstance(profile, ClusterProfile):
        return f"{title} starts for {base}, charged to {group.title}."
    each = format_rate(worker_rate(profile, price), policy.currency_of(price))
    return f"{title}: the scheduler starts for {base}, each worker for {each}, charged to {group.title}."


def _lease(case: _Case, group: EntitledGroup, chosen: tuple[Pods, ...]) -> Lease:
    user, profile_name = case.request.identity.name, case.request.profile
    profile = case.policy.profiles[profile_name]
    cluster = profile if isinstance(profile, ClusterProfile) else None
    return Lease(
        id=case.id,
        state=LeaseState.reserved,
        user=user,
        group=group.name,
        kind=Kind(profile.kind),
        profile=profile_name,
        name=case.request.name,
        base=need_of(profile).shape,
        worker=cluster.worker.shape if cluster else None,
        workers_max=cluster.workers.max if cluster else 0,
        idle_seconds=int(profile.idle_default.total_seconds()),
        lifetime_seconds=int(profile.lifetime_max.total_seconds()),
        idle_max_seconds=int(profile.idle.max.total_seconds()) if profile.idle and profile.idle.max else 0,
        no_client_seconds=int(cluster.no_client.total_seconds()) if cluster and cluster.no_client else 0,
        stops_with_server=cluster.stops_with_server if cluster else False,
        placement=place(case.policy, group.name, profile_name, lease=case.id, user=user, chosen=chosen),
        expires_at=case.now + RESERVED_FOR,
    )
