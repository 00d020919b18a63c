"""What to do when two transactions met: the whole of the later one again, a bounded number of times."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from hub_ext.contract.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

TIMES = 5
"""How often a transaction is tried before its caller is told to repeat."""
_PAUSE = 0.02


class Conflict(Unavailable):
    """Somebody else changed the same thing first; nothing was done, and a repetition will see what they did."""


def repeated(work: Callable[P, T]) -> Callable[P, T]:
    """Repeat a function that is one whole transaction as long as it meets others, at most :data:`TIMES` times.

    A repetition reads again, so it finds what the other has done: the second of two equal admission requests finds the
    answer of the first.
    """

    @wraps(work)
    def trying(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, TIMES):
            try:
                return work(*args, **kwargs)
            except Conflict:
                time.sleep(random.uniform(0, _PAUSE * attempt))  # noqa: S311 - no secret
        return work(*args, **kwargs)

    return trying
