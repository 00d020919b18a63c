"""Busy, idle and starting time and the memory of real workers, over the death of a gateway."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub_ext.contract import paths
from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.quantities import TICK
from hub_ext.usage import activity, ledger
from hub_ext.usage.database import Database
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.support.hub import Hub
from tests.support.service import Service, running_service

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04, gib_hour: 0.005}]
profiles:
  standard:
    kind: cluster
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 2}
groups:
  research: {match: [/research], profiles: [standard]}
"""
WORK = """
cluster = Gateway().connect({name!r})
client = cluster.get_client()
client.wait_for_workers(2, timeout=180)
computes, holds = sorted(client.scheduler_info()["workers"])
def burn(seconds):
    import time
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        sum(range(1000))
def hold():
    import time
    held = b"x" * 200_000_000
    time.sleep(1)
    return len(held)
tasks = [client.submit(burn, 16, workers=[computes]), client.submit(hold, workers=[holds])]
client.gather(tasks)
names = {{address: worker["name"] for address, worker in client.scheduler_info()["workers"].items()}}
print(names[computes], names[holds])
client.close()
"""
LOOKS = 3 * 5_000_000
"""Microseconds of three looks: machines are busy."""


@pytest.fixture
def both(tmp_path: Path, hub: Hub) -> Iterator[tuple[Service, Gateway]]:
    """Service and gateway, each told where the other is; the gateway tells every look."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    more = "c.GatehouseLocalBackend.activity_report_seconds = 1.0\n"
    gateway = Gateway(tmp_path / "gw", hub.api_url, "", hub.tokens["dask-gateway"], more=more)
    with running_service(hub, tmp_path, tmp_path / "policy.yaml", gateway_url=gateway.url) as service:
        gateway.service_url = service.url
        with running_gateway(gateway):
            yield service, gateway


def test_time_splits_by_what_workers_really_did(both: tuple[Service, Gateway], hub: Hub, tmp_path: Path) -> None:
    """One computes, one holds 200 MB and sleeps; a gateway that is killed in between loses nothing of it."""
    service, gateway = both
    database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
    token = hub.token("alice")
    name = gateway.create(token)
    [cluster] = service.as_("alice", "GET", paths.ACCOUNT).json["clusters"]
    lease = cluster["lease"]

    def known() -> dict[str, UnitActivity]:
        with database.read() as connection:
            return activity.of_leases(connection, [lease]).get(lease, {})

    def lived() -> dict[str, int]:
        now = datetime.now(UTC)
        with database.read() as connection:
            return {one.unit: (now - one.started_at) // TICK for one in ledger.of_leases(connection, [lease])}

    gateway.scale(name, 2, token)
    [words] = notebook.run(gateway, token, tmp_path, WORK.format(name=name))
    computed, held = (f"{lease}-{worker}" for worker in words.split())
    until("both are told", lambda: known().get(computed) and known().get(held), 60)
    until("a look at the work", lambda: known()[computed].busy > 0 and known()[held].idle > 0, 60)
    before = known()
    gateway.kill()
    gateway.start()
    until("a look of the next", lambda: known()[computed].idle > before[computed].idle, 60)

    after, length = known(), lived()
    for unit in (computed, held):
        assert after[unit].starting == before[unit].starting > 0
        told = after[unit].busy + after[unit].idle + after[unit].starting
        assert length[unit] - LOOKS < told <= length[unit]
    assert after[computed].busy > after[held].busy
    assert after[held].idle > after[computed].idle
    assert after[computed].cpu > after[held].cpu
    assert after[held].memory_peak > after[computed].memory_peak + 150_000_000
    [cluster] = service.as_("alice", "GET", paths.ACCOUNT).json["clusters"]
    assert 0 < float(cluster["idle_cost"]) < float(cluster["cost"])
    database.close()
