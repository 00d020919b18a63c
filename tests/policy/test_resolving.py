"""SSO groups become policy groups by full path, in policy order."""

import pytest

from hub_ext.contract.identity import Identity
from hub_ext.policy.resolving import matches, resolve
from tests.policy.samples import alice, policy


@pytest.mark.parametrize(
    ("pattern", "group", "meant"),
    [
        ("/research", "/research", True),
        ("/Research", "/research", True),
        ("research", "/research", True),
        ("/research", "/research/geo", False),
        ("/research/*", "/research/geo", True),
        ("/research/*", "/research/geo/sea", True),
        ("/research/*", "/research", False),
        ("/research/*", "/research-x", False),
        ("/research/*", "/researchers/geo", False),
        ("/Research/*", "/research/geo", True),
        ("/a/admin", "/b/admin", False),
        ("/*", "/anything/at/all", True),
        ("/al", "/alice", False),
    ],
)
def test_pattern_means_group(pattern: str, group: str, *, meant: bool) -> None:
    """A pattern means exactly its group, or everything below it."""
    assert matches(pattern, group) is meant


def test_policy_order_is_precedence() -> None:
    """The first group charged is the first of the document, in whatever order the login sent them."""
    entitlement = resolve(policy(), alice("/gpu", "/research"))
    assert [group.name for group in entitlement.groups] == ["research", "gpu"]
    assert [group.name for group in entitlement.offering("small")] == ["research", "gpu"]
    assert [group.name for group in entitlement.offering("gpu-notebook")] == ["gpu"]


def test_group_counts_once() -> None:
    """A policy group that matches through two SSO groups is one entitlement."""
    entitlement = resolve(policy(), alice("/research", "/research/geo"))
    assert [group.name for group in entitlement.groups] == ["research"]


def test_nobody_without_group() -> None:
    """A person whose groups the policy does not name is entitled to nothing."""
    entitlement = resolve(policy(), Identity(name="carol", groups=("/vpn",)))
    assert (entitlement.groups, entitlement.may) == ((), ())


def test_rights_follow_groups() -> None:
    """Rights come from administrators' SSO groups, each once, in a fixed order."""
    assert resolve(policy(), alice("/platform-admins", "/finance/audit")).may == ("read", "policy")
    assert resolve(policy(), alice("/finance")).may == ()


def test_group_of_another_name_is_not_mine() -> None:
    """A policy group is found by name only among the person's own."""
    entitlement = resolve(policy(), alice())
    assert entitlement.group("research") is not None
    assert entitlement.group("gpu") is None
