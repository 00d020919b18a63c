"""Hub, gateway and stand-in together, for tests that need all three."""

from dataclasses import dataclass

from tests.cluster.gateway import Gateway
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub


@dataclass(frozen=True)
class Lab:
    """What a test of the room works with."""

    hub: Hub
    gateway: Gateway
    desk: StandIn
