"""Whether smaller workers would have done, and for how much less: by what the workers really used.

Only told where it is safe and worth it: another profile that the same group offers, whose worker has the same GPUs,
room for the highest memory peak and a third more, and as many cores as were in use while the workers computed. So the
same work would have run on as many workers in the same time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.quantities import TICK
from hub_ext.contract.units import format_money
from hub_ext.contract.usage import Interval
from hub_ext.cost import pricing
from hub_ext.cost.unused import workers
from hub_ext.policy.document import Policy
from hub_ext.policy.profiles import ClusterProfile

MEMORY_ROOM = Decimal("1.3")
"""Times the highest peak: the next data may be larger."""
LEAST_SHARE = Decimal("0.1")
"""Of the workers' cost: below that a hint is noise."""
LEAST_SAVING = Decimal("0.05")
"""In the policy's currency."""
LEAST_SECONDS = 300
"""That some worker must have been looked at after its start."""
_UNKNOWN_SECONDS = 60
"""A worker that lived for longer and of which nothing is known could have needed anything."""
_SECOND = 1_000_000


def hint(
    policy: Policy, group: str, intervals: Sequence[Interval], known: Mapping[str, UnitActivity], now: datetime
) -> str:
    """Return one sentence for the person, or nothing.

    Args:
        policy: the policy in force.
        group: that is charged.
        intervals: of one cluster.
        known: worker -> what it did and held.
        now: the moment.
    """
    ran = workers(intervals)
    if not _tells_enough(ran, known, now):
        return ""
    paid = _cost(policy, ran, now)
    peak = max(one.memory_peak for one in known.values())
    cores = max((Decimal(one.cpu) / one.busy for one in known.values() if one.busy), default=Decimal(0))
    found: list[tuple[Decimal, str]] = []
    for name in _others(policy, group, ran[0]):
        profile = policy.profiles[name]
        if not isinstance(profile, ClusterProfile) or profile.worker.shape.gpus != ran[0].shape.gpus:
            continue
        shape = profile.worker.shape
        if profile.spot.workers == ran[0].spot and shape.memory >= peak * MEMORY_ROOM and shape.cores >= cores:
            found.append((paid - _cost(policy, [_as(one, profile) for one in ran], now), name))
    if not found:
        return ""
    saving, name = max(found, key=lambda item: item[0])
    if saving <= LEAST_SAVING or saving <= paid * LEAST_SHARE:
        return ""
    share = round(100 * peak / ran[0].shape.memory)
    less = format_money(saving, policy.currency_at(now))
    return f"You used {share} % of the memory you paid for; {policy.profile_title(name)} would have cost {less} less."


def _tells_enough(ran: Sequence[Interval], known: Mapping[str, UnitActivity], now: datetime) -> bool:
    """Whether some worker was looked at long enough, and none lived for long unseen."""
    if not ran or not ran[0].shape.memory:
        return False
    for one in ran:
        told = known.get(one.unit)
        lived = ((one.ended_at or now) - one.started_at) // TICK
        if (told is None or not told.memory_peak) and lived > _UNKNOWN_SECONDS * _SECOND:
            return False
    return any(one.busy + one.idle >= LEAST_SECONDS * _SECOND for one in known.values())


def _others(policy: Policy, group: str, one: Interval) -> list[str]:
    rules = policy.groups.get(group)
    return [] if rules is None else [name for name in rules.profiles if name != one.profile]


def _as(one: Interval, profile: ClusterProfile) -> Interval:
    """Return the interval as it would have been with the other profile's worker."""
    override = profile.price.worker_hour if profile.price else None
    return one.model_copy(update={"shape": profile.worker.shape, "unit_price_per_hour": override})


def _cost(policy: Policy, ran: Sequence[Interval], now: datetime) -> Decimal:
    since = policy.currency_since(now)
    return sum((pricing.cost(one, policy.prices, until=now, since=since) for one in ran), Decimal(0))
