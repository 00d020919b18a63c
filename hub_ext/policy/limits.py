"""Who holds how much, and how much more fits below each limit. Figures only; ``wording`` says them.

Vocabulary: a *need* is what one more server, cluster or worker takes; a *bound* is one limit on one resource, and its
*room* is how many more needs fit below it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.policy.document import Group, Quota
from hub_ext.policy.sharing import Cohort

Scope = Literal["per_user", "quota"]


@dataclass(frozen=True)
class Holdings:
    """What somebody holds now, reservations included."""

    shape: Shape = field(default_factory=Shape)
    servers: int = 0
    clusters: int = 0


@dataclass(frozen=True)
class Standing:
    """What one policy group, and one person in it, hold now and have spent this month."""

    group: Holdings = Holdings()
    person: Holdings = Holdings()
    spent: Decimal = Decimal(0)
    """By the whole group, this month (UTC), in the policy's currency."""
    person_spent: Decimal = Decimal(0)
    """By the person in this group."""
    topped_up: Decimal = Decimal(0)
    """What top-ups add to the group's budget now."""
    person_topped_up: Decimal = Decimal(0)
    """What top-ups add to the person's own budget now."""
    holders: tuple[tuple[str, Decimal], ...] = ()
    """Who holds the group's cores: user name and cores, the person included."""
    cohort: Cohort | None = None
    """With whom the group shares cores; None: its quota is a hard limit."""


@dataclass(frozen=True)
class Bound:
    """One limit on one resource."""

    scope: Scope
    resource: str
    """``cores``, ``memory`` (bytes), ``servers``, ``clusters`` or ``gpus.MODEL``."""
    limit: Decimal
    used: Decimal
    each: Decimal
    """What one more takes; above zero."""

    @property
    def rule(self) -> str:
        """The policy key: ``quota.cores``."""
        return f"{self.scope}.{self.resource}"

    @property
    def reason(self) -> Reason:
        """The reason code where this bound binds."""
        return Reason.user_limit if self.scope == "per_user" else Reason.quota_exceeded

    @property
    def room(self) -> int:
        """How many more fit."""
        return max(0, (Fraction(self.limit) - Fraction(self.used)) // Fraction(self.each))

    def left(self, count: int = 0) -> Decimal:
        """Return what is left when ``count`` more have been added; never below zero."""
        return max(Decimal(0), self.limit - self.used - count * self.each)


def bounds(rules: Group, standing: Standing, need: Holdings) -> Iterator[Bound]:
    """Yield every bound that the need touches: the person's own limits first, then the group's quota.

    The quota of cores of a group in a cohort is none of them: there the cohort is asked (``borrowing``). A limit on
    something that the need takes nothing of does not bind, however far it is overdrawn.
    """
    yield from _bounds("per_user", rules.per_user, standing.person, need)
    quota = rules.quota if standing.cohort is None else rules.quota.model_copy(update={"cores": None})
    yield from _bounds("quota", quota, standing.group, need)


def _bounds(scope: Scope, quota: Quota, held: Holdings, need: Holdings) -> Iterator[Bound]:
    for resource, limit in _limits(quota):
        each = _part(need, resource)
        if each > 0:
            yield Bound(scope, resource, limit, _part(held, resource), each)


def _limits(quota: Quota) -> Iterator[tuple[str, Decimal]]:
    for name in ("servers", "clusters", "cores", "memory"):
        limit = getattr(quota, name)
        if limit is not None:
            yield name, Decimal(limit)
    for model, count in quota.gpus.items():
        yield f"gpus.{model}", Decimal(count)


def _part(held: Holdings, resource: str) -> Decimal:
    if resource in {"servers", "clusters"}:
        return Decimal(getattr(held, resource))
    if resource.startswith("gpus."):
        return Decimal(held.shape.gpus.get(resource.removeprefix("gpus."), 0))
    return Decimal(getattr(held.shape, resource))


def sound(standing: Standing, *needs: Holdings) -> bool:
    """Whether every figure is finite and not negative: a NaN passes, or breaks, naive comparisons."""
    figures: Iterable[Decimal] = [
        standing.spent,
        standing.person_spent,
        standing.topped_up,
        standing.person_topped_up,
    ]
    for held in (standing.group, standing.person, *needs):
        figures = [*figures, held.shape.cores, *map(Decimal, (held.shape.memory, held.servers, held.clusters))]
        figures = [*figures, *map(Decimal, held.shape.gpus.values())]
    return all(figure.is_finite() and figure >= 0 for figure in figures)
