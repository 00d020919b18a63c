"""Who: a person as the hub vouches for them."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from hub_ext.contract.model import Message


def normalise_group(name: str) -> str:
    """Return the one spelling of a group: full path, leading slash, case-folded, no empty parts.

    ``"Research"`` and ``"/research/"`` are the same group; ``"/a/admin"`` and ``"/b/admin"`` are not.

    Raises:
        ValueError: if nothing is left of the name.
    """
    parts = [part.strip().casefold() for part in re.split(r"/+", name)]
    path = "/".join(part for part in parts if part)
    if not path:
        raise ValueError("a group needs a name")
    return f"/{path}"


GroupName = Annotated[str, AfterValidator(normalise_group)]
"""An SSO group in its one spelling."""


class Identity(Message):
    """A person: the name at the hub and the SSO groups, in the order in which the identity provider sent them."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    groups: tuple[GroupName, ...] = ()
