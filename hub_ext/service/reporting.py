"""Reports for people and their books: the same figures for the API, the admin page and ``gatehouse report``."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TextIO

from hub_ext import clock
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.quantities import DAY, TICK, Quantity
from hub_ext.contract.report import By, Closed, Correction, Report, ReportLine
from hub_ext.cost.focus import VERSIONS, Focus, Names
from hub_ext.cost.quantities import as_closed, clipped, corrected, quantities
from hub_ext.cost.reporting import Sheet
from hub_ext.cost.tables import csv_lines
from hub_ext.policy.document import Policy
from hub_ext.policy.months import month_end, month_start
from hub_ext.usage import corrections, decisions, ledger, rollups
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.trying import repeated

_FIGURES = ("currency", "seconds", "core_seconds", "cost", "corrections")


class Format(StrEnum):
    """How a report is written."""

    json = "json"
    csv = "csv"
    focus = "focus"


@dataclass(frozen=True)
class Asked:
    """What is reported."""

    since: datetime
    until: datetime
    """Exclusive."""
    by: tuple[By, ...] = (By.group,)
    group: str | None = None
    user: str | None = None

    @property
    def groups(self) -> list[str] | None:
        """The groups to read; None: all."""
        return None if self.group is None else [self.group]


def asked_of(first: str, last: str, by: str, *, group: str = "", user: str = "", today: date) -> Asked:
    """Read what is asked from words.

    Args:
        first: a day in UTC, ``2026-11-01``; empty: the first of this month.
        last: the first day that does not count; empty: the first of the month after ``first``.
        by: what lines stand for, separated by commas: ``day,user``.
        group: only this policy group; empty: all.
        user: only this person; empty: all.
        today: in UTC.

    Raises:
        InvalidRequest: a word is no day, or names nothing that lines can stand for.
    """
    since = _day(first, "from") if first else month_start(datetime.combine(today, time.min, UTC))
    until = _day(last, "to") if last else month_end(since)
    if until <= since:
        raise InvalidRequest(f"The report would end at {until:%Y-%m-%d}, before it begins; to is the first day after.")
    names = [name.strip() for name in by.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(By)]
    if unknown:
        raise InvalidRequest(f"Nothing is reported by {unknown[0]!r}; take some of {', '.join(By)}.")
    return Asked(since, until, tuple(By(name) for name in dict.fromkeys(names)), group or None, user or None)


def _day(text: str, name: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError as error:
        raise InvalidRequest(f"{name} is {text!r}, which is no day; write 2026-11-01.") from error


class Reports:
    """Reads the ledger for books, and closes months.

    Args:
        database: the ledger's database, migrated.
        policy: answers the policy in force.
        organisation: who runs the hub, as FOCUS exports name them.
    """

    def __init__(self, database: Database, policy: Callable[[], Policy], organisation: str) -> None:
        self._database = database
        self._policy = policy
        self._organisation = organisation

    def report(self, asked: Asked) -> Report:
        """Return the report: from daily sums of what has ended, and from what runs."""
        now = clock.now()
        until = min(asked.until, now)
        with self._database.read() as connection:
            sheet = Sheet(self._policy(), asked.by, corrections.kept_prices(connection))
            found = corrections.touching(connection, asked.since, until, groups=asked.groups, user=asked.user)
            sheet.add(_ended(connection, asked, until))
            running = ledger.running(connection, groups=asked.groups, user=asked.user)
            sheet.add(quantities(running, since=asked.since, until=until))
            closed = corrections.closed(connection, since=asked.since, until=asked.until)
        sheet.add(corrected(found, since=asked.since, until=until))
        return sheet.report(since=asked.since, until=asked.until, as_of=now, closed=closed)

    def write(self, asked: Asked, kind: Format, out: TextIO, *, version: str = "1.2") -> None:
        """Write a report into a text file, FOCUS rows as they are read.

        Raises:
            InvalidRequest: there is no such version of FOCUS.
        """
        if version not in VERSIONS:
            raise InvalidRequest(f"There is no FOCUS {version} here; take {' or '.join(VERSIONS)}.")
        if kind is Format.focus:
            with self._database.read() as connection:
                kept = corrections.kept_prices(connection)
                focus = Focus(self._policy(), Names(self._organisation), version, kept)
                out.writelines(csv_lines([focus.columns]))
                out.writelines(csv_lines(_focus_rows(connection, focus, asked)))
        elif kind is Format.csv:
            out.writelines(csv_lines(_rows(self.report(asked))))
        else:
            out.write(self.report(asked).model_dump_json(indent=2) + "\n")

    @repeated
    def close(self, month: str, author: str) -> Closed:
        """Close a month, once; written to the audit log.

        Raises:
            InvalidRequest: it is no month, or not over for long enough.
        """
        now = clock.now()
        try:
            with self._database.write() as connection:
                found, new = corrections.close(connection, self._policy(), month, author=author, now=now)
                if new:
                    text = "From now on its report stays; what is found later is a correction."
                    decisions.note(connection, actor=author, action="close", target=month, text=text, now=now)
        except ValueError as error:
            raise InvalidRequest(f"{error}") from error
        return found


def _rows(report: Report) -> Iterator[list[str]]:
    names = [*(by.value for by in report.by), *_FIGURES]
    yield names
    for line in report.lines:
        yield [_text(line, name) for name in names]


def _text(line: ReportLine, name: str) -> str:
    value = getattr(line, name)
    return value if isinstance(value, str) else format(value, "f")


def _focus_rows(connection: Connection, focus: Focus, asked: Asked) -> Iterator[list[str | None]]:
    """Yield usage of the span, closed months as they were closed, and the corrections found in it."""
    since, until = asked.since, min(asked.until, clock.now())
    found = corrections.touching(connection, since, until, groups=asked.groups, user=asked.user)
    changed: dict[str, list[Correction]] = {}
    for one in found:
        if one.since < until and one.until > since:
            changed.setdefault(one.interval.unit, []).append(one)
    for interval in ledger.stream(connection, since, until, groups=asked.groups, user=asked.user):
        if interval.unit not in changed:
            yield from focus.usage(interval, [clipped(interval.started_at, interval.ended_at, since, until)])
    for of_unit in changed.values():
        interval = of_unit[0].interval
        yield from focus.usage(interval, as_closed(interval, of_unit, since=since, until=until))
    for one in found:
        if since <= one.at < until:
            yield from focus.correction(one)


def _ended(connection: Connection, asked: Asked, until: datetime) -> list[Quantity]:
    """Return what has ended, summed up as far as the report's lines allow."""
    first, after = asked.since.date(), (until - TICK).date() + DAY
    if By.cluster in asked.by:
        return rollups.of_leases(connection, first, after, groups=asked.groups, user=asked.user)
    if By.user not in asked.by and asked.user is None:
        return rollups.ended(connection, first, after, groups=asked.groups)
    users = None if asked.user is None else [asked.user]
    return [one for one in rollups.ended(connection, first, after, groups=asked.groups, users=users) if one.user]
