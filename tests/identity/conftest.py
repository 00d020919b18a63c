"""A real provider, a real hub with our authenticator, and the stand-in for the service."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.canaille import Canaille, prepared_canaille
from tests.support.gatehouse_hub import GatehouseHub, StandIn, running_gatehouse_hub, running_stand_in
from tests.support.ports import free_port


@dataclass
class SignOn:
    """The three processes of a login."""

    idp: Canaille
    hub: GatehouseHub
    service: StandIn


@pytest.fixture(scope="module")
def sign_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignOn]:
    """A hub whose provider has not been started yet, and which refreshes groups every second."""
    place, port = tmp_path_factory.mktemp("sign-on"), free_port()
    callback = f"http://127.0.0.1:{port}/hub/oauth_callback"
    with running_stand_in() as service, prepared_canaille(place / "idp", callback) as idp:
        told = {"issuer": idp.provider.issuer, "client_secret": idp.provider.keys.client_secret, "groups": {}}
        config = {"Authenticator": {"auth_refresh_age": 1}}
        with running_gatehouse_hub(place / "hub", service.url, port=port, config=config, **told) as hub:
            yield SignOn(idp, hub, service)
