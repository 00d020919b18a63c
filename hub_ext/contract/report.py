"""Reports: what was spent from one day to another, told by person, group, profile, cluster or day."""

from enum import StrEnum

from pydantic import Field

from hub_ext.contract.model import Instant, Message, Money
from hub_ext.contract.usage import Interval


class By(StrEnum):
    """What the lines of a report stand for; several may be combined."""

    day = "day"
    group = "group"
    user = "user"
    profile = "profile"
    cluster = "cluster"


class Correction(Message):
    """A stretch of time that was added to a unit, or taken away from it, after its month had been closed."""

    interval: Interval
    """The unit as it is known now; what its price depends on never changes."""
    month: str
    """The closed month, ``2026-10``."""
    since: Instant
    until: Instant
    added: bool
    """False: the stretch had been charged and should not have been."""
    at: Instant
    """When it was found; it is a row of that month."""
    why: str


class ReportLine(Message):
    """What one person, group, profile, cluster or day, or one combination of them, cost."""

    day: str | None = None
    """In UTC, ``2026-11-20``; a correction stands at the day on which it was found."""
    group: str | None = None
    user: str | None = None
    profile: str | None = None
    cluster: str | None = None
    """The gateway's name of the cluster, or the hub's of the server."""
    currency: str
    seconds: Money
    """Of all units together, exact."""
    core_seconds: Money
    cost: Money
    corrections: Money
    """What of the cost corrects closed months."""


class ReportTotal(Message):
    """The sum of the lines in one currency."""

    currency: str
    seconds: Money
    core_seconds: Money
    cost: Money
    corrections: Money


class Report(Message):
    """Lines that add up to their totals to the last digit, however they are grouped."""

    as_of: Instant
    since: Instant
    until: Instant
    """Exclusive. What still runs is counted until ``as_of``."""
    by: tuple[By, ...]
    lines: tuple[ReportLine, ...]
    totals: tuple[ReportTotal, ...]
    """One for each currency; amounts of two currencies are never added."""
    closed: tuple[str, ...] = ()
    """Months of the report that are closed: they stay as they are told here."""


class CloseRequest(Message):
    """Close a month: from now on its report stays, and what is found later is a correction."""

    month: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}$")


class Closed(Message):
    """A month that is closed."""

    month: str
    at: Instant
    author: str
