"""Stopping somebody's server or cluster, through the hub and the gateway themselves."""

import json
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.errors import NotFound, Unavailable

_TIMEOUT = 15.0


class Stopper:
    """Stops with the service's own token.

    Args:
        hub_api_url: such as ``http://127.0.0.1:8081/hub/api``.
        gateway_url: such as ``http://127.0.0.1:8000/services/dask-gateway``; empty: there is no gateway.
        token: the service's hub token, with the scopes ``delete:servers`` and ``custom:gatehouse:operate``.
    """

    def __init__(self, hub_api_url: str, gateway_url: str, token: str) -> None:
        self._hub = hub_api_url.rstrip("/")
        self._gateway = gateway_url.rstrip("/")
        self._token = token

    async def stop(self, lease: Lease) -> None:
        """Ask for the stop; it goes on after this returns.

        Raises:
            NotFound: it runs no longer.
            Unavailable: the hub or the gateway does not answer, or refuses.
        """
        if lease.state is LeaseState.released or (lease.kind is Kind.cluster and not lease.ref):
            raise NotFound(f"{lease.user}'s {lease.kind.value} {lease.name} runs no longer.")
        if lease.kind is Kind.server:
            await self.stop_server(lease.user, lease.ref.rpartition("/")[2])
        else:
            await self.stop_cluster(lease.ref)

    async def stop_cluster(self, cluster: str) -> None:
        """Ask the gateway to stop a cluster; it goes on after this returns.

        Raises:
            Unavailable: the gateway does not answer, or refuses.
        """
        if not self._gateway:
            raise Unavailable("This service was not told where the Dask Gateway is, so nothing was stopped.")
        url = f"{self._gateway}/api/v1/clusters/{quote(cluster, safe='')}"
        await self._delete(url, "jupyterhub", "The Dask Gateway")

    async def stop_server(self, user: str, server: str) -> None:
        """Ask the hub to stop a server; it goes on after this returns.

        Raises:
            Unavailable: the hub does not answer, or refuses.
        """
        path = f"users/{quote(user, safe='')}/server"
        if server:
            path = f"{path}s/{quote(server, safe='')}"
        await self._delete(f"{self._hub}/{path}", "token", "The hub")

    async def _delete(self, url: str, scheme: str, who: str) -> None:
        request = HTTPRequest(
            url,
            method="DELETE",
            headers={"Authorization": f"{scheme} {self._token}"},
            connect_timeout=_TIMEOUT,
            request_timeout=_TIMEOUT,
        )
        try:
            response = await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise Unavailable(f"{who} is not answering, so nothing was stopped. Repeat in a minute.") from error
        if response.code >= 400 and response.code != 404:  # noqa: PLR2004 - HTTP; 404: it has ended meanwhile
            raise Unavailable(f"{who} did not stop it: {response.code} {_why(response.body)}")


def _why(body: bytes | None) -> str:
    """Return what the hub (``message``) or the gateway (``error``) says about its refusal."""
    try:
        said = json.loads(body or b"{}")
        return str(said.get("message") or said.get("error") or "")[:200]
    except (ValueError, AttributeError):
        return ""
