"""A real node: the kubelet of the version in ``control_plane/go.mod`` with Debian's containerd and runc.

It runs in namespaces of its own (network, mounts, processes), reaches the API server through a unix socket, and knows
one image (:mod:`tests.kubernetes.image`), so that what a pod's status says is what really ran. It needs root. The name
of a service leads to its pods (:mod:`tests.kubernetes.names`); its own address leads nowhere.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.kubernetes import egress, names
from tests.kubernetes.building import build_toy, built
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.image import IMAGE, archive
from tests.kubernetes.inside import ADDRESS, NODE
from tests.kubernetes.plane import ControlPlane, write_kubeconfig
from tests.kubernetes.programs import Program
from tests.kubernetes.relay import relaying
from tests.service.waiting import until

_PLUGINS = Path("/usr/lib/cni/bridge")
_REPOSITORY = Path(__file__).parents[2]
# unshare lets SIGTERM pass by while its child runs, so the end of the test run is told to it with SIGKILL.
_TIED = ("setpriv", "--pdeathsig=KILL")
_NAMESPACES = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


@dataclass(frozen=True)
class RealNode:
    """A real node that runs, or should."""

    program: Program
    """What everything in it is a child of."""

    def enter(self, *command: str) -> list[str]:
        """Return the command that runs another one in the node's network, with its names, once that is up."""
        assert self.program.process is not None
        until((self.program.directory / "kubelet.log").exists, 60)  # the last that it starts
        pid = self.program.process.pid
        inner = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0]
        names = str(self.program.directory / "resolv.conf")
        mounted = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', names]
        return ["nsenter", f"--net=/proc/{inner}/ns/net", *mounted, *command]


@contextmanager
def real_node(kubernetes: Cluster, *ports: int) -> Iterator[RealNode]:
    """Add a real node to a control plane and remove it afterwards; its pods choose it by ``kubernetes.io/hostname``.

    Args:
        kubernetes: a control plane of our own.
        ports: of this machine's 127.0.0.1 that lead out of the node too: for programs that :meth:`RealNode.enter` runs
            at the same place, for pods at :data:`~tests.kubernetes.inside.ADDRESS`.
    """
    plane = kubernetes.plane
    assert plane is not None
    directory = Path(tempfile.mkdtemp(prefix="gk-", dir="/tmp"))  # the paths of sockets are short
    _write(directory, plane)
    _make_cgroups(directory.name)
    inside = [sys.executable, "-m", "tests.kubernetes.inside", str(directory), str(built(["kubelet"]) / "kubelet")]
    led = [str(port) for port in (plane.port, *ports)]
    node = Program("node", [*_TIED, *_NAMESPACES, *inside, *led], directory)
    with ExitStack() as relays:
        for port in led:
            relays.enter_context(relaying(str(directory / f"{port}.sock"), port))
        relays.enter_context(relaying(str(plane.egress), str(directory / egress.SOCKET)))
        try:
            node.start(PYTHONPATH=str(_REPOSITORY))
            plane.beside += [node, Program("containerd", [], directory), Program("kubelet", [], directory)]
            yield RealNode(node)
        finally:
            plane.beside.clear()
            node.kill()
            kubernetes.kubectl("delete", "node", NODE, "--ignore-not-found")  # else pods of other tests wait there
            _remove_cgroups(directory.name)
            shutil.rmtree(directory, ignore_errors=True)


def hindrance() -> str:
    """Return why there can be no real node on this machine, or nothing."""
    if os.geteuid() != 0:
        return "it needs root"
    missing = [name for name in ("containerd", "runc", "ip", "unshare") if shutil.which(name) is None]
    if missing or not _PLUGINS.exists():
        return f"{missing[0] if missing else _PLUGINS} was not found (make containerd)"
    done = subprocess.run([*_NAMESPACES, "true"], capture_output=True, text=True, check=False)
    return done.stderr.strip()


def _write(directory: Path, plane: ControlPlane) -> None:
    build_toy(directory / "toy")
    archive(directory / "toy", directory / "toy.tar")
    write_kubeconfig(directory / "kubelet.kubeconfig", plane.server, plane.certificate, plane.tokens["kubelet"])
    (directory / "kubelet.yaml").write_text(yaml.safe_dump(_kubelet(directory)), encoding="utf-8")
    (directory / "containerd.toml").write_text(_CONTAINERD.format(directory=directory, image=IMAGE), encoding="utf-8")
    (directory / "names.token").write_text(plane.tokens["admin"], encoding="utf-8")
    shutil.copy(plane.certificate, directory / "apiserver.crt")
    shutil.copy(plane.client, directory / "client.crt")
    (directory / "resolv.conf").write_text(_NAMES, encoding="utf-8")
    (directory / "cni").mkdir()
    (directory / "cni" / "10.conflist").write_text(_NETWORK.replace("DIRECTORY", str(directory)), encoding="utf-8")


def _kubelet(directory: Path) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(directory / "client.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{directory}/containerd.sock",
        "address": ADDRESS,
        "readOnlyPort": 0,
        "clusterDNS": [ADDRESS],
        "clusterDomain": names.DOMAIN,
        "resolvConf": str(directory / "resolv.conf"),
        "failSwapOn": False,
        "failCgroupV1": False,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{directory.name}",
        # A container of this machine may have fewer rights than a machine.
        "oomScoreAdj": 0,
        "maxOpenFiles": 20000,
        "enforceNodeAllocatable": [],
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
    }


_CONTAINERD = """
version = 2
root = "{directory}/root"
state = "{directory}/state"
[grpc]
  address = "{directory}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "{image}"
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{directory}/cni"
"""
_NAMES = f"nameserver {ADDRESS}\nsearch svc.{names.DOMAIN}\n"
_NETWORK = """
{"cniVersion": "0.4.0", "name": "tests", "plugins": [{"type": "bridge", "bridge": "cni0", "isDefaultGateway": true,
 "ipam": {"type": "host-local", "dataDir": "DIRECTORY/addresses", "ranges": [[{"subnet": "10.97.0.0/24"}]]}}]}
"""


def _hierarchies() -> list[Path]:
    """Return where the hierarchies of control groups are mounted: one of version 2, or one for each controller."""
    top = Path("/sys/fs/cgroup")
    return [top] if (top / "cgroup.controllers").exists() else [one for one in top.iterdir() if one.is_dir()]


def _make_cgroups(name: str) -> None:
    """Make the kubelet's root below that of each hierarchy; it wants to find it."""
    for hierarchy in _hierarchies():
        (hierarchy / name).mkdir()


def _remove_cgroups(name: str) -> None:
    """Remove what the kubelet made below its root, as the kernel ends the processes in it."""

    def empty() -> bool:
        for hierarchy in _hierarchies():
            for path, _, _ in os.walk(hierarchy / name, topdown=False):
                with suppress(OSError):
                    Path(path).rmdir()
        return not any((hierarchy / name).exists() for hierarchy in _hierarchies())

    until(empty)
