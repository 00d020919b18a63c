"""A free port on this machine."""

import os
import random
from itertools import cycle, islice

from hub_ext.demo.ports import is_free

_PORTS = range(12_000, 20_000)
"""Below those that outgoing connections take, and those that a demo chooses."""


def _own() -> range:
    """Return the ports of this worker of pytest-xdist: what one has chosen and not bound yet, no other may choose."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    many = max(number + 1, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    return _PORTS[number * len(_PORTS) // many : (number + 1) * len(_PORTS) // many]


_OWN = _own()
_ORDER = cycle(random.sample(_OWN, k=len(_OWN)))


def free_port() -> int:
    """Return a port nobody listens on; none is returned twice before all others were."""
    return next(filter(is_free, islice(_ORDER, len(_OWN))))
