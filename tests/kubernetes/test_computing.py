"""A person's cluster on a real node, from the request to the ledger: Dask computes in pods of the policy's shape.

Gateway, controller and client run in the node's network, because schedulers and workers are reached only there. Nobody
routes as Traefik does: the client connects to its scheduler's service.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hub_ext.contract import paths
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.dask_rights import kubeconfig
from tests.kubernetes.image import IMAGE
from tests.kubernetes.inside import ADDRESS, NODE
from tests.kubernetes.kubelet import RealNode, real_node
from tests.kubernetes.metering import account
from tests.kubernetes.programs import Program
from tests.kubernetes.python_pod import environment, mounts
from tests.service.waiting import until
from tests.support.hub import Hub, running_hub
from tests.support.service import Service, running_service

pytestmark = [pytest.mark.own_plane, pytest.mark.real_node]
PATIENCE = 180.0
"""Seconds for what takes ten on an idle machine."""
GATEWAY = f"http://{ADDRESS}:8000"
POLICY = f"""
apiVersion: gatehouse/v1
prices: [{{from: 2026-01-01, core_hour: 0.04, gib_hour: 0.005}}]
profiles:
  small:
    kind: cluster
    title: Small workers
    scheduler: {{cores: 0.2, memory: 1 GiB}}
    worker: {{cores: 0.2, memory: 1 GiB}}
    workers: {{max: 4}}
    kubernetes: {{nodeSelector: {{kubernetes.io/hostname: {NODE}}}}}
groups:
  research:
    title: Research
    match: [/research]
    profiles: [small]
    quota: {{cores: 10, clusters: 3}}
administrators:
  - {{match: [/platform-admins], may: [read, operate]}}
"""
_CONFIGURATION = """
import json, os
from hub_ext.wiring import gateway
told = json.loads(os.environ["TOLD"])
gateway.configure_kubernetes_gateway(c, **told["gateway"])
gateway.configure_kubernetes_controller(c, instance="lab", api_url=told["address"] + "/api")
c.DaskGateway.address = told["address"].partition("//")[2]
c.KubeController.address = "127.0.0.1:8001"
c.KubeBackend.gateway_instance = "lab"
c.KubeClusterConfig.environment = told["environment"]
for unit in ("scheduler", "worker"):
    c.KubeClusterConfig[unit + "_extra_pod_config"] = {"volumes": told["volumes"]}
    # The image's own command is the toy's; env finds dask where this machine has it.
    told_container = {"command": ["/usr/bin/env"], "volumeMounts": told["mounts"]}
    c.KubeClusterConfig[unit + "_extra_container_config"] = told_container
"""
_CLIENT = """
import json
import sys
import time
from urllib.request import Request, urlopen
from dask_gateway import Gateway, JupyterHubAuth
address, namespace, token = sys.argv[1:]
auth = JupyterHubAuth(api_token=token)
with Gateway(address, auth=auth) as gateway:
    name = gateway.submit()
scheduler = "gateway://dask-" + name.partition(".")[2] + "." + namespace + ":8786"
with Gateway(address, proxy_address=scheduler, auth=auth) as gateway:
    with gateway.connect(name, shutdown_on_close=True) as cluster:
        cluster.scale(2)
        with cluster.get_client() as client:
            client.wait_for_workers(2, timeout=120)
            print(sum(client.gather(client.map(lambda number: number**2, range(10)))))
            cluster.adapt(minimum=1, maximum=1)  # one of the two retires
            while len(client.scheduler_info()["workers"]) != 1:
                time.sleep(0.2)
            print(client.submit(lambda: "adapted").result())
            client.submit(print, "row 99 of the sales").result()
            asked = Request(f"{address}/api/v1/clusters/{name}/logs", headers={"Authorization": "jupyterhub " + token})
            print(*[said["source"] for said in json.load(urlopen(asked))["tails"] if "row 99" in said["text"]])
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with alice (research) and adam (operator)."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture
def service(kubernetes: Cluster, namespace: str, hub: Hub, tmp_path: Path) -> Iterator[Service]:
    """The service with a policy of one profile; it watches the namespace."""
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    watches = [f"--GatehouseService.kubernetes_namespaces={namespace}"]
    rights = {"KUBECONFIG": str(account(kubernetes, namespace))}
    with running_service(hub, tmp_path, tmp_path / "policy.yaml", options=watches, environment=rights) as running:
        yield running


@pytest.fixture
def watched(kubernetes: Cluster, namespace: str, tmp_path: Path) -> Iterator[Program]:
    """What the API server tells of the namespace's pods, as long as they are there."""
    assert kubernetes.plane is not None
    get = [str(kubernetes.plane.binaries / "kubectl"), f"--kubeconfig={kubernetes.kubeconfig}", "get", "pods"]
    program = Program("watch", [*get, "-n", namespace, "--watch", "-o", "json"], tmp_path)
    program.start()
    yield program
    program.stop()


