"""What the service reads from the Dask Gateway, with its own token."""

import json
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from hub_ext.contract.errors import Unavailable

_TIMEOUT = 15.0
_ENDED = frozenset({"STOPPED", "FAILED"})


class GatewayApi:
    """Reads the gateway's API.

    Args:
        url: such as ``http://127.0.0.1:8000/services/dask-gateway``; empty: there is no gateway.
        token: with the scope ``custom:gatehouse:operate``.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token

    async def lives(self, cluster: str) -> bool:
        """Say whether the gateway knows the cluster as one that has not ended.

        Raises:
            Unavailable: the gateway does not answer, or does not say.
        """
        request = HTTPRequest(
            f"{self._url}/api/v1/clusters/{quote(cluster, safe='')}",
            headers={"Authorization": f"jupyterhub {self._token}"},
            connect_timeout=_TIMEOUT,
            request_timeout=_TIMEOUT,
        )
        if not self._url:
            raise Unavailable("This service was not told where the Dask Gateway is.")
        try:
            response = await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:  # the second: it hung up, or took too long
            raise Unavailable("The Dask Gateway is not answering.") from error
        if response.code == 404:  # noqa: PLR2004 - HTTP
            return False
        if response.code != 200:  # noqa: PLR2004 - HTTP
            raise Unavailable(f"The Dask Gateway did not tell about cluster {cluster}: {response.code}.")
        return json.loads(response.body).get("status") not in _ENDED
