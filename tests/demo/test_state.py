"""State: what a data directory may hold, who may read it, and who may use it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub_ext.demo.failure import CannotStart
from hub_ext.demo.homes import WELCOME, make_homes
from hub_ext.demo.keys import read_or_make_keys
from hub_ext.demo.people import PEOPLE
from hub_ext.demo.private_file import write_private
from hub_ext.demo.state import FORMAT, DataDirectory, State


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    """A data directory that was just made."""
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    return directory


def test_the_state_survives(data: DataDirectory) -> None:
    """What is written is what the next start reads."""
    state = State()
    data.write_state(state)
    assert data.read_state() == state


def test_a_new_directory_has_a_fresh_state(data: DataDirectory) -> None:
    """Without a state file there is a fresh state, with an id of its own."""
    assert data.read_state().stack != data.read_state().stack


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param("not json", "is not what a Gatehouse demo wrote", id="damaged"),
        pytest.param('{"version": 3}', "is not what a Gatehouse demo wrote", id="of something else"),
        pytest.param(
            json.dumps({"format": FORMAT + 1, "stack": "x"}), f"format {FORMAT + 1}, this one uses", id="newer"
        ),
        pytest.param(json.dumps({"format": FORMAT - 1, "stack": "x"}), f"format {FORMAT - 1}, this one", id="older"),
    ],
)
def test_a_stale_state_is_refused(data: DataDirectory, content: str, sentence: str) -> None:
    """A state that this version cannot use is refused, with the way out."""
    data.state.write_text(content)
    with pytest.raises(CannotStart, match=sentence) as refusal:
        data.read_state()
    assert "--data-dir" in str(refusal.value)


def _full_of_other_things(place: Path) -> None:
    place.mkdir()
    (place / "thesis.tex").touch()


def _a_file(place: Path) -> None:
    place.touch()


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        pytest.param(_full_of_other_things, "is not empty and holds no Gatehouse demo", id="somebody's directory"),
        pytest.param(_a_file, "cannot be used", id="a file"),
    ],
)
def test_a_foreign_place_is_refused(tmp_path: Path, prepare: Callable[[Path], None], sentence: str) -> None:
    """A place that holds something else is left alone."""
    place = tmp_path / "place"
    prepare(place)
    with pytest.raises(CannotStart, match=sentence):
        DataDirectory(place).create()


def test_a_second_holder_is_refused(data: DataDirectory) -> None:
    """Two demos never share a data directory; the second one is told which process holds it."""
    with data.locked(), pytest.raises(CannotStart, match=rf"already runs on .* \(process {os.getpid()}\)"):
        DataDirectory(data.root).locked().__enter__()


def test_the_lock_ends_with_its_holder(data: DataDirectory) -> None:
    """A holder that is killed leaves no lock behind."""
    script = (
        "import os, pathlib; from hub_ext.demo.state import DataDirectory\n"
        f"with DataDirectory(pathlib.Path({str(data.root)!r})).locked(): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run((sys.executable, "-c", script), check=False).returncode == -9
    with data.locked():
        assert data.lock.read_text() == f"{os.getpid()}\n"


def test_the_keys_are_made_once(data: DataDirectory) -> None:
    """Keys are made at the first start and read at the next."""
    assert read_or_make_keys(data.keys) == read_or_make_keys(data.keys)


def test_keys_are_secret_and_differ(data: DataDirectory) -> None:
    """Only the owner may read the keys, and no two are the same."""
    keys = read_or_make_keys(data.keys).model_dump()
    assert len(set(keys.values())) == len(keys)
    assert data.keys.stat().st_mode & 0o077 == 0
    assert data.root.stat().st_mode & 0o077 == 0


def test_damaged_keys_are_refused(data: DataDirectory) -> None:
    """Damaged keys are never replaced silently: what they encrypt would be lost."""
    write_private(data.keys, "{}x")
    with pytest.raises(CannotStart, match="cannot be read as the demo's keys"):
        read_or_make_keys(data.keys)


def test_a_home_gets_its_notebook_once(data: DataDirectory) -> None:
    """A new home holds the welcome notebook; one whose owner removed it stays without."""
    make_homes(data.homes, PEOPLE)
    welcome = data.homes / "alice" / WELCOME.name
    assert json.loads(welcome.read_text())["cells"][0]["id"] == "start"
    welcome.unlink()
    make_homes(data.homes, PEOPLE)
    assert not welcome.exists()
