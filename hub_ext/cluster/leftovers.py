"""Processes that an earlier gateway started and had no time to note: found by their environment, and ended."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from hub_ext.cluster.units import UNIT_VARIABLE
from hub_ext.processes import tagged


def end_orphans(api_url: str, known: set[str]) -> list[str]:
    """Kill processes of units that this gateway does not know; return the units.

    Only processes that report to this very gateway are looked at: another gateway's clusters are not ours to judge.

    Args:
        api_url: address that this gateway gives to its clusters.
        known: units that live and are watched; their children are left alone.
    """
    ended: dict[str, None] = {}
    for pid in tagged("DASK_GATEWAY_API_URL", api_url):
        unit = _unit_of(pid)
        if unit and unit not in known:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            ended[unit] = None
    return list(ended)


def _unit_of(pid: int) -> str:
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return ""
    prefix = f"{UNIT_VARIABLE}=".encode()
    return next((item[len(prefix) :].decode() for item in environ.split(b"\0") if item.startswith(prefix)), "")
