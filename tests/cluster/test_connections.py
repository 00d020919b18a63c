"""Whether somebody is connected to a cluster, by the word of a scheduler that may lie."""

import asyncio
import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub_ext.cluster.connections import Connections, ask, asking, clients_in
from hub_ext.contract import paths
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.support.hub import Hub
from tests.support.service import Service, running_service

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04, gib_hour: 0.005}]
profiles:
  standard:
    kind: cluster
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 2}
    no_client: 20s
groups:
  research: {match: [/research], profiles: [standard]}
"""
LEAVES = """
client = Gateway().connect({name!r}).get_client()
print(len(client.scheduler_info()["workers"]))
client.close()
"""
STAYS = """
import time
from pathlib import Path
place = Path({place!r})
client = Gateway().connect({kept!r}).get_client()
bare = Gateway().connect({bare!r})
(place / "connected").touch()
deadline = time.monotonic() + 90
while not (place / "enough").exists() and time.monotonic() < deadline:
    time.sleep(0.1)
print(bare.name)
client.close()
"""


@pytest.mark.parametrize(
    ("body", "clients"),
    [
        pytest.param(b'{"clients": 1, "tasks": 0}', 0, id="the scheduler's own"),
        pytest.param(b'{"clients": 3}', 2, id="two beside it"),
        pytest.param(b'{"clients": 0}', 0, id="none at all"),
        pytest.param(b'{"clients": -5}', None, id="negative"),
        pytest.param(b'{"clients": NaN}', None, id="NaN"),
        pytest.param(b'{"clients": 1e999}', None, id="infinite"),
        pytest.param(b'{"clients": 2.0}', None, id="a float"),
        pytest.param(b'{"clients": true}', None, id="a boolean"),
        pytest.param(b'{"clients": "2"}', None, id="a text"),
        pytest.param(b'{"clients": 10000000000000}', None, id="absurd"),
        pytest.param(b'{"clients": ' + b"9" * 4000 + b"}", None, id="thousands of digits"),
        pytest.param(b"{}", None, id="not told"),
        pytest.param(b"[2]", None, id="a list"),
        pytest.param(b"[" * 4000, None, id="deeply nested"),
        pytest.param(b"<html>", None, id="not JSON"),
        pytest.param(b"\xff\xfe\xff", None, id="not text"),
        pytest.param(b'{"clients": 2}' + b" " * 5000, None, id="too long"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_an_answer_is_a_number_of_clients_or_none(body: bytes, clients: int | None) -> None:
    """Only what an honest scheduler could have said counts."""
    assert clients_in(body) == clients


@pytest.mark.parametrize(
    ("looks", "connected"),
    [
        pytest.param([], None, id="never asked"),
        pytest.param([None, None], None, id="never answered"),
        pytest.param([0], 0, id="the first answer counts as connected"),
        pytest.param([0, 0, 0], 0, id="nobody since"),
        pytest.param([0, 2, 0, 0], 1, id="somebody was there"),
        pytest.param([0, None, None, 0], 0, id="an answer or two are missing"),
        pytest.param([0, None, None, None, 0], 4, id="nobody could see: anew"),
        pytest.param([0, None, None, None, None], None, id="it answers no more"),
    ],
)
def test_nobody_has_left_while_nobody_could_see(looks: list[int | None], connected: int | None) -> None:
    """Looks are fifteen seconds apart; after 45 seconds without an answer nothing is known."""
    connections = Connections(45)
    for number, clients in enumerate(looks):
        connections.look("c", clients, now=15.0 * number, at=NOON + timedelta(minutes=number))
    found = connections.at("c", now=15.0 * max(len(looks) - 1, 0))
    assert found == (None if connected is None else NOON + timedelta(minutes=connected))


def test_an_ended_cluster_is_forgotten() -> None:
    """Nothing is kept of clusters that are not asked any more."""
    connections = Connections(45)
    connections.look("c", 1, now=0, at=NOON)
    connections.keep(["d"])
    assert connections.at("c", now=0) is None


OK = b"HTTP/1.1 200 OK\r\n"
HONEST = OK + b'Content-Length: 14\r\n\r\n{"clients": 2}'
PACKED = gzip.compress(b'{"clients": 2}')


@pytest.mark.parametrize(
    ("start", "more", "clients"),
    [
        pytest.param(HONEST, b"", 1, id="honest"),
        pytest.param(b"", b"", None, id="slow: it never answers"),
        pytest.param(OK + b"Content-Length: 14\r\n\r\n{", b"", None, id="slow: it never ends"),
        pytest.param(OK + b'\r\n{"clients": 2', b" " * 65536, None, id="endless"),
        pytest.param(OK + b"Content-Length: 99999999999\r\n\r\n", b" " * 65536, None, id="endless, as announced"),
        pytest.param(OK, b"X-More: yes\r\n" * 1000, None, id="endless headers"),
        pytest.param(
            OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
            b"",
            None,
            id="packed: it could explode",
        ),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: /honest\r\nContent-Length: 0\r\n\r\n", b"", None, id="redirect"),
        pytest.param(HONEST.replace(b"200 OK", b"500 Oh"), b"", None, id="an error"),
        pytest.param(b"\x00\xff" * 100 + b"\r\n\r\n", b"", None, id="not HTTP"),
    ],
)
def test_a_lying_scheduler_is_left_alone(start: bytes, more: bytes, clients: int | None) -> None:
    """What does not end, does not come, leads elsewhere or explodes is no answer, after a bounded number of bytes."""
    asked: list[bytes] = []
    over = asyncio.Event()
    sent = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        asked.append(await reader.readuntil(b"\r\n"))
        writer.write(HONEST if b"/honest" in asked[-1] else start)
        try:
            while more:
                writer.write(more)
                await writer.drain()
                sent += len(more)
            await reader.read()  # until the other side hangs up
        except ConnectionError:
            pass
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        over.set()

    async def asks() -> int | None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, asking(1.0) as session:
            port = server.sockets[0].getsockname()[1]
            found = await ask(session, f"http://127.0.0.1:{port}")
            await over.wait()
            return found

    assert asyncio.run(asks()) == clients
    assert asked == [b"GET /json/counts.json HTTP/1.1\r\n"]
    assert sent < 50_000_000


def test_nobody_there_is_no_answer() -> None:
    """A closed port says nothing."""

    async def asks() -> int | None:
        async with asking(1.0) as session:
            return await ask(session, "http://127.0.0.1:1")

    assert asyncio.run(asks()) is None


@pytest.fixture
def both(tmp_path: Path, hub: Hub) -> Iterator[tuple[Service, Gateway]]:
    """Service and gateway, each told where the other is."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    gateway = Gateway(tmp_path / "gw", hub.api_url, "", hub.tokens["dask-gateway"])
    with running_service(hub, tmp_path, tmp_path / "policy.yaml", gateway_url=gateway.url) as service:
        gateway.service_url = service.url
        with running_gateway(gateway):
            yield service, gateway


