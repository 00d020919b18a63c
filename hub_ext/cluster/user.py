"""The person or service behind a request to the gateway, with everything that the hub said about the token."""

import copy
from collections.abc import Iterable
from typing import Any, Self

from dask_gateway_server.models import User

from hub_ext.contract.identity import Identity, normalise_group
from hub_ext.contract.offers import Offers
from hub_ext.contract.paths import SCOPE_OPERATE


class GatehouseUser(User):
    """A gateway user whose rights come from the scopes of the token in hand, never from ``User.admin``.

    Args:
        name: name at the hub; services arrive as ``service:NAME``.
        groups: SSO groups as the hub names them, in its order; each is brought to its one spelling.
        scopes: the token's expanded hub scopes.
    """

    def __init__(self, name: str, groups: Iterable[str] = (), scopes: Iterable[str] = ()) -> None:
        self.identity = Identity(name=name, groups=tuple(_spelled(groups)))
        super().__init__(name, groups=self.identity.groups, admin=False)
        self.scopes = frozenset(scopes)
        self.offers: Offers | None = None
        """What the service offers them, once asked: valid for one request."""
        self.acted_as_operator = False
        """Whether this request was let through on somebody else's cluster."""

    @property
    def is_operator(self) -> bool:
        """Whether the token may see, scale and stop everybody's clusters."""
        return SCOPE_OPERATE in self.scopes

    def for_request(self) -> Self:
        """Return a copy that one request may write on; the cached original stays clean."""
        return copy.copy(self)

    def has_permissions(self, cluster: Any) -> bool:
        """Say whether this request may touch the cluster, and note when only the operator's right allows it.

        Called by the gateway's routes for GET, DELETE, scale and adapt.
        """
        if super().has_permissions(cluster):
            return True
        if not self.is_operator:
            return False
        self.acted_as_operator = True
        return True


def identity_of(user: User) -> Identity:
    """Return who a gateway user is, also one that another authenticator vouches for."""
    if isinstance(user, GatehouseUser):
        return user.identity
    return Identity(name=user.name, groups=tuple(_spelled(sorted(user.groups))))


def _spelled(groups: Iterable[str]) -> list[str]:
    """Return the groups in their one spelling, each once; a name of nothing but slashes is no group."""
    spelled = [normalise_group(group) for group in groups if group.strip(" /")]
    return list(dict.fromkeys(spelled))
