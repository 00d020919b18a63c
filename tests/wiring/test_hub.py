"""What ``configure_hub`` writes into a hub's configuration."""

from typing import Any

import jupyterhub
import pytest
from traitlets.config import Config

from hub_ext.contract.paths import CUSTOM_SCOPES, SCOPE_DECIDE, SCOPE_OPERATE, SCOPE_READ
from hub_ext.policy.document import Administrator
from hub_ext.wiring.hub import administrator_roles, configure_hub

SIX = jupyterhub.version_info[0] >= 6
EVERYBODY = {"access:services!service=gatehouse", "access:services!service=dask-gateway"}


@pytest.fixture(autouse=True)
def crypt_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that a hub needs from its environment."""
    monkeypatch.setenv("JUPYTERHUB_CRYPT_KEY", "ab" * 32)


def configured(c: Config | None = None, **changes: Any) -> Config:
    """Return a configuration after the call."""
    config = Config() if c is None else c
    told: dict[str, Any] = {
        "issuer": "https://sso.example.org",
        "client_id": "hub",
        "client_secret": "secret",
        "policy_administrators": [Administrator(match=("Platform-Admins",), may=("read", "operate"))],
        "public_url": "https://hub.example.org/",
        "service_url": "http://127.0.0.1:8010",
        "service_token": "s",
        "hub_token": "h",
        "gateway_url": "http://127.0.0.1:8020/",
        "gateway_token": "g",
        "gateway_proxy_address": "gateway://hub.example.org:8786",
    }
    configure_hub(config, **(told | changes))
    return config


def role(c: Config, name: str) -> dict[str, Any]:
    """Return one of the roles."""
    found: dict[str, Any] = next(each for each in c.JupyterHub.load_roles if each["name"] == name)
    return found


def service(c: Config, name: str) -> dict[str, Any]:
    """Return one of the services."""
    found: dict[str, Any] = next(each for each in c.JupyterHub.services if each["name"] == name)
    return found


def test_an_administrators_group_gets_one_role_per_right() -> None:
    """Rights of the policy become hub scopes of the group, in its one spelling."""
    c = configured()
    assert role(c, "gatehouse-administrators-read")["groups"] == ["/platform-admins"]
    assert role(c, "gatehouse-administrators-operate")["scopes"] == [SCOPE_OPERATE, "access:services!service=gatehouse"]


def test_two_entries_with_the_same_right_share_its_role() -> None:
    """A role is defined once, with every group that holds it."""
    roles = administrator_roles(
        [Administrator(match=("/a", "/b"), may=("read",)), Administrator(match=("/b", "/c"), may=("read", "policy"))]
    )
    assert {each["name"]: each["groups"] for each in roles} == {
        "gatehouse-administrators-read": ["/a", "/b", "/c"],
        "gatehouse-administrators-policy": ["/b", "/c"],
    }


@pytest.mark.parametrize("pattern", ["/platform/*", "/admin?", "/[ab]"])
def test_a_pattern_of_administrators_is_refused(pattern: str) -> None:
    """A role needs a name; a pattern would silently give nobody a right."""
    with pytest.raises(ValueError, match="by its full name"):
        configured(policy_administrators=[Administrator(match=(pattern,), may=("read",))])


def test_only_the_doors_may_decide() -> None:
    """Hub and gateway ask on behalf of people; people and the service's own token do not."""
    c = configured()
    holders = [each["services"] for each in c.JupyterHub.load_roles if SCOPE_DECIDE in each["scopes"]]
    assert holders == [["gatehouse-hub", "dask-gateway"]]


def test_the_service_may_see_and_stop_servers_and_nothing_else() -> None:
    """Least privilege: no admin flag, no tokens of people."""
    assert set(role(configured(), "gatehouse")["scopes"]) == {
        "list:users",
        "read:users",
        "read:servers",
        "delete:servers",
        "access:services!service=dask-gateway",
        SCOPE_OPERATE,
    }


def test_everybody_and_their_servers_reach_both_services() -> None:
    """Without both settings a notebook's ``Gateway()`` gets a bare 401."""
    c = configured()
    people = c.JupyterHub.extra_user_scopes if SIX else set(role(c, "user")["scopes"]) - {"self"}
    assert people == EVERYBODY
    assert EVERYBODY | {"users:activity!user", "access:servers!server"} == set(c.Spawner.server_token_scopes)


def test_no_service_has_a_command_and_none_delays_the_hub() -> None:
    """They are processes of their own and may come later than the hub."""
    services = configured().JupyterHub.services
    assert not any("command" in each for each in services)
    if SIX:
        assert {each["timeout"] for each in services if "url" in each} == {1}


