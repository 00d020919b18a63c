"""A gateway's engine with no log files of its own, as one that asks a cluster manager: it answers our two questions."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from dask_gateway_server.backends.local import UnsafeLocalBackend

from hub_ext.cluster import answers
from hub_ext.cluster.log_route import HasLogs
from hub_ext.contract.errors import NotFound
from hub_ext.contract.logs import KeptLogs, LogSource, LogTail
from hub_ext.contract.usage import UnitKind

WROTE = {
    "scheduler": "2026-11-21 15:04:12,250 - distributed.scheduler - INFO - Receive client connection\n",
    "worker-w1": "2026-11-21 15:04:13,000 - distributed.worker - WARNING - Event loop was unresponsive\nhello\n",
}
OWNERS = {"cluster-of-alice": "alice", "cluster-of-bob": "bob"}


class TellingBackend(HasLogs, UnsafeLocalBackend):
    """Runs clusters as the stock one does, and has logs of two clusters that never ran."""

    async def setup(self, app: web.Application) -> None:
        """Answer errors as ours do, and start."""
        answers.install(app)
        await super().setup(app)

    async def log_owner(self, name: str) -> str | None:
        """Return whose they are."""
        return OWNERS.get(name)

    async def read_logs(self, name: str, source: str, most: int) -> KeptLogs:
        """Return what they wrote."""
        found: dict[str, Any] = {key: text for key, text in WROTE.items() if source in {"", key}}
        if not found:
            raise NotFound("There is no such process.")
        return KeptLogs(
            cluster=name,
            kept_days=7,
            utc_offset=3600,
            sources=tuple(
                LogSource(
                    name=key,
                    kind=UnitKind.scheduler if key == "scheduler" else UnitKind.worker,
                    running=False,
                    size=len(text),
                    written_at=datetime(2026, 11, 21, 14, 4, 13, tzinfo=UTC),
                )
                for key, text in WROTE.items()
            ),
            tails=tuple(LogTail(source=key, text=text[-most:]) for key, text in found.items()),
        )
