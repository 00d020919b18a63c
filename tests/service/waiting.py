"""Waiting for something that another process does."""

import time
from collections.abc import Callable
from typing import Any


def until(holds: Callable[[], Any], patience: float = 180) -> None:
    """Wait until it holds; fail if it does not within ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)
