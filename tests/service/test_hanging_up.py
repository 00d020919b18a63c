"""A hub or a gateway that is killed in the middle of an answer is away, in words, and no defect."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.errors import Unavailable
from hub_ext.contract.shape import Shape
from hub_ext.service.gateway_api import GatewayApi
from hub_ext.service.hub_api import HubApi
from hub_ext.service.stopping import Stopper

LEASE = Lease(
    id="l",
    state=LeaseState.bound,
    user="alice",
    group="research",
    kind=Kind.cluster,
    profile="standard",
    name="c",
    ref="c",
    base=Shape(),
)


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Where somebody takes a request and hangs up."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_who_hangs_up_is_away(address: str) -> None:
    """Each of the three that ask hub or gateway says so."""
    for asking in (
        HubApi(address, "token").servers(),
        GatewayApi(address, "token").lives("c"),
        Stopper(address, address, "token").stop(LEASE),
    ):
        with pytest.raises(Unavailable, match="is not answering"):
            await asking
