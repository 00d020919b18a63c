"""The gateway's clock is set an hour ahead or back while its clusters run."""

from datetime import datetime
from pathlib import Path

import pytest

from hub_ext.contract.usage import EventType
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub
from tests.support.stepping import Stepping

HOUR = 3600


@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["an hour ahead", "an hour back"])
def test_a_worker_is_paid_for_as_long_as_it_ran(tmp_path: Path, hub: Hub, desk: StandIn, step: int) -> None:
    """Start and end are of one clock: for what ran across the step, and for what began after it."""
    clock = Stepping(tmp_path / "clock")
    gateway = Gateway(
        tmp_path / "gw", hub.api_url, desk.url, hub.tokens["dask-gateway"], environment=dict(clock.environment)
    )
    token = hub.token("alice")
    with running_gateway(gateway):
        name = gateway.create(token)
        gateway.scale(name, 1, token)
        until("a worker", lambda: len(_units(desk, name, EventType.started)) == 2, 60)
        clock.set(step)
        gateway.scale(name, 2, token)
        until("another, and it is noticed", lambda: len(_units(desk, name, EventType.started)) == 3, 60)
        until("the step is told", lambda: "The machine's clock was set by" in gateway.log, 30)
        gateway.delete(name, token)
        until("all ended", lambda: len(_units(desk, name, EventType.ended)) == 3, 60)
    began, ended = _units(desk, name, EventType.started), _units(desk, name, EventType.ended)

    assert all(0 < (ended[unit] - at).total_seconds() < 300 for unit, at in began.items())


def _units(desk: StandIn, cluster: str, what: EventType) -> dict[str, datetime]:
    """Return unit -> when this happened to it, of every unit of a cluster."""
    lease = desk.lease_of(cluster)
    return {event.unit: event.at for event in desk.events if lease and event.lease == lease.id and event.type is what}
