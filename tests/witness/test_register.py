"""The register and its witness: a process is known before it runs anything, and its end also when nobody was there."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub_ext.contract.usage import Source
from hub_ext.processes import started_at
from hub_ext.witness import program
from hub_ext.witness.launch import go, held
from hub_ext.witness.register import Register
from tests.service.waiting import until

NEAR = timedelta(seconds=0.5)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """A register with its witness, which ends with its directory."""
    register = Register(tmp_path / "units")
    register.open()
    until(register.witness_pid)
    yield register
    register.close()
    witness = register.witness_pid()
    if witness:
        os.kill(witness, signal.SIGKILL)
    if register._witness is not None:
        register._witness.wait(10)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that sleeps until it is ended."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def kill_witness(register: Register) -> None:
    """Kill the witness and wait until its lock is free."""
    witness = register.witness_pid()
    assert witness
    os.kill(witness, signal.SIGKILL)
    assert register._witness is not None
    register._witness.wait(10)


def test_an_end_is_known_to_whoever_asks_later(register: Register, sleeper: subprocess.Popen[bytes]) -> None:
    """The engine forgets everything; another one reads start and end, both true."""
    register.add("u-1", sleeper.pid)
    begun = started_at(sleeper.pid)
    time.sleep(0.5)
    killed = datetime.now(UTC)
    sleeper.kill()
    sleeper.wait()
    time.sleep(1)

    (birth,) = Register(register.directory).births()
    assert not birth.alive
    assert abs(birth.started_at - begun) < timedelta(seconds=0.05)
    end = register.end(birth)
    assert (end.source, end.detail) == (Source.exact, "seen by the witness")
    assert abs(end.at - killed) < NEAR


def test_an_end_that_a_witness_comes_too_late_for_is_reconciled(
    register: Register, sleeper: subprocess.Popen[bytes]
) -> None:
    """A process that ended while its witness was dead is not called exact by the next witness, nor without one."""
    birth = register.add("u-1", sleeper.pid)
    until(lambda: _watched(register, sleeper.pid))
    kill_witness(register)
    sleeper.kill()
    sleeper.wait()
    time.sleep(1)
    assert register.end(birth).source is Source.reconciled

    register.ensure_witness()
    until((register.directory / "u-1.end").exists)
    assert register.end(birth).source is Source.reconciled
    assert register.seen(birth) is None


def test_a_killed_witness_is_followed_by_another(register: Register, sleeper: subprocess.Popen[bytes]) -> None:
    """What lived through it is exact as before."""
    birth = register.add("u-1", sleeper.pid)
    first = register.witness_pid()
    kill_witness(register)
    register.ensure_witness()
    until(register.witness_pid)
    assert register.witness_pid() != first
    until(lambda: _watched(register, sleeper.pid))
    killed = datetime.now(UTC)
    sleeper.kill()
    sleeper.wait()

    end = register.end(birth)
    assert end.source is Source.exact
    assert abs(end.at - killed) < NEAR


def test_there_is_one_witness(register: Register) -> None:
    """A second one ends at once."""
    assert program.main(str(register.directory)) == 0
    assert register.witness_pid()


def test_a_witness_ends_when_nobody_needs_it(register: Register) -> None:
    """It stays while the engine lives, and ends some seconds after it with nothing left to watch."""
    time.sleep(program.LINGER + 1)
    assert register.witness_pid()
    register.close()
    until(lambda: register.witness_pid() is None, program.LINGER + 10)
    assert register._witness is not None
    assert register._witness.wait(10) == 0


def test_a_witness_stays_while_something_runs(register: Register, sleeper: subprocess.Popen[bytes]) -> None:
    """An engine that is away for long still learns the true end."""
    birth = register.add("u-1", sleeper.pid)
    register.close()
    time.sleep(program.LINGER + 1)
    assert register.witness_pid()
    killed = datetime.now(UTC)
    sleeper.kill()
    sleeper.wait()
    assert abs(register.end(birth).at - killed) < NEAR


def test_a_later_process_with_the_same_number_is_not_it(register: Register, sleeper: subprocess.Popen[bytes]) -> None:
    """The pair of number and start names the process; a stranger's end is not taken for its own."""
    register.add("u-1", sleeper.pid)
    path = register.directory / "u-1.unit"
    other = {**json.loads(path.read_text()), "unit": "u-2", "ticks": 1}
    (register.directory / "u-2.unit").write_text(json.dumps(other))
    birth = register.birth("u-2")
    assert birth is not None
    assert not birth.alive
    until((register.directory / "u-2.end").exists)


