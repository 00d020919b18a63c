"""Leases: what counts against quota, from the reservation to the release.

Every function works on a connection whose transaction the caller holds, so that check and reserve stay together.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, insert, or_, select, update

from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.usage.tables import intervals, leases

_ACTIVE = select(leases).where(leases.c.state != LeaseState.released.value).order_by(leases.c.requested_at)
# Asked at every heartbeat of every cluster, so it is put together once: building it takes longer than sending it.
_ACTIVE_OF_GROUPS = _ACTIVE.where(leases.c.group.in_(bindparam("groups", expanding=True)))


@dataclass(frozen=True)
class Pricing:
    """What of a profile's own pricing a lease carries along, so that a later policy cannot change it."""

    base: Decimal | None = None
    worker: Decimal | None = None
    worker_spot: bool = False


@dataclass(frozen=True)
class LeaseRecord:
    """A lease with what the ledger knows beside it."""

    lease: Lease
    pricing: Pricing
    wanted: int
    wish: int
    """The workers that every bound but the cohort leaves room for; never fewer than granted."""
    waiting_since: datetime | None
    """Since when its group, within quota, waits for cores that others borrow."""
    running: int
    reason: Reason | None
    message: str
    stopping: bool
    notice: str
    """What a used-up budget means for it; it takes the place of the grant's own reason and message."""
    requested_at: datetime
    released_at: datetime | None
    active_at: datetime | None = None
    """Last use, as far as it is known; None: it is not."""
    seen_at: datetime | None = None
    """Last word of the hub or the gateway about it."""
    connected_at: datetime | None = None
    """When a cluster last had a client, by its scheduler's word; None: not known."""
    adaptive_minimum: int | None = None
    """Fewest workers of adaptive scaling; None, as the next: it is off."""
    adaptive_maximum: int | None = None

    @property
    def lives(self) -> bool:
        """Whether it holds something and was not told to stop."""
        return self.lease.state is not LeaseState.released and not self.stopping

    @property
    def held(self) -> Shape:
        """What the lease holds now: the base and the granted workers; a released one holds nothing."""
        if self.lease.state is LeaseState.released:
            return Shape()
        worker = self.lease.worker or Shape()
        return self.lease.base + worker.times(self.lease.workers)


def add(connection: Connection, lease: Lease, pricing: Pricing, now: datetime) -> None:
    """Reserve."""
    worker = lease.worker or Shape()
    connection.execute(
        insert(leases).values(
            id=lease.id,
            state=LeaseState.reserved.value,
            kind=lease.kind.value,
            user=lease.user,
            group=lease.group,
            profile=lease.profile,
            name=lease.name,
            ref=lease.ref,
            base_cores=lease.base.cores,
            base_memory=lease.base.memory,
            base_gpus=lease.base.gpus,
            worker_cores=worker.cores,
            worker_memory=worker.memory,
            worker_gpus=worker.gpus,
            workers=lease.workers,
            workers_max=lease.workers_max,
            wanted=0,
            wish=0,
            running=0,
            idle_seconds=lease.idle_seconds,
            lifetime_seconds=lease.lifetime_seconds,
            base_price=pricing.base,
            worker_price=pricing.worker,
            worker_spot=pricing.worker_spot,
            reason="",
            message="",
            stopping=False,
            requested_at=now,
            expires_at=lease.expires_at,
            idle_max_seconds=lease.idle_max_seconds,
            no_client_seconds=lease.no_client_seconds,
            stops_with_server=lease.stops_with_server,
        )
    )


def get(connection: Connection, lease: str) -> LeaseRecord | None:
    """Return the lease with this id, if there is one."""
    row = connection.execute(select(leases).where(leases.c.id == lease)).one_or_none()
    return None if row is None else _record(row)


def several(connection: Connection, ids: Collection[str]) -> dict[str, LeaseRecord]:
    """Return those of these leases that there are, by id."""
    found = connection.execute(select(leases).where(leases.c.id.in_(ids)))
    return {row.id: _record(row) for row in found}


