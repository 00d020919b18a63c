"""Orphans: leases that nobody uses, and servers that nobody reserved."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub_ext.contract.admission import LeaseState
from hub_ext.service.guarding import Misses
from hub_ext.usage import tables
from hub_ext.usage.database import Database
from tests.service.test_doors import ask, bind, event
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.service import Service, running_service

QUICK = ["--GatehouseService.orphan_check_seconds=0.1"]


@pytest.mark.parametrize(
    ("looks", "gone"),
    [
        ([False, False], False),
        ([False, False, False], True),
        ([False, False, True, False], False),
        ([False, None, None, None], False),
        ([False, None, False, None, False], True),
        ([None, None, None], False),
    ],
    ids=["two of three", "three", "it came back", "then nobody could say", "unsaid between", "never said"],
)
def test_something_is_gone_when_enough_checks_in_a_row_say_so(looks: list[bool | None], *, gone: bool) -> None:
    """A check that could not be made counts neither way."""
    misses, found = Misses(3), [""]
    for there in looks:
        found = misses.look({"it": there})
    assert found == (["it"] if gone else [])


def test_what_is_not_looked_at_any_more_is_forgotten() -> None:
    """A lease that was released meanwhile begins anew, should its name come again."""
    misses = Misses(2)
    misses.look({"it": False})
    misses.look({})
    assert misses.look({"it": False}) == []


class _Gateway(BaseHTTPRequestHandler):
    """A gateway that knows some clusters, and cannot be asked about one."""

    known = {"c-runs": (200, "RUNNING"), "c-over": (200, "STOPPED"), "c-odd": (503, "")}

    def do_GET(self) -> None:
        """Tell about one."""
        status, word = self.known.get(self.path.rpartition("/")[2], (404, ""))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"status": word}).encode())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def gateway() -> Iterator[str]:
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _running(service: Service, profile: str, ref: str, user: str) -> str:
    """Admit, bind and start something an hour ago; return its lease."""
    identity = {"name": user, "groups": ["/research"]}
    lease: str = ask(service, profile, identity).json["lease"]["id"]
    bind(service, lease, ref)
    at = datetime.now(UTC) - timedelta(hours=1)
    kind = "scheduler" if profile == "standard" else "server"
    assert service.door("POST", "api/v1/events", {"events": [event(lease, lease, kind, "started", at)]}).status == 200
    return lease


def _states(service: Service) -> dict[str, str]:
    views = [service.as_("adam", "GET", f"api/v1/admin/{what}").json[what] for what in ("servers", "clusters")]
    return {view["lease"]: view["state"] for views_ in views for view in views_}


def _lease(service: Service, lease: str) -> Any:
    """Return a lease as it is in the ledger."""
    database = Database(f"sqlite:///{service.directory}/ledger.sqlite")
    with database.read() as connection:
        found = connection.execute(select(tables.leases).where(tables.leases.c.id == lease)).one()
    database.close()
    return found


def _row(service: Service, unit: str) -> Any:
    return next(row for row in service.as_("adam", "GET", "api/v1/admin/ledger").json["rows"] if row["unit"] == unit)


def test_a_lease_that_nobody_uses_is_given_back(hub: Hub, policy: Path, tmp_path: Path, gateway: str) -> None:
    """What hub or gateway do not know ends at its last sign of life, as an estimate; what they know goes on."""
    with running_service(hub, tmp_path, policy, gateway_url=gateway, options=QUICK) as service:
        # The oldest, so that no check misses the others more often than these.
        kept = [_running(service, "standard", ref, "p3") for ref in ("c-runs", "c-odd")]
        gone = _running(service, "small", "p1/", "p1")
        lost = _running(service, "standard", "c-lost", "p2")
        over = _running(service, "standard", "c-over", "p2")
        told = datetime.now(UTC)
        service.door("PUT", "api/v1/clusters/c-lost/demand", {"wanted": 0, "running": 0})
        until(lambda: {_states(service)[lease] for lease in (gone, lost, over)} == {"stopped"})

        assert [_states(service)[lease] for lease in kept] == ["running", "running"]
        assert {_row(service, unit)["source"] for unit in (gone, lost, over)} == {"estimated"}
        assert _row(service, gone)["seconds"] == 0  # nobody ever told of it after its start
        assert 3599 < _row(service, lost)["seconds"] < 3605
        assert datetime.fromisoformat(_row(service, lost)["ended_at"]) >= told - timedelta(seconds=5)
        assert _lease(service, gone).state == LeaseState.released

        late = event(lost, lost, "scheduler", "ended", told - timedelta(minutes=30))
        service.door("POST", "api/v1/events", {"events": [late]})
        assert (_row(service, lost)["source"], _row(service, lost)["ended_at"]) == ("exact", late["at"][:-6] + "Z")


def test_a_hub_that_does_not_say_takes_no_lease_away(hub: Hub, policy: Path, tmp_path: Path, gateway: str) -> None:
    """The hub's answer is an error meanwhile: no server is missed, while clusters are compared as ever."""
    powerless = {"JUPYTERHUB_API_TOKEN": hub.token("alice")}
    with running_service(hub, tmp_path, policy, gateway_url=gateway, options=QUICK, environment=powerless) as service:
        kept = _running(service, "small", "p1/", "p1")
        lost = _running(service, "standard", "c-lost", "p2")
        until(lambda: _lease(service, lost).state == LeaseState.released)
        assert _lease(service, kept).state == LeaseState.bound


