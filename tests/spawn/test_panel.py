"""A server that runs is asked once whether it has our package."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.gatehouse_hub import GatehouseHub, StandIn, running_gatehouse_hub, wait_for


@pytest.fixture
def hub(tmp_path: Path, service: StandIn) -> Iterator[GatehouseHub]:
    """A hub that looks at its servers every second."""
    with running_gatehouse_hub(tmp_path, service.url, config={"Spawner": {"poll_interval": 1}}) as running:
        yield running


def _lease(service: StandIn, user: str) -> dict[str, Any]:
    return next((one for one in service.seen["leases"].values() if one["user"] == user), {})


def test_a_server_without_our_package_is_told_of_once(hub: GatehouseHub, service: StandIn) -> None:
    """The hub's log and the service hear of it, and it runs on; of one that has it nothing is said."""
    hub.home("alice").mkdir(parents=True)
    (hub.home("alice") / "without-panel").touch()
    for user in ("bob", "alice"):
        hub.api("POST", f"users/{user}/server")
    wait_for(lambda: "no_panel" in _lease(service, "alice").get("said", ()), "the panel to be missed")
    wait_for(lambda: _lease(service, "bob").get("history") == ["reserved", "bound"], "the other to be bound")

    assert _lease(service, "alice")["said"][1].startswith("The environment of this server has no jupyterhub-gatehouse")
    assert _lease(service, "alice")["history"] == ["reserved", "bound", "bound"]
    assert _lease(service, "bob")["said"] == [None, ""]
    assert hub.log.count("The server of alice: The environment") == 1
    assert hub.api("GET", "users/alice").json["servers"][""]["ready"] is True
