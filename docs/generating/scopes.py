"""Scopes, from the contract, and who holds them, from a hub that is configured for the purpose."""

from typing import Any

from traitlets.config import Config

from docs.generating.markdown import NOTHING, code, page, table
from hub_ext.contract import paths
from hub_ext.policy.document import Administrator
from hub_ext.service.openapi import CALLS
from hub_ext.wiring.hub import configure_hub

_INTRODUCTION = """
Rights are hub scopes. The hub's own `admin` flag opens nothing here. What follows is what `configure_hub` sets up; why
it is so stands in [](../topics/rights.md).

## Our scopes
"""
_BESIDES = f"""
`{paths.SCOPE_READ}` also opens `GET metrics`; `{paths.SCOPE_OPERATE}` also lets a token see, scale and stop anybody's
cluster at the gateway.

## The hub's own scopes that are given
"""


def scopes_page() -> str:
    """Return the reference of the hub scopes: what each opens, and who is given it."""
    words = {scope: f"`may: [{word}]`" for word, scope in paths.ADMINISTRATOR_SCOPES.items()}
    held = scope_holders()
    ours = [
        (code(scope), text["description"], words.get(scope, NOTHING), ", ".join(held[scope]))
        for scope, text in paths.CUSTOM_SCOPES.items()
    ]
    others = [(code(scope), ", ".join(names)) for scope, names in held.items() if scope not in paths.CUSTOM_SCOPES]
    return page(
        "Scopes",
        _INTRODUCTION,
        table(("scope", "meaning", "in the policy", "held by"), ours),
        "## What they open\n",
        table(("scope", "calls"), ((code(scope), _opened(scope)) for scope in paths.CUSTOM_SCOPES)),
        _BESIDES,
        table(("scope", "held by"), others),
    )


def _opened(scope: str) -> str:
    return ", ".join(code(f"{method.upper()} {path}") for method, path, needs, *_ in CALLS if needs == scope) or (
        "nothing yet"
    )


def scope_holders() -> dict[str, list[str]]:
    """Return who holds each scope in a hub that :func:`hub_ext.wiring.hub.configure_hub` has configured."""
    c = _configured_hub()
    held: dict[str, list[str]] = {scope: [] for scope in paths.CUSTOM_SCOPES}
    for role in c.JupyterHub.load_roles:
        holders = [f"service `{name}`" for name in role.get("services", ())]
        holders += ["the policy's administrators with that right"] if role.get("groups") else []
        for scope in role["scopes"]:
            known = held.setdefault(scope, [])
            known.extend(name for name in holders if name not in known)
    for scope in sorted(c.JupyterHub.extra_user_scopes):
        held.setdefault(scope, []).append("every person")
    for scope in c.Spawner.server_token_scopes:
        held.setdefault(scope, []).append("every notebook server's token")
    return held


def _configured_hub() -> Any:
    c = Config()
    c.CryptKeeper.keys = ["0" * 64]
    address, token = "http://127.0.0.1:1", "token"
    configure_hub(
        c,
        issuer="https://sso.example.org",
        client_id="hub",
        client_secret=token,
        policy_administrators=[Administrator(match=("/platform-admins",), may=("read", "operate", "budget", "policy"))],
        public_url="https://hub.example.org",
        service_url=address,
        service_token=token,
        hub_token=token,
        gateway_url=address,
        gateway_token=token,
        gateway_proxy_address="gateway://hub.example.org:8786",
    )
    return c
