"""The database goes away for half a minute under load: what runs goes on, new work is refused, nothing is lost."""

import asyncio
import http.client
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select, update

from hub_ext.client import ServiceClient
from hub_ext.contract.admission import Decision, Demand, Kind, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import Unavailable
from hub_ext.contract.identity import Identity
from hub_ext.contract.reasons import Reason
from hub_ext.contract.usage import Event, EventType, UnitKind
from hub_ext.outbox import Outbox
from hub_ext.usage import tables
from hub_ext.usage.database import DATABASE_AWAY, Database
from tests.service.waiting import until
from tests.support.crowd import Call, Crowd, Watcher, held
from tests.support.hub import Hub
from tests.support.postgres import Postgres, running_postgres
from tests.support.service import Service, running_service

AWAY = 30.0
"""Seconds without a database."""
REQUESTS = 600
GROUPS = [f"g{number}" for number in range(4)]
WORKERS = 5
FULL = dict.fromkeys(GROUPS, 20)


@dataclass
class Site:
    """Two replicas on one database that can be taken away."""

    postgres: Postgres
    services: list[Service]
    url: str
    database: Database
    hub: Hub
    stack: ExitStack

    @property
    def token(self) -> str:
        """What a door calls with."""
        return self.hub.tokens["gatehouse-hub"]

    def door(self, number: int, place: Path) -> ServiceClient:
        """Return a door that asks one of the replicas and keeps its reports on disk."""
        return ServiceClient(self.services[number].url, self.token, Outbox(place / f"outbox-{number}"))

    def count(self, table: Any, *conditions: Any) -> int:
        """Return how many rows there are."""
        with self.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    def grants(self) -> dict[str, int]:
        """Return cluster -> workers that it may have."""
        with self.database.read() as connection:
            rows = connection.execute(select(tables.leases.c.ref, tables.leases.c.workers))
            return {row.ref: row.workers for row in rows if row.ref}


@pytest.fixture
def site(hub: Hub, tmp_path: Path) -> Iterator[Site]:
    """What the database says is committed stays, also when it is killed."""
    policy = Path(__file__).parent / "crowd.yaml"
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres("synchronous_commit=on"))
        url = postgres.new()
        services = [
            stack.enter_context(
                running_service(hub, tmp_path / f"replica-{n}", policy, database=url, token_cache_seconds=120)
            )
            for n in range(2)
        ]
        database = Database(url)
        stack.callback(database.close)
        yield Site(postgres, services, url, database, hub, stack)


class Stream:
    """One person's open stream, read in a thread."""

    def __init__(self, service: Service, token: str) -> None:
        address = urlsplit(service.url)
        self._connection = http.client.HTTPConnection(address.netloc, timeout=120)
        self._connection.request("GET", f"{address.path}api/v1/stream", headers={"Authorization": f"token {token}"})
        self._socket = self._connection.sock
        self._answer = self._connection.getresponse()
        self.accounts: queue.Queue[Any] = queue.Queue()
        """What it was sent; None: it ended."""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while line := self._answer.readline().decode():
            if line.startswith("data: "):
                self.accounts.put(json.loads(line.removeprefix("data: ")))
        self.accounts.put(None)

    def close(self) -> None:
        """Go away."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._answer.close()
        self._connection.close()


def _asks(number: int) -> Call:
    identity = {"name": f"p{number}", "groups": [f"/{GROUPS[number % 4]}"]}
    return (
        "POST",
        "api/v1/admissions",
        {"id": f"r{number}", "identity": identity, "kind": "server", "profile": "small"},
    )


async def _clusters(door: ServiceClient) -> dict[str, str]:
    """Start a cluster with five workers in each group; return cluster -> lease."""
    started = {}
    for group in GROUPS:
        who = Identity(name=f"of-{group}", groups=(f"/{group}",))
        decision = await door.admit(Request(id=f"c-{group}", identity=who, kind=Kind.cluster, profile="standard"))
        assert decision.lease is not None
        started[f"c-{group}"] = decision.lease.id
        await door.update_lease(
            decision.lease.id, LeaseUpdate(state=LeaseState.bound, ref=f"c-{group}", at=datetime.now(UTC))
        )
        assert await door.flush()
        grant = await door.demand(f"c-{group}", Demand(wanted=WORKERS, running=0))
        assert grant.workers == WORKERS
    return started


def _event(lease: str, number: int, what: EventType, at: datetime) -> Event:
    unit = f"{lease}-w{number}"
    return Event(id=f"{unit}-{what.value}", unit=unit, kind=UnitKind.worker, lease=lease, type=what, at=at)


async def _report(doors: list[ServiceClient], leases: list[str], over: asyncio.Event) -> dict[str, tuple[Any, Any]]:
    """Report a worker's start and end again and again, each at another door; return unit -> its start and end."""
    told: dict[str, tuple[Any, Any]] = {}
    number = 0
    while not over.is_set():
        lease, number = leases[number % len(leases)], number + 1
        began, ended = datetime.now(UTC) - timedelta(seconds=2), datetime.now(UTC)
        doors[number % 2].report(_event(lease, number, EventType.started, began))
        doors[(number + 1) % 2].report(_event(lease, number, EventType.ended, ended))
        told[f"{lease}-w{number}"] = (began, ended)
        await asyncio.sleep(0.1)
    return told


