"""A person's server on a real node: the hub starts a pod, in which Jupyter's server runs, and ends it in time.

The hub is outside of the node: the pod reaches it by a relay, and it reaches the pod by another one.
"""

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.kubernetes.cluster import Cluster
from tests.kubernetes.hub_on_kubernetes import CONFIGURED, Place, running_place
from tests.kubernetes.image import IMAGE
from tests.kubernetes.inside import ADDRESS, NODE
from tests.kubernetes.kubelet import real_node
from tests.kubernetes.names import DOMAIN
from tests.kubernetes.programs import Program
from tests.kubernetes.python_pod import environment, mounts
from tests.kubernetes.relay import relaying
from tests.service.waiting import until
from tests.support.ports import free_port

pytestmark = [pytest.mark.own_plane, pytest.mark.real_node]
PATIENCE = 180.0
"""Seconds for what takes ten on an idle machine."""
POLICY = f"""
apiVersion: gatehouse/v1
prices: [{{from: 2020-01-01, core_hour: 0.04}}]
profiles:
  small:
    kind: server
    cores: 0.5
    memory: 1 GiB
    kubernetes: {{nodeSelector: {{kubernetes.io/hostname: {NODE}}}}}
groups:
  research: {{title: Research, match: [/research], profiles: [small]}}
"""
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "servers"},
    "spec": {"selector": {"gatehouse/unit": "server"}, "ports": [{"port": 8888}]},
}


def configured(namespace: str, way_in: int, way_out: int) -> dict[str, dict[str, Any]]:
    """Return the hub's configuration.

    Args:
        namespace: of the pods.
        way_in: port of this machine that leads to the server in its pod.
        way_out: port of the node that leads to the hub.
    """
    volumes, mounted = mounts()
    spawner = {
        "start_timeout": int(PATIENCE),
        "http_timeout": int(PATIENCE),
        "hub_connect_url": f"http://{ADDRESS}:{way_out}",
        "environment": {**environment(), "USER": "jovyan"},
    }
    kube = {
        "namespace": namespace,
        "image": IMAGE,
        "pod_connect_ip": "127.0.0.1",
        "port": way_in,
        "cmd": ["jupyterhub-singleuser", "--allow-root"],
        # The image's own command is the toy's; env finds the server where this machine has it.
        "extra_container_config": {"command": ["/usr/bin/env"]},
        "volumes": volumes,
        "volume_mounts": mounted,
        "working_dir": environment()["HOME"],
        "delete_grace_period": 10,
    }
    return {"JupyterHub": CONFIGURED["JupyterHub"], "Spawner": spawner, "KubeSpawner": kube, "GatehouseKubeSpawner": {}}


def times(watched: Program, key: str) -> set[datetime]:
    """Return each time that a container's status told under a key, as the watch of the pods saw it."""
    return {datetime.fromisoformat(text) for text in re.findall(rf'"{key}": "(.+?)"', watched.log.read_text("utf-8"))}


def test_server(kubernetes: Cluster, namespace: str, tmp_path: Path) -> None:
    """A server answers its person through the hub, and is in the ledger as its container's status says."""
    assert kubernetes.plane is not None
    way_in, way_out = free_port(), free_port()
    kubernetes.apply(SERVICE, namespace=namespace)
    get = [str(kubernetes.plane.binaries / "kubectl"), f"--kubeconfig={kubernetes.kubeconfig}", "get", "pods"]
    watched = Program("watch", [*get, "-n", namespace, "--watch", "-o", "json"], tmp_path)
    watched.start()
    with (
        running_place(kubernetes, namespace, tmp_path, POLICY, **configured(namespace, way_in, way_out)) as place,
        relaying(str(way_out), str(place.hub.told["hub_port"])),
        real_node(kubernetes, way_out) as real,
    ):
        socket = str(real.program.directory / "server.sock")
        relay = (sys.executable, "-m", "tests.kubernetes.relay", socket, f"servers.{namespace}.svc.{DOMAIN}:{way_in}")
        inside = Program("way-in", real.enter(*relay), tmp_path)
        inside.start(PYTHONPATH=environment()["PYTHONPATH"])
        with relaying(str(way_in), socket):
            assert place.start("alice", profile="small").status in {201, 202}
            until(lambda: (place.server("alice") or {}).get("ready"), PATIENCE)
            check(place, watched)
        inside.stop()
    watched.stop()


def check(place: Place, watched: Program) -> None:
    """See that the server answers, and that what the ledger has of it is what the container's status says."""
    alice = place.hub.visitor("alice")
    alice.get("/user/alice/tree")  # through the hub's login
    assert alice.get("/user/alice/api/status").status == 200
    (lease,) = place.leases("alice")
    until(lambda: place.interval(lease["id"]) is not None, PATIENCE)
    running = place.interval(lease["id"])
    assert running is not None
    assert {running["started_at"]} == times(watched, "startedAt")

    place.hub.api("DELETE", "users/alice/server")

    until(lambda: (place.interval(lease["id"]) or {}).get("ended_at"), PATIENCE)
    ended = place.interval(lease["id"])
    assert ended is not None
    assert {ended["ended_at"]} == times(watched, "finishedAt")
