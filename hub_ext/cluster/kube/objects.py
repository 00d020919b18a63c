"""What our programs write into a ``DaskCluster`` object beside the stock ones. Pure."""

import json
from typing import Any

from hub_ext.cluster.steering import Steering

STEERING = "gatehouse/steering"
"""Annotation: what the cluster wants, and what its scheduler was told (``cluster.steering``), as JSON."""
_PREFIXES = ("gatehouse/", "hub.jupyter.org/")


def marked(made: dict[str, Any]) -> dict[str, Any]:
    """Return a cluster's object with the labels and annotations of its scheduler's pod that are ours.

    The stock labels, by which backend and controller find it, stand.
    """
    metadata, config = made["metadata"], made["spec"]["config"]
    labels = _ours(config.get("scheduler_extra_pod_labels") or {})
    labels.pop("gatehouse/unit", None)  # it is no pod
    annotations = _ours(config.get("scheduler_extra_pod_annotations") or {})
    steering = {STEERING: written(Steering.begin(config.get("first_workers", 0)))}
    metadata = {
        **metadata,
        "labels": {**labels, **metadata["labels"]},
        "annotations": {**metadata["annotations"], **annotations, **steering},
    }
    return {**made, "metadata": metadata}


def written(steering: Steering) -> str:
    """Return how a cluster is steered as the annotation has it."""
    return json.dumps(steering.note, sort_keys=True)


def _ours(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name.startswith(_PREFIXES)}