def _ledger(site: Site) -> dict[str, tuple[Any, Any]]:
    """Return unit -> start and end."""
    with site.database.read() as connection:
        columns = (tables.intervals.c.unit, tables.intervals.c.started_at, tables.intervals.c.ended_at)
        return {row.unit: (row.started_at, row.ended_at) for row in connection.execute(select(*columns))}


def _kill(postgres: Postgres) -> Callable[[], None]:
    postgres.kill()
    return postgres.start


def _freeze(postgres: Postgres) -> Callable[[], None]:
    """Stop the server and all of its processes; return what lets them go on."""
    main = postgres.process.pid
    os.kill(main, signal.SIGSTOP)  # it starts no more of them
    pids = [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]
    for pid in pids[1:]:
        os.kill(pid, signal.SIGSTOP)

    def thaw() -> None:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    return thaw


async def _asked_meanwhile(door: ServiceClient) -> None:
    """While the database is away: a start is refused with a sentence, and a cluster is told to keep its grant."""
    begins = time.monotonic()
    number = 0
    while time.monotonic() < begins + AWAY:
        number += 1
        who = Identity(name=f"late-{number}", groups=("/g0",))
        decision = await door.admit(Request(id=f"late-{number}", identity=who, kind=Kind.server, profile="small"))
        assert (decision.allowed, decision.reason) == (False, Reason.service_unavailable)
        assert "What runs goes on" in decision.message
        with pytest.raises(Unavailable, match="What runs goes on"):
            await door.demand("c-g0", Demand(wanted=WORKERS, running=WORKERS))
        await asyncio.sleep(1)


