"""Two groups of a cohort with real clusters: the borrower computes on, and its results outlive the reclaim."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub_ext.contract import paths
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.support.hub import Hub
from tests.support.service import Service, running_service

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04}]
profiles:
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 10}
cohorts:
  company: {}
groups:
  research: {title: Research, match: [/research], cohort: company, profiles: [standard], quota: {cores: 2}}
  analysts: {title: Analysts, match: [/analysts], cohort: company, profiles: [standard], quota: {cores: 3}}
administrators:
  - {match: [/platform-admins], may: [read]}
"""
BORROWER = """
import time
from pathlib import Path
place = Path(PLACE)

def step(n, place):
    with open(f"{place}/{n}", "a") as told:
        told.write("x")
    time.sleep(0.1)
    return n * n

cluster = Gateway().new_cluster()
cluster.scale(3)
client = cluster.get_client()
client.wait_for_workers(3, timeout=180)
finished = client.map(step, range(30), place=str(place), pure=False)
client.gather(finished)
(place / "ready").touch()
more, deadline = [], time.monotonic() + 120
while len(client.scheduler_info(n_workers=-1)["workers"]) > 1 and time.monotonic() < deadline:
    more += client.map(step, range(1000 + len(more), 1000 + len(more) + 10), place=str(place), pure=False)
    client.gather(more)
print(client.gather(finished) == [n * n for n in range(30)])
print(client.gather(more) == [n * n for n in range(1000, 1000 + len(more))])
print([len((place / str(n)).read_text()) for n in range(30)] == [1] * 30)
print(len(client.scheduler_info(n_workers=-1)["workers"]))
cluster.shutdown()
"""


@pytest.fixture
def both(tmp_path: Path, hub: Hub) -> Iterator[tuple[Service, Gateway]]:
    """Service and gateway; a lender waits one second."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    gateway = Gateway(tmp_path / "gw", hub.api_url, "", hub.tokens["dask-gateway"])
    with running_service(
        hub, tmp_path, tmp_path / "policy.yaml", gateway_url=gateway.url, reclaim_seconds=1
    ) as service:
        gateway.service_url = service.url
        with running_gateway(gateway):
            yield service, gateway


def _workers(service: Service, user: str) -> int:
    clusters = service.as_("adam", "GET", f"{paths.ADMIN}/clusters").json["clusters"]
    return sum(view["running"] for view in clusters if view["user"] == user)


def test_a_borrower_keeps_its_results_when_the_owner_comes_back(
    both: tuple[Service, Gateway], hub: Hub, tmp_path: Path
) -> None:
    """Alice borrows two cores of Analysts; bob takes them back; nothing that she has finished is computed again."""
    service, gateway = both
    owner = gateway.create(hub.token("bob"))
    place = tmp_path / "steps"
    place.mkdir()
    with ThreadPoolExecutor(1) as thread:
        computing = thread.submit(
            notebook.run, gateway, hub.token("alice"), tmp_path, BORROWER.replace("PLACE", json.dumps(str(place)))
        )
        until("alice has computed", lambda: (place / "ready").exists() or computing.done(), 60)
        waits = gateway.scale(owner, 2, hub.token("bob")).body["msg"]
        until("bob has what is his", lambda: _workers(service, "bob") == 2, 120)
        shown = computing.result()[0].split()
    assert shown == ["True", "True", "True", "1"]
    assert "None of 2 workers yet" in waits
    assert waits.endswith("[cohort_full]")
    gateway.delete(owner, hub.token("bob"))
