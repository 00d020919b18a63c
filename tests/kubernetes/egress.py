"""The API server's way to a real node: a proxy that answers CONNECT on a unix socket, inside the node's network.

As in a cluster whose control plane is not in the network of its nodes (konnectivity), an
``EgressSelectorConfiguration`` tells the API server of it. Through it goes what kubelets are asked, such as logs.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

import yaml

from tests.kubernetes.relay import handed_on

SOCKET = "egress.sock"


def write_configuration(path: Path, socket: Path) -> None:
    """Write what ``--egress-selector-config-file`` names."""
    by = {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": str(socket)}}}
    told = {
        "apiVersion": "apiserver.k8s.io/v1beta1",
        "kind": "EgressSelectorConfiguration",
        "egressSelections": [{"name": "cluster", "connection": by}],
    }
    path.write_text(yaml.safe_dump(told), encoding="utf-8")


async def serve(socket: str) -> None:
    """Connect whoever asks to where they ask to be connected."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, ValueError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            method, address, _ = head.partition("\r\n")[0].split(" ")
            if method == "CONNECT":
                await handed_on(address, reader, writer, first=b"HTTP/1.1 200 Connection established\r\n\r\n")
        writer.close()

    async with await asyncio.start_unix_server(answer, socket) as server:
        await server.serve_forever()
