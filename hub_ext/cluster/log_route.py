"""``GET /api/v1/clusters/NAME/logs``: what a cluster's processes wrote, for its owner and nobody else.

An engine answers two questions, :meth:`HasLogs.log_owner` and :meth:`HasLogs.read_logs`; who may ask is decided here,
alike for every engine. An operator may stop somebody's cluster, but what it printed is its owner's.
"""

from typing import Any

from aiohttp import web
from dask_gateway_server.routes import api_handler

from hub_ext.contract.errors import InvalidRequest, NotFound
from hub_ext.contract.logs import MOST_BYTES, KeptLogs

_ROUTE = "/api/v1/clusters/{cluster_name}/logs"
_TAIL = 262_144
_LEAST = 1_024


class HasLogs:
    """Put in front of an engine whose clusters' logs can be read, also after their end."""

    async def setup(self, app: web.Application) -> None:
        """Add the route. Called by the gateway at its start."""
        app.router.add_get(_ROUTE, _logs)
        await super().setup(app)  # type: ignore[misc]  # the engine beside us

    async def log_owner(self, name: str) -> str | None:
        """Return whose the logs of a cluster are, also of one that ended long ago; None: there are none."""
        raise NotImplementedError

    async def read_logs(self, name: str, source: str, most: int) -> KeptLogs:
        """Return the logs of a cluster that has an owner.

        Args:
            name: of the cluster.
            source: only of this process; empty: of all.
            most: about how many bytes of text in all.

        Raises:
            NotFound: there is no such process.
        """
        raise NotImplementedError


@api_handler(user_authenticated=True)
async def _logs(request: web.Request) -> web.Response:
    backend: Any = request.app["backend"]
    name = request.match_info["cluster_name"]
    if await backend.log_owner(name) != request["user"].name:
        raise NotFound(
            f"There are no logs of a cluster {name} of yours: it never was, or it ended longer ago than logs are kept. "
            "The panel lists your clusters."
        )
    kept = await backend.read_logs(name, request.query.get("source", ""), _most(request.query.get("tail")))
    return web.json_response(text=kept.model_dump_json(), headers={"Cache-Control": "no-store"})


def _most(asked: str | None) -> int:
    if asked is None:
        return _TAIL
    if not asked.isascii() or not asked.isdecimal() or not _LEAST <= int(asked[:9]) <= MOST_BYTES:
        raise InvalidRequest(f"tail must be a whole number of bytes from {_LEAST} to {MOST_BYTES}.")
    return int(asked)
