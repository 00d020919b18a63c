"""A budget that is used up while a real cluster computes: the notice, the grace, the end, and a top-up in each."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub_ext.contract import paths
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.service.test_doors import ask, bind, event, release
from tests.support.hub import Hub
from tests.support.service import Service, running_service

GRACE = timedelta(seconds=20)
POLICY = """
apiVersion: gatehouse/v1
currency: USD
prices: [{{from: 2026-01-01, core_hour: 0}}]
profiles:
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {{cores: 1, memory: 1 GiB}}
    worker: {{cores: 1, memory: 1 GiB}}
    workers: {{max: 10}}
    price: {{worker_hour: 3600}}
groups:
  research:
    title: Research
    match: [/research]
    profiles: [standard]
    quota: {{cores: 10}}
    budget: {{monthly: 1000, on_exhausted: drain, grace: {grace}}}
administrators:
  - {{match: [/platform-admins], may: [read, operate, budget]}}
"""
TOPUP = {"group": "research", "amount": "100000", "reason": "Deadline of the sales report"}
OPEN = """
import time
from pathlib import Path
place = Path(PLACE)

def come(flag):
    assert time.monotonic() < deadline, f"no {flag}"
    return (place / flag).exists()

def step(n, place):
    with open(f"{place}/step-{n}", "a") as told:
        told.write("x")
    time.sleep(0.1)
    return n * n

def compute():
    steps.extend(client.map(step, range(len(steps), len(steps) + 10), place=str(place), pure=False))
    client.gather(steps)

deadline = time.monotonic() + 240
steps = []
cluster = Gateway().new_cluster()
cluster.scale(2)
client = cluster.get_client()
client.wait_for_workers(2, timeout=90)
"""
GO_ON = """
while not come("told"):
    compute()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    cluster.scale(3)
print(*[str(one.message) for one in caught])
(place / "asked").touch()
while not come("topped"):
    compute()
client.wait_for_workers(3, timeout=90)
compute()
total = client.submit(sum, steps).result(timeout=90)
print(total == sum(n * n for n in range(len(steps))))
print({len((place / f"step-{n}").read_text()) for n in range(len(steps))})
cluster.shutdown()
"""
TO_THE_END = """
while not come("over"):
    compute()
"""
REFUSED = """
while not come("over"):
    time.sleep(0.1)
Gateway().new_cluster()
"""
AGAIN = """
(place / "refused").touch()
while not come("topped"):
    time.sleep(0.1)
