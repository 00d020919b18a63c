"""What outlives a gateway, and is taken in again by the next: schedulers and workers, and the truth about their ends.

Every process is registered before it runs anything (``hub_ext.witness``), so that a gateway that was killed at any
moment has lost none. For an engine whose units are processes of the gateway's own machine.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web
from dask_gateway_server.backends.db_base import JobStatus
from traitlets import Unicode, default
from traitlets.config import LoggingConfigurable

from hub_ext import cgroups
from hub_ext.cluster import health
from hub_ext.cluster.units import UNIT_VARIABLE, Unit, Units, lease_of, unit_id
from hub_ext.processes import terminate_tagged
from hub_ext.witness.launch import go
from hub_ext.witness.register import Birth, Register

_LOOK = 2.0
"""Seconds between two comparisons: a killed witness is missed for so long at most."""


class Outliving(LoggingConfigurable):
    """Put in front of an engine that keeps its clusters in Dask Gateway's own database."""

    db: Any
    client: Any
    later: Any
    stop_cluster: Any
    unit_ended: Any
    clusters_directory: str

    units_directory = Unicode(
        help="""
        Where every scheduler and worker is registered, so that a gateway that was killed finds them and learns when
        they ended. Default: ``units`` beside ``clusters_directory``.
        """,
    ).tag(config=True)

    @default("units_directory")
    def _units_directory_default(self) -> str:
        return str(Path(self.clusters_directory).parent / "units")

    async def setup(self, app: web.Application) -> None:
        """Let the gateway's health say how its processes are known. Called by the gateway at its start."""
        health.install(app, self._health)
        await super().setup(app)

    def _health(self) -> dict[str, Any]:
        return {
            "detached_processes": cgroups.holds(),
            "witness": self.units.register.witness_pid() is not None,
            "reports_waiting": len(self.client.outbox),
            "reports_dropped": self.client.outbox.dropped,
        }

    # -- at the start ------------------------------------------------------------------------------------------------

    def take_in(self) -> None:
        """Take the processes of an earlier gateway in again, and book what ended meanwhile. Called by ``do_setup``."""
        register = Register(Path(self.units_directory))
        register.open()
        self.units = Units(self.client, register, self.unit_ended)
        self.log.info("Detached children of clusters are found by %s", cgroups.holds())
        registered = {birth.unit: birth for birth in register.births()}
        for cluster in self.db.name_to_cluster.values():
            if cluster.status < JobStatus.STOPPED:
                self._take_in(cluster, registered)
        for birth in registered.values():
            self._end_unknown(birth)

    def _take_in(self, cluster: Any, registered: dict[str, Birth]) -> None:
        for worker in cluster.workers.values():
            if worker.status < JobStatus.STOPPED:
                self._take_in_worker(worker, registered)
        birth = self._birth(cluster, unit_id(cluster.config.lease_id), registered)
        if birth is not None and self.units.again(birth, cluster.name):
            self.db.update_cluster(cluster, **_noted(cluster, birth))
        elif birth is not None or "unit" in cluster.state:
            self.later(self.stop_cluster(cluster.name, failed=True))

    def _take_in_worker(self, worker: Any, registered: dict[str, Birth]) -> None:
        birth = self._birth(worker, unit_id(worker.cluster.config.lease_id, worker.name), registered)
        if birth is not None and self.units.again(birth, worker.cluster.name):
            self.db.update_worker(worker, **_noted(worker, birth))
        elif birth is not None and worker.status == JobStatus.CREATED:  # else it would be started under the same name
            self.db.update_worker(worker, target=JobStatus.FAILED)

    def _birth(self, row: Any, unit: str, registered: dict[str, Birth]) -> Birth | None:
        """Return what is known of the process of a row: from the register, or from an older gateway's database."""
        birth = registered.pop(unit, None)
        if birth is None and "unit" in row.state:
            birth = self.units.known(row.state)
        return birth

    def _end_unknown(self, birth: Birth) -> None:
        """End what is registered but in no cluster of the database any more."""
        if self.units.again(birth, ""):
            self.log.warning("Ended %s: no cluster of the database has it", birth.unit)
            with suppress(ProcessLookupError):
                os.kill(birth.pid, signal.SIGKILL)

    # -- while it runs -----------------------------------------------------------------------------------------------

    def let_run(self, unit: str, cluster: str, process: subprocess.Popen[bytes]) -> None:
        """Register a held process, report its start, give it a control group, and let it become its program.

        Raises:
            ProcessLookupError: it has ended already.
        """
        here = cgroups.place()
        group = "" if here is None else here.path(unit)  # made once it is registered: else a kill may leave it
        try:
            self.units.born(unit, cluster, process, group)
            if group:
                cgroups.join(group, process.pid)
            go(process)
        except OSError:  # nothing of it has run; the shell ends when nobody can say the word any more
            process.communicate()
            raise

    async def keep_reconciled(self) -> None:
        """Compare what is watched with what runs, for as long as the gateway does. Spawned by ``do_setup``."""
        while True:
            await asyncio.sleep(_LOOK)
            try:
                self.units.reconcile()
            except OSError:
                self.log.exception("The register %s was not compared with what runs", self.units_directory)

    # -- ends --------------------------------------------------------------------------------------------------------

    def end_what_is_left(self, unit: Unit) -> None:
        """End everything that a unit left behind, and drop it from the register. Takes a moment: call it in a thread.

        In this order: a gateway that is killed in between finds the unit in the register and does it again.
        """
        terminate_tagged(UNIT_VARIABLE, unit.id)
        if not unit.birth.cgroup or cgroups.end(unit.birth.cgroup):
            self.units.forget(unit)
        else:
            self.log.warning("Processes that %s left behind do not end: %s", unit.id, unit.birth.cgroup)

    def end_groups(self, lease: str) -> None:
        """End what the ended units of a cluster left in their control groups. Takes a moment: call it in a thread."""
        for birth in self.units.register.births():
            if birth.cgroup and lease_of(birth.unit) == lease and not birth.alive:
                cgroups.end(birth.cgroup)


def _noted(row: Any, birth: Birth) -> dict[str, Any]:
    """Return what the database must know of a living process; a gateway that was killed had perhaps no time for it."""
    state = {**row.state, "pid": birth.pid, "ticks": birth.ticks, "unit": birth.unit}
    return {"state": state, **({"status": JobStatus.SUBMITTED} if row.status == JobStatus.CREATED else {})}
