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

A node in which pods really run: ``with real_node(kubernetes) as real`` (:mod:`tests.kubernetes.kubelet`), and for pods
that run this machine's Python :mod:`tests.kubernetes.python_pod`.

A test that needs a control plane of our own (it restarts the API server, or adds a node) is marked ``own_plane``, or
asks for ``node``; with KUBECONFIG these are not run. Those marked ``real_node`` start a kubelet; they are not run where
that cannot be. The first lines of the run say so.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.kubernetes.building import built, version
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.kubelet import hindrance
from tests.kubernetes.node import Node, standing_in
from tests.kubernetes.plane import running_plane

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Register what marks the tests that KUBECONFIG's cluster is spared."""
    config.addinivalue_line("markers", "own_plane: needs a control plane that the tests started themselves")
    config.addinivalue_line("markers", "real_node: starts a kubelet, which needs root and containerd")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what would restart the API server of somebody else's cluster, and kubelets where none can run."""
    given, without = os.environ.get("KUBECONFIG"), hindrance()

    def spared(item: pytest.Item) -> bool:
        ours = item.get_closest_marker("own_plane") or "node" in getattr(item, "fixturenames", ())
        return bool((given and ours) or (without and item.get_closest_marker("real_node")))

    left_out = [one for one in items if HERE in one.path.parents and spared(one)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [one for one in items if one not in left_out]


def pytest_report_header() -> list[str]:
    """Say which cluster the tests use, and whether a kubelet runs."""
    given, without = os.environ.get("KUBECONFIG"), hindrance()
    used = f"that of KUBECONFIG={given}" if given else f"{version()}, a control plane of our own"
    return [
        f"kubernetes: {used}",
        *([f"kubernetes: tests with a real node are left out: {without}"] if without else []),
    ]


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
