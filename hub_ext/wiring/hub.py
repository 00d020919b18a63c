"""Everything that a JupyterHub needs to be told about Gatehouse, in one function.

At the end of ``jupyterhub_config.py``, after the hub's own settings::

    from hub_ext.policy.reading import read_policy
    from hub_ext.wiring import configure_hub

    configure_hub(
        c,
        issuer="https://sso.example.org/realms/company", client_id="jupyterhub", client_secret=secret("oidc"),
        policy_administrators=read_policy(Path("policy.yaml").read_text()).administrators,
        public_url="https://hub.example.org",
        service_url="http://127.0.0.1:8010", service_token=secret("gatehouse"), hub_token=secret("gatehouse-hub"),
        gateway_url="http://127.0.0.1:8020", gateway_token=secret("dask-gateway"),
        gateway_proxy_address="gateway://hub.example.org:8786",
    )

It adds to lists and sets that are there already, and leaves everything else of the configuration alone.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import jupyterhub
from traitlets.config import LazyConfigValue

from hub_ext.contract.identity import normalise_group
from hub_ext.contract.paths import (
    ADMINISTRATOR_SCOPES,
    CUSTOM_SCOPES,
    GATEWAY_SERVICE_NAME,
    SCOPE_DECIDE,
    SCOPE_OPERATE,
    SERVICE_NAME,
    access_scope,
)
from hub_ext.policy.document import Administrator

HUB_SERVICE_NAME = "gatehouse-hub"
"""The hub service that is only a token: with it the hub process asks the Gatehouse service."""
TEMPLATES = Path(__file__).parent / "templates"
"""Our frames for the hub's pages: start page, error, failed start."""
REFRESH_SECONDS = 30
"""How old a person's groups may be: half of the 60 s within which a removal must work, as the gateway caches too."""

_BASE_SERVER_SCOPES = ("users:activity!user", "access:servers!server")
"""What the hub's own role ``server`` holds, which ``server_token_scopes`` replaces."""
_SIX = jupyterhub.version_info[0] >= 6  # noqa: PLR2004 - the version that brought what follows from it
_NO_WAIT = {"timeout": 1} if _SIX else {}
"""The hub waits for each service in turn before it serves, by default 30 s; ours may come later than the hub."""
_SPAWNERS = {"local": "gatehouse-local", "kubernetes": "gatehouse-kube"}
_EVERYBODY = (access_scope(SERVICE_NAME), access_scope(GATEWAY_SERVICE_NAME))


def configure_hub(
    c: Any,
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    policy_administrators: Iterable[Administrator],
    public_url: str,
    service_url: str,
    service_token: str,
    hub_token: str,
    gateway_url: str,
    gateway_token: str,
    gateway_proxy_address: str,
    groups_claim: str | list[str] = "groups",
    username_claim: str = "preferred_username",
    outbox_dir: str = "",
    authenticator_class: str = "gatehouse-oidc",
    engine: Literal["local", "kubernetes"] = "local",
    spawner_class: str = "",
    internal_url: str = "",
) -> None:
    """Add Gatehouse to a hub's configuration.

    Args:
        c: the configuration object of ``jupyterhub_config.py``.
        issuer: address of the OpenID Connect provider; everything else is discovered.
        client_id: the hub's name at the provider. Its redirect address there is ``PUBLIC_URL/hub/oauth_callback``.
        client_secret: the hub's secret at the provider.
        policy_administrators: ``administrators`` of the policy; they become hub roles, so a change needs a new start of
            the hub.
        public_url: where browsers and notebook servers reach the hub's proxy, with the hub's base URL:
            ``https://hub.example.org`` or ``https://example.org/jupyter``.
        service_url: where ``gatehouse service`` listens: ``http://127.0.0.1:8010``.
        service_token: the service's token for the hub's API.
        hub_token: the token with which the hub asks the service.
        gateway_url: where the Dask Gateway listens: ``http://127.0.0.1:8020``.
        gateway_token: the gateway's token for the hub and the service.
        gateway_proxy_address: where Dask clients reach schedulers: ``gateway://hub.example.org:8786``.
        groups_claim: where the provider's answer holds the groups.
        username_claim: the claim that becomes the name at the hub.
        outbox_dir: directory in which reports wait while the service is away.
        authenticator_class: another authenticator that manages groups, or one of ours.
        engine: where servers run: ``local``, or ``kubernetes``.
        spawner_class: another spawner with ``GatehouseSpawnerMixin`` than the engine's own.
        internal_url: where notebook servers reach the hub's proxy, if not at ``public_url``, with the hub's base URL:
            ``http://proxy-public`` on Kubernetes.

    Raises:
        ValueError: something is missing or cannot work; the text says what to do.
    """
    _require_crypt_key(c)
    _require_secrets(
        client_secret=client_secret, service_token=service_token, hub_token=hub_token, gateway_token=gateway_token
    )
    base = public_url.rstrip("/")
    c.JupyterHub.authenticator_class = authenticator_class
    _provider(c.GatehouseOIDCAuthenticator, issuer, client_id, client_secret, f"{base}/hub/oauth_callback")
    c.GatehouseOIDCAuthenticator.groups_claim = groups_claim
    c.GatehouseOIDCAuthenticator.username_claim = username_claim
    _fresh_groups(c)
    _services(c, (service_url, service_token), hub_token, (gateway_url, gateway_token))
    _rights(c, policy_administrators)
    internal = internal_url.rstrip("/") or base
    _servers(c, spawner_class or _SPAWNERS[engine], (base, internal), gateway_proxy_address)
    c.GatehouseSettings.service_url = f"{_origin(service_url)}{_prefix(base)}/services/{SERVICE_NAME}/"
    c.GatehouseSettings.service_token = hub_token
    if outbox_dir:
        c.GatehouseSettings.outbox_dir = outbox_dir
    _extend(c.JupyterHub, "template_paths", [str(TEMPLATES)])


