"""How the metering of pods goes: told by the replica that watches, read at every replica."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hub_ext import clock
from hub_ext.contract.account import PodWatch
from hub_ext.pods.facts import Pod
from hub_ext.service.metering import Meter
from hub_ext.service.notices import Notices
from hub_ext.usage import watches
from hub_ext.usage.database import Database
from hub_ext.usage.trying import repeated
from hub_ext.usage.watches import WatchRow

_STALE = timedelta(minutes=2)
"""What was told so long ago is not told any more."""


class PodBoard:
    """Tells and reads how it goes in each namespace.

    Args:
        database: the ledger's database, migrated.
        meter: watches, or does not.
        notices: what else is missing.
    """

    def __init__(self, database: Database, meter: Meter, notices: Notices) -> None:
        self._database = database
        self._meter = meter
        self._notices = notices

    @repeated
    def tell(self) -> None:
        """Tell how it goes. Only the leader's is asked.

        Raises:
            Unavailable: the database does not answer.
        """
        rows = self._now(clock.now())
        if rows:
            with self._database.write() as connection:
                watches.tell(connection, rows)

    def read(self) -> tuple[PodWatch, ...]:
        """Return each namespace, in the order of the configuration.

        Raises:
            Unavailable: the database does not answer.
        """
        names, now = self._meter.namespaces, clock.now()
        if not names:
            return ()
        with self._database.read() as connection:
            told = watches.told(connection, names)
        return tuple(_watch(name, told.get(name), now) for name in names)

    def health(self) -> str:
        """Return ``off``, ``ok`` or ``trouble``.

        Raises:
            Unavailable: the database does not answer.
        """
        told = self.read()
        return "off" if not told else "trouble" if any(one.problem for one in told) else "ok"

    def _now(self, now: datetime) -> list[WatchRow]:
        meter, watcher = self._meter, self._meter.watcher
        if watcher is None:
            return [WatchRow(name, None, 0, meter.problem, (), now) for name in meter.namespaces if meter.problem]
        pods = list(watcher.pods.values())  # the watcher goes on in another thread
        there = [pod.namespace for pod in pods]
        rows = []
        for name, look in watcher.looks.items():
            unpaid = [pod for pod in pods if pod.namespace == name and pod.uid in meter.refused]
            own = [meter.stuck.get(name), _unpaid(unpaid, meter.refused), meter.use.problems.get(name)]
            notices = (*filter(None, own), *self._notices.of(name))
            rows.append(WatchRow(name, look.heard_at, there.count(name), look.problem, notices, now))
        return rows


def _unpaid(pods: Sequence[Pod], why: Mapping[str, str]) -> str:
    """Say which pods are charged to nobody; empty: none is."""
    if not pods:
        return ""
    first = min(pods, key=lambda pod: pod.name)
    return (
        f"Nobody pays for {len(pods)} of the pods in {first.namespace}. One is {first.name}: "
        f"{why.get(first.uid, 'it is of no lease')}. If nothing ends it, look who made it."
    )


def _watch(name: str, row: WatchRow | None, now: datetime) -> PodWatch:
    if row is None:
        return PodWatch(namespace=name)
    problem = row.problem
    if now - row.at > _STALE:
        problem = f"No service has watched the pods in {name} since {row.at:%H:%M} UTC. See the service's log."
    return PodWatch(namespace=name, heard_at=row.heard_at, pods=row.pods, problem=problem, notices=row.notices)