def by_ref(connection: Connection, kind: Kind, ref: str) -> LeaseRecord | None:
    """Return the newest lease that was bound to this hub server or gateway cluster."""
    query = select(leases).where(leases.c.kind == kind.value, leases.c.ref == ref)
    row = connection.execute(query.order_by(leases.c.requested_at.desc()).limit(1)).one_or_none()
    return None if row is None else _record(row)


def hold(connection: Connection, ids: Collection[str]) -> None:
    """Let no other transaction change these leases, or fold events of theirs, until this one ends.

    In the order of their ids, so that two transactions never wait for each other in a circle.
    """
    query = select(leases.c.id).where(leases.c.id.in_(ids)).order_by(leases.c.id)
    connection.execute(query.with_for_update(key_share=True)).all()


def bind(connection: Connection, lease: str, ref: str) -> None:
    """Tie a reservation to what came to be; a released lease stays released."""
    connection.execute(
        update(leases)
        .where(leases.c.id == lease, leases.c.state != LeaseState.released.value)
        .values(state=LeaseState.bound.value, ref=ref, expires_at=None)
    )
    connection.execute(update(intervals).where(intervals.c.lease == lease).values(ref=ref))


def remark(connection: Connection, lease: str, reason: Reason, message: str) -> None:
    """Keep what is not as it should be with a server that runs; what it was told to stop for comes before."""
    living = leases.c.state != LeaseState.released.value
    of_server = update(leases).where(leases.c.id == lease, leases.c.kind == Kind.server.value, living)
    connection.execute(of_server.where(~leases.c.stopping).values(reason=reason.value, message=message))


def release(connection: Connection, lease: str, at: datetime, reason: Reason | None = None, message: str = "") -> None:
    """Give back everything that the lease holds; a second release changes nothing.

    Args:
        connection: a transaction.
        lease: its id.
        at: the moment.
        reason: why it ended by itself; what was told to stop keeps the reason of that, and a last grant's reason
            means nothing any longer.
        message: the same as a sentence.
    """
    told = leases.c.stopping
    connection.execute(
        update(leases)
        .where(leases.c.id == lease, leases.c.state != LeaseState.released.value)
        .values(
            state=LeaseState.released.value,
            released_at=at,
            expires_at=None,
            workers=0,
            wish=0,
            running=0,
            reason=case((told, leases.c.reason), else_=reason.value if reason else ""),
            message=case((told, leases.c.message), else_=message),
        )
    )


def seen(connection: Connection, lease: str, *, at: datetime, active_at: datetime | None) -> None:
    """Note that the hub or the gateway told of it, and when it was last used; an earlier use changes nothing."""
    connection.execute(update(leases).where(leases.c.id == lease).values(seen_at=at))
    if active_at is not None:
        older = or_(leases.c.active_at.is_(None), leases.c.active_at < active_at)
        connection.execute(update(leases).where(leases.c.id == lease, older).values(active_at=active_at))


def extend(connection: Connection, lease: str, idle_seconds: int) -> None:
    """Keep the idle time that its owner chose."""
    connection.execute(update(leases).where(leases.c.id == lease).values(idle_seconds=idle_seconds))


def last_server_end(connection: Connection, user: str) -> datetime | None:
    """Return when the last of a person's servers ended; None while one runs, and where there was none."""
    of_theirs = select(leases).where(leases.c.user == user, leases.c.kind == Kind.server.value)
    if connection.execute(of_theirs.where(leases.c.state != LeaseState.released.value).limit(1)).first() is not None:
        return None
    ended = of_theirs.where(leases.c.ref != "").order_by(leases.c.released_at.desc()).limit(1)
    row = connection.execute(ended).one_or_none()
    return None if row is None else row.released_at


