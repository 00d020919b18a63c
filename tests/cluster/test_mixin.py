"""The mixin serves any engine: what it reserves it gives back, and what it knows it does not invent."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from dask_gateway_server.backends.base import Backend, PublicException
from dask_gateway_server.models import Cluster, ClusterStatus
from traitlets.config import Config

from hub_ext.cluster.config import GatehouseLocalClusterConfig
from hub_ext.cluster.mixin import GatehouseBackendMixin
from hub_ext.cluster.user import GatehouseUser
from hub_ext.contract.admission import LeaseState
from hub_ext.contract.errors import InvalidRequest, Refused
from hub_ext.contract.reasons import Reason
from tests.cluster.stand_in import StandIn
from tests.cluster.test_heartbeat import TRUE

DAN = GatehouseUser("dan", ["/research"])


class Engine(Backend):
    """The least that an engine is: it notes what it is asked to run."""

    broken = False
    deaf = False

    async def start_cluster(self, user: Any, cluster_options: Any) -> str:
        """Make a cluster out of the options, or fail as an engine fails."""
        options, config = await self.process_cluster_options(user, cluster_options)
        if self.broken:
            raise OSError("disk full")
        self.cluster = Cluster("c1", user.name, "token", options, config.to_dict(), ClusterStatus.RUNNING)
        self.counts: list[int] = []
        return "c1"

    async def get_cluster(self, cluster_name: str, wait: bool = False) -> Cluster:  # noqa: FBT001, FBT002 - the gateway's signature
        """Return the one cluster."""
        del cluster_name, wait
        return self.cluster

    async def on_cluster_heartbeat(self, cluster_name: str, msg: Any) -> None:
        """Note how many workers to run."""
        del cluster_name
        self.counts.append(msg["count"])

    async def forward_message_to_scheduler(self, cluster: Cluster, msg: Any) -> None:
        """Reach the scheduler, or fail as where none runs."""
        del cluster, msg
        if self.deaf:
            raise PublicException("cluster c1 is not running")


class Ours(GatehouseBackendMixin, Engine):
    """Any engine with the mixin in front."""

    cluster_config_class = GatehouseLocalClusterConfig


@pytest.fixture
async def ours(desk: StandIn) -> AsyncIterator[Any]:
    """A backend that asks the stand-in."""
    config = Config()
    config.GatehouseSettings.service_url = desk.url
    config.GatehouseSettings.request_timeout = 2.0
    backend = Ours(config=config, gateway_address="127.0.0.1:1")
    await backend.setup(web.Application())
    yield backend
    await backend.cleanup()


async def test_a_cluster_is_what_its_lease_says(ours: Any, desk: StandIn) -> None:
    """Sizes, bounds and idle time come from the lease, and are stored with the cluster."""
    name = await ours.start_cluster(DAN.for_request(), {"name": "sales"})
    await ours.client.flush()
    lease = desk.lease_of(name)
    assert lease is not None
    config = ours.cluster.config
    assert (config["lease_id"], config["profile"], config["charge_to"]) == (lease.id, "standard", "research")
    assert (config["title"], config["worker_price_per_hour"]) == ("sales", "0.05")
    assert (config["worker_memory"], config["worker_threads"], config["cluster_max_workers"]) == (2**30, 1, 12)
    assert config["idle_timeout"] == 600
    assert lease.state is LeaseState.bound


async def test_a_failed_start_gives_the_lease_back(ours: Any, desk: StandIn) -> None:
    """What was reserved for a cluster that did not come to be counts against nobody."""
    ours.broken = True
    held = set(desk.leases)
    with pytest.raises(OSError, match="disk full"):
        await ours.start_cluster(DAN.for_request(), {})
    await ours.client.flush()
    (lease,) = set(desk.leases) - held
    assert desk.leases[lease].state is LeaseState.released


async def test_a_heartbeat_is_clamped_to_the_grant_on_any_engine(ours: Any, desk: StandIn) -> None:
    """The engine hears of granted workers only; the present grant can be read."""
    name = await ours.start_cluster(DAN.for_request(), {})
    desk.cap = 2
    await ours.on_cluster_heartbeat(name, {**TRUE, "count": 9, "active_workers": []})
    assert ours.counts == [2]
    assert (ours.grants[name].workers, ours.grants[name].wanted) == (2, 9)
    desk.away, desk.cap = True, 9
    await ours.on_cluster_heartbeat(name, {**TRUE, "count": 9, "active_workers": []})
    assert ours.counts == [2, 2]


async def test_a_forged_heartbeat_reaches_neither_service_nor_engine(ours: Any, desk: StandIn) -> None:
    """A refused heartbeat asks for nothing and changes nothing."""
    name = await ours.start_cluster(DAN.for_request(), {})
    asked = len(desk.demands)
    with pytest.raises(InvalidRequest):
        await ours.on_cluster_heartbeat(name, {**TRUE, "count": True})
    assert ours.counts == []
    assert len(desk.demands) == asked


async def test_a_service_that_is_away_is_a_refusal(ours: Any, desk: StandIn) -> None:
    """The client shows the text of a 409, so that is what an absent service becomes."""
    desk.away = True
    with pytest.raises(Refused) as refused:
        await ours.start_cluster(DAN.for_request(), {})
    assert refused.value.reason is Reason.service_unavailable


async def test_offers_are_asked_once_in_a_request(ours: Any) -> None:
    """A create looks at the offers twice and asks for them once; the next request asks again."""
    user = DAN.for_request()
    await ours.get_cluster_options(user)
    first = user.offers
    await ours.get_cluster_options(user)
    assert user.offers is first
    assert DAN.offers is None


async def test_adaptive_bounds_are_told_at_once_and_with_every_heartbeat(ours: Any, desk: StandIn) -> None:
    """Who switches adaptive scaling on or off need not wait for the next heartbeat to see it."""
    name = await ours.start_cluster(DAN.for_request(), {})
    asked = len(desk.demands)
    await ours.forward_message_to_scheduler(ours.cluster, {"op": "adapt", "minimum": 0, "maximum": 4, "active": True})
    await ours.on_cluster_heartbeat(name, {**TRUE, "count": 0, "active_workers": []})
    await ours.forward_message_to_scheduler(ours.cluster, {"op": "adapt", "minimum": 0, "maximum": 4, "active": False})
    told = [(demand.adaptive_minimum, demand.adaptive_maximum) for _, demand in desk.demands[asked:]]
    assert told == [(0, 4), (0, 4), (None, None)]


async def test_what_did_not_reach_the_scheduler_was_not_asked(ours: Any, desk: StandIn) -> None:
    """A cluster that does not run yet refuses; afterwards it has no bounds of which its scheduler never heard."""
    name = await ours.start_cluster(DAN.for_request(), {})
    ours.deaf, asked = True, len(desk.demands)
    with pytest.raises(PublicException, match="not running"):
        await ours.forward_message_to_scheduler(ours.cluster, {"op": "adapt", "minimum": 1, "maximum": 4})
    await ours.on_cluster_heartbeat(name, {**TRUE, "count": 0, "active_workers": []})
    [(_, demand)] = desk.demands[asked:]
    assert (demand.wanted, demand.adaptive_minimum, demand.adaptive_maximum) == (0, None, None)
