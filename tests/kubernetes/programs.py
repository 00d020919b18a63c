"""Programs that a test starts: each with a log of its own, ended with the test run even if that is killed."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from hub_ext.demo import launch

STOP_WITHIN = 20.0
"""Seconds a program has after SIGTERM."""


@dataclass
class Program:
    """One program, which may be started more than once."""

    name: str
    command: list[str]
    directory: Path
    """Where its log is written, as ``NAME.log``."""
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """What it wrote, over all its starts."""
        return self.directory / f"{self.name}.log"

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self, **environment: str) -> None:
        """Start it in a session of its own; it ends with this process, also with kill -9."""
        tie = [sys.executable, "-I", launch.__file__, str(os.getpid())]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*tie, *self.command],
                cwd=self.directory,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it with SIGTERM, or without asking if that takes too long."""
        if not self.runs or self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()

    def tail(self, characters: int = 2000) -> str:
        """Return the end of its log, under its name."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        state = "runs" if self.runs else f"ended with {self.process.returncode}" if self.process else "never started"
        return f"--- {self.name} ({state}), {self.log}:\n{text[-characters:]}"