def administrator_roles(administrators: Iterable[Administrator]) -> list[dict[str, Any]]:
    """Return one hub role per right of the policy's ``administrators``.

    Raises:
        ValueError: a group is a pattern; a role needs the group's name.
    """
    holders: dict[str, list[str]] = {}
    for administrator in administrators:
        for pattern in administrator.match:
            group = _group(pattern)
            for right in administrator.may:
                if group not in holders.setdefault(right, []):
                    holders[right].append(group)
    return [
        {
            "name": f"gatehouse-administrators-{right}",
            "description": CUSTOM_SCOPES[ADMINISTRATOR_SCOPES[right]]["description"],
            "scopes": [ADMINISTRATOR_SCOPES[right], access_scope(SERVICE_NAME)],
            "groups": groups,
        }
        for right, groups in holders.items()
    ]


def _group(pattern: str) -> str:
    if any(sign in pattern for sign in "*?["):
        raise ValueError(
            f"The policy makes {pattern!r} administrators, but the hub gives rights to groups by name, not by pattern. "
            "Write each group of administrators by its full name."
        )
    return normalise_group(pattern)


def _require_crypt_key(c: Any) -> None:
    """See to it that the hub can keep access tokens encrypted: without them groups cannot be refreshed."""
    if os.environ.get("JUPYTERHUB_CRYPT_KEY") or "keys" in c.CryptKeeper:
        return
    raise ValueError(
        "Gatehouse keeps people's groups fresh, for which the hub must store their access tokens encrypted. "
        "Set the environment variable JUPYTERHUB_CRYPT_KEY to a key that stays the same over restarts; "
        "'openssl rand -hex 32' makes one."
    )


def _require_secrets(**secrets: str) -> None:
    """See to it that no secret is empty, as one is that a Secret of Kubernetes holds without a value."""
    for name, secret in secrets.items():
        if not secret.strip():
            raise ValueError(
                f"{name} is empty, so the hub would start and nobody could use it. Give it a value where this "
                "configuration takes it from: an environment variable, or the Secret behind it."
            )


def _provider(section: Any, issuer: str, client_id: str, client_secret: str, callback_url: str) -> None:
    section.issuer = issuer
    section.client_id = client_id
    section.client_secret = client_secret
    section.oauth_callback_url = callback_url


def _fresh_groups(c: Any) -> None:
    """Let the hub read people's groups again and again, and end sessions that it cannot refresh."""
    c.Authenticator.enable_auth_state = True
    c.Authenticator.manage_groups = True
    c.Authenticator.auth_refresh_age = REFRESH_SECONDS
    c.Authenticator.refresh_pre_spawn = True
    if jupyterhub.version_info[:2] >= (6, 1):  # before, it was always so
        c.Authenticator.auth_refresh_strict = True


