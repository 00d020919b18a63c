"""What the tests of metering and orphans share: pods as our doors make them, and the service's account."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub_ext.contract.labels import PodUnit, annotations_of, labels_of
from tests.kubernetes.cluster import Cluster
from tests.service.test_doors import ask, bind
from tests.support.hub import Hub
from tests.support.service import Service, running_service

ALICE = {"name": "alice", "groups": ["/research"]}
QUICK = [
    "--GatehouseService.orphan_check_seconds=0.2",
    "--GatehouseService.pod_patience_seconds=2",
    "--GatehouseService.pod_use_seconds=0.2",
]
NO_GUARDS = ["--GatehouseService.orphan_checks=1000000"]
"""Nobody compares these pods with the hub, which knows none of them."""
RULES: list[dict[str, list[str]]] = [
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch", "patch", "delete"]},
    {"apiGroups": ["gateway.dask.org"], "resources": ["daskclusters"], "verbs": ["list", "patch"]},
    {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["list"]},
    {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
    {"apiGroups": ["metrics.k8s.io"], "resources": ["pods"], "verbs": ["list"]},
]
"""What the service's account needs, as the docstring of ``hub_ext.pods`` says: the tests give it no more."""
POLICY = """
apiVersion: gatehouse/v1
currency: USD
prices:
  - {from: 2020-01-01, core_hour: 3.6, gib_hour: 0}
profiles:
  small: {kind: server, title: Small notebook, cores: 1, memory: 1 GiB}
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 500}
groups:
  research: {title: Research, match: [/research], profiles: [small, standard], quota: {cores: 1000}}
administrators:
  - {match: [/platform-admins], may: [read, operate]}
defaults:
  contact: "#data-platform"
"""


def account(kubernetes: Cluster, namespace: str, rules: list[dict[str, list[str]]] | None = None) -> Path:
    """Return a kubeconfig of the service's account, with its rights in this namespace."""
    name = "gatehouse"
    kubernetes.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, role(rules), namespace=namespace
    )
    binding = f"--serviceaccount={namespace}:{name}"
    kubernetes.kubectl("create", "rolebinding", name, f"--role={name}", binding, "-n", namespace)
    return kubernetes.user_kubeconfig(name, namespace)


def role(rules: list[dict[str, list[str]]] | None = None) -> dict[str, Any]:
    """Return the role of the service's account."""
    metadata = {"name": "gatehouse"}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": metadata,
        "rules": RULES if rules is None else rules,
    }


@contextmanager
def metering(
    hub: Hub,
    place: Path,
    kubeconfig: Path,
    *namespaces: str,
    database: str = "",
    gateway_url: str = "",
    guards: bool = True,
) -> Iterator[Service]:
    """Start a service that watches these namespaces."""
    policy = place / "policy.yaml"
    place.mkdir(exist_ok=True)
    policy.write_text(POLICY)
    watched = [f"--GatehouseService.kubernetes_namespaces={name}" for name in namespaces]
    environment = {"KUBECONFIG": str(kubeconfig)}
    options = [*QUICK, *([] if guards else NO_GUARDS), *watched]
    told = {"database": database, "gateway_url": gateway_url, "options": options, "environment": environment}
    with running_service(hub, place, policy, **told) as service:  # type: ignore[arg-type]
        yield service


def cluster_lease(service: Service, namespace: str, name: str, workers: int = 0) -> str:
    """Admit a cluster and bind it to its name at the gateway; return its lease."""
    lease: str = ask(service, "standard", ALICE).json["lease"]["id"]
    bind(service, lease, f"{namespace}.{name}")
    if workers:
        demand = {"wanted": workers, "running": 0}
        granted = service.door("PUT", f"api/v1/clusters/{namespace}.{name}/demand", demand)
        assert granted.json["workers"] == workers
    return lease


def server_lease(service: Service, user: str, name: str) -> str:
    """Admit a server and bind it; return its lease."""
    lease: str = ask(service, "small", {"name": user, "groups": ["/research"]}).json["lease"]["id"]
    bind(service, lease, f"{user}/{name}")
    return lease


def pod(name: str, lease: str, unit: PodUnit, *, user: str = "alice", cluster: str = "", **spec: Any) -> dict[str, Any]:
    """Return a pod as the spawner or the gateway's controller make it; schedulers and workers carry the finalizer."""
    labels = labels_of(lease=lease, unit=unit, user=user, group="research", profile="standard")
    notes = annotations_of(user=user, group="research", profile="standard")
    metadata: dict[str, Any] = {"name": name, "labels": labels, "annotations": notes}
    if unit is PodUnit.server:
        metadata["annotations"] = {**notes, "hub.jupyter.org/servername": name}
    else:
        metadata["labels"] = {**labels, "gateway.dask.org/cluster": cluster}
        metadata["finalizers"] = ["gatehouse/ledger"]
    main = {"name": "main", "image": spec.pop("image", "registry/dask:1"), "resources": {"requests": {"cpu": "1"}}}
    sidecar = {"name": "a-sidecar", "image": "registry/sidecar:1"} if spec.pop("sidecar", False) else None
    body = {
        "restartPolicy": "OnFailure" if unit is PodUnit.worker else "Never",
        "containers": [main, *([sidecar] if sidecar else [])],
        "terminationGracePeriodSeconds": 1,
        **spec,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": body}


def rows(service: Service) -> dict[str, Any]:
    """Return unit -> its row of the ledger, as an administrator reads it."""
    page = service.as_("adam", "GET", "api/v1/admin/ledger?limit=5000").json
    return {row["unit"]: row for row in page["rows"]}
