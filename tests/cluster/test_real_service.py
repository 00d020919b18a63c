"""The gateway with the real service: quota, refusal, ledger and an administrator's stop, with nothing stood in for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from hub_ext.contract import paths
from hub_ext.processes import started_at, tagged
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.support.hub import Hub
from tests.support.service import Service, running_service

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04, gib_hour: 0.005}]
profiles:
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 10}
    idle: {default: 20m}
groups:
  research:
    title: Research
    match: [/research]
    profiles: [standard]
    quota: {cores: 3, clusters: 1}
administrators:
  - {match: [/platform-admins], may: [read, operate]}
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, hub: Hub) -> Iterator[tuple[Service, Gateway]]:
    """Service and gateway, each told where the other is."""
    place = tmp_path_factory.mktemp("service")
    (place / "policy.yaml").write_text(POLICY)
    gateway = Gateway(place / "gw", hub.api_url, "", hub.tokens["dask-gateway"])
    with running_service(hub, place, place / "policy.yaml", gateway_url=gateway.url) as service:
        gateway.service_url = service.url
        with running_gateway(gateway):
            yield service, gateway


def row(service: Service, cluster: str) -> dict[str, Any]:
    """Return the cluster as an administrator sees it."""
    clusters = service.as_("adam", "GET", f"{paths.ADMIN}/clusters").json["clusters"]
    return next((view for view in clusters if view["id"] == cluster), {})


def test_one_cluster_from_admission_to_ledger(both: tuple[Service, Gateway], hub: Hub) -> None:
    """Quota binds with its reason, a second cluster is refused, adam's stop ends it, the ledger has the true times."""
    service, gateway = both
    name = gateway.create(hub.token("alice"), name="sales-join")
    message = gateway.scale(name, 5, hub.token("alice")).body["msg"]
    assert "2 of 5 workers" in message
    assert message.endswith("[quota_exceeded]")
    until("two workers", lambda: row(service, name).get("running") == 2)
    assert {key: row(service, name)[key] for key in ("user", "group", "name", "wanted", "granted")} == {
        "user": "alice",
        "group": "research",
        "name": "sales-join",
        "wanted": 5,
        "granted": 2,
    }

    refused = gateway.call("POST", "/api/v1/clusters/", {}, token=hub.token("dan"))
    assert refused.status == 409
    assert refused.body["error"].startswith("Not started: Research has ")
    assert refused.body["error"].endswith("[quota_exceeded]")

    starts = {pid: started_at(pid) for pid in tagged("DASK_GATEWAY_CLUSTER_NAME", name)}
    stopped = service.as_("adam", "POST", f"{paths.ADMIN}/stop", {"lease": row(service, name)["lease"], "note": "test"})
    assert stopped.status == 200, stopped
    until("stopped", lambda: row(service, name).get("state") == "stopped")

    rows = service.as_("adam", "GET", f"{paths.ADMIN}/ledger").json["rows"]
    assert sorted(interval["kind"] for interval in rows) == ["scheduler", "worker", "worker"]
    assert {interval["source"] for interval in rows} == {"exact"}
    begun = sorted(datetime.fromisoformat(interval["started_at"]) for interval in rows)
    true = sorted(starts.values())
    assert all(abs((told - real).total_seconds()) < 1 for told, real in zip(begun, true, strict=True))
    assert all(interval["ended_at"] for interval in rows)


def test_a_freed_quota_is_free_again(both: tuple[Service, Gateway], hub: Hub) -> None:
    """Once the first cluster has really ended, the next one starts."""
    service, gateway = both

    def created() -> str:
        answer = gateway.call("POST", "/api/v1/clusters/", {}, token=hub.token("dan"))
        return str(answer.body.get("name", ""))

    name = until("its lease is given back a moment after its last process", created, 5)
    gateway.delete(name, hub.token("dan"))
    until("stopped", lambda: row(service, name).get("state") == "stopped")
