"""What people read about pods: beside a server or cluster, and in the ledger."""

from collections.abc import Mapping, Sequence

from hub_ext.contract.account import LedgerRow, State
from hub_ext.contract.model import Instant
from hub_ext.pods import telling
from hub_ext.usage import pods
from hub_ext.usage.database import Connection
from hub_ext.usage.pods import PodRow


def pods_of(connection: Connection, leases: Sequence[str]) -> Mapping[str, Sequence[PodRow]]:
    """Return lease -> its pods, oldest first; none where it does not run as pods."""
    found: dict[str, list[PodRow]] = {lease: [] for lease in leases}
    for row in pods.of_leases(connection, leases):
        found[row.lease].append(row)
    return found


def about_pods(state: State, rows: Sequence[PodRow], now: Instant) -> str:
    """Return what there is to say about the pods of a server or cluster; empty: nothing."""
    match state:
        case State.starting:
            return telling.starting(rows, now)
        case State.running:
            return telling.running(rows, now)
        case State.stopped:
            return telling.ended(rows)
    return ""


def with_waits(connection: Connection, rows: Sequence[LedgerRow]) -> tuple[LedgerRow, ...]:
    """Return rows of the ledger with how long their pods waited."""
    found = pods.of_units(connection, [row.unit for row in rows])
    return tuple(_waited(row, found[row.unit]) if row.unit in found else row for row in rows)


def _waited(row: LedgerRow, pod: PodRow) -> LedgerRow:
    told = {"pending_seconds": pod.pending, "pulling_seconds": pod.pulling}
    return row.model_copy(update={name: time.total_seconds() for name, time in told.items() if time is not None})
