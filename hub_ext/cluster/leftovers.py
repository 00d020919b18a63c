"""Processes that carry this gateway's mark and that it does not know: found by their environment, and ended.

An earlier gateway started them and had no time to note it, or lost its database; or a task left them behind on purpose
when its cluster ended. Looked for at the start and from then on.
"""

import asyncio
import os
import signal
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from hub_ext.cluster.units import UNIT_VARIABLE
from hub_ext.processes import is_same, start_ticks, tagged

CLUSTER_VARIABLE = "DASK_GATEWAY_CLUSTER_NAME"


@dataclass(frozen=True)
class Marked:
    """A process that reports to this gateway, or is the child of one."""

    pid: int
    ticks: int | None
    """Start time in clock ticks: with the number it names the process for good."""
    unit: str
    """Empty: it was taken out of the environment."""
    cluster: str

    def is_known(self, units: Collection[str], clusters: Collection[str]) -> bool:
        """Whether it belongs to something that lives: to its unit, or without a unit to its cluster."""
        return self.unit in units if self.unit else self.cluster in clusters


def marked(api_url: str) -> list[Marked]:
    """Return every process that was started for this very gateway: another one's clusters are not ours to judge.

    Args:
        api_url: address that this gateway gives to its clusters.
    """
    found = []
    for pid in tagged("DASK_GATEWAY_API_URL", api_url):
        ticks = start_ticks(pid)
        told = _environment(pid)
        found.append(Marked(pid, ticks, told.get(UNIT_VARIABLE, ""), told.get(CLUSTER_VARIABLE, "")))
    return found


def end(processes: Iterable[Marked]) -> None:
    """Kill these processes, and no other that has got one of their numbers meanwhile."""
    for one in processes:
        if is_same(one.pid, one.ticks):
            with suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)


class LeftoverSweeper(LoggingConfigurable):
    """Put in front of an engine whose processes are of the gateway's own machine."""

    api_url: str
    db: Any
    units: Any

    leftover_check_seconds = Float(
        30.0,
        min=0.1,
        help="""
        How often the machine is searched for processes that carry this gateway's mark and belong to no cluster of it.
        They are killed.
        """,
    ).tag(config=True)

    async def watch_leftovers(self) -> None:
        """Look for as long as the gateway runs. Spawned by ``do_setup``."""
        while True:
            await asyncio.sleep(self.leftover_check_seconds)
            self.end_leftovers(await asyncio.to_thread(marked, self.api_url))

    def end_leftovers(self, found: Iterable[Marked]) -> None:
        """End what nobody knows.

        What lives is asked for after the search: a process that it found was started before, so it is noted by now.
        """
        units, clusters = self.units.ids(), {cluster.name for cluster in self.db.active_clusters()}
        strays = [one for one in found if not one.is_known(units, clusters)]
        end(strays)
        for name in dict.fromkeys(one.unit or f"a process of cluster {one.cluster}" for one in strays):
            self.log.warning("Ended %s, which this gateway does not know", name)
        for unit in {one.unit for one in strays if one.unit}:
            self.units.lost(unit)


def _environment(pid: int) -> dict[str, str]:
    try:
        items = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it has just ended
        return {}
    pairs = (item.decode(errors="replace").partition("=") for item in items)
    return {name: value for name, _, value in pairs}
