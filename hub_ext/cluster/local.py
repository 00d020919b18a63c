"""Clusters as processes on the gateway's own machine: safe to run as root, nothing left behind, metered exactly.

Every scheduler and worker is a session of its own, has a control group of its own where that is possible, and carries
the cluster's and its unit's name in its environment; what a task detached on purpose is found by these and ends with
its unit.
"""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from dask_gateway_server.backends.db_base import JobStatus
from dask_gateway_server.backends.local import LocalBackend
from dask_gateway_server.models import User
from dask_gateway_server.traitlets import Type
from traitlets import Enum, Unicode, default

from hub_ext.cluster.accounts import account, give_to, has_account, home_of
from hub_ext.cluster.activity import ActivityWatcher
from hub_ext.cluster.connections import ConnectionWatcher
from hub_ext.cluster.failing import failure
from hub_ext.cluster.holding import GrantHolder
from hub_ext.cluster.keeping_logs import KeepsLogs
from hub_ext.cluster.leftovers import CLUSTER_VARIABLE, LeftoverSweeper, marked
from hub_ext.cluster.mixin import GatehouseBackendMixin
from hub_ext.cluster.outliving import Outliving
from hub_ext.cluster.units import UNIT_VARIABLE, Unit, unit_id
from hub_ext.contract.errors import Refused
from hub_ext.contract.reasons import Reason
from hub_ext.contract.usage import UnitKind
from hub_ext.processes import terminate_tagged
from hub_ext.witness.launch import held


