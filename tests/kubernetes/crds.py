"""The custom resources that Dask Gateway's backend and controller use, without schemas: any content is accepted."""

from typing import Any

_KINDS = (
    ("gateway.dask.org", "v1alpha1", "DaskCluster", "daskclusters"),
    ("traefik.io", "v1alpha1", "IngressRoute", "ingressroutes"),
    ("traefik.io", "v1alpha1", "IngressRouteTCP", "ingressroutetcps"),
    ("traefik.io", "v1alpha1", "Middleware", "middlewares"),
)


def definitions() -> list[dict[str, Any]]:
    """Return their definitions, to be applied once."""
    return [_definition(*kind) for kind in _KINDS]


def names() -> list[str]:
    """Return the definitions' names, such as ``daskclusters.gateway.dask.org``."""
    return [f"{plural}.{group}" for group, _, _, plural in _KINDS]


def _definition(group: str, version: str, kind: str, plural: str) -> dict[str, Any]:
    anything = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    # The controller patches the status as a part of its own, as the chart's definition lets it.
    status: dict[str, Any] = {"subresources": {"status": {}}} if kind == "DaskCluster" else {}
    served = {"name": version, "served": True, "storage": True, "schema": anything, **status}
    called = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "names": called, "scope": "Namespaced", "versions": [served]},
    }
