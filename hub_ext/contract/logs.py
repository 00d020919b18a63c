"""What a cluster's scheduler and workers wrote: as a gateway keeps it, and as a person reads it."""

from enum import StrEnum

from hub_ext.contract.model import Instant, Message
from hub_ext.contract.shape import Count
from hub_ext.contract.usage import UnitKind

MOST_BYTES = 1_048_576
"""The most that a gateway sends of all of a cluster's logs at once."""
MOST_LINES = 2_000
"""The most lines that a person's server sends at once."""


class LogSource(Message):
    """One process that wrote."""

    name: str
    """``scheduler``, or ``worker-`` and the gateway's name for it."""
    kind: UnitKind
    running: bool
    size: Count
    """Bytes that it wrote in all."""
    written_at: Instant


class LogTail(Message):
    """The end of what one process wrote."""

    source: str
    text: str
    """Whole lines. Where something was left out, its beginning is there too, and a line says how much is missing."""


class KeptLogs(Message):
    """A gateway's answer: who wrote, and the end of it."""

    cluster: str
    kept_days: float
    """How long after its last line a cluster's logs are kept."""
    utc_offset: int
    """Seconds by which the times in the lines are ahead of UTC."""
    sources: tuple[LogSource, ...]
    tails: tuple[LogTail, ...]


class LogLevel(StrEnum):
    """How much a line matters, in the words of Python's ``logging``."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"
    critical = "critical"


class LogLine(Message):
    """One line."""

    at: Instant | None = None
    """None: the line has no time of its own; it was printed, or goes on from the line before."""
    level: LogLevel | None = None
    """None: it has none of its own."""
    source: str
    text: str


class ClusterLogs(Message):
    """The newest lines of a cluster, the newest first."""

    cluster: str
    as_of: Instant
    kept_days: float
    sources: tuple[LogSource, ...]
    lines: tuple[LogLine, ...]
    left_out: Count = 0
    """Older lines that this answer leaves out."""
