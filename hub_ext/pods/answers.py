"""What the API server answers, apart from how it is asked."""

from dataclasses import dataclass
from typing import Any

from hub_ext.contract.errors import Unavailable

FORBIDDEN, NOT_FOUND, CONFLICT, EXPIRED, INVALID = 403, 404, 409, 410, 422


class Answered(Unavailable):
    """The API server said no."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Expired(Unavailable):
    """What was listed is too old to be watched from: list again."""


@dataclass(frozen=True)
class Change:
    """One word of a watch."""

    type: str
    """``ADDED``, ``MODIFIED``, ``DELETED`` or ``BOOKMARK``."""
    object: dict[str, Any]

    @property
    def version(self) -> str:
        """From where to watch on."""
        return str(self.object["metadata"]["resourceVersion"])
