"""A cluster's logs, line by line: what looks like ``distributed``'s own has time and level, the rest is text. Pure.

Source of the form: ``logging.distributed.format`` in ``distributed/config.py``,
``%(asctime)s - %(name)s - %(levelname)s - %(message)s``. Its times have no zone; the gateway says which it is.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from hub_ext.contract.logs import ClusterLogs, KeptLogs, LogLevel, LogLine

_LINE = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:,(?P<ms>\d{3}))? - (?P<logger>[\w.]+) - "
    r"(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) - (?P<text>.*)"
)
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What moves a cursor or colours a terminal: ECMA-48, control sequences."""
_LONGEST = 4_000
"""Characters of a line; the rest is cut off."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def lines_of(source: str, text: str, utc_offset: int) -> list[LogLine]:
    """Return what one process wrote, the oldest first."""
    lines = _TERMINAL.sub("", text).splitlines()
    return [_line(source, line[:_LONGEST], utc_offset) for line in lines if line.strip()]


def newest_first(kept: KeptLogs, as_of: datetime, most: int) -> ClusterLogs:
    """Return a gateway's answer line by line, the newest first.

    A line without a time of its own stays behind the line that was written before it.

    Args:
        kept: the answer.
        as_of: the moment.
        most: the most lines; older ones are left out.
    """
    found = [
        (at, number, line)
        for tail in kept.tails
        for number, (at, line) in enumerate(_dated(lines_of(tail.source, tail.text, kept.utc_offset)))
    ]
    found.sort(key=lambda one: (one[0], one[2].source, one[1]), reverse=True)
    return ClusterLogs(
        cluster=kept.cluster,
        as_of=as_of,
        kept_days=kept.kept_days,
        sources=kept.sources,
        lines=tuple(line for _, _, line in found[:most]),
        left_out=max(0, len(found) - most),
    )


def _dated(lines: list[LogLine]) -> Iterator[tuple[datetime, LogLine]]:
    """Yield each line with its time, or with that of the line before it."""
    at = next((line.at for line in lines if line.at is not None), _NEVER)
    for line in lines:
        at = line.at or at
        yield at, line


def _line(source: str, text: str, utc_offset: int) -> LogLine:
    seen = _LINE.fullmatch(text)
    if seen is None:
        return LogLine(source=source, text=text)
    try:
        at = datetime.fromisoformat(f"{seen['at']}.{seen['ms'] or '000'}")
    except ValueError:  # as 2026-13-40
        return LogLine(source=source, text=text)
    zone = timezone(timedelta(seconds=utc_offset))
    level = LogLevel(seen["level"].lower())
    return LogLine(at=at.replace(tzinfo=zone), level=level, source=source, text=seen["text"])
