"""From an issuer to its endpoints: OpenID Connect Discovery 1.0, sections 3 and 4.

An issuer is an address; what it publishes below ``/.well-known/openid-configuration`` says the rest, so that an
administrator types one line and not four.
"""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict
from tornado.httpclient import HTTPClientError

from hub_ext.contract.errors import InvalidRequest, Unavailable

Fetch = Callable[[str], Awaitable[bytes]]
"""Gets an address: returns the body, raises tornado's ``HTTPClientError`` or ``OSError``."""

NO_ANSWER = 599
"""Tornado's status for a server that does not answer."""
_WELL_KNOWN = "/.well-known/openid-configuration"
_DEFAULT_METHODS = ("client_secret_basic",)
"""What a provider accepts that does not say (Discovery 1.0, section 3)."""
_WANTED_SCOPES = ("openid", "profile", "email", "groups")


class Endpoints(BaseModel):
    """What the hub needs to know of an identity provider."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorize_url: str
    token_url: str
    userdata_url: str
    basic_auth: bool
    """Whether the client sends its secret as HTTP Basic (preferred) or in the form."""
    scopes: tuple[str, ...]
    """What to ask for: ``openid``, and what we want of what the provider says it has."""


def check_address(address: str, what: str) -> str:
    """Return the address, if it is safe to send people and secrets to.

    Raises:
        InvalidRequest: it is neither https nor http on this very machine.
    """
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return address
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return address
    raise InvalidRequest(
        f"The {what} is {address!r}, but passwords and tokens may only travel over https "
        "(http is accepted for 127.0.0.1, ::1 and localhost)."
    )


def read_document(issuer: str, document: Any) -> Endpoints:
    """Return the endpoints that a discovery document names.

    Args:
        issuer: the issuer as configured.
        document: the decoded JSON.

    Raises:
        InvalidRequest: the document is another issuer's, lacks an endpoint, or names one that is not safe.
    """
    if not isinstance(document, Mapping):
        raise InvalidRequest(f"The login service at {issuer} published a configuration that is not a JSON object.")
    published = document.get("issuer")
    if not isinstance(published, str) or published.rstrip("/") != issuer.rstrip("/"):
        raise InvalidRequest(f"The login service calls itself {published!r}, but the hub was told {issuer!r}.")
    return Endpoints(
        issuer=published,
        authorize_url=_endpoint(document, "authorization_endpoint", issuer),
        token_url=_endpoint(document, "token_endpoint", issuer),
        userdata_url=_endpoint(document, "userinfo_endpoint", issuer),
        basic_auth=_uses_basic(document, issuer),
        scopes=_scopes(document),
    )


async def discover(issuer: str, fetch: Fetch) -> Endpoints:
    """Ask an issuer for its endpoints.

    Raises:
        Unavailable: it does not answer.
        InvalidRequest: what it answers cannot be used.
    """
    check_address(issuer, "issuer")
    address = issuer.rstrip("/") + _WELL_KNOWN
    try:
        body = await fetch(address)
    except HTTPClientError as error:
        if 400 <= error.code < 500:  # noqa: PLR2004 - HTTP: the address is wrong, waiting does not help
            raise InvalidRequest(f"There is no login service at {issuer}: {address} answers {error.code}.") from error
        raise Unavailable(f"The login service at {issuer} does not answer. Repeat in a minute.") from error
    except OSError as error:
        raise Unavailable(f"The login service at {issuer} does not answer. Repeat in a minute.") from error
    try:
        document = json.loads(body)
    except ValueError as error:
        raise InvalidRequest(f"There is no login service at {issuer}: {address} does not hold JSON.") from error
    return read_document(issuer, document)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _endpoint(document: Mapping[str, Any], key: str, issuer: str) -> str:
    address = document.get(key)
    if not isinstance(address, str) or not address:
        raise InvalidRequest(f"The login service at {issuer} publishes no {key}, which the hub needs.")
    return check_address(address, key.replace("_", " "))


def _uses_basic(document: Mapping[str, Any], issuer: str) -> bool:
    methods = document.get("token_endpoint_auth_methods_supported") or _DEFAULT_METHODS
    if "client_secret_basic" in methods:
        return True
    if "client_secret_post" in methods:
        return False
    raise InvalidRequest(
        f"The login service at {issuer} accepts only {', '.join(map(str, methods))} from clients; "
        "the hub speaks client_secret_basic and client_secret_post."
    )


def _scopes(document: Mapping[str, Any]) -> tuple[str, ...]:
    offered = document.get("scopes_supported")
    if not isinstance(offered, list):
        return _WANTED_SCOPES[:3]
    return tuple(scope for scope in _WANTED_SCOPES if scope == "openid" or scope in offered)
