"""Another idle time: within the profile's bounds, and never none."""

import pytest

from hub_ext.contract.errors import Refused
from hub_ext.contract.reasons import Reason
from hub_ext.policy.document import Policy
from hub_ext.policy.extending import check_idle
from hub_ext.policy.profiles import ClusterProfile, Idle
from tests.policy.samples import policy
from tests.usage.samples import cluster_lease


def _with_idle(**bounds: int) -> Policy:
    """A policy whose profile ``standard`` has these bounds, in minutes."""
    sample = policy()
    profile = sample.profiles["standard"]
    assert isinstance(profile, ClusterProfile)
    idle = Idle.model_validate({key: f"{minutes}m" for key, minutes in bounds.items()})
    return sample.model_copy(update={"profiles": {"standard": profile.model_copy(update={"idle": idle})}})


@pytest.mark.parametrize(
    ("bounds", "seconds", "says"),
    [
        ({"default": 20, "min": 10, "max": 120}, 600, ""),
        ({"default": 20, "min": 10, "max": 120}, 7200, ""),
        ({"default": 20, "min": 10, "max": 120}, 7201, "can be from 10 min to 2 h, and 2 h was asked for"),
        ({"default": 20, "min": 10, "max": 120}, 599, "can be from 10 min to 2 h"),
        ({"default": 20, "min": 10, "max": 120}, 0, "can be from 10 min to 2 h, and 0 s was asked for"),
        ({"default": 20, "max": 120}, 1199, "can be from 20 min to 2 h"),
        ({"default": 20}, 1200, "is fixed at 20 min"),
        ({}, 1200, "has no idle time"),
    ],
    ids=["the shortest", "the longest", "too long", "too short", "none", "no shorter than usual", "fixed", "no idle"],
)
def test_an_idle_time_is_chosen_within_bounds(bounds: dict[str, int], seconds: int, says: str) -> None:
    """Beyond the bounds it is refused in words that name them."""
    idle_seconds, longest = bounds.get("default", 0) * 60, bounds.get("max", 0) * 60
    lease = cluster_lease().model_copy(update={"idle_seconds": idle_seconds, "idle_max_seconds": longest})
    rules = _with_idle(**bounds) if bounds else policy()
    if not says:
        check_idle(rules, lease, seconds)
        return
    with pytest.raises(Refused, match=says) as refused:
        check_idle(rules, lease, seconds)
    assert refused.value.reason is Reason.capped


def test_a_profile_that_left_the_policy_gives_no_shorter_time() -> None:
    """What was admitted keeps its own bounds."""
    lease = cluster_lease().model_copy(update={"idle_seconds": 1200, "idle_max_seconds": 7200, "profile": "gone"})
    check_idle(policy(), lease, 7200)
    with pytest.raises(Refused, match="from 20 min to 2 h"):
        check_idle(policy(), lease, 600)
