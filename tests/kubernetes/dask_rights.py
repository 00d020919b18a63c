"""What the gateway's API server and its controller may do in the tests: what ``hub_ext.cluster.kube`` says, no more."""

from pathlib import Path
from typing import Any

from tests.kubernetes.cluster import Cluster

_GATEWAY = "gateway.dask.org"
_TRAEFIK = "traefik.io"
EVERYWHERE: dict[str, list[tuple[str, str, str]]] = {
    "gateway": [(_GATEWAY, "daskclusters", "list watch")],
    "controller": [
        (_GATEWAY, "daskclusters", "list watch"),
        ("", "pods", "list watch"),
        ("", "endpoints", "list watch"),
    ],
}
"""Account -> group, resource and verbs in every namespace: both watch without naming one."""
WHERE_CLUSTERS_ARE: dict[str, list[tuple[str, str, str]]] = {
    "gateway": [
        (_GATEWAY, "daskclusters", "get create patch"),
        ("", "secrets", "get create"),
        ("", "pods", "list"),
        ("", "pods/log", "get"),
        ("metrics.k8s.io", "pods", "list"),
    ],
    "controller": [
        (_GATEWAY, "daskclusters", "delete"),
        (_GATEWAY, "daskclusters/status", "patch"),
        ("", "pods", "get list create delete"),
        ("", "secrets", "create delete"),
        ("", "services", "create"),
        (_TRAEFIK, "ingressroutes", "create"),
        (_TRAEFIK, "ingressroutetcps", "create"),
    ],
}
"""The same in the namespaces of clusters alone."""


def kubeconfig(kubernetes: Cluster, account: str, namespace: str) -> Path:
    """Make a service account with these rights, and return a kubeconfig for it."""
    name = f"{namespace}-{account}"
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    kubernetes.apply(
        _object("v1", "ServiceAccount", account, namespace),
        _object(_RBAC, "ClusterRole", name, rules=_rules(EVERYWHERE[account])),
        _object(_RBAC, "ClusterRoleBinding", name, roleRef=_reference("ClusterRole", name), subjects=[subject]),
        _object(_RBAC, "Role", account, namespace, rules=_rules(WHERE_CLUSTERS_ARE[account])),
        _object(_RBAC, "RoleBinding", account, namespace, roleRef=_reference("Role", account), subjects=[subject]),
    )
    return kubernetes.user_kubeconfig(account, namespace)


_RBAC = "rbac.authorization.k8s.io/v1"


def _rules(rights: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [
        {"apiGroups": [group], "resources": [resource], "verbs": verbs.split()} for group, resource, verbs in rights
    ]


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}


def _object(version: str, kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}