def test_the_admin_page_is_linked_and_its_tokens_hold_the_rights_of_the_person() -> None:
    """The page's login asks nobody, and carries the custom scopes."""
    page = service(configured(), "gatehouse")
    assert (page["display"], page["oauth_no_confirm"]) == (True, True)
    assert SCOPE_READ in page["oauth_client_allowed_scopes"]
    assert SCOPE_DECIDE not in page["oauth_client_allowed_scopes"]


def test_servers_find_gatehouse_and_the_gateway_without_arguments() -> None:
    """The environment is all that a notebook needs."""
    assert dict(configured().Spawner.environment) == {
        "GATEHOUSE_URL": "https://hub.example.org/services/gatehouse/",
        "DASK_GATEWAY__ADDRESS": "https://hub.example.org/services/dask-gateway",
        "DASK_GATEWAY__PUBLIC_ADDRESS": "https://hub.example.org/services/dask-gateway",
        "DASK_GATEWAY__PROXY_ADDRESS": "gateway://hub.example.org:8786",
        "DASK_GATEWAY__AUTH__TYPE": "jupyterhub",
    }


def test_a_base_url_is_kept_everywhere() -> None:
    """A hub below a path has its services there too."""
    c = configured(public_url="https://example.org/jupyter")
    assert c.GatehouseSettings.service_url == "http://127.0.0.1:8010/jupyter/services/gatehouse/"
    assert c.GatehouseOIDCAuthenticator.oauth_callback_url == "https://example.org/jupyter/hub/oauth_callback"


def test_groups_are_read_again_within_half_a_minute() -> None:
    """Removal must work within 60 s, also for tokens."""
    c = configured()
    assert (c.Authenticator.auth_refresh_age, c.Authenticator.enable_auth_state) == (30, True)
    assert c.Authenticator.get("auth_refresh_strict", True) is True


def test_what_a_hub_had_before_stays() -> None:
    """Assigned, appended or updated: Gatehouse adds and takes nothing away."""
    c = Config()
    c.JupyterHub.services = [{"name": "culler"}]
    c.JupyterHub.load_roles.append({"name": "readers", "scopes": ["read:users"]})
    c.JupyterHub.template_paths = ["/srv/templates"]
    c.JupyterHub.custom_scopes = {"custom:x": {"description": "x"}}
    c.Spawner.environment.update({"A": "1"})
    c.Spawner.server_token_scopes = ["users:activity!user", "read:users!user"]
    configured(c)
    assert c.JupyterHub.services[0] == {"name": "culler"}
    assert c.JupyterHub.load_roles[0]["name"] == "readers"
    assert c.JupyterHub.template_paths[0] == "/srv/templates"
    assert set(c.JupyterHub.custom_scopes) == {"custom:x", *CUSTOM_SCOPES}
    assert c.Spawner.environment["A"] == "1"
    assert "read:users!user" in c.Spawner.server_token_scopes


def test_an_overridden_user_role_gets_the_scopes_too() -> None:
    """A hub that overrides the role ``user`` makes 6.x ignore ``extra_user_scopes``; the role itself is extended."""
    c = Config()
    c.JupyterHub.load_roles = [{"name": "user", "scopes": ["self", "read:hub"]}]
    configured(c)
    assert set(role(c, "user")["scopes"]) == {"self", "read:hub", *EVERYBODY}


def test_a_missing_crypt_key_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub would otherwise start and then fail at the first login."""
    monkeypatch.delenv("JUPYTERHUB_CRYPT_KEY")
    with pytest.raises(ValueError, match="openssl rand -hex 32"):
        configured()
    c = Config()
    c.CryptKeeper.keys = [b"x" * 32]
    configured(c)


def test_a_function_for_server_scopes_is_refused() -> None:
    """Gatehouse cannot add to a function, and would otherwise break the notebooks silently."""
    c = Config()
    c.Spawner.server_token_scopes = lambda _spawner: []
    with pytest.raises(ValueError, match="is a function"):
        configured(c)


def test_an_address_without_scheme_is_refused() -> None:
    """A service's address has to be one."""
    with pytest.raises(ValueError, match="is not an address"):
        configured(service_url="127.0.0.1:8010")


def test_an_engine_brings_its_spawner_and_its_addresses() -> None:
    """On Kubernetes servers are pods, and reach the proxy inside the cluster; people keep the public address."""
    c = configured(engine="kubernetes", internal_url="http://proxy-public/")
    assert c.JupyterHub.spawner_class == "gatehouse-kube"
    told = c.Spawner.environment
    assert told["GATEHOUSE_URL"] == "http://proxy-public/services/gatehouse/"
    assert told["DASK_GATEWAY__ADDRESS"] == "http://proxy-public/services/dask-gateway"
    assert told["DASK_GATEWAY__PUBLIC_ADDRESS"] == "https://hub.example.org/services/dask-gateway"
    assert configured().JupyterHub.spawner_class == "gatehouse-local"
