"""What an hour costs: shapes and dated unit prices. Exact decimal arithmetic; nothing is rounded here.

``cost`` builds on this room; admission needs it to reserve money before a start.
"""

from datetime import UTC, datetime, time
from decimal import Context, Decimal, localcontext

from hub_ext.contract.shape import Shape
from hub_ext.policy.document import Price
from hub_ext.policy.profiles import ClusterProfile, ServerProfile

GIB = 2**30
_EXACT = Context(prec=200)
"""Digits enough that no product or sum below is ever rounded: a 1/2**30 alone has thirty decimals."""


def valid_from(price: Price) -> datetime:
    """Return the instant from which the price holds: 00:00 UTC of its date."""
    return datetime.combine(price.since, time.min, UTC)


def price_at(prices: tuple[Price, ...], at: datetime) -> Price:
    """Return the unit prices that hold at an instant.

    Before the first date the first entry holds: what runs is never free because a file begins too late.

    Args:
        prices: sorted by date, at least one, as the policy reader guarantees.
        at: an aware time.
    """
    held = prices[0]
    for price in prices[1:]:
        if valid_from(price) > at:
            break
        held = price
    return held


def price_per_hour(shape: Shape, price: Price, *, override: Decimal | None = None, spot: bool = False) -> Decimal:
    """Return what one process of this shape costs in an hour, exactly.

    ``cores x core_hour + GiB x gib_hour + sum(GPUs x gpu_hour)``, or the profile's own price instead; on an
    interruptible machine times ``spot_factor``. A GPU model without a price costs nothing: the policy reader refuses
    such a policy, so it happens only to what ran under an older one.

    Args:
        shape: cores, bytes and GPUs of the process.
        price: unit prices per hour.
        override: the profile's own price per hour.
        spot: whether the machine is interruptible.
    """
    with localcontext(_EXACT):
        hour = override if override is not None else _by_units(shape, price)
        return hour * price.spot_factor if spot else hour


def _by_units(shape: Shape, price: Price) -> Decimal:
    hour = shape.cores * price.core_hour + Decimal(shape.memory) / GIB * price.gib_hour
    for model, count in shape.gpus.items():
        hour += count * price.gpu_hour.get(model, Decimal(0))
    return hour


def base_rate(profile: ServerProfile | ClusterProfile, price: Price) -> Decimal:
    """Return the price per hour of a server, or of a cluster's scheduler (always by unit prices, never spot)."""
    match profile:
        case ServerProfile():
            return price_per_hour(profile.shape, price, override=profile.price.hour if profile.price else None)
        case ClusterProfile():
            return price_per_hour(profile.scheduler.shape, price)


def worker_rate(profile: ClusterProfile, price: Price) -> Decimal:
    """Return the price per hour of one worker."""
    override = profile.price.worker_hour if profile.price else None
    return price_per_hour(profile.worker.shape, price, override=override, spot=profile.spot.workers)
