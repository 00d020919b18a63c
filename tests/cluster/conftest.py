"""A real hub, a real gateway and a small service, once for the room's tests."""

from collections.abc import Iterator

import pytest

from hub_ext.contract.admission import LeaseState
from tests.cluster.gateway import Gateway, running_gateway
from tests.cluster.lab import Lab
from tests.cluster.stand_in import RunningStandIn, StandIn
from tests.support.hub import Hub, running_hub


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with alice (research, gpu), bob (analysts), carol (no policy group), dan (research) and adam (operator)."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="session")
def desk() -> Iterator[StandIn]:
    """What decides and records."""
    with RunningStandIn() as running:
        yield running


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, hub: Hub, desk: StandIn) -> Iterator[Gateway]:
    """A gateway that asks the hub who people are and the stand-in what they may."""
    directory = tmp_path_factory.mktemp("gateway")
    with running_gateway(Gateway(directory, hub.api_url, desk.url, hub.tokens["dask-gateway"])) as running:
        yield running


@pytest.fixture
def lab(hub: Hub, gateway: Gateway, desk: StandIn) -> Lab:
    """All three."""
    return Lab(hub, gateway, desk)


@pytest.fixture(autouse=True)
def _generous(desk: StandIn) -> Iterator[None]:
    """Each test begins and ends with a service that answers and grants twelve workers."""
    yield
    desk.cap, desk.away = 12, False


@pytest.fixture(scope="module", autouse=True)
def _unburdened(desk: StandIn) -> None:
    """No file begins with leases that another left, such as those of a gateway that it killed: they fill the quota."""
    for name, lease in list(desk.leases.items()):
        desk.leases[name] = lease.model_copy(update={"state": LeaseState.released})