def seen(watched: Program) -> list[dict[str, Any]]:
    """Return every state of every pod that the watch has told, oldest first."""
    text, decoder, at, found = watched.log.read_text(encoding="utf-8"), json.JSONDecoder(), 0, []
    with suppress(json.JSONDecodeError):  # the last one is being written, or there is none
        while True:
            pod, at = decoder.raw_decode(text, at)
            found.append(pod)
            at += 1  # the end of its line
    return found


def spans(watched: Program) -> list[tuple[str, str]]:
    """Return when each container began and ended by its last status, sorted."""
    ends = {
        pod["metadata"]["uid"]: status["state"]["terminated"]
        for pod in seen(watched)
        for status in pod["status"].get("containerStatuses", [])
        if "terminated" in status["state"]
    }
    return sorted((end["startedAt"], end["finishedAt"]) for end in ends.values())


@pytest.fixture
def real(kubernetes: Cluster, hub: Hub, service: Service) -> Iterator[RealNode]:
    """A node from which hub and service are reached."""
    assert kubernetes.plane is not None
    ports = [urlsplit(url).port or 80 for url in (hub.api_url, service.url)]
    with real_node(kubernetes, *ports) as running:
        yield running


@pytest.fixture
def gateway(kubernetes: Cluster, namespace: str, service: Service, real: RealNode, tmp_path: Path) -> Iterator[None]:
    """The gateway's API server and our controller, with no more rights than they need."""
    volumes, mounted = mounts()
    told = {
        "gateway": {
            "hub_api_url": service.hub.api_url,
            "service_url": service.url,
            "token": service.hub.tokens["dask-gateway"],
            "outbox_dir": str(tmp_path / "outbox"),
            "namespace": namespace,
            "image": IMAGE,
        },
        "address": GATEWAY,
        "environment": {**environment(), "USER": "jovyan"},
        "volumes": volumes,
        "mounts": mounted,
    }
    (tmp_path / "config.py").write_text(_CONFIGURATION, encoding="utf-8")
    commands = {
        "gateway": [str(Path(sys.executable).with_name("dask-gateway-server"))],
        "controller": [sys.executable, "-m", "hub_ext.cluster.kube.controller"],
    }
    programs = [
        Program(name, real.enter(*command, "-f", str(tmp_path / "config.py")), tmp_path)
        for name, command in commands.items()
    ]
    assert kubernetes.plane is not None
    kubernetes.plane.beside += programs
    try:
        for program in programs:
            rights = kubeconfig(kubernetes, program.name, namespace)
            program.start(KUBECONFIG=str(rights), TOLD=json.dumps(told))
        asking = real.enter(
            sys.executable, "-c", f"import urllib.request; urllib.request.urlopen('{GATEWAY}/api/health')"
        )
        until(lambda: subprocess.run(asking, capture_output=True, check=False).returncode == 0, PATIENCE)
        yield
    finally:
        for program in programs:
            program.stop()


@pytest.mark.usefixtures("gateway")
def test_new_cluster(kubernetes: Cluster, namespace: str, service: Service, real: RealNode, watched: Program) -> None:
    """A cluster of the policy's shape computes on two workers, adapts to one, whose log can be read, and ends."""
    words = (sys.executable, "-c", _CLIENT, GATEWAY, namespace, service.hub.token("alice"))

    done = subprocess.run(real.enter(*words), capture_output=True, text=True, check=False, timeout=PATIENCE)

    squares, adapted, *wrote = done.stdout.split() or [done.stderr[-3000:], "", ""]
    assert (squares, adapted) == ("285", "adapted")
    assert [source.partition("-")[0] for source in wrote] == ["worker"]
    until(lambda: not kubernetes.get("pods", "-n", namespace), PATIENCE)  # the service has let them go
    pods = {pod["metadata"]["name"]: pod for pod in seen(watched)}.values()
    assert sorted(pod["metadata"]["labels"]["gatehouse/unit"] for pod in pods) == ["scheduler", "worker", "worker"]
    for pod in pods:
        assert pod["spec"]["nodeName"] == NODE
        assert pod["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "200m", "memory": str(2**30)}
        assert pod["metadata"]["annotations"]["gatehouse/user"] == "alice"
    until(lambda: len(spans(watched)) == 3, PATIENCE)
    ledger = service.as_("adam", "GET", f"{paths.ADMIN}/ledger").json["rows"]
    assert sorted((row["started_at"], row["ended_at"]) for row in ledger) == spans(watched)
    (cluster,) = service.as_("adam", "GET", f"{paths.ADMIN}/clusters").json["clusters"]
    assert cluster["state"] == "stopped"
