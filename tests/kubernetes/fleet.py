"""Many pods of one cluster and some servers, ended at random, and what the node noted of them."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub_ext.contract.labels import PodUnit
from tests.kubernetes.cluster import PATIENCE, Cluster
from tests.kubernetes.metering import pod
from tests.kubernetes.node import Node
from tests.service.waiting import until

Span = tuple[datetime, datetime | None]


def span(row: Any) -> Span:
    """Return start and end of a row of the ledger."""
    ended = row["ended_at"]
    return datetime.fromisoformat(row["started_at"]), None if ended is None else datetime.fromisoformat(ended)


@dataclass
class Fleet:
    """Pods in a namespace, on a node that stands in."""

    kubernetes: Cluster
    node: Node
    namespace: str
    chance: random.Random
    units: dict[str, str] = field(default_factory=dict)
    """Pod -> its unit in the ledger."""

    def add(self, lease: str, count: int, begin: int) -> list[str]:
        """Make so many workers of the cluster ``c1``, some with a sidecar; return their names once all have run."""
        names = [f"dask-worker-c1-{number:03d}" for number in range(begin, begin + count)]
        made = [pod(name, lease, PodUnit.worker, cluster="c1", sidecar=name.endswith("5")) for name in names]
        self.apply({name: f"{lease}-{name}" for name in names}, *made)
        return names

    def apply(self, units: dict[str, str], *made: dict[str, Any]) -> None:
        """Make pods, and wait until all have run."""
        self.kubernetes.apply(*made, namespace=self.namespace)
        self.units |= units
        until(lambda: units.keys() <= self.truth().keys(), 3 * PATIENCE)

    def end(self, count: int, names: list[str]) -> None:
        """Let the processes of so many of these pods end, each with one exit code or another."""
        living = [name for name in names if self.truth()[name][1] is None]
        for name in self.chance.sample(living, count):
            self.node.end(self.namespace, name, self.chance.choice([0, 1, 137]))

    def delete(self, *names: str, some: int = 0, of: list[str] | None = None) -> None:
        """Delete these pods, and so many of others."""
        there = [name for name in of or () if name in self.names()]
        chosen = [*names, *self.chance.sample(there, some)]
        self.kubernetes.kubectl("delete", "pod", *chosen, "-n", self.namespace, "--wait=false")

    def names(self) -> set[str]:
        """Return the pods that the API server has."""
        return {one["metadata"]["name"] for one in self.kubernetes.get("pods", "-n", self.namespace)}

    def truth(self) -> dict[str, Span]:
        """Return pod -> when its main container first started and last ended, as the node that ran it noted."""
        found: dict[str, list[Any]] = {}
        for run in self.node.ran:
            if run.namespace == self.namespace and run.name == "main":
                found.setdefault(run.pod, []).append(run)
        return {name: (runs[0].started, runs[-1].ended) for name, runs in found.items()}
