"""What one cluster was admitted as: traits beside the gateway's own, stored with the cluster.

They survive a restart of the gateway (its database keeps the whole configuration of a cluster) and are never sent to
the person, who sees only the options they chose.
"""

import sys
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from dask_gateway_server.backends.local import LocalClusterConfig
from dask_gateway_server.traitlets import Command
from traitlets import HasTraits, Integer, Unicode, default

from hub_ext.contract.admission import Lease
from hub_ext.contract.shape import Shape


class GatehouseConfigTraits(HasTraits):
    """Which lease a cluster lives on, and what it was promised."""

    profile = Unicode(help="Profile that the person chose. Set at admission; setting it here has no effect.")
    charge_to = Unicode(help="Policy group that is charged. Set at admission.")
    title = Unicode(help="What the person calls the cluster. Set at admission.")
    first_workers = Integer(0, help="Workers that it wants before anybody scales it. Chosen by the person.")
    lease_id = Unicode(help="Lease that counts against quota until every process has ended. Set at admission.")
    no_client_seconds = Integer(0, help="How long it lives with nobody connected; 0: no matter. Set at admission.")
    worker_price_per_hour = Unicode("0", help="Price of one worker when the cluster was admitted, as a decimal number.")
    scheduler_price_per_hour = Unicode("0", help="Price of the scheduler at admission, as a decimal number.")


class GatehouseLocalClusterConfig(GatehouseConfigTraits, LocalClusterConfig):
    """A cluster of processes on the gateway's own machine."""

    scheduler_cmd = Command(
        "dask",
        help="""
        Command that starts a scheduler. Default: ``dask scheduler`` of the environment the gateway runs in.

        The gateway's own default names a script that distributed 2026.6 removed.
        """,
    ).tag(config=True)

    worker_cmd = Command(
        "dask",
        help="""
        Command that starts a worker. Default: ``dask worker`` of the environment the gateway runs in.

        It keeps the nanny, which ends a worker that outgrows the memory it was given. Adding ``--no-nanny`` makes
        workers start sooner and lighter, and leaves nothing that enforces memory on this machine.
        """,
    ).tag(config=True)

    @default("scheduler_cmd")
    def _scheduler_cmd_default(self) -> list[str]:
        return dask_command("scheduler")

    @default("worker_cmd")
    def _worker_cmd_default(self) -> list[str]:
        return dask_command("worker")


def dask_command(verb: str) -> list[str]:
    """Return the ``dask`` command line of this interpreter's own environment."""
    return [str(Path(sys.executable).parent / "dask"), verb]


def apply_lease(config: Any, lease: Lease) -> None:
    """Give a new cluster exactly what its lease says; nothing of it comes from the person.

    Raises:
        ValueError: the lease is none of a cluster.
    """
    if lease.worker is None:
        raise ValueError(f"lease {lease.id} has no worker shape")
    config.lease_id = lease.id
    config.profile = lease.profile
    config.charge_to = lease.group
    config.title = lease.name
    config.no_client_seconds = lease.no_client_seconds
    config.scheduler_cores, config.scheduler_memory = _cores(lease.base), lease.base.memory
    config.worker_cores, config.worker_memory = _cores(lease.worker), lease.worker.memory
    config.worker_threads = _cores(lease.worker)
    config.cluster_max_workers = lease.workers_max
    # The scheduler's own timer cannot be changed once it runs: it leaves room for a longer time that is chosen later.
    config.idle_timeout = float(max(lease.idle_seconds, lease.idle_max_seconds))


def _cores(shape: Shape) -> int:
    """Return the threads for a shape: half a core still needs one."""
    return max(1, int(shape.cores.to_integral_value(ROUND_CEILING)))


def money(amount: Decimal | None) -> str:
    """Write a price for storage; none is zero."""
    return format(amount or Decimal(0), "f")
