"""Whether a cluster computes, by what the operating system says of its workers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub_ext.cluster.activity import Activity
from hub_ext.contract import paths
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.support.hub import Hub
from tests.support.service import Service, running_service

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04, gib_hour: 0.005}]
profiles:
  standard:
    kind: cluster
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 2}
    idle: {default: 12s, max: 1h}
groups:
  research: {match: [/research], profiles: [standard]}
"""
COMPUTE = """
cluster = Gateway().connect({name!r})
client = cluster.get_client()
def burn(seconds):
    import time
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        sum(range(1000))
    return "done"
print(client.submit(burn, 20).result(timeout=180))
def lie():
    import gc
    async def never(self): return None
    for found in gc.get_objects():
        if type(found).__name__ == "GatewaySchedulerService":
            type(found).check_idle = never
            found.idle_timeout = 0
            return "lied"
print(client.run_on_scheduler(lie))
client.close()
"""


@pytest.mark.parametrize(
    ("looks", "active"),
    [
        pytest.param([{}], 0, id="at the first look it counts as used"),
        pytest.param([{}, {}], 0, id="no worker: nothing computes"),
        pytest.param([{"w": 1.0}, {"w": 1.4}], 0, id="a heartbeat's worth"),
        pytest.param([{"w": 1.0}, {"w": 1.5}], 1, id="the threshold"),
        pytest.param([{"w": 1.0}, {"w": 6.0}, {"w": 6.1}], 1, id="it computed once"),
        pytest.param([{"v": 1.0, "w": 1.0}, {"v": 1.3, "w": 1.3}], 0, id="two idle ones do not add up"),
        pytest.param([{"v": 1.0, "w": 1.0}, {"v": 1.0, "w": 4.0}], 1, id="one of two computes"),
        pytest.param([{"w": 1.0}, {"v": 0.0, "w": 1.0}], 1, id="a new worker"),
        pytest.param([{"v": 1.0, "w": 9.0}, {"v": 1.0}], 0, id="a worker that ended"),
    ],
)
def test_a_cluster_is_used_while_a_worker_computes(looks: list[dict[str, float]], active: int) -> None:
    """Looks are five seconds apart; a tenth of a core is the threshold."""
    activity = Activity(0.1)
    for number, used in enumerate(looks):
        activity.look({"c": used}, now=5.0 * number, at=NOON + timedelta(minutes=number))
    assert activity.at("c") == NOON + timedelta(minutes=active)


def test_an_unknown_cluster_has_no_activity() -> None:
    """Nothing is said about a cluster before the first look at it, nor after it has ended."""
    activity = Activity(0.1)
    assert activity.at("c") is None
    activity.look({"c": {}}, now=0, at=NOON)
    activity.look({}, now=5, at=NOON)
    assert activity.at("c") is None


@pytest.fixture
def both(tmp_path: Path, hub: Hub) -> Iterator[tuple[Service, Gateway]]:
    """Service and gateway, each told where the other is."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    gateway = Gateway(tmp_path / "gw", hub.api_url, "", hub.tokens["dask-gateway"], nanny=True)
    with running_service(hub, tmp_path, tmp_path / "policy.yaml", gateway_url=gateway.url) as service:
        gateway.service_url = service.url
        with running_gateway(gateway):
            yield service, gateway


def test_an_idle_cluster_ends_though_its_scheduler_forgot_to(
    both: tuple[Service, Gateway], hub: Hub, tmp_path: Path
) -> None:
    """While a worker computes it goes on, longer than its idle time; then it ends, also with its own timer disabled."""
    service, gateway = both
    name = gateway.create(hub.token("alice"))

    def view() -> Any:
        clusters = service.as_("alice", "GET", paths.ACCOUNT).json["clusters"]
        return next(cluster for cluster in clusters if cluster["id"] == name)

    gateway.scale(name, 1, hub.token("alice"))
    until("a worker", lambda: view()["running"] == 1)
    home = tmp_path / "home"
    home.mkdir()
    assert notebook.run(gateway, hub.token("alice"), home, COMPUTE.format(name=name)) == ["done\nlied"]
    assert view()["state"] == "running"
    until("it is stopped", lambda: view()["state"] == "stopped", 60)
    assert view()["reason"] == "idle"
    assert "was not used for 12 s" in view()["message"]
