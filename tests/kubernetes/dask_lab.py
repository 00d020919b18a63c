"""Dask Gateway on Kubernetes as a test runs it: replicas of the API server, our controller, and schedulers that obey.

Replicas and controller are the real programs with our configuration, and with the rights that the room says they need
(:mod:`tests.kubernetes.dask_rights`). Of a scheduler's pod nothing runs on a node that
stands in, so :class:`Scheduler` does here what Dask Gateway's preload does in it: it listens for orders at the pod's
address, tells its wish when that changes, and retires workers, whose processes then end in order. Pods have addresses
in 10.77.0.0/16, because Kubernetes routes none of loopback; whoever answers for one listens at the same place in
127.77.0.0/16, where the replicas' name resolution leads.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from hub_ext.demo import launch
from tests.cluster.gateway import Answer, _json
from tests.kubernetes.cluster import PATIENCE, Cluster
from tests.kubernetes.dask_rights import kubeconfig
from tests.kubernetes.node import Node
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.ports import free_port

INSTANCE = "lab"
API_PORT = 8788
_REPLICA = """
import json, os, pathlib, socket
import aiohttp.connector, aiohttp.resolver
from hub_ext.wiring.gateway import configure_kubernetes_gateway
told = json.loads(os.environ["LAB_TOLD"])
configure_kubernetes_gateway(c, **told["gateway"])
c.DaskGateway.address = told["address"]
c.KubeClusterConfig.worker_extra_pod_config = {"terminationGracePeriodSeconds": 8}
c.KubeBackend.gateway_instance = told["instance"]
c.GatehouseKubeBackend.grant_check_seconds = 0.5
c.GatehouseKubeBackend.activity_check_seconds = 0.5
c.GatehouseKubeBackend.offer_environment = True
c.GatehouseSettings.request_timeout = 5.0
c.JupyterHubAuthenticator.cache_max_age = 0
stock, names = socket.getaddrinfo, pathlib.Path(told["names"])
def resolve(host, *args, **more):
    known = names / str(host)
    return stock(known.read_text() if known.exists() else host, *args, **more)
socket.getaddrinfo = resolve
aiohttp.connector.DefaultResolver = aiohttp.resolver.ThreadedResolver
"""
_CONTROLLER = """
import json, os
from hub_ext.wiring.gateway import configure_kubernetes_controller
told = json.loads(os.environ["LAB_TOLD"])
configure_kubernetes_controller(c, instance=told["instance"], api_url=told["api_url"])
c.KubeController.address = told["address"]
c.GatehouseKubeController.shrink_grace = 4.0
c.GatehouseKubeController.hopeless_seconds = 3.0
c.GatehouseKubeController.start_timeout = 25.0
"""


@dataclass
class Served:
    """A program of the lab: started, killed, started again."""

    name: str
    command: list[str]
    config: str
    told: dict[str, Any]
    directory: Path
    kubeconfig: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.directory / f"{self.name}.log").read_text()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        path = self.directory / f"{self.name}.py"
        path.write_text(self.config)
        told = {**self.told, "address": f"127.0.0.1:{self.port}", "instance": INSTANCE}
        tie = [sys.executable, "-I", launch.__file__, str(os.getpid())]  # it ends with the tests, also with kill -9
        with (self.directory / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*tie, *self.command, "-f", str(path)],
                cwd=self.directory,
                env={**os.environ, "LAB_TOLD": json.dumps(told), "KUBECONFIG": str(self.kubeconfig)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: self.process is None or self.process.poll() is not None or self.answers(), PATIENCE)
        assert self.process.poll() is None, self.log[-2000:]

    def answers(self) -> bool:
        """Whether somebody is there; which answer it gives does not matter."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/api/health", timeout=5):
                return True
        except HTTPError as error:
            with error:
                return True
        except (URLError, OSError):
            return False

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it: as an orderly stop does, or as a crash with SIGKILL."""
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Scheduler:
    """What a scheduler says and hears, as ``dask_gateway.scheduler_preload`` has it.

    Args:
        lab: where it lives.
        cluster: its name, ``namespace.name``.
    """

    def __init__(self, lab: "Lab", cluster: str) -> None:
        self.count = 0
        self.deaf = False
        """Whether it takes orders and does not follow them."""
        self.heard: list[dict[str, Any]] = []
        self._lab, self._cluster = lab, cluster
        self._namespace, self._name = cluster.split(".")
        secret = lab.kubernetes.get("secret", f"dask-credentials-{self._name}", "-n", self._namespace)
        self._token = _decoded(secret["data"]["api-token"])
        pod = lab.kubernetes.get("pod", f"dask-scheduler-{self._name}", "-n", self._namespace)
        here = pod["status"]["podIP"].replace("10.", "127.", 1)
        self._server = ThreadingHTTPServer((here, API_PORT), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        (lab.names / f"dask-{self._name}.{self._namespace}").write_text(here)

    def workers(self) -> list[str]:
        """Return the names of its workers: pods that run and are not on their way out."""
        return [
            pod["metadata"]["name"]
            for pod in self._lab.workers(self._cluster)
            if pod["status"]["phase"] == "Running" and "deletionTimestamp" not in pod["metadata"]
        ]

    def beat(self, replica: int = 0) -> None:
        """Tell one of the replicas how many workers it wants."""
        message = {
            "scheduler_address": "tls://10.77.0.1:8786",
            "dashboard_address": "http://10.77.0.1:8787",
            "api_address": f"http://10.77.0.1:{API_PORT}",
            "count": self.count,
            "active_workers": self.workers(),
            "closing_workers": [],
            "closed_workers": [],
        }
        path = f"/api/v1/clusters/{self._cluster}/heartbeat"
        answer = self._lab.call("POST", path, message, token=f"token {self._token}", replica=replica)
        assert answer.status == 200, answer

    def retire(self) -> None:
        """Let workers beyond the wish end in order; their processes exit with 0."""
        for name in self.workers()[self.count :]:
            self._lab.node.end(self._namespace, name)

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()

    def _obey(self, order: dict[str, Any]) -> None:
        self.heard.append(order)
        if self.deaf:
            return
        count = order["count"] if order["op"] == "scale" else min(self.count, order.get("maximum") or self.count)
        if count != self.count:
            self.count = count
            threading.Thread(target=self._after, args=(len(self.heard),), daemon=True).start()

    def _after(self, turn: int) -> None:
        with suppress(OSError):  # the replica may be killed meanwhile
            self.beat(turn % len(self._lab.replicas))
        self.retire()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        scheduler = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                told = json.loads(self.rfile.read(length))
                right = self.headers["Authorization"] == f"token {scheduler._token}"
                if right:
                    scheduler._obey(told)
                self.send_response(200 if right else 403)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Write nothing."""

        return Handler