def test_a_cluster_lives_as_long_as_a_client_is_connected(
    both: tuple[Service, Gateway], hub: Hub, tmp_path: Path
) -> None:
    """It ends some time after its last client; a ``GatewayCluster`` without a client does not keep it."""
    service, gateway = both

    def view(name: str) -> Any:
        clusters = service.as_("alice", "GET", paths.ACCOUNT).json["clusters"]
        return next(cluster for cluster in clusters if cluster["id"] == name)

    token = hub.token("alice")
    kept, bare = gateway.create(token), gateway.create(token)
    cell = STAYS.format(place=str(tmp_path), kept=kept, bare=bare)
    (tmp_path / "one").mkdir()
    with ThreadPoolExecutor(1) as thread:
        stays = thread.submit(notebook.run, gateway, token, tmp_path / "one", cell)
        until("connected", lambda: (tmp_path / "connected").exists() or stays.done(), 30)
        left = gateway.create(token)
        assert notebook.run(gateway, token, tmp_path, LEAVES.format(name=left)) == ["0"]
        for name in (bare, left):
            until("it is stopped", lambda name=name: view(name)["state"] == "stopped", 60)  # type: ignore[misc]  # a default binds the name
            assert view(name)["reason"] == "no_client"
            assert view(name)["message"].startswith("This cluster had no client for 20 s and was stopped.")
        assert (view(kept)["state"], view(kept)["message"]) == ("running", "")
        (tmp_path / "enough").touch()
        assert stays.result() == [bare]  # it was held all the time
    until("a warning, then the end", lambda: view(kept)["reason"] == "no_client", 60)
    until("it is stopped", lambda: view(kept)["state"] == "stopped", 60)
