"""A real Kubernetes for the tests of this folder; ``make test-kubernetes`` runs them.

``kubernetes``
    The cluster, once for the run (:class:`~tests.kubernetes.cluster.Cluster`): that of KUBECONFIG if it is set,
    otherwise a control plane of our own (:mod:`tests.kubernetes.plane`) with Dask Gateway's custom resources.
``namespace``
    The name of a fresh namespace, for one test.
``api``
    An administrator's ``kubernetes_asyncio`` client, for one test.
``node``
    A node that stands in for a kubelet (:mod:`tests.kubernetes.node`): pods that the scheduler binds to it live and
    end as the test says. Once for the run of a file; for another one: ``with standing_in(plane, "name", ...) as node``.

A test that needs a control plane of our own (it restarts the API server, or adds a node) is marked ``own_plane``, or
asks for ``node``; with KUBECONFIG these are not run.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.kubernetes.building import built
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.node import Node, standing_in
from tests.kubernetes.plane import running_plane


def pytest_configure(config: pytest.Config) -> None:
    """Register what marks the tests that KUBECONFIG's cluster is spared."""
    config.addinivalue_line("markers", "own_plane: needs a control plane that the tests started themselves")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a cluster of somebody else's, leave out what would restart its API server or add a node."""
    if not os.environ.get("KUBECONFIG"):
        return
    spared = [one for one in items if one.get_closest_marker("own_plane") or "node" in getattr(one, "fixturenames", ())]
    config.hook.pytest_deselected(items=spared)
    items[:] = [one for one in items if one not in spared]


def pytest_report_header() -> str:
    """Say which cluster the tests use."""
    given = os.environ.get("KUBECONFIG")
    return f"kubernetes: that of KUBECONFIG={given}" if given else "kubernetes: a control plane of our own"


@pytest.fixture(scope="session")
def kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster."""
    scratch = tmp_path_factory.mktemp("kubernetes")
    given = os.environ.get("KUBECONFIG")
    if given:
        cluster = Cluster(Path(given), built(["kubectl"]) / "kubectl", scratch)
        cluster.install_crds()
        yield cluster
        return
    with running_plane(scratch) as plane:
        cluster = Cluster(plane.kubeconfig, plane.binaries / "kubectl", scratch, plane)
        cluster.install_crds()
        yield cluster


@pytest.fixture
def namespace(kubernetes: Cluster) -> Iterator[str]:
    """A namespace of the test's own."""
    with kubernetes.namespace() as name:
        yield name


@pytest_asyncio.fixture
async def api(kubernetes: Cluster) -> AsyncIterator[Any]:
    """An administrator's client."""
    async with await kubernetes.api() as client:
        yield client


@pytest.fixture(scope="module")
def node(kubernetes: Cluster) -> Iterator[Node]:
    """A node whose pods do as the test says."""
    assert kubernetes.plane is not None
    with standing_in(kubernetes.plane, "node-1") as node:
        yield node


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Under a failed test, show the end of the control plane's logs."""
    report = yield
    if report.when == "call" and report.failed:
        cluster = getattr(item, "funcargs", {}).get("kubernetes")
        if cluster is not None and cluster.plane is not None:
            report.sections.append(("control plane", cluster.plane.tails()))
    return report
