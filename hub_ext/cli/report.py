"""``gatehouse report``: what was spent, from the service's database, for a terminal, a spreadsheet or a FOCUS tool."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, TextIO

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from traitlets import Unicode
from traitlets.config import Application

from hub_ext import __version__
from hub_ext.cli.closing import CloseCommand
from hub_ext.cli.usage import refuse_unknown_options, usage_error
from hub_ext.contract.errors import GatehouseError, InvalidRequest, PolicyMistakes
from hub_ext.contract.report import Report
from hub_ext.service.app import GatehouseService
from hub_ext.service.policy_store import PolicyStore
from hub_ext.service.reporting import Asked, Format, Reports, asked_of
from hub_ext.usage.database import Database

_TABLE = "table"
_FORMATS = (_TABLE, *Format)
_HOUR = 3600


class ReportCommand(Application):
    """Tell what was spent."""

    name = "report"
    version = __version__
    description = (
        "What was spent from one day to another (UTC), from the service's database. Nothing is written to it; the "
        "service may run. Lines add up to their total to the last digit, however they are grouped."
    )
    examples = """
gatehouse report                                                       # this month, by group
gatehouse report --from 2026-11-01 --to 2026-12-01 --by user,day
gatehouse report --from 2026-11-01 --to 2026-12-01 --group research --format csv --output november.csv
gatehouse report --from 2026-11-01 --to 2026-12-01 --format focus --output november-focus.csv
gatehouse report close 2026-10 --url https://hub.example.org/services/gatehouse/
"""
    first = Unicode("", help="First day, such as 2026-11-01. Default: the first of this month.").tag(config=True)
    last = Unicode("", help="First day that does not count. Default: the first of the month after.").tag(config=True)
    by = Unicode("group", help="What lines stand for: day, group, user, profile, cluster, or several.").tag(config=True)
    group = Unicode("", help="Only this policy group.").tag(config=True)
    user = Unicode("", help="Only this person.").tag(config=True)
    format = Unicode(_TABLE, help=f"One of {', '.join(_FORMATS)}.").tag(config=True)
    focus_version = Unicode("1.2", help="FOCUS 1.2, or 1.3 with its provider columns.").tag(config=True)
    output = Unicode("", help="File to write. Default: standard output.").tag(config=True)
    config_file = Unicode("", help="The service's configuration file: database, policy, organisation.").tag(config=True)
    database_url = Unicode("", help="The service's database, where no configuration file says so.").tag(config=True)
    policy_file = Unicode("", help="The policy file, where no configuration file says so.").tag(config=True)
    organisation = Unicode("", help="Who runs the hub, as FOCUS names them.").tag(config=True)
    aliases = {
        "from": "ReportCommand.first",
        "to": "ReportCommand.last",
        "by": "ReportCommand.by",
        "group": "ReportCommand.group",
        "user": "ReportCommand.user",
        "format": "ReportCommand.format",
        "focus-version": "ReportCommand.focus_version",
        "output": "ReportCommand.output",
        "config": "ReportCommand.config_file",
        "database": "ReportCommand.database_url",
        "policy": "ReportCommand.policy_file",
        "organisation": "ReportCommand.organisation",
    }
    flags: dict[str, Any] = {}
    subcommands = {"close": (CloseCommand, "Close a month, so that its report stays what it is.")}

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Refuse what is not known."""
        refuse_unknown_options(self, argv or [])
        super().parse_command_line(argv)

    def start(self) -> None:
        """Write the report, or start the subcommand."""
        if self.subapp is not None:
            self.subapp.start()
            return
        if self.extra_args:
            usage_error(self, f"it takes no word {self.extra_args[0]!r}; name days with --from and --to")
        if self.format not in _FORMATS:
            usage_error(self, f"there is no format {self.format!r}; there is {', '.join(_FORMATS)}")
        try:
            today = datetime.now(UTC).date()
            asked = asked_of(self.first, self.last, self.by, group=self.group, user=self.user, today=today)
        except InvalidRequest as error:
            usage_error(self, error.message)
        settings = self._settings()
        try:
            store = PolicyStore(Path(settings.policy_file))
            reports = Reports(_database(settings.database_url), lambda: store.policy, settings.organisation)
            with self._out() as out:
                self._write(reports, asked, out)
        except PolicyMistakes as error:
            _fail(*error.mistakes, f"{settings.policy_file} has mistakes; nothing is reported")
        except InvalidRequest as error:
            usage_error(self, error.message)
        except (GatehouseError, OSError) as error:
            _fail(error.message if isinstance(error, GatehouseError) else f"{self.output}: {error.strerror}")

    def _settings(self) -> GatehouseService:
        """Return the service's settings: of its configuration file, or of the command line."""
        if self.config_file:
            self.load_config_file(self.config_file)
        settings = GatehouseService(config=self.config)
        for name in ("database_url", "policy_file", "organisation"):
            if value := getattr(self, name):
                setattr(settings, name, value)
        return settings

    @contextmanager
    def _out(self) -> Iterator[TextIO]:
        if not self.output:
            yield sys.stdout
            return
        with Path(self.output).open("w", encoding="utf-8", newline="") as file:
            yield file

    def _write(self, reports: Reports, asked: Asked, out: TextIO) -> None:
        if self.format == _TABLE:
            out.writelines(f"{line}\n" for line in table(reports.report(asked)))
        else:
            reports.write(asked, Format(self.format), out, version=self.focus_version)


def table(report: Report) -> Iterator[str]:
    """Yield the lines of a table: keys, unit hours, core hours, cost; then the totals."""
    names = [by.value for by in report.by]
    rows = [[*(str(getattr(line, name)) for name in names), *_figures(line)] for line in report.lines]
    totals = [[*(["total", *[""] * len(names)][: max(1, len(names))]), *_figures(total)] for total in report.totals]
    if not names:
        rows = []
    head = [*(names or [""]), "hours", "core-hours", "cost", "", "corrections"]
    if not any(line.corrections for line in report.lines):
        head, rows, totals = head[:-1], [row[:-1] for row in rows], [row[:-1] for row in totals]
    widths = [max(len(row[place]) for row in (head, *rows, *totals)) for place in range(len(head))]
    words = max(1, len(names))
    yield _line(head, widths, words)
    yield "  ".join("-" * width for width in widths)
    yield from (_line(row, widths, words) for row in rows)
    if rows and totals:
        yield "  ".join("-" * width for width in widths)
    yield from (_line(row, widths, words) for row in totals)
    if not totals:
        yield "Nothing ran."


def _figures(line: Any) -> list[str]:
    hours, core_hours = line.seconds / _HOUR, line.core_seconds / _HOUR
    return [_money(hours), _money(core_hours), _money(line.cost), line.currency, _money(line.corrections)]


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


def _line(cells: list[str], widths: list[int], words: int) -> str:
    told = [
        cell.ljust(width) if place < words else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(told).rstrip()


def _database(url: str) -> Database:
    """Return the ledger, to be read; end with the reason where it is not there or of another version."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        _fail(
            "the address of the database cannot be read; write sqlite:////path or postgresql+psycopg://user@host/name"
        )
    name = parsed.database or ""
    if parsed.get_backend_name() == "sqlite" and not Path(name).is_file():
        _fail(f"there is no database {name or 'named'}; name the service's with --config or --database")
    database = Database(url, read_only=True)
    if not database.current():
        _fail("the database is not of this version of Gatehouse; start the service once, which brings it up to date")
    return database


def _fail(*lines: str) -> NoReturn:
    print(*lines, sep="\n", file=sys.stderr)
    sys.exit(1)
