"""Every way out: a stop, a crash, and an end while the hub is down; each reported exactly once."""

import os
import signal
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub_ext.contract.usage import Source
from hub_ext.processes import started_at
from hub_ext.witness.register import Register
from tests.spawn.test_start import environment_of, only_lease, started
from tests.support.gatehouse_hub import GatehouseHub, StandIn, running_gatehouse_hub, wait_for

NEAR = timedelta(seconds=0.5)


def gone(pid: int) -> bool:
    """Say whether a process has ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def start(hub: GatehouseHub, service: StandIn, user: str = "dan") -> tuple[int, int, str]:
    """Start a small server; return its process, its detached child, and its lease."""
    answer = hub.api("POST", f"users/{user}/server", {"profile": "small"})
    assert answer.status in {201, 202}, answer.text
    wait_for(lambda: started(hub, user), "the server")
    wait_for(lambda: only_lease(service)["history"] == ["reserved", "bound"], "the lease to be bound")
    seen = environment_of(hub, user)
    return seen["pid"], seen["child"], only_lease(service)["id"]


def released(service: StandIn) -> bool:
    """Say whether the one lease has come back."""
    return bool(only_lease(service)["history"][-1] == "released")


def test_the_start_is_the_processs_own(hub: GatehouseHub, service: StandIn) -> None:
    """The event carries the start that the system knows, and says which process it was."""
    pid, _, lease = start(hub, service)
    event = service.events(lease)["started"]
    assert abs(event.at - started_at(pid)) < timedelta(seconds=0.05)
    assert (event.id, event.unit, event.source) == (f"{lease}-started", lease, Source.exact)
    assert f"pid {pid}" in event.detail


def test_a_stop_ends_the_server_and_its_detached_children(hub: GatehouseHub, service: StandIn) -> None:
    """Nothing is left, the end is reported once, and the lease comes back."""
    pid, child, lease = start(hub, service)
    hub.api("DELETE", "users/dan/server")
    wait_for(lambda: released(service), "the lease to come back")
    wait_for(lambda: gone(pid) and gone(child), "the processes to end")
    event = service.events(lease)["ended"]
    assert (event.id, event.source) == (f"{lease}-ended", Source.exact)
    assert abs(event.at - datetime.now(UTC)) < timedelta(seconds=5)
    assert only_lease(service)["history"] == ["reserved", "bound", "released"]


def test_a_crash_is_seen_when_it_happens(hub: GatehouseHub, service: StandIn) -> None:
    """The end is exact, the hub knows at once and not at its next look, and no child is left."""
    pid, child, lease = start(hub, service)
    os.kill(pid, signal.SIGKILL)
    killed = datetime.now(UTC)
    wait_for(lambda: not hub.api("GET", "users/dan").json["servers"], "the hub to notice", within=5)
    wait_for(lambda: released(service), "the lease to come back")
    event = service.events(lease)["ended"]
    assert abs(event.at - killed) < NEAR
    assert (event.source, "status -9" in event.detail) == (Source.exact, True)
    wait_for(lambda: gone(child), "the child to end")


def test_reports_wait_for_the_service(hub: GatehouseHub, service: StandIn) -> None:
    """A server that ends while the service is away is reported when it is back."""
    pid, _, lease = start(hub, service)
    service.table(away=True)
    os.kill(pid, signal.SIGKILL)
    killed = datetime.now(UTC)
    wait_for(lambda: not hub.api("GET", "users/dan").json["servers"], "the hub to notice")
    service.table(away=False)
    wait_for(lambda: released(service), "the report")
    assert abs(service.events(lease)["ended"].at - killed) < NEAR


def test_another_start_gets_another_lease(hub: GatehouseHub, service: StandIn) -> None:
    """A lease is the name of one life."""
    start(hub, service)
    hub.api("DELETE", "users/dan/server")
    wait_for(lambda: released(service), "the lease to come back")
    wait_for(lambda: not hub.api("GET", "users/dan").json["servers"], "the end")
    hub.api("POST", "users/dan/server", {})
    wait_for(lambda: started(hub, "dan"), "the second server")
    assert len(service.seen["leases"]) == 2


def test_a_restarted_hub_watches_again(tmp_path: Path, service: StandIn) -> None:
    """After kill -9 of the hub the server goes on, and its end is as exact as before."""
    with running_gatehouse_hub(tmp_path, service.url) as hub:
        pid, child, lease = start(hub, service)
        hub.kill()
        hub.start()
        assert started(hub, "dan")
        os.kill(pid, signal.SIGKILL)
        killed = datetime.now(UTC)
        wait_for(lambda: released(service), "the lease to come back")
        event = service.events(lease)["ended"]
        assert abs(event.at - killed) < NEAR
        assert event.source is Source.exact
        wait_for(lambda: gone(child), "the child to end")


@pytest.mark.parametrize("witnessed", [True, False])
def test_an_end_while_the_hub_is_down(tmp_path: Path, service: StandIn, *, witnessed: bool) -> None:
    """The restarted hub reports it, once: as the witness saw it, or, where that was killed too, as found out later."""
    with running_gatehouse_hub(tmp_path, service.url) as hub:
        pid, child, lease = start(hub, service)
        register = Register(Path(hub.told["data_dir"]) / "units")
        witness = register.witness_pid()
        assert witness is not None
        hub.kill()
        if not witnessed:
            os.kill(witness, signal.SIGKILL)
            wait_for(lambda: register.witness_pid() is None, "the witness to end")
        os.kill(pid, signal.SIGKILL)
        killed = datetime.now(UTC)
        wait_for(lambda: gone(pid), "the server to end")
        time.sleep(1.5)
        hub.start()
        wait_for(lambda: released(service), "the lease to come back")
        event = service.events(lease)["ended"]
        assert event.source is (Source.exact if witnessed else Source.reconciled)
        assert (abs(event.at - killed) < NEAR) is witnessed
        assert not hub.api("GET", "users/dan").json["servers"]
        wait_for(lambda: gone(child), "the child to end")
        wait_for(lambda: register.births() == [], "the register to be empty")


def _ask_in_vain(hub: GatehouseHub) -> None:
    """Ask for a server at a hub that is killed before it answers."""
    with suppress(OSError):
        hub.api("POST", "users/dan/server", {"profile": "small"})


def test_a_server_that_starts_while_the_hub_is_killed_is_taken_in(tmp_path: Path, service: StandIn) -> None:
    """The next hub knows its address and its start, which the first had no time to note; it is paid for once."""
    with running_gatehouse_hub(tmp_path, service.url) as hub:
        register = Register(Path(hub.told["data_dir"]) / "units")
        hub.home("dan").mkdir(parents=True)
        (hub.home("dan") / "slow-start").write_text("4")
        threading.Thread(target=_ask_in_vain, args=(hub,)).start()
        wait_for(register.births, "the server to be registered")
        wait_for(lambda: only_lease(service)["history"] == ["reserved", "bound"], "the lease to be bound")
        hub.kill()
        (birth,) = register.births()
        assert not (hub.home("dan") / "environment.json").exists(), "it was up before the hub was killed"
        hub.start()
        wait_for(lambda: started(hub, "dan"), "the server to be taken in", lambda: hub.log[-3000:])
        assert environment_of(hub, "dan")["pid"] == birth.pid
        assert len(service.seen["leases"]) == 1
        os.kill(birth.pid, signal.SIGKILL)
        killed = datetime.now(UTC)
        wait_for(lambda: released(service), "the lease to come back")
        events = {event["id"]: event for event in service.seen["events"]}
        assert set(events) == {f"{birth.unit}-started", f"{birth.unit}-ended"}
        assert abs(datetime.fromisoformat(events[f"{birth.unit}-started"]["at"]) - birth.started_at) < NEAR
        assert abs(datetime.fromisoformat(events[f"{birth.unit}-ended"]["at"]) - killed) < NEAR
