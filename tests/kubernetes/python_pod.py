"""Pods that run this machine's Python: its folders are mounted from the host, so nothing is built or pulled."""

import sys
from pathlib import Path
from typing import Any

from tests.kubernetes.image import IMAGE
from tests.kubernetes.inside import NODE

REPOSITORY = Path(__file__).parents[2]
_PLACES = (
    *("/bin", "/lib", "/lib64", "/usr"),
    *("/etc/group", "/etc/passwd", "/etc/ssl"),  # not all of /etc: others mount below it
    *(sys.base_prefix, sys.prefix, str(REPOSITORY)),
)
_TEMPORARY = "/tmp"  # noqa: S108 - the pod's own


def mounts() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return volumes and volume mounts for a container in which ``sys.executable`` runs as it does here."""
    places = {f"host-{number}": place for number, place in enumerate(_PLACES) if Path(place).exists()}
    volumes: list[dict[str, Any]] = [{"name": name, "hostPath": {"path": place}} for name, place in places.items()]
    mounted: list[dict[str, Any]] = [
        {"name": name, "mountPath": place, "readOnly": True} for name, place in places.items()
    ]
    return [*volumes, {"name": "tmp", "emptyDir": {}}], [*mounted, {"name": "tmp", "mountPath": _TEMPORARY}]


def environment() -> dict[str, str]:
    """Return the variables that such a container needs."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return {"PATH": path, "HOME": _TEMPORARY, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}


def python_pod(name: str, *arguments: str, **labels: str) -> dict[str, Any]:
    """Return a pod of the real node that runs ``python ARGUMENTS``."""
    volumes, mounted = mounts()
    main = {
        "name": "main",
        "image": IMAGE,
        "command": [sys.executable, *arguments],
        "env": [{"name": key, "value": value} for key, value in environment().items()],
        "volumeMounts": mounted,
        "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
    }
    spec = {
        "restartPolicy": "Never",
        "containers": [main],
        "volumes": volumes,
        "nodeSelector": {"kubernetes.io/hostname": NODE},
        "terminationGracePeriodSeconds": 5,
        "enableServiceLinks": False,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec}
