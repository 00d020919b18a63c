"""The register: every process that is paid for, on disk before it runs anything, until its end has been reported.

One directory for each engine (the hub, or the gateway), with a file for each unit. What stands there outlives a
``kill -9`` at any moment: whoever starts again finds what ran, and from the witness when it ended.
"""

import fcntl
import json
import logging
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO

from hub_ext import clock
from hub_ext.contract.usage import Source
from hub_ext.processes import boot_seconds, is_same, seconds_of, start_ticks, wall
from hub_ext.witness.program import END, ENGINE_LOCK, UNIT, WITNESS_LOCK, boot_id

log = logging.getLogger(__name__)

_PROGRAM = Path(__file__).with_name("program.py")
_LATE = 0.5
"""Seconds within which a process must be known to have ended for its end to count as seen."""
_PATIENCE = 1.0
"""Seconds to wait for a witness that is about to write; it needs some milliseconds."""


@dataclass(frozen=True)
class Birth:
    """A process as it was registered."""

    unit: str
    pid: int
    ticks: int
    """Start time in clock ticks: with the number it names the process for good."""
    boot: str
    """In which boot of the machine."""
    offset: float
    """By which its start and its end are told: the wall clock of its start, so that its length is always true."""
    written: float
    """When it was registered, in seconds since boot."""
    cgroup: str = ""
    """Directory of its control group, if it has its own."""

    @property
    def started_at(self) -> datetime:
        """When the process started, to 10 ms."""
        return wall(seconds_of(self.ticks), self.offset)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.boot == boot_id() and is_same(self.pid, self.ticks)


@dataclass(frozen=True)
class End:
    """The end of a process, and how it is known."""

    at: datetime
    source: Source
    detail: str


class Register:
    """The processes of one engine.

    Args:
        directory: where they are written down; made if missing, for its owner only.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._engine: IO[str] | None = None
        self._witness: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Show that the engine is there, and see to it that there is a witness. Opening it again changes nothing."""
        if self._engine is None:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._engine = (self.directory / ENGINE_LOCK).open("a", encoding="ascii")
            fcntl.flock(self._engine, fcntl.LOCK_SH)
        self.ensure_witness()

    def ensure_witness(self) -> None:
        """Start a witness where there is none. It leads a session of its own, with nothing of our environment."""
        if self._witness is not None and self._witness.poll() is None:
            return
        if self.witness_pid() is not None:
            return
        self._witness = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_PROGRAM), str(self.directory.absolute())],
            cwd="/",
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        log.info("Process %d watches for the ends of what %s names", self._witness.pid, self.directory)

    def witness_pid(self) -> int | None:
        """Return the number of the witness that holds the lock, if one does."""
        try:
            with (self.directory / WITNESS_LOCK).open("r", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int((self.directory / WITNESS_LOCK).read_text(encoding="ascii") or 0)
        except FileNotFoundError:
            return None
        return None

    def add(self, unit: str, pid: int, cgroup: str = "") -> Birth:
        """Register a process; it is on disk when this returns.

        Raises:
            ProcessLookupError: it has ended already.
        """
        ticks = start_ticks(pid)
        if ticks is None:
            raise ProcessLookupError(f"process {pid} of {unit} ended before it was registered")
        birth = Birth(unit, pid, ticks, boot_id(), clock.offset(), boot_seconds(), cgroup)
        beside = self._path(unit, UNIT + ".tmp")
        beside.write_text(json.dumps(asdict(birth)), encoding="utf-8")
        beside.replace(self._path(unit, UNIT))  # a killed process loses nothing that it wrote; it need not be flushed
        return birth

    def births(self) -> list[Birth]:
        """Return everything that is registered: what lives, and what ended and was not dealt with."""
        found = (self.birth(path.name.removesuffix(UNIT)) for path in self.directory.glob(f"*{UNIT}"))
        return [birth for birth in found if birth is not None]

    def birth(self, unit: str) -> Birth | None:
        """Return a process as it was registered."""
        try:
            return Birth(**json.loads(self._path(unit, UNIT).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):  # the machine went down while it was written, and the process with it
            log.warning("The register's entry of %s cannot be read, and is dropped", unit)
            self.forget(unit)
            return None

    def end(self, birth: Birth, patience: float = _PATIENCE) -> End:
        """Return the end of a process that runs no longer: from the witness, or else now, ``reconciled``.

        Args:
            birth: whose end.
            patience: seconds for which a living witness is waited for: it may be about to write.
        """
        deadline = time.monotonic() + patience
        while (told := self._told(birth)) is None:
            if time.monotonic() > deadline or birth.boot != boot_id() or self.witness_pid() is None:
                return End(clock.now(), Source.reconciled, "ended unseen")
            time.sleep(0.01)
        at, after = told
        if at - after > _LATE:
            return End(wall(at, birth.offset), Source.reconciled, "found ended by the witness")
        return End(wall(at, birth.offset), Source.exact, "seen by the witness")

    def seen(self, birth: Birth) -> datetime | None:
        """Return when the witness saw the process end; None if it has not."""
        told = self._told(birth)
        return None if told is None or told[0] - told[1] > _LATE else wall(told[0], birth.offset)

    def forget(self, unit: str) -> None:
        """Drop a process whose end has been reported and that left nothing behind."""
        for suffix in (UNIT, END):  # in this order: an end without its unit is of no use to anybody
            self._path(unit, suffix).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove ends that the witness wrote while their units were being dropped."""
        for path in self.directory.glob(f"*{END}"):
            if not self._path(path.name.removesuffix(END), UNIT).exists():
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the lock back; the witness stays for what still runs."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _told(self, birth: Birth) -> tuple[float, float] | None:
        """Return when the witness saw the end, and since when it may have been, in seconds since boot."""
        try:
            told = json.loads(self._path(birth.unit, END).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return (told["at"], told["after"]) if told["boot"] == birth.boot else None

    def _path(self, unit: str, suffix: str) -> Path:
        if "/" in unit:
            raise ValueError(f"{unit!r} cannot name a file")
        return self.directory / f"{unit}{suffix}"


@cache
def shared_register(directory: str) -> Register:
    """Return the process's one register of this directory, opened."""
    register = Register(Path(directory))
    register.open()
    return register
