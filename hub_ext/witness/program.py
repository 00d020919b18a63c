"""The witness: waits for the end of every registered process, and writes down when it was.

It runs by its path, with the standard library alone, so that it starts in a few hundredths of a second and stays small:
``python -I -S program.py DIRECTORY``. One runs for each directory; it holds the lock ``witness.lock``. It ends when
nothing is left to watch and nobody has held ``engine.lock`` for a while, or when its directory is gone.

It knows of each process only what ``NAME.unit`` says, and writes ``NAME.end``. It never signals anything.
"""

import fcntl
import json
import os
import select
import sys
import time
from collections import deque
from typing import Any

UNIT, END = ".unit", ".end"
WITNESS_LOCK, ENGINE_LOCK = "witness.lock", "engine.lock"
LINGER = 5.0
"""Seconds for which it stays when the engine is gone and nothing is left: a restart takes about so long."""
_LOOK = 0.2
"""Seconds between two looks at the directory: a process that ends sooner after its start, and whose engine is killed in
the same moment, is late by as much."""
_FULL_LOOK = 1.0
"""Seconds after which the directory is read although its time of change, which moves by ticks, is the same."""


def seconds() -> float:
    """Return the seconds since boot."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot_id() -> str:
    """Return what tells this boot of the machine from every other."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def ticks_of(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None if there is none. Source: proc(5), field 22."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[19])
    except OSError:
        return None


class Witness:
    """Watches the processes of one register."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._boot = boot_id()
        self._poll = select.poll()
        self._names: dict[int, str] = {}
        self._fds: dict[str, int | None] = {}
        """Name -> what it is watched by; None: its end is known."""
        self._ends: deque[tuple[str, float, float]] = deque()
        """Name, when it was seen to have ended, and since when it may have."""

    @property
    def idle(self) -> bool:
        """Whether there is nothing to watch and nothing to write."""
        return not self._names and not self._ends

    def wait(self, patience: float) -> None:
        """Wait for ends, for at most ``patience`` seconds, and write one of those that are known."""
        for fd, _ in self._poll.poll(0 if self._ends else patience * 1000):
            now, name = seconds(), self._names[fd]
            self._ends.append((name, now, now))
            self._close(name)
        if self._ends:  # one at a time: writing waits for the disk, and no end may wait for another's
            self._write(*self._ends.popleft())

    def look(self) -> None:
        """Take in what was registered, and drop what its engine has dealt with."""
        present = {entry.removesuffix(UNIT) for entry in os.listdir(self._directory) if entry.endswith(UNIT)}
        for name in set(self._fds) - present:
            self._close(name)
            del self._fds[name]
        for name in present - set(self._fds):
            self._take(name)

    def _take(self, name: str) -> None:
        try:
            told, written = self._read(name)
        except (OSError, ValueError):  # just removed
            return
        self._fds[name] = None
        if told.get("boot") != self._boot or os.path.exists(self._path(name, END)):
            return  # ended with an earlier boot, or known
        try:
            fd = os.pidfd_open(told["pid"])
        except OSError:
            self._ends.append((name, seconds(), written))
            return
        if ticks_of(told["pid"]) != told["ticks"] or select.select([fd], [], [], 0)[0]:
            os.close(fd)
            self._ends.append((name, seconds(), written))
            return
        self._fds[name], self._names[fd] = fd, name
        self._poll.register(fd, select.POLLIN)

    def _read(self, name: str) -> tuple[dict[str, Any], float]:
        """Return what is registered, and when that was, in seconds since boot: so long it lived at least."""
        with open(self._path(name, UNIT), encoding="utf-8") as file:
            told = json.load(file)
        return told, float(told["written"])

    def _write(self, name: str, at: float, after: float) -> None:
        if not os.path.exists(self._path(name, UNIT)):
            return  # the engine saw it too, and has dealt with it
        beside = self._path(name, END + ".tmp")
        with open(beside, "w", encoding="utf-8") as file:
            json.dump({"at": at, "after": after, "boot": self._boot}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path(name, END))

    def _close(self, name: str) -> None:
        fd = self._fds.get(name)
        if fd is None:
            return
        self._fds[name] = None
        self._poll.unregister(fd)
        del self._names[fd]
        os.close(fd)

    def _path(self, name: str, suffix: str) -> str:
        return f"{self._directory}/{name}{suffix}"


class Engine:
    """Whether hub or gateway is there: it holds a lock, which the kernel takes back from the dead."""

    def __init__(self, directory: str) -> None:
        self._lock = open(f"{directory}/{ENGINE_LOCK}", "a", encoding="ascii")  # noqa: SIM115 - kept open
        self._seen = seconds()

    def gone(self, own: Any) -> bool:
        """Say whether it has been away for long; then our own lock is given back, so that it can have another witness.

        Both under its lock: it cannot come back in between and take us for present.
        """
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._seen = seconds()
            return False
        gone = seconds() - self._seen > LINGER
        if gone:
            fcntl.flock(own, fcntl.LOCK_UN)
        fcntl.flock(self._lock, fcntl.LOCK_UN)
        return gone


def main(directory: str) -> int:
    """Watch until nobody needs it; return at once if another one does."""
    with open(f"{directory}/{WITNESS_LOCK}", "a", encoding="ascii") as own:
        try:
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        own.truncate(0)
        own.write(str(os.getpid()))
        own.flush()
        witness, engine = Witness(directory), Engine(directory)
        changed, looked = -1, 0.0
        while True:
            try:
                now, change = seconds(), os.stat(directory).st_mtime_ns
                if change != changed or now - looked > _FULL_LOOK:
                    changed, looked = change, now
                    witness.look()
                witness.wait(_LOOK)
            except FileNotFoundError:  # somebody removed the directory, and all of its processes with it
                return 0
            if witness.idle and engine.gone(own):
                return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
