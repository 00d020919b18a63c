"""Adaptive clusters stay adaptive and shrunk ones remember their wish, with real clusters."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub_ext.contract.admission import Lease, LeaseState
from hub_ext.contract.usage import EventType
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub

WORKS = """
import time
from pathlib import Path
place = Path({place!r})
cluster = Gateway().connect({name!r})
cluster.adapt(minimum=0, maximum=4)
client = cluster.get_client()
def step(n):
    time.sleep(0.2)
    return n
done, deadline = 0, time.monotonic() + 100
while not (place / "enough").exists() and time.monotonic() < deadline:
    found = client.gather(client.map(step, range(done, done + 200), pure=False))
    assert found == list(range(done, done + 200))
    done += 200
print("computed")
(place / "idle").touch()
while not (place / "close").exists() and time.monotonic() < deadline:
    time.sleep(0.1)
client.close()
"""


@pytest.fixture
def own_gateway(tmp_path: Path, hub: Hub, desk: StandIn) -> Iterator[Gateway]:
    """A gateway that a test may kill."""
    with running_gateway(Gateway(tmp_path / "gw", hub.api_url, desk.url, hub.tokens["dask-gateway"])) as running:
        yield running


@contextmanager
def a_cluster(gateway: Gateway, hub: Hub, desk: StandIn) -> Iterator[tuple[str, Lease]]:
    """A running cluster of dan's, ended afterwards."""
    name = gateway.create(hub.token("dan"))
    lease = until("bound", lambda: desk.lease_of(name))
    try:
        yield name, lease
    finally:
        gateway.delete(name, hub.tokens["gatehouse"])
        until("released", lambda: desk.leases[lease.id].state is LeaseState.released)


def workers(desk: StandIn, lease: Lease) -> int:
    """Return how many workers have started and not ended."""
    units = {unit for unit in desk.units(lease.id) if not unit.endswith("-scheduler")}
    return sum(desk.event(unit, EventType.ended) is None for unit in units)


def test_an_adaptive_cluster_stays_adaptive(own_gateway: Gateway, hub: Hub, desk: StandIn, tmp_path: Path) -> None:
    """It grows within its grant, shrinks with it and comes back; without work it shrinks by itself to nothing."""
    desk.cap = 2
    with a_cluster(own_gateway, hub, desk) as (name, lease), ThreadPoolExecutor(1) as thread:
        cell = WORKS.format(place=str(tmp_path), name=name)
        computing = thread.submit(notebook.run, own_gateway, hub.token("dan"), tmp_path, cell)
        try:
            until("it grows to its grant", lambda: workers(desk, lease) == 2, 40)
            desk.cap = 12
            until("it grows to its maximum", lambda: workers(desk, lease) == 4, 40)
            until("the scheduler has them", lambda: "[count: 4, n_active: 4" in own_gateway.log, 40)
            desk.cap = 1
            until("it shrinks with its grant", lambda: workers(desk, lease) == 1, 40)
            desk.cap = 12
            until("it comes back", lambda: workers(desk, lease) == 4, 40)
        finally:
            (tmp_path / "enough").touch()
        until("nothing is left to do", lambda: (tmp_path / "idle").exists() or computing.done(), 40)
        until("it shrinks by itself", lambda: workers(desk, lease) == 0, 40)
        (tmp_path / "close").touch()
        assert computing.result() == ["computed"]
        assert "Disabling adaptive scaling" not in scheduler_log(own_gateway, name)


def test_an_adaptive_cluster_stays_so_over_a_new_gateway(own_gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """The next gateway bounds it as the one before did, and gives it back the bounds that its person chose."""
    token = hub.token("dan")

    def adapt(minimum: int, maximum: int) -> None:
        bounds = {"minimum": minimum, "maximum": maximum}
        assert own_gateway.call("POST", f"/api/v1/clusters/{name}/adapt", bounds, token=token).status == 200

    with a_cluster(own_gateway, hub, desk) as (name, lease):
        adapt(3, 4)
        until("the scheduler has them", lambda: f"Cluster {name} heartbeat [count: 3, n_active: 3" in own_gateway.log)
        own_gateway.kill()
        desk.cap = 1
        own_gateway.start()
        until("one is left", lambda: workers(desk, lease) == 1, 40)
        own_gateway.kill()
        desk.cap = 12
        own_gateway.start()
        until("three again", lambda: workers(desk, lease) == 3, 40)
        adapt(0, 4)
        until("none is needed", lambda: workers(desk, lease) == 0, 40)
        told = scheduler_log(own_gateway, name)
        assert "Disabling adaptive scaling" not in told
        assert told.count("minimum=3, maximum=4") == 2


def scheduler_log(gateway: Gateway, name: str) -> str:
    """Return what a cluster's scheduler has logged."""
    return (gateway.directory / "data" / "logs" / name / "scheduler.log").read_text()


def test_a_shrunk_cluster_remembers_its_wish_over_a_new_gateway(own_gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """What the person asked for is not lost with the gateway that told the scheduler less."""
    token = hub.token("dan")
    with a_cluster(own_gateway, hub, desk) as (name, lease):
        own_gateway.scale(name, 3, token)
        until("the scheduler has them", lambda: f"Cluster {name} heartbeat [count: 3, n_active: 3" in own_gateway.log)
        desk.cap = 1
        until("one is left", lambda: workers(desk, lease) == 1)
        until("it is settled", lambda: f"Cluster {name} heartbeat [count: 1, n_active: 1" in own_gateway.log)
        own_gateway.kill()
        asked = len(desk.demands)
        own_gateway.start()
        until("it is asked for again", lambda: len(desk.demands) > asked + 1)
        assert {demand.wanted for _, demand in desk.demands[asked:]} == {3}
        desk.cap = 12
        until("three again", lambda: workers(desk, lease) == 3)
        own_gateway.scale(name, 2, token)
        until("a smaller wish is a wish", lambda: workers(desk, lease) == 2)
        time.sleep(2)
        assert workers(desk, lease) == 2
