"""Logs of processes on the gateway's own machine: where they go, how large they grow, how long they stay."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from dask_gateway_server.backends.db_base import JobStatus
from traitlets import Float, Integer, Unicode, default
from traitlets.config import LoggingConfigurable

from hub_ext import clock
from hub_ext.cluster.log_files import LogFiles
from hub_ext.cluster.log_route import HasLogs
from hub_ext.contract.errors import NotFound
from hub_ext.contract.logs import KeptLogs, LogSource, LogTail
from hub_ext.contract.usage import UnitKind

_LOOK = 5.0
"""Seconds between two looks at the files' sizes."""
_LEAST_TAIL = 4_096
"""Bytes of each process, however many there are."""
_MOST_SOURCES = 100
"""The most processes whose text is sent at once; the rest are listed, and can be asked for alone."""


class KeepsLogs(HasLogs, LoggingConfigurable):
    """Put in front of an engine whose units are processes of the gateway's own machine."""

    db: Any
    units: Any
    clusters_directory: str

    logs_directory = Unicode(
        help="""
        Where schedulers and workers write their logs, a folder for each cluster. Default: ``logs`` beside
        ``clusters_directory``.
        """,
    ).tag(config=True)

    log_bytes = Integer(
        10 * 2**20,
        min=2**18,
        help="""
        The most disk that the log of one scheduler or worker takes. The beginning and the end of a longer one are
        kept. It is looked at every few seconds, so a process that writes very fast takes more for a moment. Default:
        10 MiB.
        """,
    ).tag(config=True)

    logs_days = Float(
        7.0,
        min=0,
        help="How many days after its last line the logs of an ended cluster are kept, for its owner to read.",
    ).tag(config=True)

    kept_logs = Integer(
        1000,
        min=0,
        help="How many ended clusters' logs are kept at most, however young; the oldest go first.",
    ).tag(config=True)

    @default("logs_directory")
    def _logs_directory_default(self) -> str:
        return str(Path(self.clusters_directory).parent / "logs")

    @property
    def log_files(self) -> LogFiles:
        """What was written."""
        return LogFiles(Path(self.logs_directory))

    async def watch_logs(self) -> None:
        """Keep the logs within their bounds for as long as the gateway runs. Spawned by ``do_setup``."""
        while True:
            try:
                await asyncio.to_thread(self._keep_bounds, self._living())
            except OSError as error:
                self.log.warning("The logs below %s are not kept within their bounds: %s", self.logs_directory, error)
            await asyncio.sleep(_LOOK)

    async def log_owner(self, name: str) -> str | None:
        """Return whose logs there are, from their folder; of a cluster from before, from the database."""
        owner = await asyncio.to_thread(self.log_files.owner, name)
        if owner is None and (cluster := self.db.get_cluster(name)) is not None:
            return str(cluster.username)
        return owner

    async def read_logs(self, name: str, source: str, most: int) -> KeptLogs:
        """Return who wrote, and the end of what they wrote: of the newest where there are very many."""
        living = {_source_of(unit.id, unit.kind) for unit in self.units.alive(name)}
        return await asyncio.to_thread(self._read, name, source, most, living)

    def _read(self, name: str, source: str, most: int, living: set[str]) -> KeptLogs:
        written = self.log_files.written(name)
        asked = [one for one in written if source in {"", one.source}]
        if source and not asked:
            raise NotFound(f"The cluster {name} has no log of that name. Ask without a source for the list.")
        asked = sorted(asked, key=lambda one: one.at, reverse=True)[:_MOST_SOURCES]
        each = max(most // max(len(asked), 1), _LEAST_TAIL)
        sources = (
            LogSource(
                name=one.source,
                kind=UnitKind.scheduler if one.source == "scheduler" else UnitKind.worker,
                running=one.source in living,
                size=one.size,
                written_at=one.at,
            )
            for one in written
        )
        tails = (LogTail(source=one.source, text=self.log_files.tail(name, one.source, each)) for one in asked)
        return KeptLogs(
            cluster=name,
            kept_days=self.logs_days,
            utc_offset=time.localtime().tm_gmtoff,
            sources=tuple(sources),
            tails=tuple(tails),
        )

    def _living(self) -> set[str]:
        clusters = self.db.name_to_cluster.values()
        return {cluster.name for cluster in clusters if cluster.status < JobStatus.STOPPED}

    def _keep_bounds(self, living: set[str]) -> None:
        for name in living:
            self.log_files.bound(name, self.log_bytes)
        before = clock.now() - timedelta(days=self.logs_days)
        for name in self.log_files.prune(before, living=living, most=self.kept_logs):
            self.log.info("The logs of cluster %s were removed", name)


def _source_of(unit: str, kind: UnitKind) -> str:
    """Return the name of a unit's log."""
    return "scheduler" if kind is UnitKind.scheduler else f"worker-{unit.rpartition('-')[2]}"
