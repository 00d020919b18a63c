"""Is it healthy, and is it ours? An open port proves neither, so each check asks for what only ours can answer."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPError

from hub_ext.contract.paths import GATEWAY_SERVICE_NAME, HEALTH, SERVICE_NAME

Check = Callable[[], Awaitable[bool]]
"""True once the program answers as itself."""


def identity_provider(issuer: str) -> Check:
    """Check the discovery document: it names its issuer (OpenID Connect Discovery 1.0, section 4.3)."""

    async def check() -> bool:
        return bool((await _get(f"{issuer}/.well-known/openid-configuration")).get("issuer") == issuer)

    return check


def hub(base: str, token: str) -> Check:
    """Check through the proxy that the hub there knows our own service's token: only our hub does."""

    async def check() -> bool:
        return bool((await _get(f"{base}/hub/api/user", token)).get("name") == SERVICE_NAME)

    return check


def gateway(base: str) -> Check:
    """Check through hub proxy and gateway proxy that the API server answers."""

    async def check() -> bool:
        return bool((await _get(f"{base}/services/{GATEWAY_SERVICE_NAME}/api/health")).get("status") == "pass")

    return check


def service(base: str, version: str) -> Check:
    """Check through the proxy that the service is of this version, and well."""

    async def check() -> bool:
        health = await _get(f"{base}/services/{SERVICE_NAME}/{HEALTH}")
        return bool(health.get("status") == "ok" and health.get("version") == version)

    return check


async def _get(url: str, token: str = "") -> dict[str, Any]:
    """Return the JSON object at the address; an empty one for anything else."""
    headers = {"Authorization": f"token {token}"} if token else {}
    try:
        answer = await AsyncHTTPClient().fetch(url, headers=headers, request_timeout=5, follow_redirects=False)
        found = json.loads(answer.body)
    except (HTTPError, OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
