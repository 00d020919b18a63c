"""Processes that carry a gateway's mark and belong to nothing that lives."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from hub_ext.cluster.leftovers import CLUSTER_VARIABLE, Marked, end, marked
from hub_ext.cluster.units import UNIT_VARIABLE
from hub_ext.contract.usage import Source
from hub_ext.processes import start_ticks
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.cluster.lab import Lab
from tests.cluster.stand_in import StandIn


@pytest.fixture
def sleepers() -> Iterator[ExitStack]:
    """Processes that a test starts, ended afterwards."""
    with ExitStack() as stack:
        yield stack


def sleeper(sleepers: ExitStack, api_url: str, cluster: str, unit: str = "") -> subprocess.Popen[bytes]:
    """Start a process with the mark of a gateway, a cluster and a unit."""
    told = {"DASK_GATEWAY_API_URL": api_url, CLUSTER_VARIABLE: cluster}
    process = subprocess.Popen(["sleep", "600"], env={**os.environ, **told, **({UNIT_VARIABLE: unit} if unit else {})})
    sleepers.callback(process.wait)
    sleepers.callback(process.kill)
    return process


@pytest.mark.parametrize(
    ("unit", "cluster", "known"),
    [
        ("d-1-scheduler", "c-1", True),
        ("d-2-scheduler", "c-1", False),
        ("", "c-1", True),
        ("", "c-2", False),
        ("", "", False),
    ],
    ids=["its unit lives", "its unit has ended", "only its cluster is told", "that has ended", "nothing is told"],
)
def test_a_process_belongs_to_its_unit_or_else_to_its_cluster(unit: str, cluster: str, *, known: bool) -> None:
    """A task's child that hides its unit stays as long as its cluster, and no longer."""
    assert Marked(1, 1, unit, cluster).is_known({"d-1-scheduler"}, {"c-1"}) is known


def test_a_stranger_with_a_reused_number_is_not_ended(sleepers: ExitStack) -> None:
    """A process is known by number and start time."""
    process = sleeper(sleepers, "http://127.0.0.1:9/api", "c")
    (found,) = marked("http://127.0.0.1:9/api")
    end([Marked(found.pid, (found.ticks or 0) - 1, "", "c")])
    assert process.poll() is None
    assert found.ticks == start_ticks(process.pid)
    end([found])
    assert process.wait(5) == -9


def test_what_no_cluster_owns_is_ended_while_the_gateway_runs(lab: Lab, sleepers: ExitStack, desk: StandIn) -> None:
    """Each look ends what carries this gateway's mark and belongs to nothing; other gateways' are left alone."""
    gateway, token = lab.gateway, lab.hub.token("dan")
    name = gateway.create(token)
    mine, other = f"{gateway.private_url}/api", "http://127.0.0.1:9/api"
    kept = [sleeper(sleepers, mine, name), sleeper(sleepers, other, "gone", "d-gone-scheduler")]
    strays = [sleeper(sleepers, mine, "gone"), sleeper(sleepers, mine, name, "d-gone-w1")]
    for stray in strays:
        assert stray.wait(20) == -9
    assert [process.poll() for process in kept] == [None, None]
    told = until("its end is told", lambda: next((e for e in desk.events if e.unit == "d-gone-w1"), None))
    assert told.source is Source.reconciled
    gateway.delete(name, token)
    assert kept[0].wait(20) == -9


def test_what_an_earlier_gateway_left_is_ended_at_the_start(
    lab: Lab, sleepers: ExitStack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A gateway that has lost its database ends what still runs of it before it answers."""
    told = (lab.hub.api_url, lab.desk.url, lab.hub.tokens["dask-gateway"])
    gateway = Gateway(tmp_path_factory.mktemp("gw"), *told, leftover_check=600)
    left = sleeper(sleepers, f"{gateway.private_url}/api", "gone", "d-gone-w2")
    with running_gateway(gateway):
        assert left.wait(10) == -9
