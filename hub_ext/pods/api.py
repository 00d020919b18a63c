"""The API server, asked with the fewest verbs. Its answers are plain JSON."""

import json
import logging
import os
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
from kubernetes_asyncio import config
from kubernetes_asyncio.client import ApiClient, Configuration
from yaml import YAMLError

from hub_ext.contract.errors import Unavailable
from hub_ext.contract.labels import FINALIZER, LEASE
from hub_ext.pods.answers import CONFLICT, EXPIRED, INVALID, NOT_FOUND, Answered, Change, Expired

log = logging.getLogger(__name__)

_TIMEOUT = 15.0
_WATCH = 300
"""Seconds after which the server ends a watch, which then goes on where it was."""
_QUIET = 90.0
"""Seconds without a word, though a bookmark comes every minute: the connection is taken for dead."""
_PAGE = 500
_DASK, _METRICS = "apis/gateway.dask.org/v1alpha1", "apis/metrics.k8s.io/v1beta1"
_MERGE, _PATCH = "application/merge-patch+json", "application/json-patch+json"


class PodApi:
    """Speaks to one API server: the pod's own, or that of ``KUBECONFIG``. Made and used in one asyncio loop."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    @classmethod
    async def connect(cls) -> "PodApi":
        """Find the API server.

        Raises:
            Unavailable: there is no configuration of one.
        """
        settings = Configuration()
        try:
            if "KUBERNETES_SERVICE_HOST" in os.environ and not os.environ.get("KUBECONFIG"):
                config.load_incluster_config(settings)
            else:
                await config.load_kube_config(client_configuration=settings)
        except (config.ConfigException, OSError, ValueError, KeyError, TypeError, YAMLError) as error:
            raise Unavailable(
                f"The service has no access to Kubernetes ({error}), so pods are not metered. Run it as a pod with a "
                "service account, or set KUBECONFIG."
            ) from error
        return cls(ApiClient(settings))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    async def pods(self, namespace: str) -> tuple[list[dict[str, Any]], str]:
        """Return the pods that carry a lease's label, and from where to watch.

        Raises:
            Unavailable: the API server does not answer, or refuses.
        """
        return await self._list(f"api/v1/namespaces/{namespace}/pods", labelSelector=LEASE)

    async def watch(self, namespace: str, version: str) -> AsyncIterator[Change]:
        """Yield what happens to these pods from a listing on, until the server ends the watch.

        Raises:
            Expired: too much has happened since the listing.
            Unavailable: the API server does not answer, or refuses.
        """
        query = {"labelSelector": LEASE, "watch": "true", "allowWatchBookmarks": "true"}
        query |= {"resourceVersion": version, "timeoutSeconds": str(_WATCH)}
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_TIMEOUT, sock_read=_QUIET)
        path = f"api/v1/namespaces/{namespace}/pods"
        try:
            async with await self._ask("GET", path, query, limits=limits) as response:
                rest = b""
                async for chunk in response.content.iter_any():
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        yield _change(line)
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            raise Unavailable(_away(error)) from error

    async def let_go(self, namespace: str, name: str, finalizers: Sequence[str]) -> bool:
        """Take our finalizer off a pod; say whether that is done, also where it was done before.

        Args:
            namespace: of the pod.
            name: of the pod.
            finalizers: as they were seen. If they are others by now nothing is done: the watch tells the new ones.

        Raises:
            Unavailable: the API server does not answer, or refuses.
        """
        rest = [one for one in finalizers if one != FINALIZER]
        where = "/metadata/finalizers"
        steps = [{"op": "test", "path": where, "value": list(finalizers)}]
        steps.append({"op": "replace", "path": where, "value": rest})
        try:
            await self._json("PATCH", f"api/v1/namespaces/{namespace}/pods/{name}", body=steps, content=_PATCH)
        except Answered as error:
            if error.code in {CONFLICT, INVALID}:
                log.info("The pod %s/%s is let go later: %s", namespace, name, error.message)
                return False
            if error.code != NOT_FOUND:
                raise
        return True

    async def metrics(self, namespace: str) -> list[dict[str, Any]]:
        """Return what the pods that carry a lease's label use, as ``PodMetrics``.

        Raises:
            Answered: 404 or 503: there is no metrics API.
            Unavailable: the API server does not answer, or refuses.
        """
        path = f"{_METRICS}/namespaces/{namespace}/pods"  # it has no pages
        found: list[dict[str, Any]] = (await self._json("GET", path, {"labelSelector": LEASE}))["items"]
        return found

    async def delete(self, namespace: str, name: str, uid: str) -> None:
        """Delete this very pod; a later one with its name stays.

        Raises:
            Unavailable: the API server does not answer, or refuses.
        """
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": uid}}
        try:
            await self._json("DELETE", f"api/v1/namespaces/{namespace}/pods/{name}", body=body)
        except Answered as error:
            if error.code not in {NOT_FOUND, CONFLICT}:
                raise

    async def clusters(self, namespace: str) -> list[dict[str, Any]]:
        """Return the DaskClusters of a namespace.

        Raises:
            Answered: 404: the API server does not know the kind.
            Unavailable: the API server does not answer, or refuses.
        """
        return (await self._list(f"{_DASK}/namespaces/{namespace}/daskclusters"))[0]

    async def stop_cluster(self, namespace: str, name: str) -> None:
        """Tell the controller to end a cluster.

        Raises:
            Unavailable: the API server does not answer, or refuses.
        """
        path = f"{_DASK}/namespaces/{namespace}/daskclusters/{name}"
        await self._json("PATCH", path, body={"spec": {"active": False}}, content=_MERGE)

    async def has_quota(self, namespace: str) -> bool:
        """Say whether a ResourceQuota bounds a namespace.

        Raises:
            Unavailable: the API server does not answer, or refuses.
        """
        return bool((await self._list(f"api/v1/namespaces/{namespace}/resourcequotas"))[0])

    async def namespace_exists(self, namespace: str) -> bool:
        """Say whether there is such a namespace.

        Raises:
            Unavailable: the API server does not answer, or refuses.
        """
        try:
            await self._json("GET", f"api/v1/namespaces/{namespace}")
        except Answered as error:
            if error.code == NOT_FOUND:
                return False
            raise
        return True

    async def _list(self, path: str, **query: str) -> tuple[list[dict[str, Any]], str]:
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            page = await self._json("GET", path, query | {"limit": str(_PAGE)} | ({"continue": more} if more else {}))
            found += page["items"]
            more = page["metadata"].get("continue", "")
            if not more:
                return found, str(page["metadata"]["resourceVersion"])

    async def _json(
        self, method: str, path: str, query: dict[str, str] | None = None, *, body: Any = None, content: str = ""
    ) -> Any:
        limits = aiohttp.ClientTimeout(total=_TIMEOUT)
        try:
            async with await self._ask(
                method, path, query or {}, body=body, content=content, limits=limits
            ) as response:
                return await response.json(content_type=None)
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            raise Unavailable(_away(error)) from error

    async def _ask(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        *,
        limits: aiohttp.ClientTimeout,
        body: Any = None,
        content: str = "",
    ) -> aiohttp.ClientResponse:
        response: aiohttp.ClientResponse = await self._client.call_api(
            f"/{path}",
            method,
            query_params=list(query.items()),
            header_params={"Accept": "application/json", "Content-Type": content or "application/json"},
            body=body,
            auth_settings=["BearerToken"],
            _preload_content=False,
            _request_timeout=limits,
        )
        if response.ok:
            return response
        async with response:
            raise _refusal(method, path, response.status, await response.text())


def _change(line: bytes) -> Change:
    told = json.loads(line)
    if told["type"] == "ERROR":
        said = told["object"]
        if said.get("code") == EXPIRED:
            raise Expired("The API server has forgotten what was before; the pods are listed again.")
        raise Answered(int(said.get("code", 0)), f"The API server ended the watch: {said.get('message', '')}")
    return Change(told["type"], told["object"])


def _refusal(method: str, path: str, code: int, body: str) -> Unavailable:
    try:
        message = str(json.loads(body).get("message", ""))
    except (ValueError, AttributeError):
        message = body[:200]
    if code == EXPIRED:
        return Expired(f"The API server has forgotten what was before: {message}")
    return Answered(code, f"The API server refused {method} {path} with {code}: {message}")


def _away(error: Exception) -> str:
    return f"The API server of Kubernetes is not answering ({error or type(error).__name__}); pods are metered later."
