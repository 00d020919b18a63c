"""Person -> what the policy entitles them to.

How several groups combine: they do not. A person who is in several SSO groups has several *entitlements side by side*,
one for each policy group that matches, in the order of the document, and everything they start is charged to exactly
one of them. Quotas are never added up and nothing is counted twice: what is charged to Research uses Research's quota
and budget and nobody else's. The order is the precedence: unless the person chooses, the first group that offers the
profile is charged. One policy group that matches through several SSO groups counts once.

A policy group matches by full path, case-folded: ``/research`` is exactly that group; ``/research/*`` is every group
below it at any depth, and not ``/research`` itself; ``/*`` is every group there is. ``/a/admin`` never matches
``/b/admin``, and ``/research-x`` is not below ``/research``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hub_ext.contract.identity import Identity, normalise_group
from hub_ext.contract.paths import ADMINISTRATOR_SCOPES
from hub_ext.policy.document import Group, Policy


@dataclass(frozen=True)
class EntitledGroup:
    """One policy group that the person belongs to."""

    name: str
    title: str
    rules: Group
    profiles: tuple[str, ...]
    """Names of the profiles it offers, in the group's order."""


@dataclass(frozen=True)
class Entitlement:
    """Everything the policy grants a person."""

    identity: Identity
    groups: tuple[EntitledGroup, ...]
    """In policy order: the first that offers a profile is charged for it, unless the person chooses."""
    may: tuple[str, ...]
    """Rights as an administrator: read, operate, budget, policy."""
    leads: tuple[str, ...] = ()
    """Names of the policy groups that the person leads, in policy order; a lead need not be in the group."""

    def group(self, name: str) -> EntitledGroup | None:
        """Return the person's policy group of that name."""
        return next((group for group in self.groups if group.name == name), None)

    def offering(self, profile: str) -> tuple[EntitledGroup, ...]:
        """Return the person's groups that offer the profile, in policy order."""
        return tuple(group for group in self.groups if profile in group.profiles)


def matches(pattern: str, group: str) -> bool:
    """Whether an SSO group, in its one spelling, is meant by a pattern of the policy."""
    stripped = pattern.strip()
    if not stripped.endswith("/*"):
        return normalise_group(stripped) == group
    base = stripped.removesuffix("/*")
    below = f"{normalise_group(base)}/" if base else "/"
    return group.startswith(below)


def _any_matches(patterns: Iterable[str], groups: tuple[str, ...]) -> bool:
    return any(matches(pattern, group) for pattern in patterns for group in groups)


def resolve(policy: Policy, identity: Identity) -> Entitlement:
    """Return what the policy grants the person."""
    groups = tuple(
        EntitledGroup(name, policy.group_title(name), rules, rules.profiles)
        for name, rules in policy.groups.items()
        if _any_matches(rules.match, identity.groups)
    )
    granted = {
        right for entry in policy.administrators if _any_matches(entry.match, identity.groups) for right in entry.may
    }
    may = tuple(right for right in ADMINISTRATOR_SCOPES if right in granted)
    return Entitlement(identity, groups, may, led(policy, identity))


def led(policy: Policy, identity: Identity) -> tuple[str, ...]:
    """Return the names of the policy groups that the person leads, in policy order."""
    return tuple(name for name, rules in policy.groups.items() if _any_matches(rules.leads, identity.groups))
