"""When a cluster that gets less than it wants is worth a row among the decisions. Pure.

A cluster is asked about every few seconds, and an adaptive one changes its wish as often. A row is written when it is
cut for another reason, or when grant or wish have about doubled or halved since the last heartbeat; the same cut at
most once in ten minutes. So the rows of one cluster are bounded, whatever its scheduler says.
"""

from datetime import datetime

from hub_ext.contract.admission import Grant, Lease
from hub_ext.contract.reasons import Reason

SAME_FOR_SECONDS = 600
"""How long a cut that comes back counts as the same one."""


def is_new(grant: Grant, *, reason: Reason | None, workers: int, wanted: int) -> bool:
    """Say whether a grant in part differs from the grant before it.

    Args:
        grant: what the cluster gets now.
        reason: why it got less than it wanted before; None: it got all.
        workers: that it was granted before.
        wanted: that it wanted before.
    """
    if grant.reason is None:
        return False
    before = (reason, workers.bit_length(), wanted.bit_length())
    return before != (grant.reason, grant.workers.bit_length(), grant.wanted.bit_length())


def key(lease: Lease, grant: Grant, now: datetime) -> str:
    """Return what the same cut has in common: lease, reason, the size of grant and wish, and the ten minutes."""
    window = int(now.timestamp()) // SAME_FOR_SECONDS
    size = f"{grant.workers.bit_length()}/{grant.wanted.bit_length()}"
    return f"{lease.id[:64]} {grant.reason.value if grant.reason else ''} {size} {window}"
