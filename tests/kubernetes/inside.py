"""The first process of the tests' real node: in namespaces of its own it starts containerd and the kubelet.

:mod:`tests.kubernetes.kubelet` starts it as ``python -m tests.kubernetes.inside DIRECTORY KUBELET PORT...``. It is
process 1 of its namespace: when it ends the kernel ends everything below it, and mounts and links go with their
namespaces. The first port is the API server's. All of them lead to the same ports of the machine's 127.0.0.1, also from
pods, to whom they are those of :data:`ADDRESS`.
"""

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.kubernetes import egress, names
from tests.kubernetes.relay import relaying
from tests.kubernetes.rest import Rest
from tests.kubernetes.threads import beside

ADDRESS = "10.96.0.2"
"""Of the node, inside."""
NODE = "real"
"""Name of the node."""
_MOUNTS = (
    # What a kubelet and containerd keep in fixed places goes with the namespace, and meets none of the machine's own.
    "mount -t tmpfs tmpfs /run",
    "mount -t tmpfs tmpfs /var/log",
    "mount -t tmpfs tmpfs /var/lib",
)
_LINKS = (
    "ip link set lo up",
    # The kubelet refuses a loopback address; one end of a pair that leads nowhere has another.
    "ip link add node0 type veth peer name node0-peer",
    "ip link set node0-peer up",
    f"ip address add {ADDRESS}/24 dev node0",
    "ip link set node0 up",
    "ip route add default dev node0",
)


def main(directory: Path, kubelet: str, *ports: str) -> None:
    """Bring up the network, containerd, the image and the kubelet; stay until one of them ends."""
    for command in (*_MOUNTS, *_LINKS):
        subprocess.run(command.split(), check=True)
    token = (directory / "names.token").read_text(encoding="utf-8")
    with ExitStack() as serving:
        for port in ports:
            for here in (port, f"{ADDRESS}:{port}"):
                serving.enter_context(relaying(here, str(directory / f"{port}.sock")))
        server, certificate = f"https://127.0.0.1:{ports[0]}", str(directory / "apiserver.crt")
        way = str(directory / egress.SOCKET)
        serving.enter_context(beside("egress", lambda: egress.serve(way)))
        serving.enter_context(beside("names", lambda: names.serve(ADDRESS, Rest(server, certificate, token))))
        _run(directory, kubelet)


def _run(directory: Path, kubelet: str) -> None:
    containerd = _start(directory, "containerd", "containerd", "--config=containerd.toml")
    load = f"ctr --address={directory / 'containerd.sock'} --namespace=k8s.io images import toy.tar".split()
    while containerd.poll() is None and subprocess.run(load, cwd=directory, check=False).returncode:
        time.sleep(0.2)
    node = (f"--hostname-override={NODE}", f"--node-ip={ADDRESS}", "--kubeconfig=kubelet.kubeconfig")
    places = (f"--root-dir={directory / 'pods'}", f"--cert-dir={directory / 'pki'}", "--config=kubelet.yaml")
    running = _start(directory, "kubelet", kubelet, *node, *places)
    while containerd.poll() is None and running.poll() is None:
        time.sleep(0.5)


def _start(directory: Path, name: str, *command: str) -> "subprocess.Popen[bytes]":
    with (directory / f"{name}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
