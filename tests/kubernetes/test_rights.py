"""The accounts of ``helm-values/manifests`` may do what docs/topics/kubernetes.md says, and nothing else."""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from kubernetes_asyncio import client

from tests.kubernetes.cluster import Cluster, Refused
from tests.kubernetes.dask_rights import EVERYWHERE, WHERE_CLUSTERS_ARE
from tests.kubernetes.installing import rendered

PAGE = Path(__file__).parents[2] / "docs" / "topics" / "kubernetes.md"
ROW = re.compile(r"^\| `(gatehouse[a-z-]*)` \| `([^`]+)` \| ([a-z, ]+) \| (its namespace|everywhere) \|$", re.MULTILINE)
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "escalate")
ACCOUNTS = ("gatehouse", "gatehouse-controller", "gatehouse-gateway")
OTHERS = (
    *("configmaps", "events", "limitranges", "nodes", "persistentvolumeclaims", "pods/attach", "pods/exec"),
    *("serviceaccounts", "serviceaccounts/token", "users", "deployments.apps", "leases.coordination.k8s.io"),
    *("networkpolicies.networking.k8s.io", "roles.rbac.authorization.k8s.io", "secrets/status"),
)
"""What nobody needs, beside what the page names."""

pytestmark = pytest.mark.own_plane  # cluster roles have the names of a real installation


def documented() -> set[tuple[str, str, str, bool]]:
    """Return the page's table as account, resource, verb, and whether it holds in every namespace."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {
        (account, resource, verb, where == "everywhere")
        for account, resource, verbs, where in rows
        for verb in verbs.split(", ")
    }


def test_dask_gateway_is_tried_with_the_same_rights() -> None:
    """The rights with which the tests of clusters run are those that the page names, and no more."""
    for where, everywhere in ((EVERYWHERE, True), (WHERE_CLUSTERS_ARE, False)):
        for account, rights in where.items():
            used = {(f"{name}.{group}".rstrip("."), verb) for group, name, verbs in rights for verb in verbs.split()}
            told = {(resource, verb, wide) for of, resource, verb, wide in documented() if of == f"gatehouse-{account}"}
            for resource, verb in used:
                assert {(resource, verb, everywhere), (resource, verb, True)} & told, (account, resource, verb)
            if everywhere:
                assert {(resource, verb) for resource, verb, wide in told if wide} == used
            else:
                assert {(resource, verb) for resource, verb, wide in told if not wide} <= used


@pytest.fixture
def installed(kubernetes: Cluster, namespace: str, tmp_path: Path) -> Iterator[str]:
    """A namespace with our accounts and their roles."""
    kinds = {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
    objects = [one for one in rendered(kubernetes, "production", namespace, tmp_path) if one["kind"] in kinds]
    kubernetes.apply(*objects)
    yield namespace
    for one in objects:
        if one["kind"].startswith("Cluster"):
            kubernetes.kubectl("delete", one["kind"], one["metadata"]["name"])


async def test_every_verb_is_as_documented(installed: str, api: Any) -> None:
    """Each verb on each resource, here and in another namespace, is allowed exactly where the page says so."""
    expected = documented()
    assert {account for account, *_ in expected} == set(ACCOUNTS)
    resources = sorted({resource for _, resource, *_ in expected} | set(OTHERS))
    review = client.AuthorizationV1Api(api)
    wrong = []
    for account, resource, verb, elsewhere in product(ACCOUNTS, resources, VERBS, (False, True)):
        told = (account, resource, verb, True) in expected or (
            not elsewhere and (account, resource, verb, False) in expected
        )
        user, where = f"system:serviceaccount:{installed}:{account}", "default" if elsewhere else installed
        allowed = await _allowed(review, user, resource, verb, where)
        if allowed != told:
            wrong.append((account, resource, verb, "elsewhere" if elsewhere else "here", allowed))
    assert wrong == []


async def _allowed(review: Any, user: str, resource: str, verb: str, namespace: str) -> bool:
    name, _, group = resource.partition(".")
    name, _, part = name.partition("/")
    asked = {"namespace": namespace, "verb": verb, "group": group, "resource": name, "subresource": part}
    body = {"spec": {"user": user, "groups": ["system:authenticated"], "resourceAttributes": asked}}
    answer = await review.create_subject_access_review(body)
    return bool(answer.status.allowed)


def test_the_service_takes_its_finalizer_off_and_reads_no_secret(kubernetes: Cluster, installed: str) -> None:
    """With its own token the service lists pods, takes a finalizer off and deletes; a Secret it cannot even see."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "held", "finalizers": ["gatehouse/ledger"]}}
    kubernetes.apply({**pod, "spec": {"containers": [{"name": "main", "image": "none"}]}}, namespace=installed)
    service = kubernetes.user_kubeconfig("gatehouse", installed)
    kubernetes.kubectl("delete", "pod", "held", "-n", installed, "--wait=false", kubeconfig=service)
    place = {"path": "/metadata/finalizers/0"}
    steps = json.dumps([{"op": "test", "value": "gatehouse/ledger", **place}, {"op": "remove", **place}])
    kubernetes.kubectl("patch", "pod", "held", "-n", installed, "--type=json", f"--patch={steps}", kubeconfig=service)
    with pytest.raises(Refused, match='cannot list resource "secrets"'):
        kubernetes.get("secrets", "-n", installed, kubeconfig=service)
    with pytest.raises(Refused, match='cannot create resource "pods"'):
        kubernetes.kubectl("run", "own", "--image=none", "-n", installed, kubeconfig=service)
    with pytest.raises(Refused, match=r'cannot list resource "pods".* in the namespace "default"'):
        kubernetes.get("pods", "-n", "default", kubeconfig=service)
