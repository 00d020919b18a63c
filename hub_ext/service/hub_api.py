"""What the service reads from the hub, with its own token."""

import json
from datetime import datetime
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from hub_ext.contract.errors import Unavailable

_PAGE = 200
_TIMEOUT = 15.0


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
        return {ref: active_at for ref, active_at in (await self.servers()).items() if active_at is not None}

    async def servers(self) -> dict[str, datetime | None]:
        """Return ``user/server`` -> when it was last active, of every server; None for one that starts or stops.

        Raises:
            Unavailable: the hub does not answer.
        """
        found: dict[str, datetime | None] = {}
        offset = 0
        while True:
            page = await self._get(f"users?state=active&offset={offset}&limit={_PAGE}")
            for user in page:
                if "servers" not in user:
                    raise Unavailable("The hub does not show this service anybody's servers: grant it read:servers.")
                for server in user["servers"].values():
                    told = server["last_activity"] if server["ready"] else None
                    found[f"{user['name']}/{server['name']}"] = datetime.fromisoformat(told) if told else None
            if len(page) < _PAGE:
                return found
            offset += _PAGE

    async def _get(self, path: str) -> list[dict[str, Any]]:
        request = HTTPRequest(
            f"{self._url}/{path}",
            headers={"Authorization": f"token {self._token}"},
            connect_timeout=_TIMEOUT,
            request_timeout=_TIMEOUT,
        )
        try:
            response = await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:  # the second: it hung up, or took too long
            raise Unavailable("The hub is not answering.") from error
        if response.code != 200:  # noqa: PLR2004 - HTTP
            raise Unavailable(f"The hub did not tell which servers are active: {response.code}.")
        users: list[dict[str, Any]] = json.loads(response.body)
        return users
