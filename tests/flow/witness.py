"""An independent witness: what the operating system says about when servers, schedulers and workers start and end.

It shares no code with the product: it reads /proc and waits on pidfds, in a thread of its own.
"""

import os
import select
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_LOOK_EVERY = 0.05
_KINDS = {
    "server": ("jupyterhub-singleuser",),
    "scheduler": ("dask", "scheduler"),
    "worker": ("dask", "worker"),
}


@dataclass
class Seen:
    """One process: its kind, and when it started and ended, in seconds since the epoch."""

    kind: str
    unit: str
    """What its environment calls it."""
    pid: int
    started: float
    ended: float | None = None


class Witness(threading.Thread):
    """Watches every process that the hub or the gateway of one stack starts.

    Args:
        mark: text that stands in the environment of every process of the stack.
    """

    def __init__(self, mark: str) -> None:
        super().__init__(daemon=True)
        self.seen: list[Seen] = []
        self._mark = mark.encode()
        self._known: set[tuple[int, int]] = set()
        self._open: dict[int, Seen] = {}
        self._poll = select.poll()
        self._ending = threading.Event()
        self._boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)

    def run(self) -> None:
        """Watch until told to stop."""
        while not self._ending.is_set():
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    self._look(int(entry.name))
            for fd, _ in self._poll.poll(_LOOK_EVERY * 1000):
                self._open.pop(fd).ended = time.time()
                self._poll.unregister(fd)
                os.close(fd)

    def finish(self) -> list[Seen]:
        """Stop watching and return what was seen."""
        self._ending.set()
        self.join()
        return self.seen

    def _look(self, pid: int) -> None:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            key = (pid, int(fields[19]))
            if key in self._known:
                return
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            kind = _kind_of(command)
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            if kind is None or self._mark not in environment:
                return
            self._known.add(key)
            if _kind_of(Path(f"/proc/{fields[1]}/cmdline").read_bytes().decode().split("\0")) == kind:
                return  # a part of a worker, not a worker
            fd = os.pidfd_open(pid)
        except OSError:
            return  # it ended while we looked
        one = Seen(kind, _unit(environment), pid, self._boot + key[1] / os.sysconf("SC_CLK_TCK"))
        self.seen.append(one)
        self._open[fd] = one
        self._poll.register(fd, select.POLLIN)


def _unit(environment: bytes) -> str:
    told = dict(line.split("=", 1) for line in environment.decode(errors="replace").split("\0") if "=" in line)
    return told.get("GATEHOUSE_UNIT") or told.get("GATEHOUSE_LEASE", "")


def _kind_of(command: list[str]) -> str | None:
    """Name what the command line runs, if it is one of ours."""
    words = [word.rpartition("/")[2] for word in command]
    for kind, needed in _KINDS.items():
        for start in range(len(words)):
            if tuple(words[start : start + len(needed)]) == needed:
                return kind
    return None