@pytest.mark.parametrize("take_away", [_kill, _freeze], ids=["killed", "frozen"])
async def test_half_a_minute_without_a_database(
    site: Site, tmp_path: Path, take_away: Callable[[Postgres], Callable[[], None]]
) -> None:
    """No cluster loses a worker, no event is lost or counted twice, and exactly the quota is given out.

    Four clusters compute while six hundred people ask for a server and two doors report what starts and ends.
    """
    doors = [site.door(number, tmp_path) for number in range(2)]
    clusters = await _clusters(doors[0])
    stream = site.stack.enter_context(closing(Stream(site.services[1], site.hub.token("alice"))))
    await asyncio.to_thread(stream.accounts.get, timeout=20)
    over = asyncio.Event()
    reporting = asyncio.create_task(_report(doors, list(clusters.values()), over))
    crowd = Crowd([service.url for service in site.services], site.token, processes=4, at_once=5)
    with Watcher(site.url).watching(outages=True) as watcher:
        asking = asyncio.create_task(asyncio.to_thread(crowd.call, [_asks(number) for number in range(REQUESTS)]))
        await asyncio.to_thread(until, lambda: site.count(tables.decisions) >= 40, 30)
        come_back = take_away(site.postgres)
        try:
            await _asked_meanwhile(doors[1])
            waiting = [len(door.outbox) for door in doors]
        finally:
            await asyncio.to_thread(come_back)
        answers = await asking
        over.set()
        told = await reporting
        assert [await door.flush(60) for door in doors] == [True, True]

    assert min(waiting) > 50
    assert {answer["status"] for answer in answers} == {200}
    said = [refusal["error"] for answer in answers for refusal in answer["refusals"]]
    assert {(error["reason"], error["message"]) for error in said} <= {("service_unavailable", DATABASE_AWAY)}
    given = {answer["json"]["lease"]["id"] for answer in answers if answer["json"]["allowed"]}
    reserved = site.count(tables.leases, tables.leases.c.ref == "", tables.leases.c.state == "reserved")
    assert site.count(tables.decisions, tables.decisions.c.request.like("r%")) == REQUESTS
    assert (held(site.database), watcher.most) == (FULL, FULL)
    assert len(given) <= reserved == 4 * (20 - 1 - WORKERS)
    assert site.grants() == dict.fromkeys(clusters, WORKERS)
    assert _ledger(site) == told
    assert site.count(tables.events) == 2 * len(told)
    changed = Request(id="alice", identity=Identity(name="alice"), kind=Kind.server, profile="small")
    assert (await doors[0].admit(changed)).reason is Reason.no_group
    assert (await asyncio.to_thread(stream.accounts.get, timeout=180))["identity"]["name"] == "alice"

    unbound = update(tables.leases).where(tables.leases.c.state == "reserved")
    with site.database.write() as connection:
        connection.execute(unbound.values(expires_at=datetime.now(UTC)))
    await asyncio.to_thread(until, lambda: held(site.database) == dict.fromkeys(GROUPS, 1 + WORKERS), 30)
    grant = await doors[1].demand("c-g0", Demand(wanted=100, running=WORKERS))
    assert grant.workers == FULL["g0"] - 1
    for door in doors:
        await door.close()
    for service in site.services:
        assert "Traceback" not in (service.directory / "service.log").read_text()


_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Another process holds the write lock of an SQLite file."""
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield


async def test_a_locked_sqlite_file(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """Nothing new starts and reports wait, with a sentence; accounts can be read; afterwards nothing is missing."""
    with running_service(hub, tmp_path, policy) as service:
        door = ServiceClient(service.url, hub.tokens["gatehouse-hub"], Outbox(tmp_path / "outbox"))
        alice = Identity(name="alice", groups=("/research",))

        def ask(name: str, profile: str = "small", kind: Kind = Kind.server) -> Awaitable[Decision]:
            return door.admit(Request(id=name, identity=alice, kind=kind, profile=profile))

        lease = (await ask("before", "standard", Kind.cluster)).lease
        assert lease is not None
        await door.update_lease(lease.id, LeaseUpdate(state=LeaseState.bound, ref="c", at=datetime.now(UTC)))
        assert await door.flush()
        before = await door.demand("c", Demand(wanted=3, running=0))
        with _locked(tmp_path / "ledger.sqlite"):
            door.report(_event(lease.id, 1, EventType.started, datetime.now(UTC)))
            refused = await asyncio.gather(*(ask(f"meanwhile-{number}") for number in range(8)))
            with pytest.raises(Unavailable, match="What runs goes on"):
                await door.demand("c", Demand(wanted=3, running=3))
            account = await asyncio.to_thread(service.as_, "alice", "GET", "api/v1/account")
            waiting = len(door.outbox)
        assert await door.flush(60)
        after = await door.demand("c", Demand(wanted=3, running=3))

        assert {(one.allowed, one.reason) for one in refused} == {(False, Reason.service_unavailable)}
        assert {one.message for one in refused} == {DATABASE_AWAY}
        assert (waiting, account.status, account.json["clusters"][0]["granted"]) == (1, 200, 3)
        assert (before.workers, after.workers) == (3, 3)
        assert (await ask("after")).allowed
        rows = service.as_("adam", "GET", "api/v1/admin/ledger").json["rows"]
        assert [row["unit"] for row in rows] == [f"{lease.id}-w1"]
        await door.close()
        assert "Traceback" not in (tmp_path / "service.log").read_text()
