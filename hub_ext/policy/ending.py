"""When something that runs has to end: its profile's idle time or its longest life is over.

Decided on our side, from what the hub and the ledger know, so that nobody can switch it off from inside.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub_ext.contract.admission import Lease
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_duration


@dataclass(frozen=True)
class Ending:
    """Why something ends now, in the words that its owner reads."""

    reason: Reason
    message: str


def ending(lease: Lease, *, started_at: datetime, active_at: datetime | None, now: datetime) -> Ending | None:
    """Return why the server or cluster has to end now, if it has to.

    Args:
        lease: with the idle time and the longest life of its profile.
        started_at: when it began to run.
        active_at: when somebody last used it; None where that is not known here.
        now: the moment.
    """
    what = f"This {lease.kind.value}"
    if lease.lifetime_seconds and now - started_at >= timedelta(seconds=lease.lifetime_seconds):
        longest = format_duration(lease.lifetime_seconds)
        return Ending(Reason.lifetime, f"{what} ran for {longest}, the longest that its profile allows. Start another.")
    if not lease.idle_seconds or active_at is None:
        return None
    if now - max(active_at, started_at) >= timedelta(seconds=lease.idle_seconds):
        idle = format_duration(lease.idle_seconds)
        return Ending(Reason.idle, f"{what} was not used for {idle} and was stopped, so that it costs nothing more.")
    return None
