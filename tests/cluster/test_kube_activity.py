"""When a cluster of pods last computed, from what the metrics API says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub_ext.cluster.kube.activity import LastUse, uses

BEGIN = datetime(2026, 11, 2, 10, tzinfo=UTC)
ONE = "dask.c1"


def at(seconds: float) -> dict[str, Any]:
    """Return a moment in both of its writings."""
    return {"now": seconds, "at": BEGIN + timedelta(seconds=seconds)}


def test_each_worker_counts_with_all_of_its_containers() -> None:
    """A helper container's use is the worker's."""
    metadata = {"namespace": "dask", "name": "w", "labels": {"gateway.dask.org/cluster": "c1"}}
    item = {"metadata": metadata, "containers": [{"usage": {"cpu": "100m"}}, {"usage": {"cpu": "50000000n"}}]}
    assert uses([item, item]) == {ONE: pytest.approx([0.15, 0.15])}


def test_a_cluster_is_used_while_any_worker_computes() -> None:
    """One busy worker is enough; without any, the last use stays where it was."""
    last = LastUse(0.1, patience=60)
    last.look({ONE: 2}, {ONE: [0.02, 0.03]}, **at(0))
    assert last.at(ONE, now=0) == BEGIN, "at the first look it is taken to compute"
    last.look({ONE: 2}, {ONE: [0.02, 0.5]}, **at(15))
    last.look({ONE: 2}, {ONE: [0.02, 0.03]}, **at(30))
    last.look({ONE: 0}, {}, **at(45))
    assert last.at(ONE, now=45) == BEGIN + timedelta(seconds=15)


def test_a_worker_that_is_not_measured_is_not_held_to_be_idle() -> None:
    """A new pod has no figure for a while."""
    last = LastUse(0.1, patience=60)
    last.look({ONE: 1}, {ONE: [0.0]}, **at(0))
    last.look({ONE: 2}, {ONE: [0.0]}, **at(15))
    assert last.at(ONE, now=15) == BEGIN + timedelta(seconds=15)


def test_nothing_is_known_while_nobody_tells() -> None:
    """A silent API holds nobody to have been idle, neither during its silence nor after it."""
    last = LastUse(0.1, patience=60)
    last.look({ONE: 1}, {ONE: [0.0]}, **at(0))
    assert last.at(ONE, now=61) is None
    last.look({ONE: 1}, {ONE: [0.0]}, **at(600))
    assert last.at(ONE, now=600) == BEGIN + timedelta(seconds=600)
    assert last.at("dask.other", now=600) is None
