"""What workers did with their time: busy, idle or starting, as their gateway saw it, or the watcher of pods.

Figures are cumulative from the start of a worker and only grow, so that a report may be lost, repeated or late: of each
figure the largest counts. They split the seconds of the ledger and never change them.
"""

from typing import Annotated

from pydantic import Field

from hub_ext.contract.admission import Id
from hub_ext.contract.model import Message
from hub_ext.contract.shape import Bytes

MOST_UNITS = 1_000
"""Workers in one report."""
Ticks = Annotated[int, Field(ge=0, le=10**16, strict=True)]
"""Microseconds: at most three hundred years, so that sums fit into 64 bits."""


class UnitActivity(Message):
    """One worker, from its start to the last look at it."""

    unit: Id
    busy: Ticks
    """It computed, by its CPU time."""
    idle: Ticks
    """It did not compute, though its scheduler had it."""
    starting: Ticks
    """Its scheduler did not have it yet; of a pod: it was not measured yet."""
    cpu: Ticks
    """CPU time of the busy part: divided by it, the cores in use while it computed."""
    memory_peak: Annotated[Bytes, Field(le=2**62)]
    """The most memory that its processes held: an upper bound; of a pod: the highest that was measured."""


class ClusterActivity(Message):
    """Workers of one cluster; not always all of them."""

    units: Annotated[tuple[UnitActivity, ...], Field(max_length=MOST_UNITS)]
