"""What the service reads from the hub, with its own token."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from hub_ext import clock
from hub_ext.contract.errors import Unavailable

_PAGE = 200
_TIMEOUT = 15.0
_ROUNDED = timedelta(seconds=2)
"""Such a date has whole seconds."""


@dataclass(frozen=True)
class HubServer:
    """What the hub says of a server that starts, runs or stops."""

    active_at: datetime | None
    """Last use; None while it is not ready."""
    started_at: datetime | None


class HubApi:
    """Reads the hub's API.

    Args:
        url: such as ``http://127.0.0.1:8081/hub/api``.
        token: with the scopes ``list:users``, ``read:users`` and ``read:servers``.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token

    async def active_servers(self) -> dict[str, datetime]:
        """Return ``user/server`` -> when it was last active, of every server that is ready.

        Raises:
            Unavailable: the hub does not answer.
        """
        told = (await self.servers()).items()
        return {ref: server.active_at for ref, server in told if server.active_at is not None}

    async def servers(self) -> dict[str, HubServer]:
        """Return ``user/server`` -> what the hub says of it, of every server.

        Raises:
            Unavailable: the hub does not answer.
        """
        found: dict[str, HubServer] = {}
        offset = 0
        while True:
            page, behind = await self._get(f"users?state=active&offset={offset}&limit={_PAGE}")
            for user in page:
                if "servers" not in user:
                    raise Unavailable("The hub does not show this service anybody's servers: grant it read:servers.")
                for server in user["servers"].values():
                    told = server["last_activity"] if server["ready"] else None
                    active_at, started_at = (_moment(text, behind) for text in (told, server["started"]))
                    found[f"{user['name']}/{server['name']}"] = HubServer(active_at, started_at)
            if len(page) < _PAGE:
                return found
            offset += _PAGE

    async def _get(self, path: str) -> tuple[list[dict[str, Any]], timedelta]:
        """Return the answer, and by how much the hub's clock is behind ours."""
        request = HTTPRequest(
            f"{self._url}/{path}",
            headers={"Authorization": f"token {self._token}"},
            connect_timeout=_TIMEOUT,
            request_timeout=_TIMEOUT,
        )
        try:
            response = await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise Unavailable("The hub is not answering.") from error
        if response.code != 200:  # noqa: PLR2004 - HTTP
            raise Unavailable(f"The hub did not tell which servers are active: {response.code}.")
        users: list[dict[str, Any]] = json.loads(response.body)
        return users, _behind(response.headers.get("Date"))


def _moment(told: str | None, behind: timedelta) -> datetime | None:
    return datetime.fromisoformat(told) + behind if told else None


def _behind(date: str | None) -> timedelta:
    """Return by how much a clock that says so is behind ours; nothing for a second or two, or where it is ahead.

    What was used is then not taken for idle because a clock was set; what is idle ends later by as much at most.
    """
    if date is None:
        return timedelta(0)
    behind = clock.now() - parsedate_to_datetime(date)
    return behind if behind > _ROUNDED else timedelta(0)
