"""Start the programs, keep them running, stop them in order, and leave nothing.

A program that ends while it starts ends the demo: something is wrong, and its log says what. One that ends later is
started again, as an init system would: people's work outlives a crash of the hub or the gateway, and the demo shows
it. Only a program that keeps ending ends the demo.
"""

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hub_ext.demo.failure import CannotStart
from hub_ext.demo.health import Check
from hub_ext.demo.idp_environment import last_lines
from hub_ext.demo.sweep import MARK, Sweep

_LAUNCH = str(Path(__file__).with_name("launch.py"))
_RESTARTS = 3
_RESTARTS_WITHIN = 60.0
"""Seconds: more than ``_RESTARTS`` ends within this time are a defect, not an accident."""


@dataclass(frozen=True)
class Program:
    """One program of the stack."""

    name: str
    title: str
    """What people call it, at the start of a sentence."""
    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    check: Check
    stage: int
    """Programs of a lower stage are stopped first, those of one stage together."""
    start_within: float = 60.0
    """Seconds until it must be healthy."""
    stop_within: float = 20.0
    """Seconds between SIGTERM and SIGKILL."""


class Supervisor:
    """Runs the programs of one stack, from inside one asyncio loop."""

    def __init__(self, programs: tuple[Program, ...], *, sweep: Sweep, logs: Path, say: Callable[[str], None]) -> None:
        self._programs = programs
        self._sweep = sweep
        self._logs = logs
        self._say = say
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def start(self) -> None:
        """Start everything and wait until all of it is healthy.

        Raises:
            CannotStart: if a program ends or stays silent; the text holds its last log lines.
        """
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)
        for program in self._programs:
            await self._launch(program)
        await _together(self._wait_healthy(program) for program in self._programs)

    async def keep(self) -> None:
        """Start again what ends, for as long as this is not cancelled.

        Raises:
            CannotStart: if a program keeps ending.
        """
        await _together(self._keep(program) for program in self._programs)

    async def stop(self) -> None:
        """Stop the programs stage by stage, then whatever they left."""
        for stage in sorted({program.stage for program in self._programs}):
            await asyncio.gather(*(self._end(program) for program in self._programs if program.stage == stage))
        asyncio.get_running_loop().remove_signal_handler(signal.SIGCHLD)
        await asyncio.to_thread(self._sweep.end, 3.0)

    def hurry(self) -> None:
        """Stop waiting for anybody: kill what still runs. ``stop`` then ends at once."""
        for process in self._running.values():
            _signal_group(process, signal.SIGKILL)

    def log(self, program: Program) -> Path:
        """Return where the program's output goes."""
        return self._logs / f"{program.name}.log"

    async def _launch(self, program: Program) -> None:
        with self.log(program).open("ab") as log:
            self._running[program.name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", _LAUNCH, str(os.getpid()), *program.command),
                env={**program.environment, MARK: self._sweep.stack},
                cwd=program.directory,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # a terminal's Ctrl-C is ours alone; each program has its own group
            )

    async def _wait_healthy(self, program: Program) -> None:
        began = time.monotonic()
        process = self._running[program.name]
        while not await program.check():
            if process.returncode is not None:
                raise CannotStart(
                    f"{program.title} ended with {_status(process)} while it started. {last_lines(self.log(program))}"
                )
            if time.monotonic() - began > program.start_within:
                raise CannotStart(
                    f"{program.title} did not become healthy within {program.start_within:.0f} s. "
                    f"{last_lines(self.log(program))}"
                )
            await asyncio.sleep(0.1)
        self._say(f"  {program.title} is up ({time.monotonic() - began:.1f} s).")

    async def _keep(self, program: Program) -> None:
        ends: deque[float] = deque(maxlen=_RESTARTS + 1)
        while True:
            process = self._running[program.name]
            await process.wait()
            ends.append(time.monotonic())
            if len(ends) > _RESTARTS and ends[-1] - ends[0] < _RESTARTS_WITHIN:
                raise CannotStart(
                    f"{program.title} keeps ending with {_status(process)}. {last_lines(self.log(program))}"
                )
            self._say(f"{program.title} ended with {_status(process)} and is started again; see {self.log(program)}.")
            await self._launch(program)
            await self._wait_healthy(program)

    async def _end(self, program: Program) -> None:
        process = self._running.get(program.name)
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), program.stop_within)
        except TimeoutError:
            self._say(f"{program.title} did not stop within {program.stop_within:.0f} s and is killed.")
            _signal_group(process, signal.SIGKILL)
            await process.wait()

    def _reap(self) -> None:
        self._sweep.reap({process.pid for process in self._running.values()})


async def _together(tasks: Iterable[Coroutine[None, None, None]]) -> None:
    """Run all; the first failure cancels the others and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for task in tasks:
                group.create_task(task)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _status(process: asyncio.subprocess.Process) -> str:
    code = process.returncode or 0
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
