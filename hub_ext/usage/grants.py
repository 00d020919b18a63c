"""How many workers a cluster may have, kept with its lease: what every heartbeat of every cluster writes."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, case, or_, update

from hub_ext.contract.admission import Grant, LeaseState
from hub_ext.usage.tables import leases
from hub_ext.usage.types import Instant

_USED = bindparam("used", type_=Instant)
_LATER = or_(leases.c.active_at.is_(None), leases.c.active_at < _USED)
_COLUMNS = (
    *("workers", "wanted", "wish", "waiting_since", "running", "reason", "message", "seen_at", "connected_at"),
    *("adaptive_minimum", "adaptive_maximum"),
)

# One statement, put together once: building one takes longer than sending it.
_KEEP = (
    update(leases)
    .where(leases.c.id == bindparam("of"), leases.c.state != LeaseState.released.value)
    .values(
        {name: bindparam(name) for name in _COLUMNS} | {"active_at": case((_LATER, _USED), else_=leases.c.active_at)}
    )
)


def keep(
    connection: Connection,
    lease: str,
    grant: Grant,
    running: int,
    *,
    at: datetime,
    active_at: datetime | None = None,
    connected_at: datetime | None = None,
    wish: int | None = None,
    waiting_since: datetime | None = None,
    adaptive: tuple[int | None, int | None] = (None, None),
) -> None:
    """Keep how many workers a cluster may have, what it wants, and that its gateway told of it.

    Args:
        connection: the transaction that decided.
        lease: of the cluster; a released one stays as it is.
        grant: what it was granted.
        running: workers that its gateway saw.
        at: the moment.
        active_at: when it was last used; an earlier use, or None, changes nothing.
        connected_at: when it last had a client: only the newest word counts, also where it is that nobody knows.
        wish: what every bound but the cohort leaves room for; None: what was granted.
        waiting_since: since when its group waits for cores that others borrow; None: it does not wait.
        adaptive: fewest and most workers of adaptive scaling; two None: it is off.
    """
    connection.execute(
        _KEEP,
        {
            "of": lease,
            "workers": grant.workers,
            "wanted": grant.wanted,
            "wish": grant.workers if wish is None else wish,
            "waiting_since": waiting_since,
            "running": running,
            "reason": grant.reason.value if grant.reason else "",
            "message": grant.message,
            "seen_at": at,
            "used": active_at,
            "connected_at": connected_at,
            "adaptive_minimum": adaptive[0],
            "adaptive_maximum": adaptive[1],
        },
    )
