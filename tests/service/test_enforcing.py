"""Idle time and lifetime: held against a real server of a real hub, and against a cluster."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from hub_ext.usage import tables
from hub_ext.usage.database import Database
from tests.service.noting_gateway import NotingGateway
from tests.service.test_doors import ask, bind, event, release
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.service import Service, running_service


def _limited(policy: Path, place: Path, more: str) -> Path:
    """A copy of the policy whose cluster profile says more."""
    path = place / "policy.yaml"
    path.write_text(
        policy.read_text()
        .replace("workers: {max: 20}", f"workers: {{max: 20}}\n    {more}")
        .replace("clusters: 2", "clusters: 3")
    )
    return path


def _demand(service: Service, cluster: str, unused: float) -> None:
    """Tell of a cluster that last computed so many seconds ago, as its gateway does."""
    active_at = (datetime.now(UTC) - timedelta(seconds=unused)).isoformat()
    body = {"wanted": 1, "running": 1, "active_at": active_at}
    assert service.door("PUT", f"api/v1/clusters/{cluster}/demand", body).status == 200


def _connected(service: Service, cluster: str, ago: float | None) -> None:
    """Tell of a cluster that last had a client so many seconds ago; None: its gateway cannot know."""
    at = None if ago is None else (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
    body = {"wanted": 1, "running": 1, "connected_at": at}
    assert service.door("PUT", f"api/v1/clusters/{cluster}/demand", body).status == 200


DAN = {"name": "dan", "groups": ["/research"]}


def _started(
    service: Service, profile: str, ref: str, kind: str, *, age: float, identity: dict[str, Any] | None = None
) -> str:
    """Admit, bind and start something so many seconds ago; return its lease."""
    lease: str = ask(service, profile, identity).json["lease"]["id"]
    bind(service, lease, ref)
    at = datetime.now(UTC) - timedelta(seconds=age)
    back_date(service, lease, at)
    assert service.door("POST", "api/v1/events", {"events": [event(lease, lease, kind, "started", at)]}).status == 200
    return lease


def back_date(service: Service, lease: str, at: datetime) -> None:
    """Let a lease have been asked for at a moment."""
    database = Database(f"sqlite:///{service.directory}/ledger.sqlite")
    with database.write() as connection:
        connection.execute(update(tables.leases).where(tables.leases.c.id == lease).values(requested_at=at))
    database.close()


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
    until(lambda: hub.call("GET", "users/alice")["servers"].get("", {}).get("ready"))
    with running_service(hub, tmp_path, limited) as service:
        _started(service, "small", "alice/", "server", age=60)
        for _ in range(10):  # in use: the hub is told so, as a notebook does
            now = datetime.now(UTC).isoformat()
            hub.call("POST", "users/alice/activity", {"servers": {"": {"last_activity": now}}, "last_activity": now})
            assert "" in hub.call("GET", "users/alice")["servers"]
            time.sleep(0.5)
        until(lambda: not hub.call("GET", "users/alice")["servers"])


def test_a_cluster_ends_when_its_longest_life_is_over(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """The gateway is asked to stop a cluster that is too old; its owner reads why; a young one goes on."""
    limited = _limited(policy, tmp_path, "lifetime: {max: 1h}")
    with running_service(hub, tmp_path, limited, gateway_url=gateway.url) as service:
        young = _started(service, "standard", "c-young", "scheduler", age=3500)
        old = _started(service, "standard", "c-old", "scheduler", age=3601)
        until(lambda: _view(service, "clusters", old)["state"] == "stopping")

        assert [path for path, _ in gateway.asked] == ["/api/v1/clusters/c-old"]
        assert _view(service, "clusters", old)["reason"] == "lifetime"
        assert "1 h" in _view(service, "clusters", old)["message"]
        assert _view(service, "clusters", young)["state"] == "running"


def test_a_cluster_is_idle_by_the_gateways_word_and_only_as_long_as_there_is_one(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """What last computed an hour ago ends; what computed lately, and what nobody has told of since, go on."""
    limited = _limited(policy, tmp_path, "idle: {default: 20m}")
    with running_service(hub, tmp_path, limited, gateway_url=gateway.url) as service:
        unheard = _started(service, "standard", "c-unheard", "scheduler", age=7200)
        busy = _started(service, "standard", "c-busy", "scheduler", age=7200)
        _demand(service, "c-busy", unused=10)
        _demand(service, "c-busy", unused=3600)  # an older word changes nothing
        idle = _started(service, "standard", "c-idle", "scheduler", age=7200)
        _demand(service, "c-idle", unused=1201)
        until(lambda: _view(service, "clusters", idle)["state"] == "stopping")
        assert [path for path, _ in gateway.asked] == ["/api/v1/clusters/c-idle"]
        view = _view(service, "clusters", idle)
        assert (view["state"], view["reason"]) == ("stopping", "idle")
        assert "was not used for 20 min" in view["message"]
        assert [_view(service, "clusters", lease)["state"] for lease in (unheard, busy)] == ["running", "running"]


def test_a_cluster_without_a_client_ends_by_the_gateways_newest_word(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """Only what is known now counts: one that has a client, and one of which nobody knows any more, go on."""
    limited = _limited(policy, tmp_path, "no_client: 10m")
    with running_service(hub, tmp_path, limited, gateway_url=gateway.url) as service:
        held = _started(service, "standard", "c-held", "scheduler", age=7200)
        _connected(service, "c-held", 5)
        unknown = _started(service, "standard", "c-unknown", "scheduler", age=7200)
        _connected(service, "c-unknown", 595)
        assert _view(service, "clusters", unknown)["reason"] == "no_client"
        assert _view(service, "clusters", unknown)["message"].endswith("UTC if no client connects to it until then.")
        _connected(service, "c-unknown", None)
        assert _view(service, "clusters", unknown)["reason"] is None
        left = _started(service, "standard", "c-left", "scheduler", age=7200)
        _connected(service, "c-left", 601)
        until(lambda: _view(service, "clusters", left)["state"] == "stopping")
        assert [path for path, _ in gateway.asked] == ["/api/v1/clusters/c-left"]
        assert _view(service, "clusters", left)["reason"] == "no_client"
        assert [_view(service, "clusters", lease)["state"] for lease in (held, unknown)] == ["running", "running"]


def test_a_cluster_ends_with_its_persons_servers(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """It lives as long as any server of its owner's does; a cluster that none ran beside is left alone."""
    limited = _limited(policy, tmp_path, "description: says nothing of servers")
    grace = "--GatehouseService.server_grace_seconds=1"
    with running_service(hub, tmp_path, limited, gateway_url=gateway.url, options=[grace]) as service:
        script = _started(service, "standard", "c-script", "scheduler", age=60, identity=DAN)
        servers = [ask(service, "small").json["lease"]["id"] for _ in range(2)]
        for number, server in enumerate(servers):
            bind(service, server, f"alice/{number}")
        cluster = _started(service, "standard", "c-beside", "scheduler", age=60)
        release(service, servers[0])
        time.sleep(1.5)
        assert gateway.asked == []
        release(service, servers[1])
        until(lambda: _view(service, "clusters", cluster)["state"] == "stopping")
        assert _view(service, "clusters", cluster)["reason"] == "server_ended"
        release(service, cluster)
        alone = _started(service, "standard", "c-alone", "scheduler", age=0)
        time.sleep(1.5)
        assert _view(service, "clusters", alone)["state"] == "running"
        running = service.as_("dan", "GET", "api/v1/account").json["clusters"]
        assert [(view["lease"], view["state"]) for view in running] == [(script, "running")]


