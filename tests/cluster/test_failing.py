"""A cluster that ends by itself tells its person why, and one that was stopped does not."""

import os
import signal
from pathlib import Path

from hub_ext.contract.admission import LeaseState
from hub_ext.contract.reasons import Reason
from hub_ext.contract.usage import EventType
from tests.cluster.gateway import Gateway, pid_in, running_gateway, until
from tests.cluster.lab import Lab
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub

NO_SCHEDULER = 'c.GatehouseLocalClusterConfig.scheduler_cmd = ["false"]\n'


def test_a_scheduler_that_does_not_start(tmp_path: Path, hub: Hub, desk: StandIn) -> None:
    """Its lease is given back with the reason."""
    gateway = Gateway(tmp_path / "gw", hub.api_url, desk.url, hub.tokens["dask-gateway"], more=NO_SCHEDULER)
    with running_gateway(gateway):
        asked: dict[str, object] = {"cluster_options": {}}
        name = gateway.call("POST", "/api/v1/clusters/", asked, token=hub.token("dan")).body["name"]
        lease = until("bound", lambda: desk.lease_of(name)).id
        until("released", lambda: desk.leases[lease].state is LeaseState.released, within=60)
        assert desk.reasons[lease] is Reason.scheduler_ended


def test_a_scheduler_that_dies_and_one_that_is_stopped(lab: Lab) -> None:
    """A killed scheduler is told as one that ended by itself; a stop has no such reason."""
    token = lab.hub.token("dan")
    killed, stopped = (_lease(lab, lab.gateway.create(token)) for _ in range(2))
    started = until("started", lambda: lab.desk.event(f"{killed}-scheduler", EventType.started))
    os.kill(pid_in(started.detail), signal.SIGKILL)
    lab.gateway.delete(lab.desk.leases[stopped].ref, token)
    ended = {killed, stopped}
    until("released", lambda: all(lab.desk.leases[one].state is LeaseState.released for one in ended), within=60)
    assert lab.desk.reasons.get(killed) is Reason.scheduler_ended
    assert stopped not in lab.desk.reasons


def _lease(lab: Lab, cluster: str) -> str:
    return until("bound", lambda: lab.desk.lease_of(cluster)).id
