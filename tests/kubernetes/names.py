"""Names of services inside the tests' real node: a DNS server that asks the API server.

``NAME.NAMESPACE.svc.cluster.local`` leads to the addresses of the service's ready pods, as a headless service's does;
there is no kube-proxy, and nobody needs the service's own address. Everything else is unknown (NXDOMAIN).
"""

import asyncio
import ipaddress
import struct
from typing import Any, cast

from tests.kubernetes.rest import Rest

DOMAIN = "cluster.local"
_A, _IN = 1, 1
_ANSWER, _UNKNOWN = 0x8580, 0x8583
"""Flags: a response with authority, without an error or with NXDOMAIN (RFC 1035, 4.1.1)."""
_SECONDS = 1
"""How long an answer may be kept."""


def question(packet: bytes) -> tuple[str, int, bytes]:
    """Return the name in lower case, the type and the bytes of a packet's first question."""
    labels, at = [], 12
    while length := packet[at]:
        labels.append(packet[at + 1 : at + 1 + length].decode("ascii", "replace").lower())
        at += 1 + length
    (kind,) = struct.unpack_from("!H", packet, at + 1)
    return ".".join(labels), kind, packet[12 : at + 5]


def answer(packet: bytes, addresses: list[str] | None) -> bytes:
    """Return the response to a packet: these addresses of version 4, or that the name is unknown for ``None``."""
    _, kind, asked = question(packet)
    found = (addresses or []) if kind == _A else []
    flags = _UNKNOWN if addresses is None else _ANSWER
    records = b"".join(
        struct.pack("!HHHIH4s", 0xC00C, _A, _IN, _SECONDS, 4, ipaddress.IPv4Address(address).packed)
        for address in found
    )
    return packet[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0) + asked + records


class Names(asyncio.DatagramProtocol):
    """The server."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._transport: asyncio.DatagramTransport | None = None
        self._answering: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are sent by."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Answer in a task of its own: the API server is asked first."""
        task = asyncio.ensure_future(self._answer(data, addr))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, packet: bytes, to: Any) -> None:
        name, _, _ = question(packet)
        addresses = await self._addresses(name)
        if self._transport is not None:
            self._transport.sendto(answer(packet, addresses), to)

    async def _addresses(self, name: str) -> list[str] | None:
        service, _, rest = name.partition(".")
        namespace, _, domain = rest.partition(".")
        if domain != f"svc.{DOMAIN}":
            return None
        path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
        slices = await self._rest.ask("GET", f"{path}?labelSelector=kubernetes.io%2Fservice-name%3D{service}")
        ends = [end for one in slices["items"] for end in one.get("endpoints") or []]
        return [address for end in ends if end["conditions"].get("ready") for address in end["addresses"]] or None


async def serve(address: str, rest: Rest) -> None:
    """Answer on port 53 of an address, until cancelled."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Names(rest), local_addr=(address, 53))
    try:
        await asyncio.Event().wait()
    finally:
        transport.close()
        await rest.close()
