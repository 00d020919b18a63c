"""What workers on Kubernetes did with their time, from its metrics API into the ledger and the account."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub_ext.contract.labels import PodUnit
from hub_ext.pods.splitting import GAP
from hub_ext.usage import activity
from hub_ext.usage.database import Database
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.fleet import span
from tests.kubernetes.metering import account, cluster_lease, metering, pod, role, rows
from tests.kubernetes.metrics_api import WINDOW, measured, served
from tests.service.waiting import until
from tests.support.hub import Hub, running_hub
from tests.support.service import Service

pytestmark = [pytest.mark.own_plane, pytest.mark.usefixtures("node")]

STARTING = 4
"""Seconds from the start of the second of two workers until the first window begins."""
Seconds = dict[str, tuple[float, ...]]


@dataclass
class Workers:
    """Two workers of a cluster of alice."""

    kubernetes: Cluster
    namespace: str
    database: str
    lease: str = ""

    def start(self, service: Service) -> None:
        """Have them run, and in the ledger."""
        self.lease = cluster_lease(service, self.namespace, "c1", 2)
        made = [pod(name, self.lease, PodUnit.worker, cluster="c1") for name in ("w1", "w2")]
        self.kubernetes.apply(*made, namespace=self.namespace)
        until(lambda: rows(service).keys() == {f"{self.lease}-w1", f"{self.lease}-w2"})

    def born(self, service: Service) -> dict[str, datetime]:
        """Return when each started, by the ledger."""
        return {name: span(rows(service)[f"{self.lease}-{name}"])[0] for name in ("w1", "w2")}

    def use(self, ended: datetime, **cores: str) -> None:
        """Have the metrics API tell what each used."""
        labels = pod("w", self.lease, PodUnit.worker, cluster="c1")["metadata"]["labels"]
        told = [measured(name, labels, ended, cpu) for name, cpu in cores.items()]
        self.kubernetes.apply(*told, namespace=self.namespace)

    def seconds(self) -> Seconds:
        """Return worker -> seconds busy, idle and starting, by the ledger."""
        with closing(Database(self.database)) as ledger, ledger.read() as connection:
            found = activity.reported(connection, [self.lease])
        return {
            unit.removeprefix(f"{self.lease}-"): tuple(ticks / 10**6 for ticks in (told.busy, told.idle, told.starting))
            for unit, (told, _) in found.items()
        }


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub, for tokens and scopes."""
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


def test_time_splits_as_the_nodes_measured(kubernetes: Cluster, namespace: str, hub: Hub, tmp_path: Path) -> None:
    """Without a metrics API, or the right to read it, the overview says so; with it each worker's time is split.

    A service that was killed goes on from what was kept; what nobody measured meanwhile counts as nothing.
    """
    without = [rule for rule in role()["rules"] if rule["apiGroups"] != ["metrics.k8s.io"]]
    kubeconfig, database = account(kubernetes, namespace, without), f"sqlite:///{tmp_path}/ledger.sqlite"
    two = Workers(kubernetes, namespace, database)
    with metering(hub, tmp_path, kubeconfig, namespace, database=database, guards=False) as service:
        two.start(service)
        until(lambda: "pods.metrics.k8s.io: list" in _notices(service))
        kubernetes.apply(role(), namespace=namespace)
        until(lambda: "Install metrics-server" in _notices(service))
        born = two.born(service)
        began = max(born.values()) + timedelta(seconds=STARTING)
        first = began + timedelta(seconds=WINDOW)
        starting = {name: (began - at).total_seconds() for name, at in born.items()}
        with served(kubernetes):
            until(lambda: "etrics" not in _notices(service))
            assert _cluster(service)["busy_share"] is None
            two.use(first, w1="900m", w2="20m")
            until(lambda: two.seconds() == {"w1": (WINDOW, 0, starting["w1"]), "w2": (0, WINDOW, starting["w2"])})
            until(lambda: _cluster(service)["busy_share"])
            assert float(_cluster(service)["idle_cost"]) > 0
    with (
        served(kubernetes),
        metering(hub, tmp_path, kubeconfig, namespace, database=database, guards=False) as service,
    ):
        two.use(first + 2 * GAP, w1="30m", w2="20m")
        until(lambda: two.seconds() == {"w1": (WINDOW, WINDOW, starting["w1"]), "w2": (0, 2 * WINDOW, starting["w2"])})


def _notices(service: Service) -> str:
    overview = service.as_("adam", "GET", "api/v1/admin/overview").json["kubernetes"]
    return str([one["notices"] for one in overview])


def _cluster(service: Service) -> Any:
    return service.as_("alice", "GET", "api/v1/account").json["clusters"][0]