@dataclass
class Lab:
    """Everything together."""

    kubernetes: Cluster
    node: Node
    hub: Hub
    directory: Path
    namespace: str
    replicas: list[Served]
    controller: Served
    schedulers: dict[str, Scheduler] = field(default_factory=dict)

    @property
    def names(self) -> Path:
        """What the replicas' name resolution knows."""
        return self.directory / "names"

    def call(self, method: str, path: str, body: Any = None, *, token: str, replica: int = 0) -> Answer:
        """Call a replica; ``token`` is the whole of the Authorization header."""
        url = f"http://127.0.0.1:{self.replicas[replica].port}{path}"
        headers = {"Authorization": token}
        data = None if body is None else json.dumps(body).encode()
        request = Request(url, method=method, data=data, headers=headers)
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310 - our own gateway
                return Answer(answer.status, _json(answer.read()))
        except HTTPError as error:
            with error:
                return Answer(error.code, _json(error.read()))

    def as_(self, user: str, method: str, path: str, body: Any = None, *, replica: int = 0) -> Answer:
        """Call a replica as a person."""
        token = f"jupyterhub {self.hub.token(user)}"
        return self.call(method, f"/api/v1/clusters/{path}", body, token=token, replica=replica)

    def create(self, user: str = "alice", *, replica: int = 0, **options: Any) -> str:
        """Ask for a cluster and return its name."""
        answer = self.as_(user, "POST", "", {"cluster_options": options}, replica=replica)
        assert answer.status == 201, answer
        return str(answer.body["name"])

    def running(self, user: str = "alice", **options: Any) -> tuple[str, Scheduler]:
        """Start a cluster and wait until every replica says that it runs; return it with its scheduler."""
        name = self.create(user, **options)
        until(lambda: {self.status(name, user, replica=at) for at in range(2)} == {"RUNNING"}, PATIENCE)
        self.schedulers[name] = Scheduler(self, name)
        return name, self.schedulers[name]

    def status(self, name: str, user: str = "alice", *, replica: int = 0) -> str:
        """Return a cluster's status; empty while the replica has not heard of it."""
        answer = self.as_(user, "GET", name, replica=replica)
        return str(answer.body["status"]) if answer.status == 200 else ""

    def scale(self, name: str, count: int, user: str = "alice", *, replica: int = 0) -> Answer:
        """Scale a cluster."""
        return self.as_(user, "POST", f"{name}/scale", {"count": count}, replica=replica)

    def stop(self, name: str, user: str = "alice", *, replica: int = 0) -> None:
        """Stop a cluster."""
        assert self.as_(user, "DELETE", name, replica=replica).status == 204

    def object(self, name: str) -> dict[str, Any]:
        """Return a cluster's ``DaskCluster``."""
        namespace, short = name.split(".")
        found: dict[str, Any] = self.kubernetes.get("daskcluster", short, "-n", namespace)
        return found

    def pods(self, name: str) -> list[dict[str, Any]]:
        """Return a cluster's pods."""
        namespace, short = name.split(".")
        found: list[dict[str, Any]] = self.kubernetes.get(
            "pods", "-n", namespace, "-l", f"gateway.dask.org/cluster={short}"
        )
        return found

    def workers(self, name: str) -> list[dict[str, Any]]:
        """Return the pods of a cluster's workers, also of those that have ended."""
        return [pod for pod in self.pods(name) if pod["metadata"]["labels"]["gatehouse/unit"] == "worker"]

    def living(self, name: str) -> list[str]:
        """Return the names of workers that run or are to run."""
        over = {"Succeeded", "Failed"}
        return sorted(
            pod["metadata"]["name"]
            for pod in self.workers(name)
            if pod["status"]["phase"] not in over and "deletionTimestamp" not in pod["metadata"]
        )

    def let_go(self, name: str) -> None:
        """Remove the finalizer from a cluster's pods that are over, as the service does once it has their end."""
        for pod in self.pods(name):
            if "deletionTimestamp" in pod["metadata"]:
                self.kubernetes.kubectl(
                    *("patch", "pod", pod["metadata"]["name"], "-n", self.namespace, "--type=merge"),
                    *("-p", '{"metadata":{"finalizers":null}}'),
                )


