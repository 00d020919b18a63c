"""The control plane of these tests is a real one."""

import pytest

from tests.kubernetes.building import version
from tests.kubernetes.cluster import PATIENCE, Cluster, Refused
from tests.service.waiting import until

READER = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader}]
"""


@pytest.mark.own_plane
def test_version(kubernetes: Cluster) -> None:
    """The API server says the version that go.mod pins."""
    assert kubernetes.kubectl("version").splitlines()[-1] == f"Server Version: {version()}"


def test_rights(kubernetes: Cluster, namespace: str) -> None:
    """A service account may do what its role says, in its namespace, and nothing else."""
    kubernetes.apply(READER, namespace=namespace)
    reader = kubernetes.user_kubeconfig("reader", namespace)

    assert kubernetes.get("pods", "-n", namespace, kubeconfig=reader) == []
    with pytest.raises(Refused, match='cannot list resource "secrets"'):
        kubernetes.get("secrets", "-n", namespace, kubeconfig=reader)
    with pytest.raises(Refused, match=r'cannot list resource "pods".* in the namespace "default"'):
        kubernetes.get("pods", "-n", "default", kubeconfig=reader)


def test_strict(kubernetes: Cluster, namespace: str) -> None:
    """An unknown field is refused, and a dry run keeps nothing."""
    wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kept"}, "data": {"a": "b"}}

    kubernetes.apply(wanted, namespace=namespace, dry_run=True)

    assert not kubernetes.get("configmap", "-n", namespace, "--field-selector=metadata.name=kept")
    with pytest.raises(Refused, match="dta"):
        kubernetes.apply({**wanted, "dta": {}}, namespace=namespace)


@pytest.mark.own_plane
def test_restart(kubernetes: Cluster, namespace: str) -> None:
    """An API server that was killed has every object when it is back."""
    cluster = {"apiVersion": "gateway.dask.org/v1alpha1", "kind": "DaskCluster", "metadata": {"name": "kept"}}
    kubernetes.apply({**cluster, "spec": {"replicas": 3}}, namespace=namespace)

    kubernetes.restart()

    assert kubernetes.get("daskcluster", "kept", "-n", namespace)["spec"] == {"replicas": 3}


def test_owners(kubernetes: Cluster, namespace: str) -> None:
    """The controllers run: what an object owns goes with it."""
    kubernetes.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}}, namespace=namespace)
    uid = kubernetes.get("configmap", "owner", "-n", namespace)["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}
    owned = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "owned", "ownerReferences": [owner]}}
    kubernetes.apply(owned, namespace=namespace)

    kubernetes.kubectl("delete", "configmap", "owner", "-n", namespace)

    until(lambda: not kubernetes.get("secrets", "-n", namespace), PATIENCE)
