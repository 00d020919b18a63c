"""Metrics, from the service's registry."""

from typing import Any

from docs.generating.markdown import NOTHING, code, codes, page, table
from hub_ext.contract import paths
from hub_ext.metrics import Metrics

_INTRODUCTION = f"""
`GET /services/gatehouse/metrics`, in Prometheus' text format, for a token with the scope `{paths.SCOPE_READ}` (see
[](scopes.md)). Labels are policy groups, kinds and [reason codes](reasons.md), never people or clusters, so their
number is bounded. Money is in the policy's currency.
"""


def metrics_page() -> str:
    """Return the reference of every metric."""
    rows = ((code(name), kind, labels, text) for name, kind, labels, text in metric_rows())
    return page("Metrics", _INTRODUCTION, table(("metric", "type", "labels", "meaning"), rows))


def metric_rows() -> list[tuple[str, str, str, str]]:
    """Return name, type, labels and meaning of every metric, as Prometheus sees them."""
    registry: Any = Metrics().registry
    collectors = registry._collector_to_names  # noqa: SLF001 - prometheus_client has no public way to read labels
    labels = {names[0]: codes(one._labelnames) or NOTHING for one, names in collectors.items()}  # noqa: SLF001 - as above
    return [
        (
            family.name + ("_total" if family.type == "counter" else ""),
            family.type,
            labels[family.name],
            family.documentation,
        )
        for family in registry.collect()
    ]
