"""The demo's proxy: answers are passed on as they come, to many at once."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler, websocket_connect

from tests.support.ports import free_port

LARGE = 30_000_000
CROWD = 40


@dataclass
class Behind:
    """What stands behind the proxy: lets each answer go on only when told to."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    all_here: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    gone: Callable[[], None] = lambda: None
    left: asyncio.Event = field(default_factory=asyncio.Event)


class Stream(RequestHandler):
    """Sends one event at once and another when told to."""

    async def get(self) -> None:
        """Send."""
        behind: Behind = self.settings["behind"]
        self.set_header("Content-Type", "text/event-stream")
        self.set_cookie("kept", "yes")
        self.set_cookie("too", "yes")
        self.write("data: first\n\n")
        await self.flush()
        behind.waiting += 1
        if behind.waiting == CROWD:
            behind.all_here.set()
        await behind.go_on.wait()
        await self.finish("data: second\n\n")

    def on_connection_close(self) -> None:
        """Note that nobody listens any more."""
        self.settings["behind"].left.set()


class Plain(RequestHandler):
    """Answers with what it was asked."""

    def get(self) -> None:
        """A large answer, compressed if that is liked."""
        self.write(b"x" * LARGE)

    def post(self) -> None:
        """The size of what came."""
        self.set_status(201, "Taken")
        self.write(str(len(self.request.body)))

    def delete(self) -> None:
        """Nothing."""
        self.set_status(204)


class Echo(WebSocketHandler):
    """Says what it hears."""

    async def on_message(self, message: str | bytes) -> None:
        """Say it."""
        await self.write_message(message)


@pytest.fixture
async def behind() -> AsyncIterator[tuple[Behind, int]]:
    """The programs behind the proxy, and their port."""
    state = Behind()
    web = Application([("/stream", Stream), ("/plain", Plain), ("/echo", Echo)], behind=state)
    server = HTTPServer(web, max_buffer_size=2 * LARGE)
    port = free_port()
    server.listen(port, "127.0.0.1")
    state.gone = server.stop
    yield state, port
    state.go_on.set()
    server.stop()
    await server.close_all_connections()


@pytest.fixture
def proxy(behind: tuple[Behind, int]) -> Iterator[str]:
    """The proxy's address."""
    port, api_port = free_port(), free_port()
    command = [sys.executable, "-m", "hub_ext.demo.proxy", "--ip=127.0.0.1", f"--port={port}"]
    target = f"--default-target=http://127.0.0.1:{behind[1]}"
    with subprocess.Popen([*command, "--api-ip=127.0.0.1", f"--api-port={api_port}", target]) as process:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as found:
                if found.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
        process.terminate()


async def test_an_endless_answer_arrives_piece_by_piece(behind: tuple[Behind, int], proxy: str) -> None:
    """The first event is there before the second is sent; headers that occur twice are kept."""
    pieces: asyncio.Queue[bytes] = asyncio.Queue()
    request = HTTPRequest(f"http://{proxy}/stream", streaming_callback=pieces.put_nowait, request_timeout=180)
    answer = asyncio.ensure_future(AsyncHTTPClient().fetch(request))

    assert await asyncio.wait_for(pieces.get(), 10) == b"data: first\n\n"
    behind[0].go_on.set()
    assert await asyncio.wait_for(pieces.get(), 10) == b"data: second\n\n"
    headers = (await answer).headers
    assert headers["Content-Type"] == "text/event-stream"
    assert len(headers.get_list("Set-Cookie")) == 2


async def test_forty_people_look_at_once(behind: tuple[Behind, int], proxy: str) -> None:
    """Many open streams leave room for more and for plain requests."""
    client: AsyncHTTPClient = AsyncHTTPClient(force_instance=True, max_clients=100)
    streams = [asyncio.ensure_future(client.fetch(f"http://{proxy}/stream", request_timeout=180)) for _ in range(CROWD)]
    await asyncio.wait_for(behind[0].all_here.wait(), 20)
    posted = await client.fetch(f"http://{proxy}/plain", method="POST", body="abc")
    behind[0].go_on.set()

    assert (posted.code, posted.reason, posted.body) == (201, "Taken", b"3")
    assert {(await stream).body for stream in streams} == {b"data: first\n\ndata: second\n\n"}
    client.close()


async def test_who_leaves_ends_the_answer_behind(behind: tuple[Behind, int], proxy: str) -> None:
    """When the reader goes away, the program behind is told at once, though it has nothing to say."""
    reader, writer = await asyncio.open_connection(*proxy.split(":"))
    writer.write(f"GET /stream HTTP/1.1\r\nHost: {proxy}\r\n\r\n".encode())
    await reader.readuntil(b"first")
    writer.close()
    await writer.wait_closed()

    await asyncio.wait_for(behind[0].left.wait(), 10)


async def test_plain_answers_stay_what_they_are(proxy: str) -> None:
    """A large answer, an empty one, a missing page and a web socket come through."""
    client = AsyncHTTPClient()
    large = await client.fetch(f"http://{proxy}/plain", request_timeout=180)
    empty = await client.fetch(f"http://{proxy}/plain", method="DELETE")
    missing = await client.fetch(f"http://{proxy}/nothing", raise_error=False)
    socket_ = await websocket_connect(f"ws://{proxy}/echo")
    await socket_.write_message("hello")

    assert (len(large.body), large.headers["Content-Length"]) == (LARGE, str(LARGE))
    assert (empty.code, empty.body) == (204, b"")
    assert missing.code == 404
    assert await socket_.read_message() == "hello"
    socket_.close()


async def test_nobody_behind_is_said_so(behind: tuple[Behind, int], proxy: str) -> None:
    """A target that has gone away gives 503 with a page."""
    behind[0].gone()
    answer = await AsyncHTTPClient().fetch(f"http://{proxy}/plain", raise_error=False)

    assert answer.code == 503
    assert b"Service Unavailable" in answer.body
