"""The kubectl commands of "Kubernetes in 30 minutes", as a reader types them, on a real API server.

Not run, for want of what they need: helm and podman, the logs of a pod that no kubelet runs, and a forwarded port.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.kubernetes.cluster import Cluster
from tests.kubernetes.installing import VALUES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorials" / "kubernetes-in-30-minutes.md"
NAMESPACE = "gatehouse"
_BLOCK = re.compile(r"^ *```console\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_NOT_RUN = ("logs", "port-forward")

pytestmark = pytest.mark.own_plane  # the namespace is that of a real installation, and goes


def commands() -> list[str]:
    """Return what the page types, in order: kubectl's commands and our own."""
    lines = [line for block in _BLOCK.findall(PAGE.read_text(encoding="utf-8")) for line in block.splitlines()]
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    ours = [line for line in typed if line.startswith(("kubectl ", "gatehouse "))]
    return [line for line in ours if line.split()[1] not in _NOT_RUN]


@pytest.fixture
def shell(kubernetes: Cluster, tmp_path: Path) -> Iterator[Path]:
    """A directory whose bin has kubectl for this cluster and our command, and beside it what the page uses."""
    tools = tmp_path / "bin"
    tools.mkdir()
    programs = {"gatehouse": f"{sys.executable} -m hub_ext.cli.main", "kubectl": kubernetes.command()}
    for name, command in programs.items():
        (tools / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        (tools / name).chmod(0o755)
    (tmp_path / "helm-values").symlink_to(VALUES)
    (tmp_path / "policy.yaml").symlink_to(VALUES / "manifests" / "policy.yaml")
    yield tmp_path
    kubernetes.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")


def test_every_command_works_as_it_stands(kubernetes: Cluster, shell: Path) -> None:
    """Each is typed as the page says; at the end every Secret that anything refers to has its keys."""
    typed = commands()
    assert len(typed) >= 9
    for line in typed:
        if line.startswith("kubectl delete"):
            _check_secrets(kubernetes)
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=shell,
            env={"PATH": f"{shell}/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(shell)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"$ {line}\n{done.stdout}{done.stderr}"


def _check_secrets(cluster: Cluster) -> None:
    """Look for each Secret and key that the applied objects and the charts' values refer to, but the charts' own."""
    there = {one["metadata"]["name"]: set(one["data"]) for one in cluster.get("secrets", "-n", NAMESPACE)}
    objects = cluster.get("deployments,statefulsets", "-n", NAMESPACE)
    texts = [(VALUES / f"{chart}.yaml").read_text(encoding="utf-8") for chart in ("jupyterhub", "dask-gateway")]
    values = [yaml.safe_load(text) for text in texts]
    wanted = {(found["name"], found["key"]) for found in _references([objects, values])}
    assert len(wanted) >= 6
    assert {(name, key) for name, key in wanted if key not in there.get(name, ())} == set()
    volumes = [volume for one in objects for volume in one["spec"]["template"]["spec"]["volumes"]]
    assert {volume["secret"]["secretName"] for volume in volumes if "secret" in volume} <= set(there)


def _references(value: object) -> list[dict[str, str]]:
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    if isinstance(value, dict):
        here = [value["secretKeyRef"]] if "secretKeyRef" in value else []
        return here + [found for item in value.values() for found in _references(item)]
    return []
