"""What the identity provider says about a person: from its claims to a name and to groups. Pure.

A *claim path* says where the groups are. ``groups`` is a claim; ``realm_access.roles`` is a claim inside a claim;
``https://example.org/groups`` is one claim whose name has dots (as Auth0 and Cognito need them); a list of names says
each step, for names that could be read both ways.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub_ext.contract.identity import normalise_group

_LONGEST = 255
"""The hub keeps a group's name in 255 characters."""


def claim_at(claims: Mapping[str, Any], path: str | Sequence[str]) -> Any:
    """Return the value at a claim path; None, if there is none.

    A claim whose name is the whole path wins over one step by step, because a provider that names a claim
    ``https://example.org/groups`` means that name.

    Args:
        claims: what the userinfo endpoint answered.
        path: a name, names joined by dots, or a list of names.
    """
    if isinstance(path, str) and path in claims:
        return claims[path]
    value: Any = claims
    for step in path.split(".") if isinstance(path, str) else path:
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


def groups_from(claims: Mapping[str, Any], path: str | Sequence[str]) -> tuple[str, ...]:
    """Return the groups at a claim path, in the order in which they came, each once and in its one spelling.

    No such claim means no groups: providers leave it out for a person who is in none. A single string is one group.
    What is not a name (a number, nothing but slashes, longer than the hub can keep) is left out, because one broken
    entry must neither lock a person out nor become a group that nobody gave.
    """
    value = claim_at(claims, path)
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        return ()
    found: dict[str, None] = {}
    for entry in value:
        name = _spelling(entry)
        if name is not None:
            found[name] = None
    return tuple(found)


def name_from(claims: Mapping[str, Any], *paths: str) -> str | None:
    """Return the first of the claims that holds a name; None, if none does."""
    for path in paths:
        value = claim_at(claims, path) if path else None
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _spelling(entry: Any) -> str | None:
    if not isinstance(entry, str):
        return None
    try:
        name = normalise_group(entry)
    except ValueError:
        return None
    return name if len(name) <= _LONGEST else None