def test_a_server_that_vanishes_is_paid_for_until_it_was_last_seen(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """Each check notes that the hub has it; of two leases of one server the older is given back at once."""
    hub.call("POST", "users/dan/server")
    until(partial(_ready, hub, "dan"))
    with running_service(hub, tmp_path, policy, options=QUICK) as service:
        older, newer = (_running(service, "small", "dan/", "dan") for _ in range(2))
        until(lambda: _lease(service, older).state == LeaseState.released)
        assert _lease(service, newer).state == LeaseState.bound
        until(lambda: _lease(service, newer).active_at)  # the last use: noted where it is news, and it is none again
        told = datetime.now(UTC)
        until(lambda: _lease(service, newer).seen_at > told)
        hub.call("DELETE", "users/dan/server")
        until(lambda: _lease(service, newer).state == LeaseState.released)
        assert datetime.fromisoformat(_row(service, newer)["ended_at"]) > told


def _ready(hub: Hub, user: str) -> bool:
    """Whether the person's server is up."""
    return bool(hub.call("GET", f"users/{user}")["servers"].get("", {}).get("ready"))


def test_a_server_from_before_gatehouse_is_reported_and_left_alone(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """An administrator reads which server runs that nothing was reserved for; one with a lease is none of them."""
    for user in ("bob", "dan"):
        hub.call("POST", f"users/{user}/server")
    for user in ("bob", "dan"):
        until(partial(_ready, hub, user))
    with running_service(hub, tmp_path, policy, options=QUICK) as service:
        mine = _running(service, "small", "dan/", "dan")

        def reported() -> Any:
            return service.as_("adam", "GET", "api/v1/admin/overview").json["servers_without_lease"]

        until(lambda: reported() == ["bob/"])
        assert _states(service)[mine] == "running"
        assert hub.call("GET", "users/bob")["servers"][""]["ready"]
    for user in ("bob", "dan"):
        hub.call("DELETE", f"users/{user}/server")


def _audit(place: Path) -> list[tuple[str, str]]:
    """Return action and target of everything in the audit log."""
    with closing(sqlite3.connect(place / "ledger.sqlite")) as connection:
        return connection.execute("select action, target from audit order by id").fetchall()


def _started_later(hub: Hub, service: Service, user: str) -> None:
    """Start a person's server at the hub, past the spawner, once the service has looked at the hub."""
    until(lambda: ("first look", "hub") in _audit(service.directory))
    hub.call("POST", f"users/{user}/server")


def test_a_server_without_a_lease_is_ended(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """What got around the spawner ends with a line in the audit log; older ones and those that are paid for go on."""
    hub.call("POST", "users/dan/server")
    until(partial(_ready, hub, "dan"))
    with running_service(hub, tmp_path, policy, options=QUICK) as service:
        paid = _running(service, "small", "alice/", "alice")  # its door was slow, and the reservation had lapsed
        service.door("PUT", f"api/v1/leases/{paid}", {"state": "released", "at": datetime.now(UTC).isoformat()})
        _started_later(hub, service, "alice")
        until(partial(_ready, hub, "alice"))
    with running_service(hub, tmp_path, policy, options=QUICK) as service:  # which knows when the first one looked
        _started_later(hub, service, "bob")
        until(lambda: ("end stranger", "server (default) of bob") in _audit(tmp_path))
        until(lambda: not hub.call("GET", "users/bob")["servers"])
        until(lambda: service.as_("adam", "GET", "api/v1/admin/overview").json["servers_without_lease"])
        assert [_ready(hub, user) for user in ("alice", "dan")] == [True, True]
        assert [action for action, _ in _audit(tmp_path)] == ["first look", "end stranger"]
    for user in ("alice", "dan"):
        hub.call("DELETE", f"users/{user}/server")


def test_ending_servers_can_be_switched_off(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """A hub with servers of its own keeps them: they are only reported."""
    options = [*QUICK, "--GatehouseService.end_servers_without_lease=False"]
    with running_service(hub, tmp_path, policy, options=options) as service:
        _started_later(hub, service, "bob")
        until(lambda: service.as_("adam", "GET", "api/v1/admin/overview").json["servers_without_lease"])
        time.sleep(1)
        assert _ready(hub, "bob")
        assert [action for action, _ in _audit(tmp_path)] == ["first look"]
    hub.call("DELETE", "users/bob/server")
