"""The Dask Gateway, asked as the person: find a cluster, stop it, talk to its scheduler.

``dask_gateway`` is imported when it is first needed: a server that never uses a cluster does not pay for it. Its
address and its way to log in come from Dask's own configuration, as in a notebook.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
from pydantic import ValidationError

from hub_ext.contract.errors import Forbidden, GatehouseError, LoginExpired, NotFound, Refused, Unavailable
from hub_ext.contract.logs import KeptLogs
from hub_ext.contract.reasons import Reason

NOT_CONFIGURED = (
    "This notebook server knows no Dask Gateway (DASK_GATEWAY__ADDRESS is not set). "
    "Start the server from the hub, or ask whoever runs it."
)
AWAY = "The Dask Gateway is not answering. What runs goes on; repeat in a minute."
NO_LOGS = (
    "There are no logs of the cluster {name}: it is not yours, or it ended longer ago than its gateway keeps them. "
    "The panel shows what runs."
)
OTHER_VERSION = "The Dask Gateway sends logs in a form of another version. Ask whoever runs it."
LOGS_SECONDS = 15
ANSWER_SECONDS = 20
"""The gateway answers when something has begun, not when it is done."""
_NOT_RUNNING = Reason.not_found


class Clusters:
    """The person's clusters at the gateway."""

    async def stop(self, name: str) -> None:
        """Ask the gateway to stop the cluster; returns when it has begun to.

        Raises:
            GatehouseError: in the gateway's words where it has any.
        """
        async with self.gateway(name) as gateway:
            await gateway.stop_cluster(name)

    async def logs(self, name: str, source: str, most: int) -> KeptLogs:
        """Return what the cluster's processes wrote, also after its end.

        Args:
            name: of the cluster.
            source: only of this process; empty: of all.
            most: about how many bytes.

        Raises:
            GatehouseError: there are none, or the gateway does not answer.
        """
        query = urlencode({"source": source, "tail": most})
        async with _gateway(name) as gateway, asyncio.timeout(LOGS_SECONDS):
            address = f"{gateway.address}/api/v1/clusters/{name}/logs?{query}"
            try:  # the client logs in by itself, and has no public call for a route that is not its own
                answer = await gateway._request("GET", address)  # noqa: SLF001
                return KeptLogs.model_validate_json(await answer.text())
            except ValidationError as error:
                raise Unavailable(OTHER_VERSION) from error
            except ValueError as error:  # 404 and 422
                raise NotFound(NO_LOGS.format(name=name)) from error

    @asynccontextmanager
    async def gateway(self, name: str) -> AsyncIterator[Any]:
        """Open ``dask_gateway``'s client as the person, for a short question about one cluster.

        Raises:
            GatehouseError: in the gateway's words where it has any.
        """
        async with _gateway(name) as gateway, asyncio.timeout(ANSWER_SECONDS):
            yield gateway

    @asynccontextmanager
    async def scheduler(self, name: str) -> AsyncIterator[Any]:
        """Open a ``distributed`` rpc to the scheduler of a running cluster.

        It is no client: it does not count as one for a cluster that stops when its last client leaves.

        Raises:
            GatehouseError: if there is no such running cluster, or the gateway does not answer.
        """
        async with _gateway(name) as gateway:
            from distributed.core import rpc  # noqa: PLC0415 - see the top of the file

            report = await gateway.get_cluster(name)
            if report.scheduler_address is None:
                state = report.status.name.lower()
                raise Refused(f"The cluster is {state}; repeat this when it runs.", reason=_NOT_RUNNING)
            scheduler = rpc(
                report.scheduler_address, connection_args=report.security.get_connection_args("client"), timeout=10
            )
            try:
                yield scheduler
            finally:
                await scheduler.close_rpc()


def _gateway(name: str) -> AbstractAsyncContextManager[Any]:
    return open_gateway(lambda error: gateway_error(error, name))


@asynccontextmanager
async def open_gateway(translate: Callable[[Exception], Exception]) -> AsyncIterator[Any]:
    """Open ``dask_gateway``'s asynchronous client.

    Args:
        translate: turns what the client raises into an error of ours; what comes back unchanged is a defect.
    """
    try:
        from dask_gateway import Gateway  # noqa: PLC0415 - see the top of the file
    except ImportError as error:
        raise NotFound(f"{NOT_CONFIGURED} The package dask-gateway is missing.") from error
    try:
        gateway = Gateway(asynchronous=True)
    except ValueError as error:
        raise NotFound(NOT_CONFIGURED) from error
    async with gateway:
        try:
            yield gateway
        except GatehouseError:
            raise
        except Exception as error:
            raise translate(error) from error


def gateway_error(error: Exception, name: str) -> Exception:
    """Translate what ``dask_gateway`` raises: it keeps the gateway's text only for some statuses.

    Args:
        error: raised while asking the gateway; a defect of ours comes back unchanged.
        name: the cluster.
    """
    if isinstance(error, aiohttp.ClientResponseError):
        return _by_status(error.status)
    if isinstance(error, (aiohttp.ClientError, TimeoutError, OSError)):
        return Unavailable(AWAY)
    kind = type(error).__name__
    if kind == "GatewayClusterError":
        return Refused(str(error), reason=_NOT_RUNNING)
    if kind == "GatewayServerError":
        return Unavailable(f"The Dask Gateway answered: {error}. Repeat in a minute; its log says more.")
    if isinstance(error, ValueError):  # 404 and 422
        return NotFound(f"You have no cluster {name}; it may have ended. The list above shows what runs.")
    return error


def _by_status(status: int) -> GatehouseError:
    if status == LoginExpired.status:
        return LoginExpired("Your login has expired; log in again and repeat. Nothing was stopped.")
    if status == Forbidden.status:
        return Forbidden("This cluster is not yours, so nothing was done. Its owner or an administrator can.")
    return Unavailable(AWAY)
