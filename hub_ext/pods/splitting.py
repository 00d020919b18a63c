"""How the time of workers that are pods splits into starting, busy and idle, from looks at what they used. Pure.

A worker is *starting* until the time begins over which it was first measured. From then on each measurement says of its
time whether the worker was *busy* or *idle*: a measurement is a mean, so its time counts as a whole. Time of which
nothing is known, because nobody looked or nobody measured, is none of the three, so the three never make more than the
worker's life.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.usage import UnitKind
from hub_ext.pods.facts import Pod, Stage
from hub_ext.pods.measures import Measured

GAP = timedelta(minutes=2)
"""A longer time without a measurement is not known; metrics are made at least once a minute everywhere."""
_TICK = timedelta(microseconds=1)


@dataclass
class Split:
    """One worker so far. Figures are as in :class:`~hub_ext.contract.activity.UnitActivity`."""

    lease: str
    counted: datetime
    """Until when its time is split."""
    measured: bool = False
    """Whether it was ever measured."""
    busy: int = 0
    idle: int = 0
    starting: int = 0
    cpu: int = 0
    memory_peak: int = 0

    def look(self, use: Measured, threshold: float) -> bool:
        """Take in a measurement; say whether it told anything new. No figure ever falls.

        Args:
            use: what the worker used.
            threshold: share of one core from which it counts as busy.
        """
        if use.ended <= self.counted:
            return False
        if self.counted < use.began and not self.measured and use.began - self.counted <= GAP:
            self.starting += (use.began - self.counted) // _TICK
            self.counted = use.began
        unknown = use.ended - self.counted > GAP or not self.measured
        begin = max(self.counted, use.began) if unknown else self.counted
        ticks = (use.ended - begin) // _TICK
        if use.cores >= threshold:
            self.busy += ticks
            self.cpu += int(ticks * use.cores)
        else:
            self.idle += ticks
        self.counted, self.measured = use.ended, True
        self.memory_peak = max(self.memory_peak, use.memory)
        return True


class Splits:
    """The workers that this replica looks at, until what is known of them has been kept.

    Args:
        threshold: share of one core from which a worker counts as busy.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._units: dict[str, Split] = {}
        self._grown: set[str] = set()

    def unknown(self, pods: Iterable[Pod]) -> list[Pod]:
        """Return the workers of which nothing is remembered here: :meth:`begin` with them first."""
        return [pod for pod in pods if pod.unit not in self._units]

    def begin(self, pod: Pod, kept: tuple[UnitActivity, datetime] | None) -> None:
        """Begin to look at a worker.

        Args:
            pod: a running worker.
            kept: what another replica, or an earlier process, kept of it, and when; None: nothing.
        """
        start = pod.start.at if pod.start else pod.created_at
        if kept is None:
            self._units[pod.unit] = Split(pod.lease, start)
            return
        known, at = kept
        self._units[pod.unit] = Split(pod.lease, max(at, start), measured=True, **known.model_dump(exclude={"unit"}))

    def look(self, pods: Iterable[Pod], used: Mapping[str, Measured]) -> None:
        """Take in a look.

        Args:
            pods: the running workers that were begun with.
            used: what each of them used, by uid; one that is not measured is missing.
        """
        living = set()
        for pod in pods:
            living.add(pod.unit)
            if pod.uid in used and self._units[pod.unit].look(used[pod.uid], self._threshold):
                self._grown.add(pod.unit)
        for unit in self._units.keys() - living - self._grown:
            del self._units[unit]

    def grown(self) -> dict[str, list[UnitActivity]]:
        """Return by lease the figures that are new; :meth:`kept` takes them off."""
        found: dict[str, list[UnitActivity]] = {}
        for unit in sorted(self._grown):
            found.setdefault(self._units[unit].lease, []).append(_told(unit, self._units[unit]))
        return found

    def kept(self, units: Collection[str]) -> None:
        """Note that these units' figures are in the ledger."""
        self._grown.difference_update(units)


def workers(pods: Iterable[Pod]) -> list[Pod]:
    """Return the running workers among pods."""
    return [pod for pod in pods if pod.kind is UnitKind.worker and pod.stage is Stage.running and pod.start is not None]


def _told(unit: str, split: Split) -> UnitActivity:
    return UnitActivity(
        unit=unit,
        busy=split.busy,
        idle=split.idle,
        starting=split.starting,
        cpu=split.cpu,
        memory_peak=split.memory_peak,
    )
