"""A real notebook server without our extension is told apart from one that has it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.gatehouse_hub import GatehouseHub, StandIn, running_gatehouse_hub, running_stand_in, wait_for

WITHOUT = {"ServerApp": {"jpserver_extensions": {"server_ext": False}}}
"""Jupyter's own way to leave an installed extension out, as an image has that was made without it."""


@pytest.fixture
def service() -> Iterator[StandIn]:
    """The service, as a table."""
    with running_stand_in() as running:
        yield running


@pytest.fixture
def hub(tmp_path: Path, service: StandIn) -> Iterator[GatehouseHub]:
    """A hub that starts real notebook servers, and looks at them every second."""
    quick = {"Spawner": {"poll_interval": 1, "http_timeout": 180, "start_timeout": 180}}
    with running_gatehouse_hub(tmp_path, service.url, small_server="", config=quick) as running:
        yield running


def _lease(service: StandIn, user: str) -> dict[str, Any]:
    return next((one for one in service.seen["leases"].values() if one["user"] == user), {})


def test_an_image_without_our_package_is_named(hub: GatehouseHub, service: StandIn) -> None:
    """The hub's log and the service hear of it once, and the server runs on; of one with a panel nothing is said."""
    settings = hub.home("alice") / ".jupyter" / "jupyter_server_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(WITHOUT), encoding="utf-8")
    for user in ("alice", "bob"):
        hub.api("POST", f"users/{user}/server")
    wait_for(lambda: "no_panel" in _lease(service, "alice").get("said", ()), "the panel to be missed", within=180)
    wait_for(lambda: " 200 GET /user/bob/gatehouse/account" in hub.log, "the other to be asked", within=180)

    assert _lease(service, "alice")["said"][1].startswith("The environment of this server has no jupyterhub-gatehouse")
    assert _lease(service, "alice")["history"] == ["reserved", "bound", "bound"]
    assert _lease(service, "bob")["said"] == [None, ""]
    assert hub.log.count("The server of alice: The environment") == 1
    assert "The server of bob: " not in hub.log
    assert hub.api("GET", "users/alice").json["servers"][""]["ready"] is True
