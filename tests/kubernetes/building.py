"""Kubernetes' own programs, built from their Go modules once and kept below ``~/.cache/gatehouse``.

``control_plane/go.mod`` pins one version of Kubernetes, and with it the etcd that its own tests use. ``go build`` needs
the module proxy once; afterwards a program is a file. Each takes its place when it is whole, so that a build that was
interrupted goes on where it ended; of several processes one builds.

``python -m tests.kubernetes.building`` builds what is missing and prints the directory.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

PROGRAMS = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kubelet": "k8s.io/kubernetes/cmd/kubelet",
}
"""By name, the package that is built."""
CONTROL_PLANE = ("etcd", "kube-apiserver", "kubectl", "kube-controller-manager", "kube-scheduler")
MODULE = Path(__file__).with_name("control_plane")
LEAST_GO = (1, 21)
"""From this on Go reads our ``go.mod`` and says itself, or fetches, what it lacks."""


class CannotBuild(Exception):
    """The programs are not there; the text is one sentence with what to do."""


def version() -> str:
    """Return the version of Kubernetes that ``go.mod`` pins, such as ``v1.34.4``."""
    found = re.search(r"k8s\.io/kubernetes (v[\d.]+)", (MODULE / "go.mod").read_text(encoding="utf-8"))
    if found is None:
        raise CannotBuild(f"{MODULE / 'go.mod'} names no version of k8s.io/kubernetes.")
    return found[1]


def built(names: Collection[str] = tuple(PROGRAMS)) -> Path:
    """Return the directory that holds these programs; build what is missing, which takes minutes.

    Raises:
        CannotBuild: Go is missing or too old, or a build failed; the text says which, and where to read more.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gatehouse"
    place = cache / f"kubernetes-{version().removeprefix('v')}"
    place.mkdir(parents=True, exist_ok=True)
    if all((place / name).exists() for name in names):
        return place
    with (cache / "kubernetes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [name for name in names if not (place / name).exists()]
        if missing:
            _require_go()
        for number, name in enumerate(missing, start=1):
            _build(name, place, f"{number} of {len(missing)}")
    return place


def build_toy(to: Path) -> None:
    """Build what runs in the containers of a real node; it takes a second and is not kept.

    Raises:
        CannotBuild: Go is missing, or the build failed.
    """
    _require_go()
    command = ["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", str(to), str(MODULE / "toy" / "main.go")]
    environment = {**os.environ, "CGO_ENABLED": "0", "GO111MODULE": "off"}  # it needs nothing of the module's
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild(f"go build of {MODULE / 'toy'} failed: {done.stderr.strip()}")


def _require_go() -> None:
    if shutil.which("go") is None:
        raise CannotBuild(
            "The tests build Kubernetes with Go, and `go` was not found: install Go 1.24 or newer, or let KUBECONFIG "
            "name a cluster that the tests may use."
        )
    told = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"go(\d+)\.(\d+)", told)
    if found is None or (int(found[1]), int(found[2])) < LEAST_GO:
        raise CannotBuild(
            f"The tests build Kubernetes {version()} with Go, and this machine's is {told or 'silent'}: install Go "
            "1.24 or newer, or let KUBECONFIG name a cluster that the tests may use."
        )


def _build(name: str, place: Path, which: str) -> None:
    begun = time.monotonic()
    print(f"Building {name} of Kubernetes {version()} ({which}; minutes, once)...", file=sys.stderr)  # noqa: T201
    unfinished, log = place / f".{name}", place / f"{name}.log"
    command = ["go", "build", "-trimpath", "-ldflags", _linked(), "-o", str(unfinished), PROGRAMS[name]]
    environment = {**os.environ, "CGO_ENABLED": "0"}
    with log.open("wb") as output:
        done = subprocess.run(command, cwd=MODULE, env=environment, stdout=output, stderr=output, check=False)
    if done.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or ["no output"]
        raise CannotBuild(
            f"go build {PROGRAMS[name]} failed with {last[0]!r}: look into {log}, and see that the modules can be "
            "fetched (go env GOPROXY)."
        )
    unfinished.rename(place / name)
    print(f"  {time.monotonic() - begun:.0f} s", file=sys.stderr)  # noqa: T201


def _linked() -> str:
    """Return the linker's flags: no tables for debuggers, and the version that the programs tell of themselves."""
    major, minor, _ = version().removeprefix("v").split(".")
    told = {"gitVersion": version(), "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(["-s -w", *(f"-X {package}.{key}={value}" for package in packages for key, value in told.items())])


if __name__ == "__main__":
    try:
        print(built(sys.argv[1:] or tuple(PROGRAMS)))  # noqa: T201
    except CannotBuild as error:
        sys.exit(str(error))
