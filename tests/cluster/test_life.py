"""A cluster's life on one machine: granted, clamped, metered to the millisecond, and gone without a trace."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub_ext import cgroups
from hub_ext.cluster.units import UNIT_VARIABLE
from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Event, EventType, Source
from hub_ext.processes import start_ticks, started_at, tagged
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, pid_in, running_gateway, until
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub

ENDS = EventType.ended


@contextmanager
def a_cluster(gateway: Gateway, hub: Hub, desk: StandIn, workers: int = 0) -> Iterator[tuple[str, Lease]]:
    """A running cluster of dan's, ended afterwards."""
    name = gateway.create(hub.token("dan"))
    lease = until("bound", lambda: desk.lease_of(name))
    try:
        if workers:
            gateway.scale(name, workers, hub.token("dan"))
            until("workers run", lambda: _running(desk, name) == workers)
        yield name, lease
    finally:
        gateway.delete(name, hub.tokens["gatehouse"])  # as the service stops it for an administrator
        until("released", lambda: desk.leases[lease.id].state is LeaseState.released)


def _running(desk: StandIn, name: str) -> int:
    """Return how many workers the gateway said run, last."""
    return next((demand.running for cluster, demand in reversed(desk.demands) if cluster == name), 0)


def living(desk: StandIn, lease: Lease) -> dict[str, int]:
    """Return unit -> process of what has started and not ended."""
    started = {e.unit: pid_in(e.detail) for e in desk.events if e.lease == lease.id and e.type is EventType.started}
    return {unit: pid for unit, pid in started.items() if desk.event(unit, ENDS) is None}


def a_worker(desk: StandIn, lease: Lease) -> tuple[str, int]:
    """Return a living worker's unit and process."""
    return next((unit, pid) for unit, pid in living(desk, lease).items() if not unit.endswith("-scheduler"))


def ended(desk: StandIn, unit: str) -> Event:
    """Wait for the end of a unit and return it."""
    return until(f"{unit} ends", lambda: desk.event(unit, ENDS))


def test_a_notebook_needs_no_argument(gateway: Gateway, hub: Hub, desk: StandIn, tmp_path: Path) -> None:
    """``Gateway().new_cluster()`` starts the first profile, charged to the first group, and computes."""
    cell = """
cluster = Gateway().new_cluster()
cluster.scale(1)
print(cluster.get_client().submit(sum, [1, 2, 3]).result(timeout=180), cluster.name)
cluster.shutdown()
"""
    total, name = notebook.run(gateway, hub.token("alice"), tmp_path, cell)[0].split()
    assert total == "6"
    lease = desk.lease_of(name)
    assert lease is not None
    assert (lease.user, lease.group, lease.profile, lease.name) == ("alice", "research", "standard", "standard")
    until("released", lambda: desk.leases[lease.id].state is LeaseState.released)