def test_a_profile_can_let_a_cluster_outlive_servers(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """With ``stops_with_server: no`` the end of a server means nothing to a cluster."""
    limited = _limited(policy, tmp_path, "stops_with_server: no")
    grace = "--GatehouseService.server_grace_seconds=0"
    with running_service(hub, tmp_path, limited, gateway_url=gateway.url, options=[grace]) as service:
        server = ask(service, "small").json["lease"]["id"]
        bind(service, server, "alice/")
        _started(service, "standard", "c-long", "scheduler", age=60)
        release(service, server)
        time.sleep(1.5)
        assert gateway.asked == []


def test_an_owner_is_warned_before_an_end_and_can_put_it_off(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """The account says when a cluster stops; its owner chooses a longer time within bounds; nobody else can."""
    limited = _limited(policy, tmp_path, "idle: {default: 20m, min: 10m, max: 2h}")
    with running_service(hub, tmp_path, limited, gateway_url=gateway.url) as service:
        lease = _started(service, "standard", "c-warned", "scheduler", age=7200)
        _demand(service, "c-warned", unused=1000)
        view = _view(service, "clusters", lease)
        assert (view["state"], view["reason"]) == ("running", "idle")
        assert view["message"].startswith(f"This cluster stops at {view['ends_at'][11:16]} UTC")

        wish = {"lease": lease, "idle_seconds": 3600}
        assert service.as_("dan", "POST", "api/v1/extend", wish).status == 404
        assert service.as_("adam", "POST", "api/v1/extend", wish).status == 404
        too_long = service.as_("alice", "POST", "api/v1/extend", {**wish, "idle_seconds": 7201})
        assert (too_long.status, too_long.json["error"]["reason"]) == (409, "capped")
        assert "from 10 min to 2 h" in too_long.json["error"]["message"]
        assert service.as_("alice", "POST", "api/v1/extend", {**wish, "idle_seconds": True}).status == 422
        assert _view(service, "clusters", lease)["message"] == view["message"]

        extended = service.as_("alice", "POST", "api/v1/extend", wish)
        assert extended.json["message"] == "This cluster now stops after 1 h without use."
        kept = _view(service, "clusters", lease)
        assert (kept["message"], kept["ends_at"]) == ("", None)
        _demand(service, "c-warned", unused=1000)
        time.sleep(1)
        assert _view(service, "clusters", lease)["state"] == "running"
        release(service, lease)
        assert service.as_("alice", "POST", "api/v1/extend", wish).status == 404


def test_a_server_tells_its_owner_when_it_stops(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """A server in the last minutes of its longest life says so in its row, and a young one says nothing."""
    limited = tmp_path / "policy.yaml"
    limited.write_text(
        policy.read_text().replace("cores: 1, memory: 1 GiB}", "cores: 1, memory: 1 GiB, lifetime: {max: 1h}}", 1)
    )
    with running_service(hub, tmp_path, limited) as service:
        old = _started(service, "small", "alice/a", "server", age=3300)
        young = _started(service, "small", "alice/b", "server", age=10)
        assert _view(service, "servers", old)["reason"] == "lifetime"
        assert "1 h is the longest that its profile allows" in _view(service, "servers", old)["message"]
        assert (_view(service, "servers", young)["reason"], _view(service, "servers", young)["message"]) == (None, "")
