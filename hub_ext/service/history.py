"""One cluster, for its owner and for administrators who may read. Nothing here changes anything."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub_ext import clock
from hub_ext.contract.account import State
from hub_ext.contract.admission import Kind
from hub_ext.contract.errors import NotFound
from hub_ext.contract.history import MOST_DECISIONS, MOST_WORKERS, ClusterHistory, GrantStep, WorkerRow
from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost import pricing, timeline
from hub_ext.policy.document import Policy
from hub_ext.service.policy_store import PolicyStore
from hub_ext.service.views import Seen, cluster_view, seen_of
from hub_ext.usage import decisions, leases, minutes
from hub_ext.usage.database import Database
from hub_ext.usage.leases import LeaseRecord


class Histories:
    """Reads the ledger for whoever looks at one cluster alone.

    Args:
        database: the ledger's database, migrated.
        store: the policy in force.
        warn: how long before an end its owner is told.
    """

    def __init__(self, database: Database, store: PolicyStore, warn: timedelta = timedelta(minutes=10)) -> None:
        self.database = database
        self.store = store
        self._warn = warn

    def of_cluster(self, cluster: str, reader: str | None) -> ClusterHistory:
        """Return what is known of a cluster, running or ended.

        Args:
            cluster: the gateway's name for it.
            reader: who asks; None: an administrator, who may read everybody's.

        Raises:
            NotFound: there is no such cluster of theirs.
        """
        now, policy = clock.now(), self.store.policy
        with self.database.read() as connection:
            record = leases.by_ref(connection, Kind.cluster, cluster)
            if record is None or reader not in {None, record.lease.user}:
                raise NotFound(f"You have no cluster {cluster}; the ledger may no longer keep it. See your clusters.")
            seen = seen_of(connection, [record])[record.lease.id]
            steps = minutes.grants(connection, record.lease.id)
            sums = minutes.spent(connection, record.lease.id)
            told = decisions.of_lease(connection, record.lease, record.requested_at, limit=MOST_DECISIONS)
        view = cluster_view(policy, record, seen, now, self._warn)
        workers = [one for one in seen.intervals if one.kind is UnitKind.worker]
        return ClusterHistory(
            as_of=now,
            currency=policy.currency_at(now),
            cluster=view,
            stops_at=_stops_at(record, view.started_at) if view.state is State.running else None,
            running=timeline.running(workers, start=view.started_at),
            grants=tuple(GrantStep(at=one.at, wanted=one.wanted, granted=one.granted) for one in steps),
            busy=timeline.busy(_sums(workers, sums)),
            workers=_rows(policy, workers, seen, now),
            workers_total=len(workers),
            decisions=told,
        )


def _sums(workers: Sequence[Interval], spent: Sequence[minutes.Spent]) -> list[timeline.Sum]:
    """Return what was told, after the nothing that was done when the first worker started."""
    start = min((one.started_at for one in workers), default=None)
    told = [timeline.Sum(one.at, one.busy, one.idle, one.starting) for one in spent]
    return told if start is None else [timeline.Sum(start, 0, 0, 0), *told]


def _stops_at(record: LeaseRecord, started_at: datetime | None) -> datetime | None:
    if started_at is None or not record.lease.lifetime_seconds:
        return None
    return max(started_at, record.requested_at) + timedelta(seconds=record.lease.lifetime_seconds)


def _rows(policy: Policy, workers: Sequence[Interval], seen: Seen, now: datetime) -> tuple[WorkerRow, ...]:
    since = policy.currency_since(now)
    return tuple(
        WorkerRow(
            name=one.unit.rpartition("-")[2],
            started_at=one.started_at,
            ended_at=one.ended_at,
            cost=pricing.cost(one, policy.prices, until=now, since=since),
            busy_share=_busy_share(one, seen),
        )
        for one in sorted(workers, key=lambda one: one.started_at, reverse=True)[:MOST_WORKERS]
    )


def _busy_share(worker: Interval, seen: Seen) -> float | None:
    known = seen.activity.get(worker.unit)
    total = 0 if known is None else known.busy + known.idle + known.starting
    return known.busy / total if known is not None and total else None
