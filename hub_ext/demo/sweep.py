"""Leave nothing behind: adopt what children leave, reap it, and end whatever of a stack is still there.

While the supervisor lives, every orphan of the stack becomes its child (prctl(2), PR_SET_CHILD_SUBREAPER). After a
kill -9 of the supervisor the next start finds what is left by the stack's mark in the processes' environment.
"""

import ctypes
import os
import time
from contextlib import suppress

import psutil

from hub_ext.processes import tagged, terminate_tagged

MARK = "GATEHOUSE_DEMO"
"""Environment variable that holds the stack's id in every process of it."""
_PR_SET_CHILD_SUBREAPER = 36


class Sweep:
    """Watches over the processes of one stack, from the process that starts them."""

    def __init__(self, stack: str) -> None:
        """Become the parent of every descendant whose own parent ends.

        Args:
            stack: the stack's id; empty while it is not known yet, which leaves only our own descendants.
        """
        self.stack = stack
        self._strangers = {child.pid for child in psutil.Process().children()}
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)

    def reap(self, programs: set[int]) -> None:
        """Collect adopted children that have ended; the hub takes an uncollected server for a living one.

        Args:
            programs: children that somebody else waits for.
        """
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess, ChildProcessError):
                if child.pid not in programs | self._strangers and child.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(child.pid, os.WNOHANG)

    def remaining(self) -> list[psutil.Process]:
        """Return what is alive of the stack: our descendants, and whoever carries its mark."""
        children = [child for child in psutil.Process().children() if child.pid not in self._strangers]
        found = {child.pid: child for child in children}
        for child in children:
            with suppress(psutil.NoSuchProcess):
                found |= {process.pid: process for process in child.children(recursive=True)}
        for pid in tagged(MARK, self.stack) if self.stack else ():
            with suppress(psutil.NoSuchProcess):
                found.setdefault(pid, psutil.Process(pid))
        return [process for process in found.values() if _is_alive(process)]

    def wait(self, patience: float) -> bool:
        """Wait for a stack that is already stopping; say whether it has ended within ``patience`` seconds."""
        return self._wait_gone(self.remaining(), patience)

    def end(self, patience: float) -> None:
        """End what is left of the stack.

        Args:
            patience: seconds between SIGTERM and SIGKILL.
        """
        left = self.remaining()
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        self._wait_gone(left, patience)
        for process in self.remaining():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._wait_gone(left, 1)
        if self.stack:
            terminate_tagged(MARK, self.stack)  # what was born meanwhile
        self.reap(set())

    def _wait_gone(self, processes: list[psutil.Process], patience: float) -> bool:
        deadline = time.monotonic() + patience
        while any(_is_alive(process) for process in processes):
            if time.monotonic() > deadline:
                return False
            self.reap(set())
            time.sleep(0.05)
        return True


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
