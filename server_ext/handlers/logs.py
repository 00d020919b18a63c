"""One cluster alone: what its processes wrote, and what became of it."""

from datetime import UTC, datetime

from jupyter_server.auth.decorator import authorized
from tornado import web

from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.logs import MOST_BYTES, MOST_LINES
from server_ext.handlers.base import GatehouseHandler
from server_ext.logs import newest_first

_LINES = 500
_LEAST = 2
"""The gateway sends at least a kilobyte."""
_PER_LINE = 512
"""Bytes that are asked of the gateway for each line."""


class LogsHandler(GatehouseHandler):
    """What scheduler and workers wrote, while they run and after their end."""

    @web.authenticated
    @authorized
    async def get(self, cluster: str) -> None:
        """Answer with :class:`hub_ext.contract.logs.ClusterLogs`, the newest line first.

        Query: ``source``, the name of one process, all by default; ``lines``, the most lines, 500 by default.
        """
        lines = self._number("lines", _LINES, MOST_LINES)
        source = self.get_query_argument("source", "")
        kept = await self.settings["gatehouse_clusters"].logs(cluster, source, min(lines * _PER_LINE, MOST_BYTES))
        self.answer(newest_first(kept, datetime.now(UTC), lines))

    def _number(self, name: str, default: int, most: int) -> int:
        text = self.get_query_argument(name, str(default))
        if not text.isascii() or not text.isdecimal() or not _LEAST <= int(text[:9]) <= most:
            raise InvalidRequest(f"{name} must be a whole number from {_LEAST} to {most}.")
        return int(text)


class HistoryHandler(GatehouseHandler):
    """Workers, cost and decisions of one cluster as time went by."""

    @web.authenticated
    @authorized
    async def get(self, cluster: str) -> None:
        """Answer with the service's :class:`hub_ext.contract.history.ClusterHistory`."""
        self.finish(await self.settings["gatehouse_proxy"].history(cluster))
