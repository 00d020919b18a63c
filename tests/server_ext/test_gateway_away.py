"""The gateway is away, or hangs: each action says so, and what goes on."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_ext.contract.reasons import Reason
from tests.server_ext import programs
from tests.server_ext.programs import Program
from tests.support.ports import free_port

ACTIONS: list[tuple[str, str, Any]] = [
    ("GET", "gatehouse/options", None),
    ("POST", "gatehouse/clusters", {"options": {}, "workers": 1}),
    ("POST", "gatehouse/clusters/a1b2c3/stop", None),
    ("POST", "gatehouse/clusters/a1b2c3/scale", {"workers": 1}),
    ("POST", "gatehouse/clusters/a1b2c3/adapt", {"minimum": 1, "maximum": 2}),
    ("POST", "gatehouse/clusters/a1b2c3/restart", None),
    ("GET", "gatehouse/clusters/a1b2c3/logs", None),
]


def _lab(directory: Path, port: int) -> Any:
    return programs.jupyter_server(
        directory,
        DASK_GATEWAY__ADDRESS=f"http://127.0.0.1:{port}",
        DASK_GATEWAY__AUTH__TYPE="basic",
        DASK_GATEWAY__AUTH__KWARGS='{"username": "alice"}',
    )


@pytest.fixture(scope="module")
def lonely(directory: Path) -> Iterator[Program]:
    """A Jupyter server whose gateway does not run."""
    with _lab(directory, free_port()) as found:
        yield found


@pytest.mark.parametrize(("verb", "path", "body"), ACTIONS, ids=[path for _, path, _ in ACTIONS])
def test_a_gateway_that_is_away_is_told(lonely: Program, verb: str, path: str, body: Any) -> None:
    """The sentence says what is away, that what runs goes on, and when to repeat."""
    answer = lonely.call(path, verb, body)
    assert (answer.status, answer.json["error"]["reason"]) == (503, Reason.service_unavailable)
    assert answer.json["error"]["message"].startswith("The Dask Gateway is not answering.")
    assert "Repeat" in answer.json["error"]["message"] or "repeat" in answer.json["error"]["message"]


def test_a_gateway_that_hangs_is_away_too(directory: Path) -> None:
    """Nobody waits for ever for a gateway that takes the question and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as deaf, _lab(directory, deaf.getsockname()[1]) as lab:
        answer = lab.call("gatehouse/clusters/a1b2c3/scale", "POST", {"workers": 1})
    assert (answer.status, answer.json["error"]["reason"]) == (503, Reason.service_unavailable)
