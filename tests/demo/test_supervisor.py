"""The supervisor: starts, keeps, stops, and leaves nothing. The programs are small, but real processes."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from hub_ext.demo.failure import CannotStart
from hub_ext.demo.supervisor import Program, Supervisor
from hub_ext.demo.sweep import Sweep

SMALL = Path(__file__).with_name("small_program.py")
DEADLINE = 10.0


@pytest.fixture(autouse=True)
def _adopts_only_here() -> Iterator[None]:
    """Other tests of this session keep their orphans."""
    yield
    _adopt(orphans=False)


def _adopt(*, orphans: bool) -> None:
    ctypes.CDLL(None).prctl(36, int(orphans))


class Bench:
    """Makes supervisors of small programs in one directory, and reads what these wrote."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.sweep = Sweep(uuid.uuid4().hex)
        self.said: list[str] = []

    def program(self, name: str, *words: str, stage: int = 1, stop_within: float = 5.0) -> Program:
        """Return a small program; it is healthy once its present process has written its id."""

        async def check() -> bool:
            return self.is_up(name)

        return Program(
            name=name,
            title=f"The {name}",
            command=(sys.executable, str(SMALL), str(self.directory), name, *words),
            environment=dict(os.environ),
            directory=self.directory,
            check=check,
            stage=stage,
            start_within=5.0,
            stop_within=stop_within,
        )

    def supervisor(self, *programs: Program) -> Supervisor:
        """Return a supervisor of the programs."""
        return Supervisor(programs, sweep=self.sweep, logs=self.directory, say=self.said.append)

    def pid(self, name: str) -> int:
        """Return the process id that a program wrote; 0 if none."""
        path = self.directory / f"{name}.pid"
        return int(path.read_text()) if path.exists() else 0

    def is_up(self, name: str) -> bool:
        """Say whether the process that wrote its id is alive."""
        pid = self.pid(name)
        return pid > 0 and psutil.pid_exists(pid)

    @property
    def ended(self) -> list[str]:
        """Return the programs that were asked to end, in order."""
        return (self.directory / "ended").read_text().split()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench whose processes are gone afterwards, also when a test fails."""
    made = Bench(tmp_path)
    yield made
    made.sweep.end(0)


async def _until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not fact():  # noqa: ASYNC110 - the fact is another process's file
            await asyncio.sleep(0.02)


async def test_start_waits_until_all_are_healthy(bench: Bench) -> None:
    """After start every program is up, in a process group of its own, and the person has read so."""
    supervisor = bench.supervisor(bench.program("hub"), bench.program("idp"))
    await supervisor.start()
    pids = [bench.pid("hub"), bench.pid("idp")]
    assert [os.getpgid(pid) for pid in pids] == pids
    assert sum(line.startswith(("  The hub is up", "  The idp is up")) for line in bench.said) == 2
    await supervisor.stop()


async def test_a_program_that_ends_while_it_starts_says_why(bench: Bench) -> None:
    """A program that ends while it starts ends the start, with its status and its last log lines."""
    supervisor = bench.supervisor(bench.program("hub", "fails"), bench.program("idp"))
    with pytest.raises(CannotStart, match=r"(?s)The hub ended with exit status 3 .*the reason stands here"):
        await supervisor.start()
    await supervisor.stop()
    assert not bench.sweep.remaining()


async def test_stages_stop_in_order(bench: Bench) -> None:
    """The programs of a lower stage have ended before those of the next are asked to."""
    supervisor = bench.supervisor(
        bench.program("idp", stage=3), bench.program("service", stage=2), bench.program("hub", stage=1)
    )
    await supervisor.start()
    await supervisor.stop()
    assert bench.ended == ["hub", "service", "idp"]


async def test_a_killed_program_is_started_again(bench: Bench) -> None:
    """A program that is killed later is started again, and the person reads so."""
    supervisor = bench.supervisor(bench.program("hub"))
    await supervisor.start()
    keeping = asyncio.create_task(supervisor.keep())
    first = bench.pid("hub")
    os.kill(first, signal.SIGKILL)
    await _until(lambda: bench.pid("hub") != first and bench.is_up("hub"))
    assert any("The hub ended with signal SIGKILL and is started again" in line for line in bench.said)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    await supervisor.stop()
    assert not bench.sweep.remaining()


async def test_a_program_that_keeps_ending_ends_the_demo(bench: Bench) -> None:
    """A program that ends again and again is not started for ever."""
    supervisor = bench.supervisor(bench.program("hub", "ends"))
    await supervisor.start()
    async with asyncio.timeout(DEADLINE):
        with pytest.raises(CannotStart, match="The hub keeps ending with exit status 4"):
            await supervisor.keep()
    await supervisor.stop()


async def test_a_stubborn_program_is_killed(bench: Bench) -> None:
    """A program that ignores SIGTERM is killed after its time, and the person reads so."""
    supervisor = bench.supervisor(bench.program("hub", "stubborn", stop_within=0.3))
    await supervisor.start()
    await supervisor.stop()
    assert any("The hub did not stop within" in line for line in bench.said)
    assert not bench.sweep.remaining()


async def test_detached_children_are_swept(bench: Bench) -> None:
    """What a program left in a session of its own is ended too."""
    supervisor = bench.supervisor(bench.program("hub", "litters"))
    await supervisor.start()
    litter = bench.pid("litter")
    assert psutil.pid_exists(litter)
    await supervisor.stop()
    assert not psutil.pid_exists(litter)


async def test_adopted_children_are_reaped(bench: Bench) -> None:
    """A dead orphan does not stay a zombie, which the hub would take for a living server."""
    supervisor = bench.supervisor(bench.program("hub", "litters"))
    await supervisor.start()
    litter = bench.pid("litter")
    os.kill(bench.pid("hub"), signal.SIGKILL)
    await _until(lambda: psutil.Process(litter).ppid() == os.getpid())
    os.kill(litter, signal.SIGKILL)
    await _until(lambda: not psutil.pid_exists(litter))
    await supervisor.stop()


def test_nothing_survives_a_killed_supervisor(bench: Bench) -> None:
    """After a kill -9 of the supervisor its programs end by themselves, and the rest is found by its mark."""
    _adopt(orphans=False)
    script = f"""
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.demo.test_supervisor import Bench
bench = Bench(Path({str(bench.directory)!r}))
bench.sweep.stack = {bench.sweep.stack!r}
async def main():
    await bench.supervisor(bench.program("hub", "litters")).start()
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    killed = subprocess.run((sys.executable, "-c", script), capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    deadline = time.monotonic() + DEADLINE
    while bench.is_up("hub") and time.monotonic() < deadline:  # the kernel sends SIGTERM when the parent dies
        time.sleep(0.02)
    assert bench.ended == ["hub"]
    assert [process.pid for process in bench.sweep.remaining()] == [bench.pid("litter")]
    bench.sweep.end(3.0)
    assert not bench.sweep.remaining()
