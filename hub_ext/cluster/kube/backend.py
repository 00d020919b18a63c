"""The gateway's API server on Kubernetes: any number of replicas, none of which remembers what another needs."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from aiohttp import web
from dask_gateway_server.backends.kubernetes.backend import KubeBackend
from dask_gateway_server.models import ClusterStatus, User
from dask_gateway_server.options import Options
from dask_gateway_server.traitlets import Type
from traitlets import Integer

from hub_ext.cluster.connections import ConnectionWatcher
from hub_ext.cluster.failing import Failure, failure
from hub_ext.cluster.kube import patience
from hub_ext.cluster.kube.activity import PodActivity
from hub_ext.cluster.kube.config import fit
from hub_ext.cluster.kube.granting import KubeGranting
from hub_ext.cluster.kube.logs import PodLogs
from hub_ext.cluster.kube.objects import marked
from hub_ext.cluster.kube.secrets import SecretEnvironment, with_environment
from hub_ext.cluster.mixin import GatehouseBackendMixin
from hub_ext.contract.admission import Lease, LeaseState
from hub_ext.contract.reasons import Reason

patience.install()


class GatehouseKubeBackend(
    PodLogs,
    PodActivity,
    ConnectionWatcher,
    KubeGranting,
    GatehouseBackendMixin,
    SecretEnvironment,
    KubeBackend,
):
    """``c.DaskGateway.backend_class = "hub_ext.cluster.kube.GatehouseKubeBackend"``."""

    cluster_config_class = Type(
        "hub_ext.cluster.kube.config.GatehouseKubeClusterConfig",
        klass="dask_gateway_server.backends.base.ClusterConfig",
        help="The cluster config class to use.",
    ).tag(config=True)

    scheduler_api_retries = Integer(
        6,
        min=0,
        help="""
        How often a scheduler is tried to be reached, in about six seconds, before its cluster is given up. The name of
        a new one takes a moment to be known.
        """,
    ).tag(config=True)

    # -- start and end of the server ---------------------------------------------------------------------------------

    async def setup(self, app: web.Application) -> None:
        """Start to watch, then to ask. Called by the gateway at its start."""
        self._told: dict[str, LeaseState] = {}
        """What the service was told of each cluster by this process."""
        self._timers: list[asyncio.Task[None]] = []
        await super().setup(app)
        loops = (self.keep_granting(), self.watch_connections(), self.watch_activity())
        self._timers += [asyncio.create_task(loop) for loop in loops]

    async def cleanup(self) -> None:
        """Stop asking, then everything else; clusters go on. Called by the gateway at its end."""
        for timer in getattr(self, "_timers", ()):
            timer.cancel()
            with suppress(asyncio.CancelledError):
                await timer
        await super().cleanup()

    # -- before a cluster starts -------------------------------------------------------------------------------------

    async def get_cluster_options(self, user: User) -> Options:
        """As the mixin, with a field for environment variables where people may give them."""
        options = await super().get_cluster_options(user)
        return with_environment(options) if self.offer_environment and options.fields else options

    # -- objects -----------------------------------------------------------------------------------------------------

    def fit(self, config: Any, lease: Lease) -> None:
        """Give a new cluster its shapes, and its pods their place."""
        fit(config, lease)

    def make_cluster_object(self, username: str, options: Any, config: Any) -> dict[str, Any]:
        """Make the ``DaskCluster`` object, with labels that say whose it is and which lease pays."""
        return marked(super().make_cluster_object(username, options, config))

    async def sync_cluster(self, cluster_name: str) -> None:
        """Take in a changed object, then tell the service what it means. Called for every change."""
        await super().sync_cluster(cluster_name)
        found = self.known(cluster_name)
        if not found:
            self.forget(cluster_name)
            self._told.pop(cluster_name, None)
            return
        lease = found["spec"].get("config", {}).get("lease_id")
        if lease:
            await self._tell(cluster_name, lease, found.get("status", {}))

    async def _tell(self, name: str, lease: str, status: dict[str, Any]) -> None:
        """Bind a lease that its maker had perhaps no time to bind, and release one whose pods have all ended."""
        final = status.get("phase") in {"Stopped", "Failed"}
        ended = final and status.get("gatehouse", {}).get("living") == 0
        told = self._told.get(name)
        if not final and told is None:
            self._told[name] = LeaseState.bound
            await self._update(lease, LeaseState.bound, ref=name)
        elif ended and told is not LeaseState.released:
            self._told[name] = LeaseState.released
            await self.release(lease, _why(status) if status["phase"] == "Failed" else None)
            self.forget(name)

    def forget(self, name: str) -> None:
        """Drop what is remembered of an ended cluster."""
        super().forget(name)
        self._seen.pop(name, None)

    # -- what the mixins ask -----------------------------------------------------------------------------------------

    def running_clusters(self) -> Iterable[Any]:
        """Return the clusters whose scheduler can be reached."""
        return [cluster for cluster in self.clusters.values() if cluster.status == ClusterStatus.RUNNING]


def _why(status: dict[str, Any]) -> Failure:
    """Return what the controller said of a cluster that failed; a stock controller says nothing."""
    told = status.get("gatehouse", {})
    if not told.get("message"):
        return failure(ran=bool(status.get("service")))
    return Failure(Reason(told.get("reason") or Reason.scheduler_ended), told["message"])
