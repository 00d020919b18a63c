"""A real hub with our spawner, and the stand-in for the service."""

from collections.abc import Iterator

import pytest

from tests.support.gatehouse_hub import GatehouseHub, StandIn, running_gatehouse_hub, running_stand_in, wait_for


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """The service, as a table."""
    with running_stand_in() as service:
        yield service


@pytest.fixture(scope="session")
def running_hub(tmp_path_factory: pytest.TempPathFactory, stand_in: StandIn) -> Iterator[GatehouseHub]:
    """One hub for all of this room's tests."""
    with running_gatehouse_hub(tmp_path_factory.mktemp("hub"), stand_in.url) as hub:
        yield hub


@pytest.fixture
def service(stand_in: StandIn) -> StandIn:
    """The service as at the beginning, having heard nothing."""
    stand_in.reset()
    return stand_in


@pytest.fixture
def hub(running_hub: GatehouseHub, service: StandIn) -> Iterator[GatehouseHub]:
    """The hub with nothing running, before and after."""
    yield running_hub
    service.table(slow=0.0, away=False)
    for user in ("alice", "bob", "dan"):
        (running_hub.home(user) / "die-at-start").unlink(missing_ok=True)
        running_hub.api("DELETE", f"users/{user}/server")
        wait_for(lambda who=user: not running_hub.api("GET", f"users/{who}").json["servers"], f"{user}'s server to end")
