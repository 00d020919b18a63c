"""Starting a process so that it runs nothing before it is registered.

It begins as a shell that waits for a word on its standard input. Whoever starts it registers it, reports its start,
puts it into its control group, and only then says the word; the shell becomes the program, with the same number and
start time. An engine that is killed in between closes the pipe, and the shell ends without having run anything. So
there is no moment at which something runs that nobody knows of, and none at which it can fork out of its group.

A shell, because Python's own hook between fork and exec may hang in a process with threads.
"""

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

_WAIT = 'read -r word && exec "$@" </dev/null'


def held(command: Sequence[str]) -> list[str]:
    """Return a command line that waits before it becomes the command. Start it with ``stdin=PIPE``."""
    return ["/bin/sh", "-c", _WAIT, "gatehouse-unit", *command]


def go(process: subprocess.Popen[bytes]) -> None:
    """Let a held process become its program."""
    pipe: IO[bytes] | None = process.stdin
    if pipe is None:
        raise ValueError("the process was not started with a pipe")
    with suppress(BrokenPipeError):  # it has been killed meanwhile, and its end is told like any other
        pipe.write(b"go\n")
        pipe.flush()
    with suppress(BrokenPipeError):
        pipe.close()
    process.stdin = None
