"""The client: what it does while the service is there, away, and back again."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from hub_ext.client import ServiceClient
from hub_ext.contract.admission import Demand, Kind, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import Unavailable
from hub_ext.contract.identity import Identity
from hub_ext.contract.reasons import Reason
from hub_ext.contract.usage import Event, EventType, UnitKind
from hub_ext.outbox import Outbox

NOW = datetime(2026, 11, 20, tzinfo=UTC)
REQUEST = Request(id="r", identity=Identity(name="alice"), kind=Kind.server, profile="small")

HANGS_UP = 0
"""In place of a status: the connection ends without an answer."""


class Taker(RequestHandler):
    """Keeps what it is told; answers as it is told to."""

    def _take(self) -> None:
        answers: list[int] = self.settings["answers"]
        status = answers.pop(0) if answers else 200
        if status == HANGS_UP:
            self.request.connection.stream.close()  # type: ignore[union-attr]  # as a service that is killed
            return
        if status == 200:
            self.settings["taken"].append((self.request.path, json.loads(self.request.body)))
        self.set_status(status)
        said = {"status": status, "reason": "invalid_request", "message": "No."}
        self.finish("{}" if status == 200 else {"error": said})

    def post(self) -> None:
        """Take it."""
        self._take()

    put = post


class Service:
    """A service that can go away and come back on the same port."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, object]]] = []
        self.answers: list[int] = []
        self.socket, self.port = bind_unused_port()
        self.server: HTTPServer | None = None

    def come(self) -> None:
        """Listen."""
        web = Application([("/.*", Taker)], taken=self.taken, answers=self.answers)
        self.server = HTTPServer(web)
        self.server.add_socket(self.socket.dup())

    async def go(self) -> None:
        """Stop for good."""
        if self.server:
            self.server.stop()
            await self.server.close_all_connections()
        self.socket.close()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service that is there."""
    service = Service()
    service.come()
    yield service
    await service.go()


def _client(service: Service, box: Path | None = None) -> ServiceClient:
    return ServiceClient(f"http://127.0.0.1:{service.port}/", "secret", Outbox(box), timeout=2)


def _event(number: int) -> Event:
    return Event(id=f"e{number}", unit="u", kind=UnitKind.worker, lease="l", type=EventType.alive, at=NOW)


async def test_reports_arrive_in_their_order(service: Service) -> None:
    """Events before and after a lease update keep their places; a run of events is one request."""
    client = _client(service)
    client.report(_event(1), _event(2))
    await client.update_lease("l", LeaseUpdate(state=LeaseState.released, at=NOW))
    client.report(_event(3))

    assert await client.flush()
    assert [path for path, _ in service.taken] == ["/api/v1/events", "/api/v1/leases/l", "/api/v1/events"]
    assert [len(body.get("events", [])) for _, body in service.taken] == [2, 0, 1]  # type: ignore[arg-type]
    await client.close()


async def test_reports_survive_an_absence_and_a_restart(service: Service, tmp_path: Path) -> None:
    """What was reported while the service was away is sent by the next process."""
    service.answers += [503] * 50
    before = _client(service, tmp_path)
    before.report(_event(1), _event(2))
    assert not await before.flush(0.3)
    await before.close()
    service.answers.clear()
    after = _client(service, tmp_path)
    after.resume()

    assert await after.flush()
    assert [event["id"] for _, body in service.taken for event in body["events"]] == ["e1", "e2"]  # type: ignore[attr-defined]
    await after.close()


@pytest.mark.parametrize("status", [404, 409, 422])
async def test_a_report_that_is_refused_for_good_does_not_block_the_line(service: Service, status: int) -> None:
    """What the service will never take is dropped; what follows arrives."""
    service.answers.append(status)
    client = _client(service)
    await client.update_lease("unknown", LeaseUpdate(state=LeaseState.released, at=NOW))
    client.report(_event(1))

    assert await client.flush()
    assert [path for path, _ in service.taken] == ["/api/v1/events"]
    await client.close()


async def test_of_many_events_only_the_refused_one_is_lost(service: Service) -> None:
    """A run of which the service will never take one event is sent again, each event by itself."""
    service.answers += [404, 200, 404, 200]
    client = _client(service)
    client.report(_event(1), _event(2), _event(3))

    assert await client.flush()
    assert [event["id"] for _, body in service.taken for event in body["events"]] == ["e1", "e3"]  # type: ignore[attr-defined]
    await client.close()


async def test_new_reports_do_not_hurry_a_service_that_is_away(service: Service) -> None:
    """However much is reported meanwhile, the pauses between two tries grow."""
    service.answers += [503] * 100
    client = _client(service)
    for number in range(20):
        client.report(_event(number))
        await asyncio.sleep(0.05)
    assert len(service.answers) > 90
    service.answers.clear()
    assert await client.flush()
    await client.close()


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], ids=["nothing", "half"])
@pytest.mark.parametrize("hangs_up", [True, False], ids=["hangs up", "hangs"])
async def test_a_service_that_breaks_off_is_away_too(*, says: bytes, hangs_up: bool) -> None:
    """Whoever takes a request and then says nothing, or half of it, or is killed, is not there."""

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(says)
        if not hangs_up:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(taken, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    client = ServiceClient(url, "secret", timeout=0.5)
    decision = await client.admit(REQUEST)
    client.report(_event(1))

    assert (decision.allowed, decision.reason) == (False, Reason.service_unavailable)
    assert not await client.flush(0.3)
    await client.close()
    server.close()
    await server.wait_closed()


async def test_while_the_service_is_away_new_work_is_refused_with_words() -> None:
    """Asking an absent service gives a decision that says no and why; a demand keeps its last grant."""
    service = Service()
    await service.go()
    client = _client(service)

    decision = await client.admit(REQUEST)
    assert (decision.allowed, decision.reason) == (False, Reason.service_unavailable)
    assert "What runs goes on" in decision.message
    with pytest.raises(Unavailable):
        await client.demand("c", Demand(wanted=3, running=0))
    await client.close()


async def test_a_report_that_is_not_taken_takes_no_other_along(service: Service) -> None:
    """Of a run of which the service refuses one, the others arrive, in their order."""
    client = _client(service)
    service.answers += [422, 200, 404]
    client.report(*(_event(number) for number in range(4)))

    assert await client.flush()
    assert [event["id"] for _, body in service.taken for event in body["events"]] == ["e0", "e2", "e3"]  # type: ignore[attr-defined]
    await client.close()


async def test_a_service_that_is_killed_while_it_answers_is_away(service: Service) -> None:
    """A connection that ends in the middle is no answer: asking is refused with words, reports are sent again."""
    client = _client(service)
    service.answers += [HANGS_UP]
    assert (await client.admit(REQUEST)).reason is Reason.service_unavailable
    service.answers += [HANGS_UP]
    client.report(_event(1))

    assert await client.flush()
    assert [event["id"] for _, body in service.taken for event in body["events"]] == ["e1"]  # type: ignore[attr-defined]
    await client.close()