def _services(c: Any, service: tuple[str, str], hub_token: str, gateway: tuple[str, str]) -> None:
    """Declare the three services, by address and token; without a command, as they outlive the hub."""
    services = [
        {
            "name": SERVICE_NAME,
            "url": _origin(service[0]),
            "api_token": service[1],
            "display": True,
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": sorted(ADMINISTRATOR_SCOPES.values()),
            **_NO_WAIT,
        },
        {"name": HUB_SERVICE_NAME, "api_token": hub_token, "display": False},
        {
            "name": GATEWAY_SERVICE_NAME,
            "url": _origin(gateway[0]),
            "api_token": gateway[1],
            "display": False,
            **_NO_WAIT,
        },
    ]
    _extend(c.JupyterHub, "services", services)


def _rights(c: Any, administrators: Iterable[Administrator]) -> None:
    """Define the scopes, and give each process and each group of administrators its own."""
    _update(c.JupyterHub, "custom_scopes", CUSTOM_SCOPES)
    operate = ["list:users", "read:users", "read:servers", "delete:servers", access_scope(GATEWAY_SERVICE_NAME)]
    decide = [SCOPE_DECIDE, access_scope(SERVICE_NAME)]
    roles = [
        {"name": "gatehouse", "services": [SERVICE_NAME], "scopes": [*operate, SCOPE_OPERATE]},
        {"name": "gatehouse-doors", "services": [HUB_SERVICE_NAME, GATEWAY_SERVICE_NAME], "scopes": decide},
        *administrator_roles(administrators),
    ]
    _extend(c.JupyterHub, "load_roles", roles)
    user = next((role for role in c.JupyterHub.load_roles if role["name"] == "user"), None)
    if user is not None:  # then 6.x ignores extra_user_scopes
        user["scopes"] = [*user.get("scopes", ["self"]), *_EVERYBODY]
    elif _SIX:
        _extend_set(c.JupyterHub, "extra_user_scopes", _EVERYBODY)
    else:
        _extend(c.JupyterHub, "load_roles", [{"name": "user", "scopes": ["self", *_EVERYBODY]}])


def _servers(c: Any, spawner_class: str, urls: tuple[str, str], gateway_proxy_address: str) -> None:
    """Say what starts, what it may do with its token, and where it finds Gatehouse and the gateway."""
    c.JupyterHub.spawner_class = spawner_class
    if callable(c.Spawner.get("server_token_scopes")):
        raise ValueError(  # noqa: TRY004 - a mistake in a configuration file, like the others
            "c.Spawner.server_token_scopes is a function, to which Gatehouse cannot add. "
            f"Make it a list, or let it return {', '.join(_EVERYBODY)} too and set it after configure_hub()."
        )
    _extend(c.Spawner, "server_token_scopes", [*_BASE_SERVER_SCOPES, *_EVERYBODY])
    public, internal = (f"{url}/services/{GATEWAY_SERVICE_NAME}" for url in urls)
    environment = {
        "GATEHOUSE_URL": f"{urls[1]}/services/{SERVICE_NAME}/",
        "DASK_GATEWAY__ADDRESS": internal,
        "DASK_GATEWAY__PUBLIC_ADDRESS": public,
        "DASK_GATEWAY__PROXY_ADDRESS": gateway_proxy_address,
        "DASK_GATEWAY__AUTH__TYPE": "jupyterhub",
    }
    _update(c.Spawner, "environment", environment)
    if "environment" in c.get("KubeSpawner", {}):  # the chart sets it, even if empty, and it would replace ours
        _update(c.KubeSpawner, "environment", environment)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"{url!r} is not an address; write http://127.0.0.1:8010")
    return f"{parts.scheme}://{parts.netloc}"


def _prefix(base: str) -> str:
    return urlsplit(base).path.rstrip("/")


def _extend(section: Any, name: str, items: list[Any]) -> None:
    """Append to a list trait, whether it was assigned, appended to, or never named."""
    value = section.get(name)
    section[name] = [*(value.get_value([]) if isinstance(value, LazyConfigValue) else value or []), *items]


def _extend_set(section: Any, name: str, items: Iterable[str]) -> None:
    value = section.get(name)
    known = value.get_value(set()) if isinstance(value, LazyConfigValue) else value or set()
    section[name] = {*known, *items}


def _update(section: Any, name: str, items: Mapping[str, Any]) -> None:
    value = section.get(name)
    known = value.get_value({}) if isinstance(value, LazyConfigValue) else value or {}
    section[name] = {**known, **items}
