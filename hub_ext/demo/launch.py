"""Become another program, tied to the supervisor: run as ``python -I launch.py PARENT PROGRAM ARGUMENT...``.

A process of its own and not ``preexec_fn``, which may deadlock in a program with threads. What it sets survives exec:
default signals (a shell's background job inherits an ignored SIGINT, and the hub stops its servers with SIGINT), and a
SIGTERM at the moment in which the supervisor dies, also by kill -9 (prctl(2), PR_SET_PDEATHSIG), so that the hub and
the gateway still end what they started.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the program.

    Args:
        arguments: process id of the supervisor, then the program with its arguments.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(arguments[0]):  # it died before the tie was made
        sys.exit(1)
    os.execvp(arguments[1], arguments[1:])  # noqa: S606 - no shell is what we want


if __name__ == "__main__":
    main(sys.argv[1:])
