"""The time of day that nobody sets back or forward while we run.

The machine's wall clock is read once, when a process starts, and carried on by the clock that counts since the machine
began and that steps of the wall clock leave alone. So what takes an hour is an hour long, also when an administrator or
a time service sets the clock meanwhile: no interval is negative or an hour too long, no reservation lapses early, and
nothing is stopped for being too old or idle. What a process says is off by the step until it is started again; its log
says so.
"""

import logging
import time
from datetime import UTC, datetime

log = logging.getLogger(__name__)

WORTH_TELLING = 5.0
"""Seconds by which the wall clock must have been set: what a time service does little by little stays far below."""


class _Anchor:
    """Where our time is tied to the wall clock's."""

    def __init__(self) -> None:
        self.began = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        """Seconds since the epoch at which the machine began, as the wall clock said when this process started."""
        self.ahead = 0.0
        """Seconds by which the wall clock is ahead of us, as far as that was told."""


_anchor = _Anchor()


def now() -> datetime:
    """Return the time of day, in UTC."""
    return since_boot(time.clock_gettime(time.CLOCK_BOOTTIME))


def since_boot(seconds: float) -> datetime:
    """Return when the machine had run for so many seconds, in UTC."""
    return datetime.fromtimestamp(_anchor.began + seconds, UTC)


def offset() -> float:
    """Return the seconds since the epoch at which the machine began, by this clock."""
    return _anchor.began


def agree(moment: datetime) -> None:
    """Take over another machine's time of now, so that processes on several machines have the same."""
    ahead = moment.timestamp() - now().timestamp()
    _anchor.began += ahead
    _anchor.ahead -= ahead
    if abs(ahead) >= WORTH_TELLING:
        log.warning("This machine's clock differs by %+.0f s from the database's, which is the one that counts", ahead)


def look() -> None:
    """Log once where the wall clock was set since the last look."""
    ahead = time.time() - now().timestamp()
    if abs(ahead - _anchor.ahead) >= WORTH_TELLING:
        log.warning(
            "The machine's clock was set by %+.0f s. This process keeps the time that it started with; restart it when "
            "it suits you",
            ahead - _anchor.ahead,
        )
        _anchor.ahead = ahead
