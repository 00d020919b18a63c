"""Processes of this machine: when one started, when exactly it ends, and how to end all that belong together.

Linux only: ``/proc`` and ``pidfd_open`` (5.3+). A pidfd becomes readable within milliseconds of the exit, also for a
process that somebody else started, and cannot be mistaken for a later process with the same number.
"""

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub_ext import clock

OnExit = Callable[[int, datetime], None]

_QUIET_LOOKS = 2
"""Looks that must find nothing: a parent can end while one look goes on, after its child was too young to be listed."""
_MOST_LOOKS = 20
_PEAK = re.compile(r"^VmHWM:\s*(\d+) kB$", re.MULTILINE)


def boot_seconds() -> float:
    """Return the seconds since boot: the clock of start times, which nobody can set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wall(seconds: float, offset: float | None = None) -> datetime:
    """Return a moment in seconds since boot as people write it.

    Args:
        seconds: since boot.
        offset: :func:`hub_ext.clock.offset` of the time to count by; None: ours. Start and end of one thing need the
            same.
    """
    return clock.since_boot(seconds) if offset is None else datetime.fromtimestamp(offset + seconds, UTC)


def start_ticks(pid: int) -> int | None:
    """Return the start time of a process in clock ticks since boot; None if there is no such process.

    Together with the number it names a process for good: numbers are reused, the pair is not.
    Source: proc(5), field 22.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return None if fields[0] == "Z" else int(fields[19])


def seconds_of(ticks: int) -> float:
    """Return clock ticks as seconds."""
    return ticks / os.sysconf("SC_CLK_TCK")


def started_at(pid: int) -> datetime:
    """Return when a process started, to 10 ms; now, if it is already gone."""
    ticks = start_ticks(pid)
    return wall(boot_seconds() if ticks is None else seconds_of(ticks))


def is_same(pid: int, ticks: int | None) -> bool:
    """Say whether the process with this number is still the one that started at ``ticks``."""
    return ticks is not None and start_ticks(pid) == ticks


@dataclass
class Use:
    """What the living processes of a session have used."""

    cpu: float = 0.0
    """CPU seconds, ended children included; only grows while its processes wait for their children."""
    memory: int = 0
    """Bytes: the sum of the most that each living process ever held, so at least what they held together."""


def use_by_session(sessions: Collection[int]) -> dict[int, Use]:
    """Return what the living processes of these sessions have used. Takes a moment: call it in a thread.

    Source: proc(5), ``stat`` fields 6 and 14-17, ``VmHWM`` of ``status``.
    """
    used: dict[int, Use] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            fields = stat.rpartition(")")[2].split()
            if int(fields[3]) not in sessions:
                continue
            status = (entry / "status").read_text(encoding="utf-8", errors="replace")
        except OSError:  # it has just ended
            continue
        use = used.setdefault(int(fields[3]), Use())
        use.cpu += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        peak = _PEAK.search(status)
        use.memory += int(peak[1]) * 1024 if peak else 0  # one that is ending holds nothing
    return used


class ProcessWatch:
    """Calls back when a process ends. Needs a running asyncio loop."""

    def __init__(self) -> None:
        self._watched: dict[int, int] = {}

    def watches(self, pid: int) -> bool:
        """Say whether the end of this process is still to be told."""
        return pid in self._watched

    def watch(self, pid: int, on_exit: OnExit, offset: float | None = None) -> None:
        """Call ``on_exit(pid, when)`` once the process has ended; soon, if it is already gone.

        Args:
            pid: of the process.
            on_exit: what to call.
            offset: see :func:`wall`.
        """
        loop = asyncio.get_running_loop()
        if pid in self._watched:
            return
        try:
            fd = os.pidfd_open(pid)
        except OSError:
            loop.call_soon(on_exit, pid, wall(boot_seconds(), offset))
            return
        self._watched[pid] = fd
        loop.add_reader(fd, self._ended, pid, fd, on_exit, offset)

    def forget(self, pid: int) -> None:
        """Stop watching a process."""
        fd = self._watched.pop(pid, None)
        if fd is not None:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)

    def close(self) -> None:
        """Stop watching everything."""
        for pid in list(self._watched):
            self.forget(pid)

    def _ended(self, pid: int, fd: int, on_exit: OnExit, offset: float | None) -> None:
        when = wall(boot_seconds(), offset)
        if self._watched.get(pid) == fd:
            self.forget(pid)
        on_exit(pid, when)


def tagged(variable: str, value: str) -> list[int]:
    """Return the processes that we may look into and whose environment holds ``variable=value``."""
    needle = f"{variable}={value}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environ = (entry / "environ").read_bytes()
        except OSError:  # gone, or not ours
            continue
        if needle in environ.split(b"\0"):
            found.append(int(entry.name))
    return found


def terminate_tagged(variable: str, value: str) -> list[int]:
    """Kill every process whose environment holds ``variable=value``, detached children too; return their numbers.

    A child inherits the environment of its parent, also when it leaves the session. It can escape only by changing its
    environment on purpose before it starts another program.
    """
    killed: list[int] = []
    quiet = 0
    for _ in range(_MOST_LOOKS):
        pids = tagged(variable, value)
        quiet = 0 if pids else quiet + 1
        if quiet == _QUIET_LOOKS:
            break
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed.append(pid)
        time.sleep(0.01)
    return killed