def test_what_an_earlier_boot_ran_is_not_alive(register: Register, sleeper: subprocess.Popen[bytes]) -> None:
    """Numbers and start times begin anew with the machine."""
    register.add("u-1", sleeper.pid)
    path = register.directory / "u-1.unit"
    path.write_text(json.dumps({**json.loads(path.read_text()), "boot": "another"}))
    birth = register.birth("u-1")
    assert birth is not None
    assert not birth.alive
    assert register.end(birth).source is Source.reconciled


def test_a_clock_that_is_set_does_not_change_a_length(register: Register, sleeper: subprocess.Popen[bytes]) -> None:
    """Start and end count by the clock of the start: an hour's step between them is no hour of cost."""
    register.add("u-1", sleeper.pid)
    path = register.directory / "u-1.unit"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "offset": told["offset"] - 3600}))
    sleeper.kill()
    sleeper.wait()
    birth = register.birth("u-1")
    assert birth is not None
    assert abs(birth.started_at + timedelta(hours=1) - datetime.now(UTC)) < timedelta(seconds=20)
    assert timedelta(0) <= register.end(birth).at - birth.started_at < timedelta(seconds=20)


def test_an_entry_that_a_loss_of_power_cut_off_stops_nobody(
    register: Register, sleeper: subprocess.Popen[bytes]
) -> None:
    """It is dropped; the others are there."""
    register.add("u-1", sleeper.pid)
    (register.directory / "u-2.unit").write_text("")
    until(lambda: _watched(register, sleeper.pid))
    assert [birth.unit for birth in register.births()] == ["u-1"]
    assert not (register.directory / "u-2.unit").exists()
    assert register.witness_pid()


def test_what_was_dealt_with_leaves_nothing(register: Register, sleeper: subprocess.Popen[bytes]) -> None:
    """Neither the unit nor an end that the witness wrote afterwards stays."""
    register.add("u-1", sleeper.pid)
    sleeper.kill()
    sleeper.wait()
    until((register.directory / "u-1.end").exists)
    register.forget("u-1")
    (register.directory / "u-9.end").write_text("{}")
    register.tidy()
    assert [path.name for path in register.directory.iterdir() if path.suffix in {".unit", ".end", ".tmp"}] == []


def test_a_held_process_runs_nothing_before_the_word(tmp_path: Path) -> None:
    """It keeps its number and its start when it becomes its program."""
    with subprocess.Popen(held(["touch", str(tmp_path / "ran")]), stdin=subprocess.PIPE) as process:
        begun = started_at(process.pid)
        time.sleep(0.3)
        assert not (tmp_path / "ran").exists()
        assert started_at(process.pid) == begun
        go(process)
        assert process.wait(10) == 0
    assert (tmp_path / "ran").exists()


def test_a_held_process_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """An engine that is killed before the word leaves nothing running, and nothing has run."""
    with subprocess.Popen(held(["touch", str(tmp_path / "ran")]), stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        assert process.wait(10) != 0
    assert not (tmp_path / "ran").exists()


def _watched(register: Register, pid: int) -> bool:
    """Say whether the witness holds a pidfd of the process."""
    witness = register.witness_pid()
    infos = [] if not witness else Path(f"/proc/{witness}/fdinfo").iterdir()
    return any(f"Pid:\t{pid}\n" in info.read_text() for info in infos)
