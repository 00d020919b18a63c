"""One cluster from its start to now: how many workers it wanted, was granted and ran, what they did, and why."""

from hub_ext.contract.account import ClusterView, DecisionRow
from hub_ext.contract.model import Instant, Message, Money
from hub_ext.contract.shape import Count

MOST_WORKERS = 500
"""The most workers that are listed, the newest first."""
MOST_DECISIONS = 200


class Step(Message):
    """From this moment on so many workers ran."""

    at: Instant
    workers: Count


class GrantStep(Message):
    """From this moment on the cluster wanted so many workers, and was granted so many."""

    at: Instant
    wanted: Count
    granted: Count


class BusyMinute(Message):
    """What the workers did between two reports, about a minute; the shares add up to 1."""

    since: Instant
    until: Instant
    busy: float
    idle: float
    starting: float


class WorkerRow(Message):
    """One worker of a cluster, running or ended."""

    name: str
    """The gateway's name for it, as in the name of its log."""
    started_at: Instant
    ended_at: Instant | None = None
    cost: Money
    busy_share: float | None = None
    """Of its own time; None: not known."""


class ClusterHistory(Message):
    """What is known of one cluster, for whoever looks at it alone."""

    as_of: Instant
    currency: str
    cluster: ClusterView
    stops_at: Instant | None = None
    """The end of its longest life; None: it has none, or it does not run."""
    running: tuple[Step, ...]
    """Each change of the number of running workers, from the ledger's intervals; the first is the start."""
    grants: tuple[GrantStep, ...]
    """Each change of wish and grant, of one minute the last; of the last day."""
    busy: tuple[BusyMinute, ...]
    """Of the last day; a time of which nothing was told is left out."""
    workers: tuple[WorkerRow, ...]
    """The newest first."""
    workers_total: Count
    decisions: tuple[DecisionRow, ...]
    """The newest first."""