class GatehouseLocalBackend(
    Outliving,
    ActivityWatcher,
    ConnectionWatcher,
    GrantHolder,
    LeftoverSweeper,
    KeepsLogs,
    GatehouseBackendMixin,
    LocalBackend,
):
    """``c.DaskGateway.backend_class = "hub_ext.cluster.GatehouseLocalBackend"``."""

    cluster_config_class = Type(
        "hub_ext.cluster.config.GatehouseLocalClusterConfig",
        klass="dask_gateway_server.backends.base.ClusterConfig",
        help="The cluster config class to use.",
    ).tag(config=True)

    run_as = Enum(
        ["gateway", "owner"],
        default_value="gateway",
        help="""
        Whose processes clusters are.

        ``gateway``: of the account that the gateway runs as, whoever asked: nothing separates people from each other
        on this machine. No file changes its owner. ``owner``: of the system account with the person's name; the
        gateway must then run as root.
        """,
    ).tag(config=True)

    home_directory = Unicode(
        "",
        help="""
        Home directory of a cluster's processes; ``{username}`` is replaced.

        Set it to where the notebook servers have theirs, so that a path means the same file in a notebook and on a
        worker. Where it does not exist, or when empty: the account's own home.
        """,
    ).tag(config=True)

    @default("clusters_directory")
    def _clusters_directory_default(self) -> str:
        state = os.environ.get("XDG_STATE_HOME") or str(Path("~/.local/state").expanduser())
        return str(Path(state) / "gatehouse" / "clusters")

    # -- start and end of the server ---------------------------------------------------------------------------------

    async def do_setup(self) -> None:
        """Take the processes of an earlier gateway in again, before anything else is done to them.

        Nothing is awaited here: the database has just been loaded and its reconcilers wait for the loop.
        """
        self._outlived: set[str] = set()
        self.take_in()
        self.end_leftovers(marked(self.api_url))
        self.task_pool.spawn(self.watch_leftovers())
        self.task_pool.spawn(self.keep_reconciled())
        self.task_pool.spawn(self.hold_to_grants())
        self.task_pool.spawn(self.watch_activity())
        self.task_pool.spawn(self.watch_connections())
        self.task_pool.spawn(self.watch_logs())

    async def do_cleanup(self) -> None:
        """Stop watching; processes that outlive this gateway are taken in by the next."""
        self.units.close()

    # -- processes ---------------------------------------------------------------------------------------------------

    async def process_cluster_options(self, user: User, request: Any) -> tuple[dict[str, Any], Any]:
        """As the mixin, and refuse a person without an account where clusters run as their owner."""
        if self.run_as == "owner" and not has_account(user.name):
            raise Refused(
                f"Not started: this machine has no account {user.name!r}, and clusters run as their owner here. "
                "Ask your platform team.",
                reason=Reason.invalid_request,
            )
        return await super().process_cluster_options(user, request)

    async def do_start_cluster(self, cluster: Any) -> AsyncIterator[dict[str, Any]]:
        """Start the scheduler. Called by the gateway's reconciler."""
        shutil.rmtree(Path(self.clusters_directory) / cluster.name, ignore_errors=True)  # of a start that was cut off
        async for state in super().do_start_cluster(cluster):
            yield self._noted(state)

    async def do_start_worker(self, worker: Any) -> AsyncIterator[dict[str, Any]]:
        """Start a worker. Called by the gateway's reconciler."""
        async for state in super().do_start_worker(worker):
            yield self._noted(state)

    async def start_process(self, cluster: Any, cmd: list[str], env: dict[str, str], name: str) -> int:
        """Start a process in a session of its own, in the cluster's directory. Called for schedulers and workers."""
        unit = unit_id(cluster.config.lease_id, name.removeprefix("worker-") if name != "scheduler" else None)
        workdir = cluster.state["workdir"]
        self.log_files.claim(cluster.name, cluster.username)
        fd = self.log_files.create(cluster.name, name)
        try:
            process = subprocess.Popen(  # noqa: ASYNC220 - it returns once the program runs, in milliseconds
                held(cmd),
                cwd=workdir,
                env={**env, UNIT_VARIABLE: unit},
                stdin=subprocess.PIPE,
                stdout=fd,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **(account(cluster.username) if self.run_as == "owner" else {}),
            )
        finally:
            os.close(fd)
        self.let_run(unit, cluster.name, process)
        return process.pid

    async def stop_process(self, pid: int) -> None:
        """End a process that we know to be ours, and everything of its unit that is left. Called when stopping."""
        unit = self.units.of_pid(pid)
        if unit is None:  # it has ended; the number may be a stranger's by now
            return
        steps = ((signal.SIGINT, self.sigint_timeout), (signal.SIGTERM, self.sigterm_timeout))
        for number, patience in (*steps, (signal.SIGKILL, self.sigkill_timeout)):
            with suppress(ProcessLookupError):  # it has just ended, and we are about to hear of it
                os.kill(pid, number)
            try:
                await asyncio.wait_for(unit.ended.wait(), patience)
            except TimeoutError:
                continue
            return
        self.log.warning("Process %d of %s does not end", pid, unit.id)

    async def do_stop_cluster(self, cluster: Any) -> None:
        """End the scheduler, then whatever else carries the cluster's name, and give the lease back."""
        await self.stop_process(cluster.state.get("pid", 0))
        killed = await asyncio.to_thread(terminate_tagged, CLUSTER_VARIABLE, cluster.name)
        if killed:
            self.log.info("Ended %d detached processes of cluster %s", len(killed), cluster.name)
        await asyncio.to_thread(self.end_groups, cluster.config.lease_id)
        workdir = cluster.state.get("workdir")
        if workdir is not None:
            await asyncio.to_thread(self.cleanup_working_directory, workdir)
        await self._release_when_ended(cluster)

    async def do_check_clusters(self, clusters: list[Any]) -> list[bool]:
        """Say which starting schedulers still live."""
        return [self.units.of_pid(cluster.state.get("pid")) is not None for cluster in clusters]

    async def do_check_workers(self, workers: list[Any]) -> list[bool]:
        """Say which starting workers still live."""
        return [self.units.of_pid(worker.state.get("pid")) is not None for worker in workers]

    def _noted(self, state: dict[str, Any]) -> dict[str, Any]:
        """Add to a state that names a process how to know that process again."""
        unit = self.units.of_pid(state.get("pid"))
        return state if unit is None else {**state, **unit.state}

    # -- ends --------------------------------------------------------------------------------------------------------

    def unit_ended(self, unit: Unit) -> None:
        """See to what a unit's end means for others. Called once its end has been reported."""
        self.later(self._after_end(unit))

    async def _after_end(self, unit: Unit) -> None:
        """End what a unit leaves behind, and a cluster that has lost its scheduler, without waiting for a timeout."""
        await asyncio.to_thread(self.end_what_is_left, unit)
        cluster = self.db.get_cluster(unit.cluster)
        if cluster is None:
            return
        if unit.kind is UnitKind.scheduler and cluster.target <= JobStatus.RUNNING:
            logs = self.get_logs_directory(cluster.state["workdir"])
            self.log.warning("The scheduler of cluster %s ended by itself; see %s/scheduler.log", cluster.name, logs)
            await self.stop_cluster(cluster.name, failed=True)
        if cluster.name in self._outlived:
            await self._release_when_ended(cluster)

    async def _release_when_ended(self, cluster: Any) -> None:
        """Give the lease back once nothing of the cluster runs; a process that would not end keeps it until it does."""
        if self.units.alive(cluster.name):
            self._outlived.add(cluster.name)
            return
        self._outlived.discard(cluster.name)
        failed = cluster.target == JobStatus.FAILED
        why = failure(ran=bool(cluster.scheduler_address)) if failed else None
        await self.release(cluster.config.lease_id, why)
        self.forget(cluster.name)

    # -- what the mixin asks -----------------------------------------------------------------------------------------

    def running_workers(self, name: str, _reported: int) -> int:
        """Return the worker processes that live, whatever the scheduler says."""
        return sum(1 for unit in self.units.alive(name) if unit.kind is UnitKind.worker)

    def granted_before(self, name: str) -> int:
        """Return the grant that the gateway's database kept."""
        cluster = self.db.get_cluster(name)
        return 0 if cluster is None else cluster.count

    # -- directories and accounts ------------------------------------------------------------------------------------

    def get_logs_directory(self, workdir: str) -> str:
        """Return where a cluster's logs are: outside its directory, so that they outlive it."""
        return str(Path(self.logs_directory) / Path(workdir).name)

    def get_env(self, cluster: Any) -> dict[str, str]:
        """Return the environment of a cluster's processes: a home, and scratch space that goes with the cluster.

        What a task prints is in the log at once, and not lost with a worker that is killed: Python keeps it back
        otherwise, because a log is no terminal.
        """
        env: dict[str, str] = super().get_env(cluster)
        workdir = cluster.state["workdir"]
        env["LOGNAME"] = cluster.username
        env.setdefault("PYTHONUNBUFFERED", "1")
        env.setdefault("HOME", home_of(cluster.username, self.home_directory, self.run_as) or workdir)
        env.setdefault("DASK_TEMPORARY_DIRECTORY", str(Path(workdir) / "scratch"))
        return env

    def set_file_permissions(self, paths: list[str], username: str) -> None:
        """Give a new cluster's directory to its owner where it runs as its owner; touch nothing otherwise.

        The stock method receives the letters of a path among the paths, the first of them ``/``. Only the first entry,
        the directory itself, is used; it is new and holds nothing of the person's, so no link can lead out of it.
        """
        if self.run_as == "owner":
            give_to(Path(paths[0]), username)
