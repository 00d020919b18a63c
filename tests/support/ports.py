"""A free port on this machine."""

import random

from hub_ext.demo.ports import is_free


def free_port() -> int:
    """Return a port nobody listens on, below those that outgoing connections take."""
    return next(filter(is_free, random.sample(range(12_000, 20_000), k=200)))
