"""May a person choose another idle time for what they run: within the profile's bounds, and never none. Pure."""

from hub_ext.contract.admission import Lease
from hub_ext.contract.errors import Refused
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_duration
from hub_ext.policy.document import Policy


def check_idle(policy: Policy, lease: Lease, seconds: int) -> None:
    """Refuse an idle time that the profile does not allow.

    Args:
        policy: the policy in force; it tells the shortest time. The longest is the one the lease was admitted with,
            because a cluster's own timer was set by it.
        lease: what is to be extended.
        seconds: the wish.

    Raises:
        Refused: there is nothing to choose, or the wish is out of bounds.
    """
    title, contact = policy.profile_title(lease.profile), policy.defaults.contact
    profile = policy.profiles.get(lease.profile)
    idle = profile.idle if profile else None
    shortest = int((idle.min or idle.default).total_seconds()) if idle else lease.idle_seconds
    longest = lease.idle_max_seconds
    if not lease.idle_seconds:
        raise Refused(f"Not changed: {title} has no idle time, so there is nothing to extend.", reason=Reason.capped)
    if longest < shortest:
        text = f"Not changed: the idle time of {title} is fixed at {format_duration(lease.idle_seconds)}."
        raise Refused(f"{text} Ask {contact} if you need more.", reason=Reason.capped)
    if not shortest <= seconds <= longest:
        bounds = f"from {format_duration(shortest)} to {format_duration(longest)}"
        text = f"Not changed: the idle time of {title} can be {bounds}, and {format_duration(seconds)} was asked for."
        raise Refused(f"{text} Choose within, or ask {contact}.", reason=Reason.capped)