def mark_stopping(connection: Connection, lease: str, reason: Reason, message: str) -> None:
    """Note that a stop was asked for, and why."""
    connection.execute(
        update(leases).where(leases.c.id == lease).values(stopping=True, reason=reason.value, message=message)
    )


def lapse(connection: Connection, now: datetime) -> Sequence[str]:
    """Release every reservation that nobody bound in time; return their ids.

    One that another transaction is binding or releasing at this moment is left to it.
    """
    overdue = select(leases.c.id).where(leases.c.state == LeaseState.reserved.value, leases.c.expires_at <= now)
    ids = list(connection.execute(overdue.with_for_update(skip_locked=True)).scalars())
    for lease in ids:
        release(connection, lease, now)
    return ids


def active(
    connection: Connection, *, groups: Sequence[str] | None = None, user: str | None = None
) -> list[LeaseRecord]:
    """Return what is not released: of some groups, of one person, or everybody's; oldest first."""
    if groups is not None and user is None:
        return [_record(row) for row in connection.execute(_ACTIVE_OF_GROUPS, {"groups": list(groups)}).all()]
    query = _ACTIVE if groups is None else _ACTIVE.where(leases.c.group.in_(groups))
    if user is not None:
        query = query.where(leases.c.user == user)
    return [_record(row) for row in connection.execute(query).all()]


def recent(connection: Connection, since: datetime, *, user: str | None = None) -> list[LeaseRecord]:
    """Return what is not released, or was bound, or failed to start, and was released after ``since``; newest first."""
    ended = and_(leases.c.released_at > since, or_(leases.c.ref != "", leases.c.reason != ""))
    query = select(leases).where(or_(leases.c.state != LeaseState.released.value, ended))
    if user is not None:
        query = query.where(leases.c.user == user)
    return [_record(row) for row in connection.execute(query.order_by(leases.c.requested_at.desc())).all()]


def set_notice(connection: Connection, lease: str, notice: str) -> None:
    """Say what a used-up budget means for a lease; empty: nothing, its grant speaks again."""
    connection.execute(update(leases).where(leases.c.id == lease).values(notice=notice or None))


def _record(row: Row[Any]) -> LeaseRecord:
    kind = Kind(row.kind)
    runs = not row.stopping and row.state != LeaseState.released.value
    notice = (row.notice or "") if runs else ""
    reason = Reason.budget_exhausted.value if notice else row.reason
    worker = Shape(cores=row.worker_cores, memory=row.worker_memory, gpus=row.worker_gpus)
    lease = Lease(
        id=row.id,
        state=LeaseState(row.state),
        user=row.user,
        group=row.group,
        kind=kind,
        profile=row.profile,
        name=row.name,
        ref=row.ref,
        base=Shape(cores=row.base_cores, memory=row.base_memory, gpus=row.base_gpus),
        worker=worker if kind is Kind.cluster else None,
        workers=row.workers,
        workers_max=row.workers_max,
        idle_seconds=row.idle_seconds,
        lifetime_seconds=row.lifetime_seconds,
        expires_at=row.expires_at,
        idle_max_seconds=row.idle_max_seconds,
        no_client_seconds=row.no_client_seconds,
        stops_with_server=row.stops_with_server,
    )
    return LeaseRecord(
        lease=lease,
        pricing=Pricing(row.base_price, row.worker_price, row.worker_spot),
        wanted=row.wanted,
        wish=max(row.wish, row.workers),
        waiting_since=row.waiting_since,
        running=row.running,
        reason=Reason(reason) if reason else None,
        message=notice or row.message,
        stopping=row.stopping,
        notice=notice,
        requested_at=row.requested_at,
        released_at=row.released_at,
        active_at=row.active_at,
        seen_at=row.seen_at,
        connected_at=row.connected_at,
        adaptive_minimum=row.adaptive_minimum if runs else None,
        adaptive_maximum=row.adaptive_maximum if runs else None,
    )
