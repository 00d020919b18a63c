"""The truth: when each program of the test ended, by pidfds of its own. A process of its own; shares no code with ours.

``python -S recorder.py DIRECTORY``: for every ``UNIT.ran`` that ``noted.sh`` wrote there, ``over/UNIT`` gets the time.
"""

import os
import select
import sys
import time
from contextlib import suppress
from pathlib import Path

_LOOK_MS, _FULL_LOOK = 20, 0.5


def main(directory: Path) -> None:
    """Watch until killed."""
    with suppress(PermissionError):  # a late truth is none: on a busy machine it goes first
        os.nice(-15)
    known: set[str] = set()
    names: dict[int, str] = {}
    poll = select.poll()
    changed = looked = 0.0
    while True:
        change, now = directory.stat().st_mtime, time.monotonic()
        if change != changed or now - looked > _FULL_LOOK:
            changed, looked = change, now
            for unit in {path.stem for path in directory.iterdir() if path.suffix == ".ran"} - known:
                known.add(unit)
                _watch(directory, unit, names, poll)
        ended = [(fd, time.time()) for fd, _ in poll.poll(_LOOK_MS)]
        for fd, at in ended:
            poll.unregister(fd)
            os.close(fd)
            _note(directory, names.pop(fd), at)


def _watch(directory: Path, unit: str, names: dict[int, str], poll: "select.poll") -> None:
    stat = (directory / f"{unit}.ran").read_text().splitlines()[2]
    try:
        fd = os.pidfd_open(int(stat.split()[0]))
    except ProcessLookupError:
        _note(directory, unit, time.time())
        return
    names[fd] = unit
    poll.register(fd, select.POLLIN)


def _note(directory: Path, unit: str, now: float) -> None:
    beside = directory / "over" / f"{unit}.tmp"
    beside.write_text(repr(now))
    beside.replace(directory / "over" / unit)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
