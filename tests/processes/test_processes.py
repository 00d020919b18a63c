"""Processes: their start, their exact end, and what belongs together."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hub_ext.processes import ProcessWatch, is_same, start_ticks, started_at, tagged, terminate_tagged

DETACH = "import os,time\nif os.fork():\n os._exit(0)\nos.setsid()\nif os.fork():\n os._exit(0)\ntime.sleep(60)"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that sleeps until it is ended."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_the_start_is_known_to_the_tick(sleeper: subprocess.Popen[bytes]) -> None:
    """The start told by the system lies within a tenth of a second of now."""
    assert abs((datetime.now(UTC) - started_at(sleeper.pid)).total_seconds()) < 0.1


def test_a_process_is_named_by_number_and_start(sleeper: subprocess.Popen[bytes]) -> None:
    """The same number with another start is another process; an ended one is none."""
    ticks = start_ticks(sleeper.pid)
    assert ticks is not None
    assert is_same(sleeper.pid, ticks)
    assert not is_same(sleeper.pid, ticks - 1)
    sleeper.kill()
    sleeper.wait()
    assert not is_same(sleeper.pid, ticks)


async def test_the_end_is_told_when_it_happens(sleeper: subprocess.Popen[bytes]) -> None:
    """A watch tells a killed process within a fraction of a second."""
    ended: asyncio.Future[datetime] = asyncio.get_running_loop().create_future()
    watch = ProcessWatch()
    watch.watch(sleeper.pid, lambda _pid, when: ended.set_result(when))
    killed = datetime.now(UTC)
    sleeper.kill()

    assert abs((await asyncio.wait_for(ended, 5) - killed).total_seconds()) < 0.5
    watch.close()


async def test_a_process_that_is_already_gone_is_told_at_once(sleeper: subprocess.Popen[bytes]) -> None:
    """Watching a number without a process calls back."""
    sleeper.kill()
    sleeper.wait()
    ended = asyncio.Event()
    watch = ProcessWatch()
    watch.watch(sleeper.pid, lambda _pid, _when: ended.set())

    await asyncio.wait_for(ended.wait(), 5)


async def test_a_forgotten_process_is_not_told(sleeper: subprocess.Popen[bytes]) -> None:
    """After forget nothing is called."""
    told: list[int] = []
    watch = ProcessWatch()
    watch.watch(sleeper.pid, lambda pid, _when: told.append(pid))
    watch.forget(sleeper.pid)
    sleeper.kill()
    sleeper.wait()
    await asyncio.sleep(0.05)

    assert told == []


def test_detached_children_die_with_what_they_belong_to() -> None:
    """A grandchild that left its session is found by the tag in its environment, and is killed."""
    value = f"t{os.getpid()}"
    subprocess.run([sys.executable, "-c", DETACH], env={**os.environ, "GATEHOUSE_TEST": value}, check=True)
    deadline = time.monotonic() + 5
    while not tagged("GATEHOUSE_TEST", value) and time.monotonic() < deadline:
        pass

    assert terminate_tagged("GATEHOUSE_TEST", value)
    assert tagged("GATEHOUSE_TEST", value) == []
    assert tagged("GATEHOUSE_TEST", value[:-1]) == []
