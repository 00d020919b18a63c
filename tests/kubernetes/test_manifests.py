"""What no chart deploys is taken by a real API server: every overlay, an upgrade and a rollback."""

import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helm_values.charts import charts_in, helm_is_there, rendered_chart
from tests.kubernetes.cluster import Cluster, Refused
from tests.kubernetes.installing import OVERLAYS, install_operator, rendered

SECRETS = {
    "gatehouse-tokens": {"service", "hub", "gateway"},
    "gatehouse-database": {"url", "password"},
    "gatehouse-cookie": {"secret"},
    "hub": {"hub.services.prometheus.apiToken"},
}
"""The chart makes the last one; the docs say how to make the others."""

pytestmark = pytest.mark.own_plane  # it installs cluster-wide objects under the names of a real installation


@pytest.fixture(scope="module", autouse=True)
def operator(kubernetes: Cluster) -> None:
    """Have the Prometheus operator's kinds."""
    install_operator(kubernetes)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_api_server_takes_every_overlay(kubernetes: Cluster, namespace: str, overlay: str, tmp_path: Path) -> None:
    """Each object passes the API server's own check, strictly, without being kept."""
    objects = rendered(kubernetes, overlay, namespace, tmp_path)
    told = kubernetes.apply(*objects, dry_run=True)
    assert told.count("serverside-applied (server dry run)") == len(objects)
    misspelt = next(one for one in objects if one["kind"] == "Deployment")
    misspelt["spec"]["template"]["spec"]["containers"][0]["resorces"] = {}
    with pytest.raises(Refused, match="resorces"):
        kubernetes.apply(misspelt, dry_run=True)


@pytest.mark.skipif(not helm_is_there(), reason="needs helm, and the charts themselves where GATEHOUSE_CHARTS says")
def test_the_api_server_takes_the_rendered_charts(kubernetes: Cluster, namespace: str) -> None:
    """With charts and helm at hand, what the values make of them passes the API server's own check."""
    for chart, overlay in product(charts_in(os.environ["GATEHOUSE_CHARTS"]), OVERLAYS):
        kubernetes.apply(rendered_chart(chart, overlay, namespace), namespace=namespace, dry_run=True)


def test_an_upgrade_and_a_rollback_are_taken(kubernetes: Cluster, namespace: str, tmp_path: Path) -> None:
    """From laptop to staging to production and back: no immutable field is in the way, and nothing is made anew."""
    uids: dict[str, str] = {}
    for overlay in ("laptop", "staging", "production", "staging", "laptop"):
        kubernetes.apply(*rendered(kubernetes, overlay, namespace, tmp_path))
        for one in kubernetes.get("deployments,services,serviceaccounts,roles", "-n", namespace):
            key, uid = f"{one['kind']} {one['metadata']['name']}", one["metadata"]["uid"]
            assert uids.setdefault(key, uid) == uid, key
        assert kubernetes.get("deployment", "gatehouse", "-n", namespace)["spec"]["replicas"] == _replicas(overlay)
    assert len(uids) > 10


def _replicas(overlay: str) -> int:
    return 1 if overlay == "laptop" else 2


def test_a_new_version_changes_images_alone(kubernetes: Cluster, namespace: str, tmp_path: Path) -> None:
    """The selectors of Deployments and the claims of the database stay, so that a new image is an ordinary change."""
    objects = rendered(kubernetes, "laptop", namespace, tmp_path)
    kubernetes.apply(*objects)
    newer = [yaml.safe_load(yaml.safe_dump(one).replace(":0.1.0", ":0.2.0")) for one in objects]
    kubernetes.apply(*newer)
    images = _images(kubernetes, namespace)
    kubernetes.apply(*objects)
    assert (images, _images(kubernetes, namespace)) == ({"0.2.0"}, {"0.1.0"})


def _images(cluster: Cluster, namespace: str) -> set[str]:
    pods = [one["spec"]["template"]["spec"] for one in cluster.get("deployments", "-n", namespace)]
    return {container["image"].rpartition(":")[2] for pod in pods for container in pod["containers"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_objects_refer_to_what_is_there(kubernetes: Cluster, overlay: str, tmp_path: Path) -> None:
    """Every Secret, ConfigMap, account, claim and selector that an object names is another object, or is documented."""
    objects = rendered(kubernetes, overlay, "gatehouse", tmp_path)
    names = {(one["kind"], one["metadata"]["name"]) for one in objects}
    for one in objects:
        for path, value in _walk(one):
            if path[-1:] in {("secretKeyRef",), ("credentials",)}:
                assert value["key"] in SECRETS[value["name"]], path
            if path[-1:] == ("secretName",):
                assert value in SECRETS, path
            if path[-1:] == ("configMap",):
                assert ("ConfigMap", value["name"]) in names, path
            if path[-1:] == ("serviceAccountName",):
                assert ("ServiceAccount", value) in names, path
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in objects if "template" in one.get("spec", {})]
    for service in (one for one in objects if one["kind"] == "Service"):
        assert any(service["spec"]["selector"].items() <= held.items() for held in labels), service["metadata"]["name"]


def _walk(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(found for key, item in items for found in _walk(item, (*path, str(key))))]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_our_pods_pass_the_restricted_standard(
    kubernetes: Cluster, namespace: str, overlay: str, tmp_path: Path
) -> None:
    """Kubernetes' strictest Pod Security Standard has nothing against the pods that we deploy."""
    kubernetes.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    objects = rendered(kubernetes, overlay, namespace, tmp_path)
    kubernetes.apply(*(one for one in objects if one["kind"] == "ServiceAccount"))
    templates = [one for one in objects if "template" in one.get("spec", {})]
    assert len(templates) >= 2
    for one in templates:
        pod = one["spec"]["template"]
        metadata = {"name": one["metadata"]["name"], "labels": pod["metadata"]["labels"], "namespace": namespace}
        mounted = [{"name": "data", "emptyDir": {}}] if one["kind"] == "StatefulSet" else []
        pod["spec"]["volumes"] = [*pod["spec"].get("volumes", []), *mounted]
        kubernetes.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod["spec"]}, dry_run=True)


def test_one_replica_of_two_may_be_moved(kubernetes: Cluster, namespace: str, tmp_path: Path) -> None:
    """In production each part that is two has a budget that keeps one; what is one has none, so that nodes drain."""
    objects = rendered(kubernetes, "production", namespace, tmp_path)
    budgets = [one["spec"] for one in objects if one["kind"] == "PodDisruptionBudget"]
    assert [budget["maxUnavailable"] for budget in budgets] == [1, 1, 1]
    held = {frozenset(budget["selector"]["matchLabels"].values()) for budget in budgets}
    parts = (("gatehouse", "service"), ("dask-gateway", "gateway"), ("dask-gateway", "traefik"))
    assert held == {frozenset(part) for part in parts}
