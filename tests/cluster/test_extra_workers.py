"""Workers that user code starts by itself, inside of the one that it was granted."""

from pathlib import Path

from hub_ext.cluster.leftovers import CLUSTER_VARIABLE
from hub_ext.cluster.units import UNIT_VARIABLE
from hub_ext.contract.admission import LeaseState
from hub_ext.contract.usage import EventType
from hub_ext.processes import tagged
from tests.cluster import notebook
from tests.cluster.gateway import until
from tests.cluster.lab import Lab

MULTIPLIES = """
cluster = Gateway().connect({name!r})
client = cluster.get_client()
client.wait_for_workers(1, timeout=180)
def multiply(count):
    import os, subprocess
    from pathlib import Path
    command = Path("/proc/self/cmdline").read_bytes().decode().split("\\0")[:-1]
    at = command.index("--name") + 1
    environment = {{key: value for key, value in os.environ.items() if key not in {hide!r}}}
    for n in range(count):
        own = [*command[:at], f"extra{{n}}", *command[at + 1:]]
        subprocess.Popen(own, start_new_session=True, env=environment)
client.submit(multiply, 3).result(timeout=180)
"""
HONEST = """
deadline = time.monotonic() + 180
while "extra0" not in Path({log!r}).read_text() and time.monotonic() < deadline:
    time.sleep(0.1)
while len(client.scheduler_info(n_workers=-1)["workers"]) > 1 and time.monotonic() < deadline:
    time.sleep(0.1)
print(len(client.scheduler_info(n_workers=-1)["workers"]))
client.close()
"""
LIES = """
def lie():
    import gc
    async def heartbeat(self):
        await self.gateway.heartbeat(dict(
            scheduler_address=self.scheduler.address, dashboard_address=self.dashboard_address,
            api_address=self.api_address, count=99, closing_workers=[], closed_workers=[],
            active_workers=[name for name in self.active_workers if not str(name).startswith("extra")],
        ))
    for found in gc.get_objects():
        if type(found).__name__ == "GatewaySchedulerService":
            type(found).heartbeat = heartbeat
client.run_on_scheduler(lie)
"""
SHOWS = """
client.wait_for_workers(4, timeout=180)
print(sum(str(w["name"]).startswith("extra") for w in client.scheduler_info(n_workers=-1)["workers"].values()))
client.close()
"""


def test_an_honest_scheduler_retires_what_it_was_not_granted(lab: Lab, tmp_path: Path) -> None:
    """Workers that a task starts are more than the scheduler was told to have: it closes as many as are too many.

    Which ones is Dask's choice; where it closes the granted one, that one's interval ends.
    """
    gateway, desk, token = lab.gateway, lab.desk, lab.hub.token("dan")
    name = gateway.create(token)
    gateway.scale(name, 1, token)
    lease = until("bound", lambda: desk.lease_of(name))
    log = str(gateway.directory / "data" / "logs" / name / "scheduler.log")
    head = "import time\nfrom pathlib import Path\n"
    cell = head + MULTIPLIES.format(name=name, hide=[]) + HONEST.format(log=log)
    assert notebook.run(gateway, token, tmp_path, cell) == ["1"]
    gateway.delete(name, token)
    until("released", lambda: desk.leases[lease.id].state is LeaseState.released)
    assert tagged(CLUSTER_VARIABLE, name) == []
    assert all(desk.event(unit, EventType.ended) is not None for unit in desk.units(lease.id))


def test_what_a_lying_scheduler_adds_is_not_granted_and_ends_with_the_cluster(lab: Lab, tmp_path: Path) -> None:
    """The gateway starts no more than granted. What hides in a task is neither counted nor stopped before the end."""
    gateway, desk, token = lab.gateway, lab.desk, lab.hub.token("dan")
    desk.cap = 1
    name = gateway.create(token)
    gateway.scale(name, 1, token)
    lease = until("bound", lambda: desk.lease_of(name))
    multiplies = MULTIPLIES.format(name=name, hide=[UNIT_VARIABLE])
    start, _, submit = multiplies.rpartition("client.submit")
    cell = start + LIES + "client.submit" + submit + SHOWS
    assert notebook.run(gateway, token, tmp_path, cell) == ["3"]

    def last() -> set[tuple[int, int]]:
        return {(demand.wanted, demand.running) for _, demand in desk.demands[-3:]}

    until("it goes on lying", lambda: last() == {(99, 1)})
    assert len(desk.units(lease.id)) == 2
    assert len(tagged(CLUSTER_VARIABLE, name)) == 5
    gateway.delete(name, token)
    until("released", lambda: desk.leases[lease.id].state is LeaseState.released)
    assert tagged(CLUSTER_VARIABLE, name) == []
