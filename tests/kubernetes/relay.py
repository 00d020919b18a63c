"""Bytes from one address to another, also out of a network namespace: a unix socket is the same in all of them.

An address is a port of 127.0.0.1, or else a path.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextmanager
def relaying(source: str, target: str) -> Iterator[None]:
    """Accept connections at ``source`` and hand each on to ``target``, in a thread of its own."""
    loop, over = asyncio.new_event_loop(), asyncio.Event()

    async def until_over() -> None:
        serving = asyncio.ensure_future(_relay(source, target))
        await over.wait()
        serving.cancel()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:  # which cancels the connections that are left
            runner.run(until_over())

    thread = threading.Thread(target=run, name="relay", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)


async def _relay(source: str, target: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await _connect(target)
        except OSError:  # the API server is away: the client tries again
            writer.close()
            return
        try:
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        finally:
            back.transport.abort()
            writer.transport.abort()

    if source.isdigit():
        server = await asyncio.start_server(serve, "127.0.0.1", int(source))
    else:
        server = await asyncio.start_unix_server(serve, source)
    async with server:
        await server.serve_forever()


async def _connect(address: str) -> Streams:
    if address.isdigit():
        return await asyncio.open_connection("127.0.0.1", int(address))
    return await asyncio.open_unix_connection(address)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    if writer.can_write_eof():
        with suppress(OSError):
            writer.write_eof()
