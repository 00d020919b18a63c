"""Reports for administrators: as JSON, or as a file in CSV or FOCUS; and closing a month."""

import tempfile
from typing import IO

from hub_ext import clock
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.paths import SCOPE_BUDGET, SCOPE_READ
from hub_ext.contract.report import CloseRequest
from hub_ext.service.handlers.base import ServiceHandler
from hub_ext.service.reporting import Asked, Format, Reports, asked_of

_CHUNK = 1 << 18


class ReportHandler(ServiceHandler):
    """``GET admin/report?from=2026-11-01&to=2026-12-01&by=day,group&group=&user=&format=json``."""

    @property
    def reports(self) -> Reports:
        """Reads the ledger for books."""
        return self.settings["reports"]

    async def get(self) -> None:
        """Answer with lines and totals; as ``csv`` or ``focus``, with a file."""
        self.need(SCOPE_READ)
        words = {name: self.get_query_argument(name, "") for name in ("from", "to", "group", "user")}
        by = self.get_query_argument("by", "group")
        today = clock.now().date()
        asked = asked_of(words["from"], words["to"], by, group=words["group"], user=words["user"], today=today)
        kind = self.get_query_argument("format", "json")
        if kind not in set(Format):
            raise InvalidRequest(f"There is no format {kind!r}; take one of {', '.join(Format)}.")
        if kind == Format.json:
            self.reply(await self.run(self.reports.report, asked))
            return
        with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
            version = self.get_query_argument("focus_version", "1.2")
            await self.run(self.reports.write, asked, Format(kind), file, version=version)
            await self._send(file, asked, kind)

    async def _send(self, file: IO[str], asked: Asked, kind: str) -> None:
        """Send a file that is complete, so that a slow reader holds no transaction open."""
        name = f"gatehouse-{kind}-{asked.since:%Y-%m-%d}-{asked.until:%Y-%m-%d}.csv"
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        file.seek(0)
        while chunk := file.read(_CHUNK):
            self.write(chunk)
            await self.flush()
        await self.finish()


class CloseHandler(ServiceHandler):
    """``POST admin/report/close``: close a month."""

    async def post(self) -> None:
        """Close it; a month that is closed stays as it is."""
        self.need(SCOPE_BUDGET)
        asked = self.message(CloseRequest)
        reports: Reports = self.settings["reports"]
        self.reply(await self.run(reports.close, asked.month, self.current_person.name))
