"""What pods mean for the ledger: their events go the way of all events, and how long they waited is kept beside them.

Plain synchronous code, one transaction for each method, as at the desk; the watcher runs it in a worker thread.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub_ext.contract.admission import Lease
from hub_ext.contract.usage import Event, EventType, Source, UnitKind
from hub_ext.pods.charging import events, misfit
from hub_ext.pods.facts import Pod, Stage, gone
from hub_ext.pods.watching import Sight
from hub_ext.usage import decisions, leases, ledger, pods
from hub_ext.usage.database import Database
from hub_ext.usage.pods import PodRow
from hub_ext.usage.trying import repeated


@dataclass(frozen=True)
class Taken:
    """What taking pods into the ledger changed."""

    users: frozenset[str]
    """Whose account is another now."""
    events: tuple[Event, ...]
    """Those that were new."""
    refused: Mapping[str, str]
    """Uid -> why the pod is charged to nobody."""


class PodBooks:
    """Keeps what is known of pods.

    Args:
        database: the ledger's database, migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeated
    def take(self, sights: Sequence[Sight], now: datetime) -> Taken:
        """Take pods into the ledger as they are now. Taking one again changes nothing.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._database.write() as connection:
            named = {sight.pod.lease for sight in sights}
            leases.hold(connection, named)
            owners = leases.several(connection, named)
            refused: dict[str, str] = {}
            told: list[Event] = []
            rows, users = [], set()
            for sight in sights:
                pod = sight.pod if sight.there else _without(sight.pod, sight.at)
                owner = owners.get(pod.lease)
                why = misfit(pod, owner.lease if owner else None)
                if owner is None or why:
                    refused[pod.uid] = why
                    continue
                told += events(pod)
                rows.append(_row(pod, sight.at))
                users.add(owner.lease.user)
            new = ledger.record(connection, told, now)
            pods.keep(connection, rows)
        return Taken(frozenset(users), tuple(new), refused)

    @repeated
    def missed(self, namespaces: Collection[str], known: Collection[str], now: datetime) -> Taken:
        """End what is gone and nobody saw going, at the last moment at which it was known to be there.

        Args:
            namespaces: that have been listed as a whole.
            known: uids of the pods that are there, or whose going is about to be taken.
            now: the moment.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._database.write() as connection:
            lost = [row for row in pods.there(connection, list(namespaces)) if row.uid not in known]
            if not lost:
                return Taken(frozenset(), (), {})
            named = {row.lease for row in lost}
            leases.hold(connection, named)
            owners = leases.several(connection, named)
            new = ledger.record(connection, [event for row in lost if (event := _lost(row)) is not None], now)
            pods.keep(connection, [replace(row, stage=Stage.ended.value, gone=True) for row in lost])
        return Taken(frozenset(owner.lease.user for owner in owners.values()), tuple(new), {})

    def leases(self, ids: Collection[str]) -> dict[str, Lease]:
        """Return those of these leases that there are, by id.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._database.read() as connection:
            return {name: record.lease for name, record in leases.several(connection, ids).items()}

    def bases_gone(self, ids: Collection[str]) -> set[str]:
        """Return those of these leases whose server or scheduler ran as a pod, and is gone.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._database.read() as connection:
            bases = [row for row in pods.of_leases(connection, list(ids)) if row.kind != UnitKind.worker.value]
        return {row.lease for row in bases} - {row.lease for row in bases if not row.gone}

    @repeated
    def note(self, action: str, target: str, text: str, now: datetime) -> None:
        """Write into the audit log what was done to a pod or a DaskCluster.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._database.write() as connection:
            decisions.note(connection, actor="gatehouse", action=action, target=target, text=text, now=now)

    @repeated
    def alive(self, uids: Sequence[str], now: datetime) -> None:
        """Note that these pods are there.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._database.write() as connection:
            pods.alive(connection, uids, now)


def _without(pod: Pod, at: datetime) -> Pod:
    """Return a pod that is no longer there."""
    return replace(pod, stage=Stage.ended, end=gone(pod, at), finalizers=())


def _row(pod: Pod, seen_at: datetime) -> PodRow:
    return PodRow(
        uid=pod.uid,
        unit=pod.unit,
        kind=pod.kind.value if pod.kind else "",
        lease=pod.lease,
        namespace=pod.namespace,
        name=pod.name,
        stage=pod.stage.value,
        why=pod.why,
        created_at=pod.created_at,
        scheduled_at=pod.scheduled_at,
        started_at=pod.start.at if pod.start else None,
        gone=not pod.lives,
        seen_at=seen_at,
    )


def _lost(row: PodRow) -> Event | None:
    """Return the end of a pod that nobody saw going; None: it never ran."""
    if row.started_at is None:
        return None
    return Event(
        id=f"{row.uid}-lost",
        unit=row.unit,
        kind=UnitKind(row.kind),
        lease=row.lease,
        type=EventType.ended,
        at=max(row.seen_at, row.started_at),
        source=Source.estimated,
        detail=f"pod {row.namespace}/{row.name}: gone while nobody watched",
    )