@contextmanager
def running_lab(kubernetes: Cluster, node: Node, hub: Hub, directory: Path, service_url: str) -> Iterator[Lab]:
    """Start two replicas and the controller in a namespace of their own, and end all of it."""
    directory.mkdir(exist_ok=True)
    (directory / "names").mkdir()
    node._addresses = iter(f"10.77.{high}.{low}" for high in range(250) for low in range(1, 250))
    with kubernetes.namespace("dask") as namespace:
        gateway = {
            "hub_api_url": hub.api_url,
            "service_url": service_url,
            "token": hub.tokens["dask-gateway"],
            "namespace": namespace,
            "image": "registry/science:1",
        }
        command = [str(Path(sys.executable).parent / "dask-gateway-server")]
        replicas = [
            Served(
                name=f"replica-{number}",
                command=command,
                config=_REPLICA,
                told={
                    "gateway": {**gateway, "outbox_dir": str(directory / f"outbox-{number}")},
                    "names": str(directory / "names"),
                },
                directory=directory,
                kubeconfig=kubeconfig(kubernetes, "gateway", namespace),
            )
            for number in range(2)
        ]
        controller = Served(
            name="controller",
            command=[sys.executable, "-m", "hub_ext.cluster.kube.controller"],
            config=_CONTROLLER,
            told={"api_url": f"http://127.0.0.1:{replicas[0].port}/api"},
            directory=directory,
            kubeconfig=kubeconfig(kubernetes, "controller", namespace),
        )
        lab = Lab(kubernetes, node, hub, directory, namespace, replicas, controller)
        programs = [*replicas, controller]
        try:
            for program in programs:
                program.start()
            yield lab
        finally:
            for scheduler in lab.schedulers.values():
                scheduler.close()
            for program in programs:
                program.end()
            _release_pods(kubernetes, namespace)


def _release_pods(kubernetes: Cluster, namespace: str) -> None:
    """Remove every finalizer, so that the namespace can go."""
    kubernetes.kubectl("delete", "pods", "--all", "-n", namespace, "--wait=false")
    for pod in kubernetes.get("pods", "-n", namespace):
        with suppress(Exception):  # it may be gone by now
            kubernetes.kubectl(
                *("patch", "pod", pod["metadata"]["name"], "-n", namespace, "--type=merge"),
                *("-p", '{"metadata":{"finalizers":null}}'),
            )


def _decoded(text: str) -> str:

    return base64.b64decode(text).decode()
