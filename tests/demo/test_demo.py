"""The command: refusals are one sentence, a start goes on where the last one ended, and nothing is left running.

These tests start the real stack. The fixture ``stack`` is another one, beside them.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tornado.httpclient import AsyncHTTPClient

from hub_ext.demo import app, programs
from hub_ext.demo.failure import CannotStart
from hub_ext.demo.state import DataDirectory, State
from tests.support.ports import free_port
from tests.support.stack import Stack, demo_command, processes_of, running_demo, wait_until_up


def refusal(*options: str) -> tuple[int, str]:
    """Return exit status and words of a demo that cannot start."""
    command = (str(Path(sys.executable).with_name("gatehouse")), "demo", *options)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    assert not done.stdout
    return done.returncode, done.stderr


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    """A taken port ends the start with one sentence that names it, and status 1."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        status, words = refusal(f"--port={port}", f"--data-dir={tmp_path / 'data'}")
    assert status == 1
    assert words.startswith(f"gatehouse demo: Port {port} on 127.0.0.1 is taken")
    assert len(words.splitlines()) == 1


def test_a_stale_state_is_one_sentence(tmp_path: Path) -> None:
    """A data directory of another version ends the start with one sentence, and status 1."""
    data = DataDirectory(tmp_path)
    data.state.write_text('{"format": 99, "stack": "x"}')
    status, words = refusal(f"--port={free_port()}", f"--data-dir={tmp_path}")
    assert status == 1
    assert "made by another version of Gatehouse (format 99" in words
    assert len(words.splitlines()) == 1


def test_a_policy_with_mistakes_lists_them(tmp_path: Path) -> None:
    """An edited policy with mistakes ends the start before anything runs, with every mistake and its line."""
    path = tmp_path / "policy.yaml"
    app.provide_policy(path)
    path.write_text(path.read_text().replace("currency: USD", "currency: dollars"))
    with pytest.raises(CannotStart, match=r"has mistakes; correct them .*\n  currency \(line \d+\)"):
        app.provide_policy(path)


def test_the_policy_is_copied_once(tmp_path: Path) -> None:
    """The policy is people's to edit: a second start leaves it as it is."""
    path = tmp_path / "policy.yaml"
    app.provide_policy(path)
    edited = path.read_text() + "# ours\n"
    path.write_text(edited)
    app.provide_policy(path)
    assert path.read_text() == edited


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not installed is named, with the command that installs it."""
    monkeypatch.setattr(app, "program_path", lambda name: "/nowhere" if name == "dask" else programs.program_path(name))
    with pytest.raises(CannotStart, match=r"lacks dask: .* pip install 'jupyterhub-gatehouse\[demo\]'"):
        app.require_programs()


@pytest.mark.parametrize("word", ["--prot=8001", "now"])
def test_a_wrong_option_is_refused(word: str) -> None:
    """A misspelt option starts nothing."""
    status, words = refusal(word)
    assert status == 2
    assert f"there is no {word.lstrip('-').partition('=')[0]!r}; there are --port and --data-dir." in words


async def test_the_stack_is_up(stack: Stack) -> None:
    """Once it says that it is up, the front page answers, and the table names every sample person."""
    answer = await AsyncHTTPClient().fetch(f"{stack.base_url}/hub/login")
    assert answer.code == 200
    for person in stack.people.values():
        assert f"{person.name}-demo" in stack.printed


def test_a_second_demo_on_the_same_data_is_refused(stack: Stack) -> None:
    """A second demo on a data directory in use is told which process uses it."""
    status, words = refusal(f"--port={free_port()}", f"--data-dir={stack.data.root}")
    assert status == 1
    assert f"already runs on {stack.data.root} (process {stack.process.pid})" in words


def test_its_files_are_its_owners(stack: Stack) -> None:
    """Nobody else can look into the data directory, which holds passwords' hashes and keys."""
    assert stack.data.root.stat().st_mode & 0o077 == 0


def test_state_survives_and_nothing_is_left(tmp_path: Path) -> None:
    """The second start ends what a kill -9 left, reuses all state, restarts what is killed, and leaves nothing."""
    data, port = tmp_path / "data", free_port()
    with running_demo(data, tmp_path / "first.txt", port) as first:
        before = kept(first.data)
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
    with running_demo(data, tmp_path / "second.txt", port) as second:
        assert "knows the sample people" not in second.printed
        assert kept(second.data) == before
        for program in psutil.Process(second.process.pid).children():
            program.kill()
        wait_until(lambda: second.printed.count(" is up (") == 8)
        assert second.interrupt() == 0
        assert "Everything has stopped." in second.printed
        assert not processes_of(second.stack_id)


def wait_until(fact: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 180
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def kept(data: DataDirectory) -> dict[str, object]:
    """Return what a second start must find as the first one left it."""
    files = (data.keys, data.idp / "canaille.sqlite", data.hub / "jupyterhub.sqlite", data.service / "ledger.sqlite")
    return {path.name: path.stat().st_ino for path in files} | {"state": data.read_state()}


def test_a_program_that_cannot_start_ends_everything(tmp_path: Path) -> None:
    """When one program cannot start, its last words are shown, the others are stopped, and the status is 1."""
    data = DataDirectory(tmp_path / "data")
    data.create()
    data.write_state(State())
    (data.service / "ledger.sqlite").write_bytes(b"no database at all" * 100)
    output = tmp_path / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            demo_command(tmp_path / "data", free_port()), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    assert process.wait(180) == 1
    assert "The service ended with" in output.read_text()
    assert "not a database" in output.read_text()
    assert not processes_of(data.read_state().stack)


def test_ctrl_c_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C before everything is up stops what is there already."""
    output = tmp_path / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            demo_command(tmp_path / "data", free_port()), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    wait_until_up(process, output, "The identity provider is up")
    process.send_signal(signal.SIGINT)
    assert process.wait(180) == 0
    assert not processes_of(DataDirectory(tmp_path / "data").read_state().stack)
