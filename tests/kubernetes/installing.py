"""The manifests of ``helm-values`` as an administrator applies them, into a namespace of a test's own."""

import os
from pathlib import Path
from typing import Any

import yaml

from tests.kubernetes.cluster import Cluster

VALUES = Path(__file__).parents[2] / "helm-values"
OVERLAYS = ("laptop", "staging", "production")
_OPERATOR = (("ServiceMonitor", "servicemonitors"), ("PrometheusRule", "prometheusrules"))


def rendered(cluster: Cluster, overlay: str, namespace: str, scratch: Path) -> list[dict[str, Any]]:
    """Return the objects of an overlay, in another namespace than it says."""
    folder = scratch / f"{namespace}-{overlay}"
    folder.mkdir(exist_ok=True)
    base = os.path.relpath(VALUES / "overlays" / overlay, folder.resolve())
    kustomization = {"namespace": namespace, "resources": [base]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
    return [one for one in yaml.safe_load_all(cluster.kubectl("kustomize", str(folder))) if one]


def install_operator(cluster: Cluster) -> None:
    """Install the custom resources of the Prometheus operator, by name alone: any content is accepted."""
    anything = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    served = {"name": "v1", "served": True, "storage": True, "schema": anything}
    group = "monitoring.coreos.com"
    cluster.install_crds(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {
                "group": group,
                "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
                "scope": "Namespaced",
                "versions": [served],
            },
        }
        for kind, plural in _OPERATOR
    )
