"""What Gatehouse adds to ``new_cluster()``: the time until two workers run, ours by that of a stock Dask Gateway.

Two real gateways stand beside each other on this machine, before the same hub: ours with the real service, and one with
Dask Gateway's own ``UnsafeLocalBackend`` and ``JupyterHubAuthenticator`` (``LocalBackend`` must not be run as root).
Both are configured by the same call, so that periods, time limits, sizes and commands are the same, and the same person
asks with the same token. In turns, A B B A, so that what else the machine does meets both alike; each cluster is gone
before the next is asked for. One pair beforehand warms both and is not counted.

The figure is the median of the pairs' ratios. The clock runs at the client, from ``new_cluster()`` over ``scale(2)`` to
``wait_for_workers(2)``.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from dask_gateway import Gateway as Client
from dask_gateway.auth import JupyterHubAuth

from benchmarks.figures import tell
from hub_ext.processes import tagged
from tests.cluster.gateway import Gateway, running_gateway
from tests.support.hub import Hub, running_hub
from tests.support.service import running_service

PAIRS, WORKERS = 8, 2
_KEPT: list[object] = []
"""Clients that are through: one that is forgotten is closed by itself, and complains where it was closed before."""

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2020-01-01, core_hour: 0.04, gib_hour: 0.005}]
profiles:
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 10}
groups:
  research: {match: [/research], profiles: [standard], quota: {cores: 8}, budget: {monthly: 1000}}
"""
STOCK = """
from hub_ext.cluster.config import dask_command
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.JupyterHubAuthenticator"
c.UnsafeLocalBackend.api_url = c.GatehouseLocalBackend.api_url
c.UnsafeLocalBackend.clusters_directory = c.GatehouseLocalBackend.clusters_directory
c.LocalClusterConfig.scheduler_cmd = dask_command("scheduler")
c.LocalClusterConfig.worker_cmd = dask_command("worker")
c.LocalClusterConfig.scheduler_cores = c.LocalClusterConfig.worker_cores = 1
c.LocalClusterConfig.scheduler_memory = c.LocalClusterConfig.worker_memory = 2**30
"""


def once(gateway: Gateway, token: str) -> float:
    """Start a cluster with two workers, stop it and wait for its end; return the seconds until both ran."""
    client = Client(
        gateway.url,
        proxy_address=gateway.proxy_url,
        public_address=gateway.url,
        auth=JupyterHubAuth(api_token=token),
    )
    began = time.perf_counter()
    cluster = client.new_cluster()
    cluster.scale(WORKERS)
    with cluster.get_client() as dask:
        dask.wait_for_workers(WORKERS, timeout=120)
        took = time.perf_counter() - began
    cluster.shutdown()
    _until_gone(cluster.name)
    _KEPT.extend((client, cluster))
    return took


def _until_gone(cluster: str) -> None:
    deadline = time.monotonic() + 60
    while tagged("DASK_GATEWAY_CLUSTER_NAME", cluster):
        if time.monotonic() > deadline:
            raise SystemExit(f"cluster {cluster} does not end")
        time.sleep(0.1)


def paired(ours: Callable[[], float], stock: Callable[[], float], pairs: int) -> tuple[list[float], list[float]]:
    """Call both so often, in turns A B B A; return the seconds of each, pair by pair."""
    mine: list[float] = []
    theirs: list[float] = []
    for pair in range(pairs):
        for call, seconds in ((ours, mine), (stock, theirs))[:: -1 if pair % 2 else 1]:
            seconds.append(call())
    return mine, theirs


def ratio(ours: Sequence[float], stock: Sequence[float]) -> float:
    """Return the median of the pairs' ratios."""
    return statistics.median(mine / theirs for mine, theirs in zip(ours, stock, strict=True))


def measure(hub: Hub, base: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of ours and of the stock gateway's, pair by pair."""
    (base / "policy.yaml").write_text(POLICY)
    token = hub.tokens["dask-gateway"]
    ours = Gateway(base / "ours", hub.api_url, "", token, heartbeat=5, nanny=True)
    stock = Gateway(base / "stock", hub.api_url, "http://127.0.0.1:1/", token, heartbeat=5, nanny=True, more=STOCK)
    with ExitStack() as stack:
        policy = base / "policy.yaml"
        service = running_service(
            hub, base / "service", policy, gateway_url=ours.url, token_cache_seconds=15, policy_check_seconds=5
        )
        ours.service_url = stack.enter_context(service).url
        for gateway in (ours, stock):
            stack.enter_context(running_gateway(gateway))
        person = hub.token("alice")
        calls = (lambda: once(ours, person), lambda: once(stock, person))
        paired(*calls, pairs=1)
        return paired(*calls, pairs=PAIRS)


def main() -> None:
    """Measure and tell the figure."""
    with tempfile.TemporaryDirectory() as name, running_hub(Path(name)) as hub:
        ours, stock = measure(hub, Path(name))
    pairs = ", ".join(f"{mine:.2f}/{theirs:.2f}" for mine, theirs in zip(ours, stock, strict=True))
    beside = (
        f"medians: ours {statistics.median(ours):.2f} s, stock Dask Gateway {statistics.median(stock):.2f} s; "
        f"pairs: {pairs}"
    )
    tell("new_cluster_overhead_ratio", ratio(ours, stock), "1", target=1.05, compared_with=beside)


if __name__ == "__main__":
    main()
