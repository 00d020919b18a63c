"""From an issuer to its endpoints."""

import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from hub_ext.contract.errors import GatehouseError, InvalidRequest, Unavailable
from hub_ext.identity.discovery import check_address, discover, read_document

ISSUER = "https://sso.example.org/realms/company"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/me",
    "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    "scopes_supported": ["openid", "email", "groups", "offline_access"],
}


def test_a_document_names_the_endpoints() -> None:
    """Everything that the hub needs is read from one document."""
    found = read_document(ISSUER, DOCUMENT)
    assert (found.authorize_url, found.token_url) == (f"{ISSUER}/auth", f"{ISSUER}/token")
    assert found.userdata_url == f"{ISSUER}/me"
    assert found.scopes == ("openid", "email", "groups")


@pytest.mark.parametrize(
    ("methods", "basic"),
    [
        pytest.param(["client_secret_post"], False, id="post only"),
        pytest.param(["client_secret_post", "client_secret_basic"], True, id="basic is preferred"),
        pytest.param(None, True, id="basic is the protocol's default"),
    ],
)
def test_the_client_proves_itself_as_the_provider_accepts(methods: list[str] | None, *, basic: bool) -> None:
    """The method comes from the document, so that nobody sees a naked 401."""
    assert read_document(ISSUER, {**DOCUMENT, "token_endpoint_auth_methods_supported": methods}).basic_auth is basic


def test_groups_are_not_asked_for_where_the_provider_does_not_say_it_has_them() -> None:
    """A provider may refuse a login for a scope that it does not know."""
    assert "groups" not in read_document(ISSUER, {**DOCUMENT, "scopes_supported": None}).scopes


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"issuer": "https://evil.example.org"}, "calls itself", id="another issuer"),
        pytest.param({"issuer": None}, "calls itself None", id="no issuer"),
        pytest.param({"userinfo_endpoint": None}, "publishes no userinfo_endpoint", id="an endpoint is missing"),
        pytest.param({"token_endpoint": "http://sso.example.org/token"}, "only travel over https", id="plain http"),
        pytest.param(
            {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
            "accepts only private_key_jwt",
            id="no method",
        ),
    ],
)
def test_a_document_that_cannot_be_used_is_one_clear_sentence(change: dict[str, Any], says: str) -> None:
    """What is wrong is named; nothing is guessed."""
    with pytest.raises(InvalidRequest, match=says):
        read_document(ISSUER, {**DOCUMENT, **change})


def test_a_slash_at_the_end_is_no_other_issuer() -> None:
    """Some providers publish their name with a slash, and people type it without."""
    assert read_document(f"{ISSUER}/", DOCUMENT).issuer == ISSUER


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://sso.example.org", True),
        ("http://127.0.0.1:5000", True),
        ("http://[::1]:5000", True),
        ("http://localhost", True),
        ("http://sso.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://10.0.0.5", False),
        ("ftp://sso.example.org", False),
        ("sso.example.org", False),
        ("https://", False),
    ],
)
def test_http_is_for_this_machine_only(address: str, *, safe: bool) -> None:
    """Passwords and tokens leave the machine over https or not at all."""
    if safe:
        assert check_address(address, "issuer") == address
    else:
        with pytest.raises(InvalidRequest, match="https"):
            check_address(address, "issuer")


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        pytest.param(ConnectionRefusedError(), Unavailable, "does not answer", id="away"),
        pytest.param(HTTPClientError(599), Unavailable, "does not answer", id="timeout"),
        pytest.param(HTTPClientError(502), Unavailable, "does not answer", id="broken"),
        pytest.param(HTTPClientError(404), InvalidRequest, "no login service at", id="not a provider"),
        pytest.param(b"<html>", InvalidRequest, "does not hold JSON", id="a page"),
        pytest.param(b"[]", InvalidRequest, "not a JSON object", id="a list"),
    ],
)
async def test_a_provider_that_is_away_is_told_from_one_that_is_wrong(
    answer: Exception | bytes, error: type[GatehouseError], says: str
) -> None:
    """Waiting helps against the one, a new configuration against the other."""

    async def fetch(_address: str) -> bytes:
        if isinstance(answer, bytes):
            return answer
        raise answer

    with pytest.raises(error, match=says):
        await discover(ISSUER, fetch)


async def test_the_well_known_address_keeps_the_issuers_path() -> None:
    """Discovery 1.0, section 4: the path is appended to the issuer, not put at its root."""
    asked = []

    async def fetch(address: str) -> bytes:
        asked.append(address)
        return json.dumps(DOCUMENT).encode()

    await discover(ISSUER, fetch)
    assert asked == [f"{ISSUER}/.well-known/openid-configuration"]
