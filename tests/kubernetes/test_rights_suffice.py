"""With the rights of ``helm-values/manifests`` alone, a cluster lives from its request to its last pod."""

from pathlib import Path

import pytest

from hub_ext.contract.admission import LeaseState
from tests.cluster.stand_in import RunningStandIn
from tests.kubernetes.cluster import PATIENCE, Cluster
from tests.kubernetes.dask_lab import Served, running_lab
from tests.kubernetes.installing import rendered
from tests.kubernetes.node import Node
from tests.service.waiting import until
from tests.support.hub import running_hub

pytestmark = pytest.mark.own_plane


def test_a_clusters_whole_life_needs_no_other_right(kubernetes: Cluster, node: Node, tmp_path: Path) -> None:
    """The gateway's API servers and the controller, each with its own account, miss no verb for any of it."""
    with (
        running_hub(tmp_path) as hub,
        RunningStandIn() as desk,
        running_lab(kubernetes, node, hub, tmp_path / "lab", desk.url) as lab,
    ):
        objects = rendered(kubernetes, "production", lab.namespace, tmp_path)
        kubernetes.apply(*(one for one in objects if one["kind"].startswith(("ServiceAccount", "Role", "ClusterRole"))))
        for program in lab.replicas:
            _as_account(kubernetes, program, "gatehouse-gateway", lab.namespace)
        _as_account(kubernetes, lab.controller, "gatehouse-controller", lab.namespace)

        name, _ = lab.running(name="sales", environment={"KEY": "value"})
        assert lab.scale(name, 3, replica=1).body["ok"]
        until(lambda: len(lab.living(name)) == 3, PATIENCE)
        assert lab.scale(name, 1).body["ok"]
        until(lambda: len(lab.living(name)) == 1, PATIENCE)
        sources = lab.as_("alice", "GET", f"{name}/logs").body["sources"]
        assert {source["name"] for source in sources} > {"scheduler"}
        lab.stop(name)

        service = kubernetes.user_kubeconfig("gatehouse", lab.namespace)

        def noted() -> bool:
            """Take the finalizer off what has ended, with the service's own account, until the lease is back."""
            lab.let_go(name, kubeconfig=service)
            lease = desk.lease_of(name)
            return lease is not None and lease.state is LeaseState.released and not lab.pods(name)

        until(noted, PATIENCE)
        for program in (*lab.replicas, lab.controller):
            assert "orbidden" not in program.log, program.log[-3000:]


def _as_account(cluster: Cluster, program: Served, account: str, namespace: str) -> None:
    """Start a program again, with the token of an account."""
    program.end()
    program.kubeconfig = cluster.user_kubeconfig(account, namespace)
    (program.directory / f"{program.name}.log").write_text("", encoding="utf-8")
    program.start()
