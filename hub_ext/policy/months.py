"""Calendar months in UTC: the span over which budgets run."""

import re
from datetime import UTC, datetime


def month_start(at: datetime) -> datetime:
    """Return the first instant of the month, 00:00 UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_end(at: datetime) -> datetime:
    """Return the first instant after the month: the start of the next."""
    start = month_start(at)
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def month_key(at: datetime) -> str:
    """Return the month as data spells it: ``2026-11``."""
    return f"{at.astimezone(UTC):%Y-%m}"


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """Return the first instant of a month, and of the next.

    Args:
        month: ``2026-11``.

    Raises:
        ValueError: the text is no month.
    """
    if not _MONTH.fullmatch(month):
        raise ValueError(f"{month!r} is not a month; write 2026-11")
    start = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)
    return start, month_end(start)


_MONTH = re.compile(r"(?!0000|9999)[0-9]{4}-(0[1-9]|1[0-2])")
_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def month_name(at: datetime) -> str:
    """Return the month as people say it, whatever the locale of the process: ``November``."""
    return _NAMES[at.astimezone(UTC).month - 1]
