"""Bytes from one address to another, also out of a network namespace: a unix socket is the same in all of them.

An address is a port of 127.0.0.1, ``ADDRESS:PORT``, or else a path. As a program: ``... relay FROM TO``.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.kubernetes.threads import beside

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextmanager
def relaying(source: str, target: str) -> Iterator[None]:
    """Accept connections at ``source`` and hand each on to ``target``, in a thread of its own."""
    with beside("relay", lambda: _relay(source, target)):
        yield


async def _relay(source: str, target: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handed_on(target, reader, writer)
        except OSError:  # the API server is away: the client tries again
            writer.close()

    if source.startswith("/"):
        server = await asyncio.start_unix_server(serve, source)
    else:
        server = await asyncio.start_server(serve, *_host_and_port(source))
    async with server:
        await server.serve_forever()


async def handed_on(
    target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, first: bytes = b""
) -> None:
    """Carry bytes both ways until both are at their end.

    Args:
        target: an address.
        reader: from whom.
        writer: to whom.
        first: what they are told once they are connected.

    Raises:
        OSError: nobody listens there.
    """
    there, back = await _connect(target)
    writer.write(first)
    try:
        await asyncio.gather(_copy(reader, back), _copy(there, writer))
    finally:
        back.transport.abort()
        writer.transport.abort()


async def _connect(address: str) -> Streams:
    if address.startswith("/"):
        return await asyncio.open_unix_connection(address)
    return await asyncio.open_connection(*_host_and_port(address))


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host or "127.0.0.1", int(port)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    if writer.can_write_eof():
        with suppress(OSError):
            writer.write_eof()


if __name__ == "__main__":
    asyncio.run(_relay(*sys.argv[1:]))
