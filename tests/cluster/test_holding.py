"""A scheduler that does not listen keeps no more than its grant."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hub_ext.cluster.holding import Overrun, to_stop
from hub_ext.contract.usage import EventType
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway, until
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub

DEAF = """
cluster = Gateway().connect({name!r})
client = cluster.get_client()
def plug_ears():
    import gc
    async def ignore(self, count): pass
    for found in gc.get_objects():
        if type(found).__name__ == "GatewaySchedulerService":
            type(found)._scale = ignore
            return type(found)._scale.__name__
print(client.run_on_scheduler(plug_ears))
client.close()
"""
STILL_WORKS = """
client = Gateway().connect({name!r}).get_client()
print(sum(client.gather(client.map(lambda x: x + 1, range(100)))))
client.close()
"""


@pytest.mark.parametrize(
    ("looks", "stops"),
    [
        pytest.param([(0, 3, 3)], 0, id="as granted"),
        pytest.param([(0, 3, 1), (59, 3, 1)], 0, id="within the grace"),
        pytest.param([(0, 3, 1), (60, 3, 1)], 2, id="after the grace"),
        pytest.param([(0, 3, 1), (60, 2, 1)], 1, id="one was retired meanwhile"),
        pytest.param([(0, 3, 1), (30, 1, 1), (60, 3, 1)], 0, id="the grace begins anew"),
        pytest.param([(0, 3, 1), (30, 3, 3), (60, 3, 1)], 0, id="the grant came back meanwhile"),
        pytest.param([(0, 3, 2), (60, 3, 0)], 3, id="the grant fell further: one grace for both"),
    ],
)
def test_a_surplus_is_stopped_after_the_grace(looks: list[tuple[float, int, int]], stops: int) -> None:
    """What runs above the grant is left to the scheduler for the grace, and no longer."""
    overrun, surplus = Overrun(), 0
    for now, running, granted in looks:
        surplus = overrun.surplus(running, granted, now=now, grace=60)
    assert surplus == stops


def test_workers_that_retire_already_go_first_then_the_newest() -> None:
    """The scheduler's own choice is kept as far as it made one; the oldest workers hold the most results."""
    workers = [SimpleNamespace(id=n, close_expected=n == 2) for n in range(5)]
    assert [worker.id for worker in to_stop(workers, 3)] == [2, 4, 3]


@pytest.fixture
def strict(tmp_path: Path, hub: Hub, desk: StandIn) -> Iterator[Gateway]:
    """A gateway that has little patience with a scheduler."""
    gateway = Gateway(tmp_path / "gw", hub.api_url, desk.url, hub.tokens["dask-gateway"], shrink_grace=3.0)
    with running_gateway(gateway) as running:
        yield running


def test_a_scheduler_that_ignores_orders_ends_with_its_grant(
    strict: Gateway, hub: Hub, desk: StandIn, tmp_path: Path
) -> None:
    """User code makes its scheduler deaf: the newest workers are stopped, none comes back, the rest computes on."""
    token = hub.token("dan")
    name = strict.create(token)
    lease = until("bound", lambda: desk.lease_of(name))

    def living() -> list[str]:
        units = (e.unit for e in desk.events if e.lease == lease.id and e.type is EventType.started)
        return [unit for unit in units if "scheduler" not in unit and desk.event(unit, EventType.ended) is None]

    strict.scale(name, 1, token)
    until("one", lambda: len(living()) == 1)
    (oldest,) = living()
    strict.scale(name, 4, token)
    until("four", lambda: f"Cluster {name} heartbeat [count: 4, n_active: 4" in strict.log, 40)
    assert notebook.run(strict, token, tmp_path, DEAF.format(name=name)) == ["ignore"]

    desk.cap = 1
    until("it is told", lambda: f"Cluster {name} was told to" in strict.log)
    assert len(living()) == 4
    until("held", lambda: len(living()) == 1)
    time.sleep(3)
    assert living() == [oldest]
    assert "its scheduler did not retire them" in strict.log
    assert notebook.run(strict, token, tmp_path, STILL_WORKS.format(name=name)) == ["5050"]
    strict.delete(name, token)
    until("released", lambda: desk.leases[lease.id].state == "released")
