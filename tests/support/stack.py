"""The real demo as a test fixture: started once per session as a person starts it, stopped with Ctrl-C."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub_ext.demo.people import PEOPLE, Person
from hub_ext.demo.state import DataDirectory
from hub_ext.demo.sweep import MARK
from hub_ext.processes import tagged
from tests.support.ports import free_port

UP = "Gatehouse is up:"
START_WITHIN = 240.0
"""Seconds; the first start on a machine also makes the identity provider's environment."""
STOP_WITHIN = 60.0


@dataclass(frozen=True)
class Stack:
    """One running demo."""

    base_url: str
    """``http://127.0.0.1:PORT``, without a slash at its end."""
    data: DataDirectory
    process: subprocess.Popen[bytes]
    output: Path
    """What it printed so far."""
    people: dict[str, Person]

    @property
    def stack_id(self) -> str:
        """The mark of its processes."""
        return self.data.read_state().stack

    @property
    def printed(self) -> str:
        """What it printed so far, as text."""
        return self.output.read_text(encoding="utf-8")

    def interrupt(self) -> int:
        """Press Ctrl-C and wait; return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_WITHIN)


def demo_command(data_dir: Path, port: int, python: Path = Path(sys.executable)) -> tuple[str, ...]:
    """Return the command line of a demo, installed beside this Python or another."""
    return (str(python.with_name("gatehouse")), "demo", f"--port={port}", f"--data-dir={data_dir}")


@contextmanager
def running_demo(data_dir: Path, output: Path, port: int | None = None) -> Iterator[Stack]:
    """Start a demo, wait until it is up, and stop it.

    Args:
        data_dir: where it keeps its state.
        output: file for what it prints.
        port: the public port; a free one, if not given.
    """
    port = port or free_port()
    with output.open("wb") as sink:
        process = subprocess.Popen(
            demo_command(data_dir, port), stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
        )
    people = {person.name: person for person in PEOPLE}
    stack = Stack(f"http://127.0.0.1:{port}", DataDirectory(data_dir), process, output, people)
    try:
        wait_until_up(process, output)
        yield stack
    finally:
        if process.poll() is None:
            try:
                stack.interrupt()
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_up(process: subprocess.Popen[bytes], output: Path, words: str = UP) -> None:
    """Wait for the block that says it is up, or for other words; fail with all it printed if they do not come."""
    deadline = time.monotonic() + START_WITHIN
    while words not in output.read_text(encoding="utf-8"):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the demo did not come up (status {process.poll()}):\n{output.read_text(encoding='utf-8')}")
        time.sleep(0.1)


def processes_of(stack_id: str) -> list[str]:
    """Return the command lines of what still runs of a stack."""
    lines = []
    for pid in tagged(MARK, stack_id):
        with suppress(OSError):  # it has just ended
            lines.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
    return lines


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The demo, up and healthy, for every test of the session that needs the whole product."""
    place = tmp_path_factory.mktemp("stack")
    with running_demo(place / "data", place / "output.txt") as running:
        yield running