steps = []
cluster = Gateway().new_cluster()
cluster.scale(2)
client = cluster.get_client()
client.wait_for_workers(2, timeout=90)
print(client.submit(sum, range(10)).result(timeout=90))
cluster.shutdown()
"""


@pytest.fixture
def both(request: pytest.FixtureRequest, tmp_path: Path, hub: Hub) -> Iterator[tuple[Service, Gateway]]:
    """Service and gateway; a worker costs a dollar a second, and there are a thousand: enough for two to be granted."""
    (tmp_path / "policy.yaml").write_text(POLICY.format(grace=request.param))
    gateway = Gateway(tmp_path / "gw", hub.api_url, "", hub.tokens["dask-gateway"])
    nobody_looks = ["--GatehouseService.orphan_check_seconds=3600"]  # the gateway does not know the cluster that spends
    with running_service(
        hub, tmp_path, tmp_path / "policy.yaml", gateway_url=gateway.url, options=nobody_looks
    ) as service:
        gateway.service_url = service.url
        with running_gateway(gateway):
            yield service, gateway


@contextmanager
def spending(service: Service) -> Iterator[None]:
    """Dan, in the same group, spends a hundred dollars a second."""
    lease: str = ask(service, identity={"name": "dan", "groups": ["/research"]}).json["lease"]["id"]
    bind(service, lease, "c-dan")
    for what in ("started", "ended"):
        now = datetime.now(UTC)
        told = [event(lease, f"{lease}-{number}", "worker", what, now) for number in range(100)]
        assert service.door("POST", paths.EVENTS, {"events": told}).status == 200
        if what == "started":
            yield
    release(service, lease)


@contextmanager
def computing(gateway: Gateway, hub: Hub, place: Path, *cells: str) -> Iterator[Any]:
    """Alice computes in a notebook meanwhile; gives what will hold all that her cells showed."""
    place.mkdir()
    told = [cell.replace("PLACE", json.dumps(str(place))) for cell in cells]
    with ThreadPoolExecutor(1) as thread:
        shown = thread.submit(notebook.run, gateway, hub.token("alice"), place.parent, *told, patience=300)
        try:
            yield shown
        finally:
            for flag in ("told", "topped", "over"):
                (place / flag).touch()


def mine(service: Service) -> Any:
    """Return alice's newest cluster as her notebook's panel is told of it."""
    clusters = service.as_("alice", "GET", paths.ACCOUNT).json["clusters"]
    return clusters[0] if clusters else {"message": "", "state": "", "running": 0, "reason": None}


def top_up(service: Service) -> int:
    """Let adam add money; return the status of the answer."""
    return service.as_("adam", "POST", f"{paths.ADMIN}/topup", TOPUP).status


@pytest.mark.parametrize("both", ["1h"], indirect=True)
def test_a_top_up_in_the_grace_period_saves_the_computation(
    both: tuple[Service, Gateway], hub: Hub, tmp_path: Path
) -> None:
    """The notebook is told and grows no more; after the top-up it grows by itself, and no step was computed twice."""
    service, gateway = both
    place = tmp_path / "steps"
    with computing(gateway, hub, place, OPEN + GO_ON) as shown:
        until("steps", lambda: shown.done() or len([*place.glob("step-*")]) > 20, 120)
        with spending(service):
            until("the notice", lambda: shown.done() or "running work ends at" in mine(service)["message"], 120)
        told = mine(service)
        (place / "told").touch()
        until("the notebook asked for a worker", lambda: shown.done() or (place / "asked").exists(), 60)
        refused = mine(service)
        steps = len([*place.glob("step-*")])
        until("more steps", lambda: shown.done() or len([*place.glob("step-*")]) > steps + 20, 60)
        still = mine(service)
        topped = top_up(service)
        until("no notice", lambda: shown.done() or "ends at" not in mine(service)["message"], 60)
        freed = mine(service)
        (place / "topped").touch()
        [said] = shown.result()

    assert (told["state"], told["reason"]) == ("running", "budget_exhausted")
    assert "Save what is in worker memory" in told["message"]
    assert [(one["wanted"], one["granted"]) for one in (refused, still)] == [(3, 2), (3, 2)]
    assert (still["state"], still["running"], still["message"]) == ("running", 2, told["message"])
    assert (topped, freed["state"]) == (200, "running")
    assert said.splitlines() == [f"{told['message']} [budget_exhausted]", "True", "{1}"]


@pytest.mark.parametrize("both", [f"{GRACE.seconds}s"], indirect=True)
def test_after_the_grace_period_a_top_up_lets_a_new_cluster_start(
    both: tuple[Service, Gateway], hub: Hub, tmp_path: Path
) -> None:
    """The cluster ends with its reason; until the top-up nothing new starts, then a new cluster computes."""
    service, gateway = both
    place = tmp_path / "steps"
    with computing(gateway, hub, place, OPEN + TO_THE_END, REFUSED, AGAIN) as shown:
        until("steps", lambda: shown.done() or len([*place.glob("step-*")]) > 20, 120)
        with spending(service):
            until("the notice", lambda: shown.done() or mine(service)["reason"] == "budget_exhausted", 60)
        [warning] = service.as_("alice", "GET", paths.ACCOUNT).json["warnings"]
        until("the end", lambda: shown.done() or mine(service)["state"] == "stopped", 120)
        ended = mine(service)
        rows = service.as_("adam", "GET", f"{paths.ADMIN}/ledger").json["rows"]
        (place / "over").touch()
        until("a refused start", lambda: shown.done() or (place / "refused").exists(), 90)
        topped = top_up(service)
        (place / "topped").touch()
        interrupted, refused, again = shown.result()

    assert (ended["state"], ended["reason"], warning["level"]) == ("stopped", "budget_exhausted", 1)
    assert "was used up at" in ended["message"]
    spent = [row for row in rows if row["user"] == "alice"]
    assert sorted(row["kind"] for row in spent) == ["scheduler", "worker", "worker"]
    assert {row["source"] for row in spent} == {"exact"}
    ends = [datetime.fromisoformat(row["ended_at"]) for row in spent]
    assert min(ends) >= datetime.fromisoformat(warning["at"]) + GRACE
    assert "scheduler-connection-lost" in interrupted
    assert refused.endswith("[budget_exhausted]")
    assert (topped, again) == (200, "45")
