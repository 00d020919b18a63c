"""Through a real gateway, as the person: other workers, adaptive scaling, new worker processes."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_ext.contract.reasons import Reason
from hub_ext.contract.steering import Steered
from hub_ext.processes import tagged
from tests.server_ext import programs
from tests.server_ext.programs import Answer, Program, until

BOB = f"Basic {base64.b64encode(b'bob:').decode()}"


@pytest.fixture(scope="module")
def mine(gateway: Program) -> Iterator[str]:
    """Name of a running cluster of alice for these tests alone."""
    name = programs.new_cluster(gateway, workers=0)
    yield name
    gateway.call(f"/api/v1/clusters/{name}", "DELETE")


def _steer(lab: Program, cluster: str, verb: str, body: Any = None) -> Answer:
    return lab.call(f"gatehouse/clusters/{cluster}/{verb}", "POST", body)


def _told(answer: Answer) -> str:
    assert answer.status == 200, answer.text
    return Steered.model_validate_json(answer.text).message


def _workers(cluster: str) -> set[int]:
    """Return the processes of the cluster's workers."""
    found = set()
    for pid in tagged("DASK_GATEWAY_CLUSTER_NAME", cluster):
        try:
            if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                found.add(pid)
        except OSError:  # it has just ended
            continue
    return found


def _known(lab: Program, cluster: str) -> int:
    """Return how many workers the scheduler has."""
    answer = lab.call(f"gatehouse/clusters/{cluster}/environment", "POST", {"fresh": True})
    return int(answer.json["workers"])


def test_a_cluster_grows_and_shrinks(lab: Program, mine: str) -> None:
    """Two workers come, and one of them goes again; there is nothing to say beside it."""
    assert _told(_steer(lab, mine, "scale", {"workers": 2})) == ""
    until("two workers", lambda: _known(lab, mine) == 2)
    assert _told(_steer(lab, mine, "scale", {"workers": 1})) == ""
    until("one worker", lambda: _known(lab, mine) == 1 and len(_workers(mine)) == 1)


def test_more_than_the_gateway_allows_is_less_and_says_why(lab: Program, mine: str) -> None:
    """What the gateway says beside its yes reaches the person."""
    assert "resource limit of 4 workers" in _told(_steer(lab, mine, "scale", {"workers": 9}))
    until("four workers", lambda: len(_workers(mine)) == 4)


def test_a_cluster_adapts_within_its_bounds_until_it_is_told_not_to(lab: Program, mine: str) -> None:
    """The minimum comes without any work; switched off, what there is stays, and a number is a number again."""
    assert _told(_steer(lab, mine, "adapt", {"minimum": 2, "maximum": 3})) == ""
    until("two workers", lambda: len(_workers(mine)) == 2)
    assert _told(_steer(lab, mine, "adapt", {"active": False})) == ""
    assert _told(_steer(lab, mine, "scale", {"workers": 3})) == ""
    until("three workers", lambda: _known(lab, mine) == 3)


def test_a_restart_gives_other_processes(lab: Program, mine: str) -> None:
    """As many workers as before, and none of the processes that there were."""
    _steer(lab, mine, "scale", {"workers": 2})
    until("two workers", lambda: _known(lab, mine) == 2 and len(_workers(mine)) == 2)
    before = _workers(mine)
    assert _steer(lab, mine, "restart").status == 204
    until("two others", lambda: _known(lab, mine) == 2 and len(_workers(mine) - before) == 2, within=60)
    until("the old ones have ended", lambda: not _workers(mine) & before)


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("scale", None),
        ("scale", {"workers": -1}),
        ("scale", {"workers": True}),
        ("scale", {"workers": "3"}),
        ("scale", {"workers": 10**9}),
        ("scale", {"workers": 1, "more": 1}),
        ("adapt", {"minimum": 3, "maximum": 2}),
        ("adapt", {"minimum": -1}),
        ("adapt", {"maximum": 1.5}),
        ("adapt", {"active": "perhaps"}),
    ],
    ids=str,
)
def test_what_is_no_number_of_workers_is_refused(lab: Program, mine: str, verb: str, body: Any) -> None:
    """It does not reach the gateway; the sentence says what is asked for."""
    answer = _steer(lab, mine, verb, body)
    assert answer.status == 422
    assert answer.json["error"]["reason"] == Reason.invalid_request
    assert "whole number" in answer.json["error"]["message"]


def test_a_cluster_that_is_starting_is_waited_for(lab: Program, gateway: Program) -> None:
    """Workers asked for before its scheduler has told the gateway of itself come all the same."""
    name = gateway.call("/api/v1/clusters/", "POST", {"cluster_options": {}}).json["name"]
    refused = gateway.call(f"/api/v1/clusters/{name}/scale", "POST", {"count": 1})
    assert (refused.status, "is not running" in refused.text) == (409, True)
    assert _told(_steer(lab, name, "scale", {"workers": 1})) == ""
    until("one worker", lambda: len(_workers(name)) == 1)
    gateway.call(f"/api/v1/clusters/{name}", "DELETE")


EVERY_VERB = pytest.mark.parametrize(
    ("verb", "body"), [("scale", {"workers": 1}), ("adapt", {"maximum": 1}), ("restart", None)], ids=str
)


@EVERY_VERB
def test_another_persons_cluster_is_theirs(lab: Program, gateway: Program, verb: str, body: Any) -> None:
    """Nobody steers what is not theirs."""
    name = gateway.call("/api/v1/clusters/", "POST", {"cluster_options": {}}, Authorization=BOB).json["name"]
    answer = _steer(lab, name, verb, body)
    gateway.call(f"/api/v1/clusters/{name}", "DELETE", Authorization=BOB)
    assert answer.status == 403
    assert answer.json["error"]["reason"] == Reason.forbidden
    assert "not yours" in answer.json["error"]["message"]


@EVERY_VERB
def test_a_cluster_that_is_not_there_is_not_found(lab: Program, verb: str, body: Any) -> None:
    """The gateway's 404 becomes a sentence."""
    answer = _steer(lab, "0" * 32, verb, body)
    assert answer.status == 404
    assert "You have no cluster" in answer.json["error"]["message"]


@EVERY_VERB
def test_a_cluster_that_ended_is_not_steered(lab: Program, gateway: Program, verb: str, body: Any) -> None:
    """The refusal is the gateway's, or says what state it found."""
    name = gateway.call("/api/v1/clusters/", "POST", {"cluster_options": {}}).json["name"]
    gateway.call(f"/api/v1/clusters/{name}", "DELETE")
    answer = _steer(lab, name, verb, body)
    assert answer.status == 409
    assert answer.json["error"]["reason"] == Reason.not_found


@EVERY_VERB
def test_a_server_without_a_gateway_says_so(bare_lab: Program, verb: str, body: Any) -> None:
    """Without DASK_GATEWAY__ADDRESS the answer names it."""
    answer = _steer(bare_lab, "abc", verb, body)
    assert answer.status == 404
    assert "DASK_GATEWAY__ADDRESS" in answer.json["error"]["message"]
