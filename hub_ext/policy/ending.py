"""When a server or cluster has to end: unused for too long, too old, or left behind by its person. Pure.

The limits are those of the lease, which was given them by the profile; nobody can switch them off from inside.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub_ext.contract.admission import Kind, Lease
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_duration


@dataclass(frozen=True)
class Ending:
    """Why something ends, in the words that its owner reads."""

    reason: Reason
    message: str
    at: datetime | None = None
    """When, where that is still ahead."""


@dataclass(frozen=True)
class Life:
    """What is known of something that runs."""

    started_at: datetime
    active_at: datetime | None = None
    """Last use; None where that is not known."""
    seen_at: datetime | None = None
    """When the last use was last told of: what came afterwards is not known, and not held against anybody."""
    connected_at: datetime | None = None
    """When a client was last connected; None where that is not known. It is the word of user code, so it may only end
    a cluster: nothing here puts another end off because of it."""
    server_ended_at: datetime | None = None
    """When the last of the person's servers ended; None while one runs, and where there was none."""


def ending(lease: Lease, life: Life, *, now: datetime, server_grace: timedelta = timedelta(0)) -> Ending | None:
    """Return why the server or cluster has to end now, if it has to.

    Args:
        lease: with its idle time and its longest life.
        life: what is known of it.
        now: the moment.
        server_grace: how long a cluster may outlive its person's servers, where it ends with them.
    """
    what = f"This {lease.kind.value}"
    over = lifetime_over(lease, life)
    if over is not None and now >= over:
        longest = format_duration(lease.lifetime_seconds)
        return Ending(Reason.lifetime, f"{what} ran for {longest}, the longest that its profile allows. Start another.")
    if _left_behind(lease, life) and life.server_ended_at and now - life.server_ended_at >= server_grace:
        return Ending(
            Reason.server_ended, f"{what} ended with your notebook server, as its profile says. Start both again."
        )
    told = min(now, life.seen_at or now)
    alone = alone_over(lease, life)
    if alone is not None and told >= alone:
        time = format_duration(lease.no_client_seconds)
        return Ending(
            Reason.no_client, f"{what} had no client for {time} and was stopped. Start another when you need it."
        )
    unused = idle_over(lease, life)
    if unused is not None and told >= unused:
        idle = format_duration(lease.idle_seconds)
        return Ending(Reason.idle, f"{what} was not used for {idle} and was stopped, so that it costs nothing more.")
    return None


def lifetime_over(lease: Lease, life: Life) -> datetime | None:
    """Return when its longest life is over; None: unbounded."""
    if not lease.lifetime_seconds:
        return None
    return life.started_at + timedelta(seconds=lease.lifetime_seconds)


def idle_over(lease: Lease, life: Life) -> datetime | None:
    """Return when it has been idle for too long, if it is not used before; None: never, or not known."""
    if not lease.idle_seconds or life.active_at is None:
        return None
    return max(life.active_at, life.started_at) + timedelta(seconds=lease.idle_seconds)


def alone_over(lease: Lease, life: Life) -> datetime | None:
    """Return when a cluster has been without a client for too long, if nobody connects; None: never, or not known."""
    if not lease.no_client_seconds or life.connected_at is None:
        return None
    return max(life.connected_at, life.started_at) + timedelta(seconds=lease.no_client_seconds)


def _left_behind(lease: Lease, life: Life) -> bool:
    ended = life.server_ended_at
    flagged = lease.kind is Kind.cluster and lease.stops_with_server
    return flagged and ended is not None and ended >= life.started_at


def warning(lease: Lease, life: Life, *, now: datetime, window: timedelta) -> Ending | None:
    """Return what to tell the owner before an end that comes soon; None while there is nothing to tell.

    Args:
        lease: with its idle time and its longest life.
        life: what is known of it.
        now: the moment.
        window: how long before; of a short limit, its last quarter.
    """
    told = min(now, life.seen_at or now)
    found = [
        (over, words)
        for over, seconds, moment, words in (
            (alone_over(lease, life), lease.no_client_seconds, told, _alone_soon),
            (idle_over(lease, life), lease.idle_seconds, told, _idle_soon),
            (lifetime_over(lease, life), lease.lifetime_seconds, now, _lifetime_soon),
        )
        if over is not None and over - moment <= min(window, timedelta(seconds=seconds) / 4)
    ]
    if not found:
        return None
    over, words = min(found, key=lambda item: item[0])
    return words(lease, over)


def _alone_soon(_lease: Lease, over: datetime) -> Ending:
    text = f"This cluster stops at {over:%H:%M} UTC if no client connects to it until then."
    return Ending(Reason.no_client, text, over)


def _idle_soon(lease: Lease, over: datetime) -> Ending:
    unless = "nobody uses it" if lease.kind is Kind.server else "it computes nothing until then"
    return Ending(Reason.idle, f"This {lease.kind.value} stops at {over:%H:%M} UTC if {unless}.", over)


def _lifetime_soon(lease: Lease, over: datetime) -> Ending:
    longest = format_duration(lease.lifetime_seconds)
    text = f"This {lease.kind.value} stops at {over:%H:%M} UTC: {longest} is the longest that its profile allows."
    return Ending(Reason.lifetime, f"{text} Save what it holds, and start another.", over)
