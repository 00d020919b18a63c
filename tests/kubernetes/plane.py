"""A private control plane: etcd, kube-apiserver, kube-controller-manager and kube-scheduler on loopback.

As a program it starts one and keeps it until Ctrl-C::

    python -m tests.kubernetes.plane DIRECTORY      # then: export KUBECONFIG=DIRECTORY/kubeconfig

What is not as in production: etcd does not wait for the disk, the API server's certificate signs itself, the
administrator has a fixed token from a file, and nothing listens outside 127.0.0.1. Authorization is RBAC and Node, the
admission plugins are Kubernetes' defaults (service accounts, quotas, limit ranges, priorities among them).
"""

import secrets
import signal
import ssl
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

import yaml

from tests.kubernetes import egress
from tests.kubernetes.building import CONTROL_PLANE, built
from tests.kubernetes.keys import write_client, write_key
from tests.kubernetes.programs import Program
from tests.support.ports import free_port

START_WITHIN = 120.0
"""Seconds until the API server answers; on an idle machine about five."""
SERVICES = "10.98.0.0/16"
"""Where services get their addresses. Nobody routes them."""
KUBELET_USER = "system:node:real"
"""Who :mod:`tests.kubernetes.kubelet` is to the API server."""


class ControlPlane:
    """Four programs, their keys, and the administrator's kubeconfig, in one directory."""

    def __init__(self, directory: Path, programs: Path) -> None:
        self.directory = directory
        self.binaries = programs
        self.port = free_port()
        self.kubeconfig = directory / "kubeconfig"
        self.tokens = {"admin": secrets.token_hex(), "kubelet": secrets.token_hex()}
        etcd = f"http://127.0.0.1:{free_port()}"
        self.etcd = self._program("etcd", *_etcd(etcd))
        self.apiserver = self._program("kube-apiserver", *_apiserver(self.port, etcd))
        self.beside: list[Program] = []
        """What else a test started; its logs are shown with the others."""
        self.managers = [
            self._program("kube-controller-manager", *_controller_manager()),
            self._program("kube-scheduler", "--kubeconfig=kubeconfig", *_CLIENT),
        ]

    def _program(self, name: str, *arguments: str) -> Program:
        return Program(name, [str(self.binaries / name), *arguments], self.directory)

    @property
    def certificate(self) -> Path:
        """What clients check the API server's certificate with."""
        return self.directory / "certificates" / "apiserver.crt"

    @property
    def server(self) -> str:
        """Address of the API server, such as ``https://127.0.0.1:13000``."""
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start everything.

        Raises:
            RuntimeError: it did not come up in time; the text is the tail of each log.
        """
        self._write_keys()
        self.etcd.start()
        self.start_apiserver()
        write_kubeconfig(self.kubeconfig, self.server, self.certificate, self.tokens["admin"])
        for program in self.managers:
            program.start()

    def start_apiserver(self) -> None:
        """Start the API server, also again after it was killed, and wait until it answers."""
        deadline = time.monotonic() + START_WITHIN
        self.apiserver.start()
        while not self._ready():
            if not self.apiserver.runs or time.monotonic() > deadline:
                raise RuntimeError(f"The control plane did not start.\n{self.tails()}")
            time.sleep(0.05)

    def restart_apiserver(self) -> None:
        """Kill the API server and start it again on the same port. What it kept is in etcd."""
        self.apiserver.kill()
        self.start_apiserver()

    def stop(self) -> None:
        """Stop everything that was started, etcd last."""
        for program in (*self.managers, self.apiserver, self.etcd):
            program.stop()

    def tails(self) -> str:
        """Return the end of each program's log."""
        return "\n".join(program.tail() for program in (self.etcd, self.apiserver, *self.managers, *self.beside))

    @property
    def egress(self) -> Path:
        """The socket by which the API server reaches a node's network."""
        return self.directory / egress.SOCKET

    @property
    def client(self) -> Path:
        """The certificate by which a kubelet knows the API server; it signs itself."""
        return self.directory / "client.crt"

    def _write_keys(self) -> None:
        write_key(self.directory / "accounts.key")
        write_client(self.directory / "client.key", self.client)
        egress.write_configuration(self.directory / "egress.yaml", self.egress)
        lines = [
            f'{self.tokens["admin"]},admin,admin,"system:masters"',
            f'{self.tokens["kubelet"]},{KUBELET_USER},kubelet,"system:nodes"',
        ]
        (self.directory / "tokens.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _ready(self) -> bool:
        try:
            context = ssl.create_default_context(cafile=str(self.certificate))
            bearer = {"Authorization": f"Bearer {self.tokens['admin']}"}
            asked = urllib.request.Request(f"{self.server}/readyz", headers=bearer)  # noqa: S310 - ours
            with urllib.request.urlopen(asked, context=context, timeout=2) as answer:  # noqa: S310 - ours
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


_CLIENT = ("--secure-port=0", "--leader-elect=false", "--kube-api-qps=200", "--kube-api-burst=400")


def _etcd(address: str) -> tuple[str, ...]:
    peer = f"http://127.0.0.1:{free_port()}"
    return (
        *("--data-dir=etcd", "--unsafe-no-fsync", "--log-level=warn"),
        *(f"--listen-client-urls={address}", f"--advertise-client-urls={address}"),
        *(f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}"),
    )


def _apiserver(port: int, etcd: str) -> tuple[str, ...]:
    return (
        *("--bind-address=127.0.0.1", f"--secure-port={port}", f"--etcd-servers={etcd}"),
        # Nothing inside reaches the loopback address, so the service "kubernetes" has no endpoints.
        *("--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none", f"--service-cluster-ip-range={SERVICES}"),
        *("--cert-dir=certificates", "--token-auth-file=tokens.csv", "--authorization-mode=Node,RBAC"),
        *("--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=accounts.key"),
        *("--service-account-signing-key-file=accounts.key", "--allow-privileged=true", "--profiling=false"),
        *("--kubelet-client-certificate=client.crt", "--kubelet-client-key=client.key"),
        *("--egress-selector-config-file=egress.yaml", "--kubelet-preferred-address-types=InternalIP"),
    )


def _controller_manager() -> tuple[str, ...]:
    return (
        *("--kubeconfig=kubeconfig", *_CLIENT, "--use-service-account-credentials=true"),
        *("--service-account-private-key-file=accounts.key", "--root-ca-file=certificates/apiserver.crt"),
        "--node-monitor-grace-period=3m",  # a node of a busy machine may be late
    )


def write_kubeconfig(path: Path, server: str, certificate: Path, token: str) -> None:
    """Write a kubeconfig for one user of one API server."""
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "tests", "cluster": {"server": server, "certificate-authority": str(certificate)}}],
        "users": [{"name": "user", "user": {"token": token}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "user"}}],
        "current-context": "tests",
    }
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    path.chmod(0o600)


@contextmanager
def running_plane(directory: Path) -> Iterator[ControlPlane]:
    """Start a control plane in an empty directory and stop it afterwards."""
    plane = ControlPlane(directory, built(CONTROL_PLANE))
    try:
        plane.start()
        yield plane
    finally:
        plane.stop()


def main(arguments: list[str]) -> None:
    """Keep a control plane until Ctrl-C, or SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    directory = Path(arguments[0] if arguments else tempfile.mkdtemp(prefix="gatehouse-kubernetes-")).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with running_plane(directory) as plane:
        print(f"export KUBECONFIG={plane.kubeconfig}", flush=True)  # noqa: T201
        try:
            while plane.apiserver.runs:
                time.sleep(1)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main(sys.argv[1:])
