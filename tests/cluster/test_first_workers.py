"""Workers that were asked for with a cluster come by themselves, whoever goes away meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub_ext.contract.admission import LeaseState
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub


@pytest.fixture
def own_gateway(tmp_path: Path, hub: Hub, desk: StandIn) -> Iterator[Gateway]:
    """A gateway that a test may kill."""
    with running_gateway(Gateway(tmp_path / "gw", hub.api_url, desk.url, hub.tokens["dask-gateway"])) as running:
        yield running


def test_they_come_without_another_word(own_gateway: Gateway, hub: Hub, desk: StandIn) -> None:
    """A cluster started with two workers gets them, also where its gateway is killed before it runs."""
    token = hub.token("dan")
    name = own_gateway.create(token, workers=2)
    own_gateway.kill()
    own_gateway.start()
    lease = until("bound", lambda: desk.lease_of(name))
    until("scheduler and two workers", lambda: len(desk.units(lease.id)) == 3, within=90)
    asked = [demand.wanted for cluster, demand in desk.demands if cluster == name]
    assert set(asked) == {2}
    own_gateway.delete(name, hub.tokens["gatehouse"])
    until("released", lambda: desk.leases[lease.id].state is LeaseState.released, within=60)
