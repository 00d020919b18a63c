"""Idle time and lifetime: held against a real server of a real hub, and against a cluster."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.service.noting_gateway import NotingGateway
from tests.service.test_doors import ask, bind, event
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.service import Service, running_service


def _started(service: Service, profile: str, ref: str, kind: str, age: float) -> str:
    """Admit, bind and start something so many seconds ago; return its lease."""
    lease: str = ask(service, profile).json["lease"]["id"]
    bind(service, lease, ref)
    at = datetime.now(UTC) - timedelta(seconds=age)
    assert service.door("POST", "api/v1/events", {"events": [event(lease, lease, kind, "started", at)]}).status == 200
    return lease


def _view(service: Service, what: str, lease: str) -> Any:
    return next(v for v in service.as_("alice", "GET", "api/v1/account").json[what] if v["lease"] == lease)


def test_a_server_that_nobody_uses_is_stopped(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """The hub is made to stop a server that was idle for its profile's time; one that is in use goes on."""
    limited = tmp_path / "policy.yaml"
    limited.write_text(
        policy.read_text().replace(
            "cores: 1, memory: 1 GiB}\n  large", "cores: 1, memory: 1 GiB, idle: {default: 3s}}\n  large"
        )
    )
    hub.call("POST", "users/alice/server")
    until(lambda: hub.call("GET", "users/alice")["servers"].get("", {}).get("ready"), patience=40)
    with running_service(hub, tmp_path, limited) as service:
        _started(service, "small", "alice/", "server", age=60)
        for _ in range(10):  # in use: the hub is told so, as a notebook does
            now = datetime.now(UTC).isoformat()
            hub.call("POST", "users/alice/activity", {"servers": {"": {"last_activity": now}}, "last_activity": now})
            assert "" in hub.call("GET", "users/alice")["servers"]
            time.sleep(0.5)
        until(lambda: not hub.call("GET", "users/alice")["servers"], patience=20)


def test_a_cluster_ends_when_its_longest_life_is_over(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """The gateway is asked to stop a cluster that is too old; its owner reads why; a young one goes on."""
    limited = tmp_path / "policy.yaml"
    limited.write_text(policy.read_text().replace("workers: {max: 20}", "workers: {max: 20}\n    lifetime: {max: 1h}"))
    with running_service(hub, tmp_path, limited, gateway_url=gateway.url) as service:
        young = _started(service, "standard", "c-young", "scheduler", age=3500)
        old = _started(service, "standard", "c-old", "scheduler", age=3601)
        until(lambda: _view(service, "clusters", old)["state"] == "stopping")

        assert [path for path, _ in gateway.asked] == ["/api/v1/clusters/c-old"]
        assert _view(service, "clusters", old)["reason"] == "lifetime"
        assert "1 h" in _view(service, "clusters", old)["message"]
        assert _view(service, "clusters", young)["state"] == "running"
