"""Control groups: everything that a process started, whatever it did to hide, in one place that can be ended at once.

Linux only. Where we may make control groups, each unit that is paid for gets one: version 2 with ``cgroup.kill``
(5.14+), or version 1 with its freezer. Where we may not, what belongs together is found by its environment, which a
program can change on purpose (:func:`hub_ext.processes.terminate_tagged`). Sources: cgroups(7), the kernel's
``admin-guide/cgroup-v2`` and ``cgroup-v1/freezer-subsystem``.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_KILL, _FREEZER, _PROCESSES = "cgroup.kill", "freezer.state", "cgroup.procs"
_PATIENCE = 5.0
"""Seconds until the killed must have ended; a process in the kernel may not, and keeps its group."""


@dataclass(frozen=True)
class Place:
    """Where control groups can be made."""

    directory: Path
    version: int

    def path(self, name: str) -> str:
        """Return the directory of a control group, which :func:`make` makes."""
        return str(self.directory / f"gatehouse-{name}")

    def make(self, name: str) -> str:
        """Make a control group and return its directory.

        Raises:
            OSError: it cannot be made.
        """
        Path(self.path(name)).mkdir(exist_ok=True)
        return self.path(name)


@cache
def place() -> Place | None:
    """Return where this process may make control groups, version 2 before 1; None: nowhere."""
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    own = Path("/proc/self/cgroup").read_text(encoding="utf-8")
    return next((found for found in candidates(mounts, own) if _usable(found)), None)


def candidates(mounts: str, own: str) -> list[Place]:
    """Return the own control groups of a process, version 2 first. Pure.

    Args:
        mounts: its ``/proc/PID/mountinfo``. Source: proc_pid_mountinfo(5).
        own: its ``/proc/PID/cgroup``.
    """
    paths = {controllers: path for _, controllers, path in (line.split(":", 2) for line in own.splitlines())}
    freezer = next((path for names, path in paths.items() if "freezer" in names.split(",")), None)
    found = []
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, mounted = before.split()[3:5]
        if kind == "cgroup2" and "" in paths:
            found.append(Place(_below(mounted, root, paths[""]), 2))
        elif kind == "cgroup" and freezer is not None and "freezer" in options.split(","):
            found.append(Place(_below(mounted, root, freezer), 1))
    return sorted(found, key=lambda place: -place.version)


def holds() -> str:
    """Say how detached children are found here: ``cgroup v2``, ``cgroup v1``, or ``environment``."""
    here = place()
    return "environment" if here is None else f"cgroup v{here.version}"


def join(directory: str, pid: int) -> None:
    """Put a process into a control group, which is made if missing; what it starts from then on is in it, too.

    Raises:
        OSError: it cannot be made, the process cannot be put there, or has ended.
    """
    Path(directory).mkdir(exist_ok=True)
    (Path(directory) / _PROCESSES).write_text(str(pid), encoding="ascii")


def end(directory: str) -> bool:
    """Kill everything in a control group and below, and remove it; return whether nothing is left."""
    group = Path(directory)
    deadline = time.monotonic() + _PATIENCE
    while group.exists():
        _kill(group)
        for path in sorted(_groups(group), key=lambda path: -len(path.parts)):
            with suppress(OSError):  # somebody in it has not ended yet
                path.rmdir()
        if group.exists():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
    return True


def members(directory: str) -> list[int]:
    """Return the processes in a control group and below."""
    found = []
    for path in _groups(Path(directory)):
        with suppress(OSError):  # it has just been removed
            found += [int(pid) for pid in (path / _PROCESSES).read_text(encoding="ascii").split()]
    return found


def _kill(group: Path) -> None:
    with suppress(OSError):
        if (group / _KILL).exists():
            (group / _KILL).write_text("1", encoding="ascii")
            return
        if (group / _FREEZER).exists():  # frozen, nobody can fork away from the list
            (group / _FREEZER).write_text("FROZEN", encoding="ascii")
        for pid in members(str(group)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if (group / _FREEZER).exists():
            (group / _FREEZER).write_text("THAWED", encoding="ascii")


def _groups(group: Path) -> Iterator[Path]:
    for directory, _, _ in os.walk(group):
        yield Path(directory)


def _below(mounted: str, root: str, path: str) -> Path:
    """Return where a control group is seen; a container may see only a part of the tree."""
    inside = path.removeprefix(root) if root != "/" else path
    return Path(mounted) / inside.lstrip("/")


def _usable(found: Place) -> bool:
    try:
        here = Path(found.make(f"probe-{os.getpid()}"))
    except OSError:
        return False
    usable = os.access(here / _PROCESSES, os.W_OK) and ((here / _KILL).exists() or (here / _FREEZER).exists())
    with suppress(OSError):
        here.rmdir()
    return usable and os.access(found.directory / _PROCESSES, os.W_OK)
