"""Programs really run in pods: Dask computes on workers that the scheduler's service leads to."""

import subprocess
import sys

import pytest

from tests.kubernetes.cluster import Cluster
from tests.kubernetes.kubelet import real_node
from tests.kubernetes.python_pod import python_pod
from tests.service.waiting import until

pytestmark = [pytest.mark.own_plane, pytest.mark.real_node]
PATIENCE = 120.0
"""Seconds in which Dask starts in a pod; on an idle machine it takes three."""
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "scheduler"},
    "spec": {"selector": {"unit": "scheduler"}, "ports": [{"port": 8786}]},
}
CLIENT = """
import os, sys
from distributed import Client
with Client(sys.argv[1], timeout=60) as client:
    client.wait_for_workers(2, timeout=60)
    print(sum(client.gather(client.map(lambda number: number**2, range(10)))))
    print(sorted(client.run(lambda: open("/proc/self/cgroup").read().count("kubepods") > 0).values()))
    client.shutdown()
"""


def test_dask(kubernetes: Cluster, namespace: str) -> None:
    """A scheduler and two workers are pods, find each other by name, compute in their own cgroups, and end well."""
    assert kubernetes.plane is not None
    address = f"tcp://scheduler.{namespace}:8786"
    worker = ("-m", "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads=1", "--no-dashboard")
    with real_node(kubernetes) as real:
        scheduler = python_pod("scheduler", "-m", "distributed.cli.dask_scheduler", "--no-dashboard", unit="scheduler")
        workers = [python_pod(f"worker-{number}", *worker, unit="worker") for number in range(2)]
        kubernetes.apply(SERVICE, scheduler, *workers, namespace=namespace)

        client = real.enter(sys.executable, "-c", CLIENT, address)
        done = subprocess.run(client, capture_output=True, text=True, check=False, timeout=PATIENCE)

        assert done.stdout.splitlines() == ["285", "[True, True]"], done.stderr[-2000:]

        def phases() -> set[str]:
            return {pod["status"]["phase"] for pod in kubernetes.get("pods", "-n", namespace)}

        until(lambda: phases() == {"Succeeded"}, PATIENCE)
