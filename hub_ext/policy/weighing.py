"""One profile, charged to one group, for one person, now: does it fit, and if not, what binds first?

The one evaluation behind both doors' questions: ``admission.decide`` (may it start) and ``offering.offers`` (what could
start now). The order is that of the trace: the person's own limits, the group's quota, the person's budget, the group's
budget. Every rule is looked at, so that the trace tells all of them; the first that binds gives the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub_ext.contract.admission import TraceStep
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_rate
from hub_ext.policy import borrowing, wording
from hub_ext.policy.document import Policy
from hub_ext.policy.limits import Bound, Holdings, Standing, bounds, sound
from hub_ext.policy.months import month_end
from hub_ext.policy.profiles import ClusterProfile, ServerProfile
from hub_ext.policy.purse import Purse, purses
from hub_ext.policy.rates import base_rate, price_at
from hub_ext.policy.resolving import EntitledGroup
from hub_ext.policy.wording import Scene


@dataclass(frozen=True)
class Obstacle:
    """Why it does not fit."""

    reason: Reason
    text: str
    """Fact and cause, to stand after a colon."""
    remedy: str
    """The next step, a sentence."""
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Weighed:
    """The outcome."""

    obstacle: Obstacle | None
    trace: tuple[TraceStep, ...]
    warning: str = ""
    """A budget that is past a warning level, in a sentence."""


def weigh(
    policy: Policy, group: EntitledGroup, profile: str, standing: Standing, *, user: str, now: datetime
) -> Weighed:
    """Weigh one start.

    A cluster is weighed with its scheduler alone: its workers are granted one by one, later.

    Args:
        policy: the policy in force.
        group: the group that would be charged; it offers the profile.
        profile: name of the profile.
        standing: of that group and this person in it.
        user: the person's name.
        now: the moment, aware.
    """
    need = need_of(policy.profiles[profile])
    if not sound(standing, need):
        return Weighed(_unsound(policy), (TraceStep(rule="figures", allows=False, detail="a figure is no number"),))
    scene = Scene(group.title, user, standing, policy.currency_at(now), policy.defaults.contact, now)
    found = [*_limits(scene, group, need, policy.profile_title(profile)), *_budgets(policy, scene, group, profile)]
    obstacle = next((obstacle for _, obstacle in found if obstacle is not None), None)
    return Weighed(obstacle, tuple(step for step, _ in found), _warning(scene, group))


def need_of(profile: ServerProfile | ClusterProfile) -> Holdings:
    """Return what one start takes: a server, or a cluster with its scheduler and no worker."""
    if isinstance(profile, ServerProfile):
        return Holdings(profile.shape, servers=1)
    return Holdings(profile.scheduler.shape, clusters=1)


def _unsound(policy: Policy) -> Obstacle:
    text = "a figure in the request or in the ledger is no finite, positive number."
    return Obstacle(Reason.invalid_request, text, f"Ask {policy.defaults.contact}.")


def _limits(
    scene: Scene, group: EntitledGroup, need: Holdings, what: str
) -> Iterator[tuple[TraceStep, Obstacle | None]]:
    for bound in bounds(group.rules, scene.standing, need):
        fits = bound.room >= 1
        yield limit_step(bound, allows=fits), None if fits else _limit_obstacle(scene, bound, what)
    if scene.standing.cohort is not None:
        lack = borrowing.lack(scene, group.name, need.shape.cores, what)
        obstacle = None if lack is None else _lack_obstacle(scene, lack)
        for step in borrowing.start_steps(scene, group.name, lack):
            yield step, None if step.allows else obstacle


def _lack_obstacle(scene: Scene, lack: borrowing.Lack) -> Obstacle:
    return Obstacle(lack.reason, lack.text, wording.stop_or_ask(scene), lack.retry_at)


def limit_step(bound: Bound, *, allows: bool) -> TraceStep:
    """Return what the trace says of a bound."""
    figures = (wording.bare(bound.resource, bound.used), wording.bare(bound.resource, bound.each))
    limit = wording.amount(bound.resource, bound.limit)
    return TraceStep(
        rule=bound.rule, allows=allows, detail=f"{figures[0]} of {limit} in use, {figures[1]} for one more"
    )


def _limit_obstacle(scene: Scene, bound: Bound, what: str) -> Obstacle:
    text = wording.over_limit(scene, bound, what)
    return Obstacle(bound.reason, text, wording.over_limit_remedy(scene, bound))


def _budgets(
    policy: Policy, scene: Scene, group: EntitledGroup, profile: str
) -> Iterator[tuple[TraceStep, Obstacle | None]]:
    rate = base_rate(policy.profiles[profile], price_at(policy.prices, scene.now))
    for purse in purses(group.rules.budget, scene.standing):
        room = purse.room(rate)
        fits = room is None or room >= 1
        yield (
            budget_step(scene, purse, rate, allows=fits),
            None if fits else budget_obstacle(scene, purse, policy.profile_title(profile), rate),
        )


def budget_step(scene: Scene, purse: Purse, rate: Decimal, *, allows: bool) -> TraceStep:
    """Return what the trace says of a budget."""
    spent, whole = (wording.money(value, scene.currency) for value in (purse.spent, purse.amount))
    ask = f"{format_rate(rate, scene.currency)} for one more" if purse.binding else "warns only"
    return TraceStep(rule=purse.rule, allows=allows, detail=f"{spent} of {whole} spent, {ask}")


def budget_obstacle(scene: Scene, purse: Purse, what: str, rate: Decimal) -> Obstacle:
    """Return the obstacle that a budget is."""
    reason = Reason.budget_exhausted if purse.exhausted else Reason.budget_reserve
    text, remedy = wording.over_budget(scene, purse, what, rate), wording.over_budget_remedy(scene, purse)
    return Obstacle(reason, text, remedy, month_end(scene.now) if purse.exhausted else None)


def _warning(scene: Scene, group: EntitledGroup) -> str:
    budget = group.rules.budget
    if budget is None:
        return ""
    past = [purse for purse in purses(budget, scene.standing) if purse.level(budget.warn_at) is not None]
    text = wording.used_share(scene, past[0]) if past else ""
    return text[:1].upper() + text[1:]