def test_a_quota_overrun_is_refused_with_its_cause(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """The service's own refusal arrives as 409 with cause and code, and reserves nothing."""
    desk.leases |= {f"x{n}": _held(n) for n in range(6)}
    try:
        answer = gateway.call("POST", "/api/v1/clusters/", {}, token=hub.token("dan"))
        assert answer.status == 409
        assert answer.body["error"] == (
            "Not started: research has used all 6 clusters of its quota (alice 6). [quota_exceeded]"
        )
    finally:
        for n in range(6):
            del desk.leases[f"x{n}"]


def _held(number: int) -> Lease:
    return Lease(
        id=f"x{number}",
        state=LeaseState.bound,
        user="alice",
        group="research",
        kind=Kind.cluster,
        profile="standard",
        name="x",
        base=Shape(),
    )


def test_a_cluster_gets_its_grant_and_grows_when_room_appears(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """The person is told at once why they get two of four; the wish stands and is met without asking again."""
    desk.cap = 2
    with a_cluster(gateway, hub, desk) as (name, lease):
        answer = gateway.scale(name, 4, hub.token("dan"))
        assert answer.body == {
            "ok": False,
            "msg": "Grown to 2 of 4 workers: the quota is full. [quota_exceeded]",
        }
        until("two run", lambda: _running(desk, name) == 2)
        time.sleep(2.5)
        assert len(living(desk, lease)) == 3
        desk.cap = 4
        until("four run", lambda: _running(desk, name) == 4)


def test_the_profiles_bound_is_told_too(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """Beyond the profile's own bound the stock warning and ours stand side by side."""
    desk.cap = 0
    with a_cluster(gateway, hub, desk) as (name, _):
        message = gateway.scale(name, 100, hub.token("dan")).body["msg"]
        assert "limit of 12 workers" in message
        assert message.endswith("Grown to 0 of 12 workers: the quota is full. [quota_exceeded]")


def test_a_smaller_grant_shrinks_a_cluster_and_a_larger_one_brings_it_back(
    gateway: Gateway, hub: Hub, desk: StandIn
) -> None:
    """Workers are retired by their scheduler when a grant falls, and come back when it rises."""
    with a_cluster(gateway, hub, desk, workers=3) as (name, lease):
        until("the scheduler has them", lambda: f"Cluster {name} heartbeat [count: 3, n_active: 3" in gateway.log)
        desk.cap = 1
        until("one is left", lambda: len(living(desk, lease)) == 2)
        assert desk.demands[-1][1].wanted == 3
        desk.cap = 12
        until("three again", lambda: len(living(desk, lease)) == 4)


def test_while_the_service_is_away_the_last_grant_holds(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """Running work goes on, grows no further, and what happened meanwhile is reported afterwards."""
    desk.cap = 2
    with a_cluster(gateway, hub, desk, workers=2) as (name, lease):
        desk.cap, desk.away = 12, True
        gateway.scale(name, 5, hub.token("dan"))
        time.sleep(2.5)
        assert len(tagged("DASK_GATEWAY_CLUSTER_NAME", name)) >= 3
        assert "keeps its grant of 2 workers" in gateway.log
        unit, pid = a_worker(desk, lease)
        os.kill(pid, signal.SIGKILL)
        when = datetime.now(UTC)
        time.sleep(1)
        desk.away = False
        assert abs((ended(desk, unit).at - when).total_seconds()) < 1


def test_a_start_is_the_processs_own(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """Started events carry the operating system's time of each process."""
    with a_cluster(gateway, hub, desk, workers=1) as (_, lease):
        for unit, pid in living(desk, lease).items():
            event = desk.event(unit, EventType.started)
            assert event is not None
            assert abs((event.at - started_at(pid)).total_seconds()) < 0.05
            assert event.id == f"{unit}-started"


def test_a_killed_worker_ends_within_a_second_and_is_replaced(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """``kill -9`` of a worker is in the ledger at its true time; the grant is filled up again."""
    with a_cluster(gateway, hub, desk, workers=1) as (_, lease):
        unit, pid = a_worker(desk, lease)
        when = datetime.now(UTC)
        os.kill(pid, signal.SIGKILL)
        event = ended(desk, unit)
        assert abs((event.at - when).total_seconds()) < 1
        assert (event.id, event.source) == (f"{unit}-ended", Source.exact)
        assert "exit status -9" in event.detail
        until("replaced", lambda: len(living(desk, lease)) == 2)


def test_a_killed_scheduler_ends_its_cluster_at_once(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """Workers without a scheduler are not paid for: the cluster ends in seconds, not after a timeout."""
    name = gateway.create(hub.token("dan"))
    lease = until("bound", lambda: desk.lease_of(name))
    gateway.scale(name, 1, hub.token("dan"))
    until("a worker", lambda: len(living(desk, lease)) == 2)
    os.kill(living(desk, lease)[f"{lease.id}-scheduler"], signal.SIGKILL)
    until("released", lambda: desk.leases[lease.id].state is LeaseState.released, 10)
    assert living(desk, lease) == {}
    assert gateway.status(name, hub.token("dan")) == "FAILED"


def test_a_cluster_that_is_stopped_at_once_gives_its_lease_back(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """A stop that overtakes the start leaves neither process nor reservation."""
    for _ in range(3):
        name = gateway.call("POST", "/api/v1/clusters/", {}, token=hub.token("dan")).body["name"]
        gateway.delete(name, hub.token("dan"))
        lease = until("bound", lambda name=name: desk.lease_of(name))  # type: ignore[misc]  # a default binds the name
        until("released", lambda lease=lease: desk.leases[lease.id].state is LeaseState.released)  # type: ignore[misc]  # as above
        assert living(desk, lease) == {}
        assert tagged("DASK_GATEWAY_CLUSTER_NAME", name) == []


def test_a_detached_child_dies_with_its_cluster(gateway: Gateway, hub: Hub, desk: StandIn, tmp_path: Path) -> None:
    """What a task starts in a session of its own, hidden from its worker, does not outlive the cluster."""
    cell = """
def detach():
    import os, subprocess
    hiding = {name: value for name, value in os.environ.items() if name != "GATEHOUSE_UNIT"}
    return subprocess.Popen(["sleep", "600"], start_new_session=True, env=hiding).pid
cluster = Gateway().new_cluster()
cluster.scale(1)
print(cluster.get_client().submit(detach).result(timeout=180), cluster.name)
cluster.shutdown()
"""
    pid, name = notebook.run(gateway, hub.token("alice"), tmp_path, cell)[0].split()
    lease = desk.lease_of(name)
    assert lease is not None
    until("released", lambda: desk.leases[lease.id].state is LeaseState.released)
    assert not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes()
    assert tagged("DASK_GATEWAY_CLUSTER_NAME", name) == []


@pytest.mark.skipif(cgroups.place() is None, reason="no control group can be made here")
def test_a_child_that_hides_dies_with_its_cluster(gateway: Gateway, hub: Hub, desk: StandIn, tmp_path: Path) -> None:
    """A child that clears its environment, leaves its session and loses its parent does not outlive the cluster."""
    cell = """
def hide():
    import subprocess, sys
    child = "import os,sys,time\\nif os.fork(): os._exit(0)\\nos.setsid()\\nif os.fork(): os._exit(0)\\n"
    child += "print(os.getpid(), flush=True)\\nos.close(1)\\ntime.sleep(600)"
    return int(subprocess.run([sys.executable, "-c", child], env={}, stdout=subprocess.PIPE).stdout)
cluster = Gateway().new_cluster()
cluster.scale(1)
print(cluster.get_client().submit(hide).result(timeout=180), cluster.name)
cluster.shutdown()
"""
    pid, name = notebook.run(gateway, hub.token("alice"), tmp_path, cell)[0].split()
    lease = desk.lease_of(name)
    assert lease is not None
    until("released", lambda: desk.leases[lease.id].state is LeaseState.released)
    assert start_ticks(int(pid)) is None
    assert gateway.call("GET", "/api/health").body["detached_processes"] == cgroups.holds()


def test_what_ended_leaves_its_logs_and_nothing_else(gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """Key, scratch and directory of an ended cluster are gone; its logs are still there to read."""
    with a_cluster(gateway, hub, desk, workers=1) as (name, _):
        data = gateway.directory / "data"
        assert (data / "clusters" / name / ".certs" / "dask.pem").exists()
    assert not (data / "clusters" / name).exists()
    assert len(list((data / "logs" / name).glob("worker-*.log"))) == 1
    assert "Scheduler at" in (data / "logs" / name / "scheduler.log").read_text()


@pytest.fixture
def own_gateway(tmp_path: Path, hub: Hub, desk: StandIn) -> Iterator[Gateway]:
    """A gateway that a test may kill; its workers have nannies, as in the product."""
    with running_gateway(
        Gateway(tmp_path / "gw", hub.api_url, desk.url, hub.tokens["dask-gateway"], nanny=True)
    ) as running:
        yield running


def test_a_gateway_that_was_killed_takes_its_clusters_in_again(own_gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """After ``kill -9`` and a restart clusters run on, and every end is exact, also of what died meanwhile."""
    with a_cluster(own_gateway, hub, desk, workers=2) as (name, lease):
        own_gateway.kill()
        lost, pid = a_worker(desk, lease)
        os.kill(pid, signal.SIGKILL)
        when = datetime.now(UTC)
        time.sleep(1.5)
        own_gateway.start()
        assert ended(desk, lost).source is Source.exact
        assert abs((ended(desk, lost).at - when).total_seconds()) < 1
        until("runs on", lambda: own_gateway.status(name, hub.token("dan")) == "RUNNING")
        survivor, pid = a_worker(desk, lease)
        when = datetime.now(UTC)
        os.kill(pid, signal.SIGKILL)
        event = ended(desk, survivor)
        assert event.source is Source.exact
        assert abs((event.at - when).total_seconds()) < 1
        until("its child ends with it", lambda: not tagged(UNIT_VARIABLE, survivor), 2)
        until("filled up again", lambda: len(living(desk, lease)) == 3)


def test_a_cluster_whose_scheduler_died_meanwhile_is_ended(own_gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """A restarted gateway does not wait for the heartbeat of a scheduler that is gone."""
    name = own_gateway.create(hub.token("dan"))
    lease = until("bound", lambda: desk.lease_of(name))
    own_gateway.scale(name, 1, hub.token("dan"))
    until("a worker", lambda: len(living(desk, lease)) == 2)
    own_gateway.kill()
    os.kill(living(desk, lease)[f"{lease.id}-scheduler"], signal.SIGKILL)
    own_gateway.start()
    until("released", lambda: desk.leases[lease.id].state is LeaseState.released, 10)
    assert living(desk, lease) == {}
    assert tagged("DASK_GATEWAY_CLUSTER_NAME", name) == []


def test_a_stranger_with_a_reused_number_is_left_alone(own_gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """A process is known by number and start time, so another one with the same number is never signalled."""
    with subprocess.Popen(["sleep", "60"]) as stranger:
        with a_cluster(own_gateway, hub, desk) as (_, lease):
            own_gateway.kill()
            os.kill(living(desk, lease)[f"{lease.id}-scheduler"], signal.SIGKILL)
            _give_number(own_gateway.directory / "data", f"{lease.id}-scheduler", stranger.pid)
            own_gateway.start()
            assert ended(desk, f"{lease.id}-scheduler").source is Source.exact
        assert stranger.poll() is None
        stranger.kill()


def _give_number(data: Path, unit: str, pid: int) -> None:
    """Make the database and the register believe that the scheduler's number is this one."""
    with closing(sqlite3.connect(data / "gateway.sqlite")) as connection, connection:
        for row, state in connection.execute("select id, state from clusters").fetchall():
            told = json.dumps({**json.loads(state), "pid": pid}).encode()
            connection.execute("update clusters set state = ? where id = ?", (told, row))
    path = data / "units" / f"{unit}.unit"
    path.write_text(json.dumps({**json.loads(path.read_text()), "pid": pid}))
