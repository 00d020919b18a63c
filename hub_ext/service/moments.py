"""What another machine's clock says, read by ours."""

from datetime import datetime, timedelta


def by_our_clock(moment: datetime | None, asked_at: datetime | None, now: datetime) -> datetime | None:
    """Return by our clock when something was: as long ago as it was by its gateway's."""
    if moment is None or asked_at is None:
        return not_after(moment, now)
    return now - max(asked_at - moment, timedelta(0))


def not_after(moment: datetime | None, now: datetime) -> datetime | None:
    """Return the moment, or now where another machine's clock is ahead of ours."""
    return None if moment is None else min(moment, now)
