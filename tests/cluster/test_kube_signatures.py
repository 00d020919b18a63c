"""An upgrade of Dask Gateway that changes what we replace of its Kubernetes engine fails here, by name."""

import hashlib
import inspect
from typing import Any

import pytest
from dask_gateway_server.backends.kubernetes import backend, controller, utils

from hub_ext.cluster.kube.backend import GatehouseKubeBackend
from hub_ext.cluster.kube.controller import GatehouseKubeController
from hub_ext.cluster.kube.granting import KubeGranting
from hub_ext.cluster.kube.patience import PatientInformer
from hub_ext.cluster.kube.scaling import ScalingController
from hub_ext.cluster.kube.secrets import SecretEnvironment
from tests.cluster.test_signatures import described

STOCK: dict[Any, dict[str, str]] = {
    backend.KubeBackend: {
        "setup": "async (self, app)",
        "cleanup": "async (self)",
        "start_cluster": "async (self, user, cluster_options)",
        "stop_cluster": "async (self, cluster_name, failed=False)",
        "get_cluster": "async (self, cluster_name, wait=False)",
        "on_cluster_heartbeat": "async (self, cluster_name, msg)",
        "make_cluster_object": "(self, username, options, config)",
        "sync_cluster": "async (self, cluster_name)",
        "get_labels": "(self, cluster_name, component=None)",
    },
    controller.KubeController: {
        "setup": "async (self)",
        "make_pod": "(self, namespace, cluster_name, config, is_worker=False)",
        "on_pod_update": "(self, pod, old=None)",
        "on_pod_delete": "(self, pod)",
        "on_cluster_delete": "(self, cluster)",
        "handle_cluster": "async (self, cluster)",
        "handle_pending_cluster": "async (self, cluster)",
        "handle_running_cluster": "async (self, cluster)",
        "handle_scale_down": "async (self, cluster, sched_pod, info, replicas, delta)",
        "cleanup_cluster_resources": "async (self, status, namespace)",
        "delete_pod": "async (self, namespace, pod_name, info=None)",
    },
    utils.Informer: {"start": "async (self)"},
}
"""What we override or call, as dask-gateway-server 2026.3.0 has it."""

READ = {
    "KubeController.on_pod_update": "7ae77affd309",
    "KubeController.on_pod_delete": "3fdd1cad8970",
    "KubeController.handle_cluster": "1743323beac0",
    "KubeController.handle_pending_cluster": "86f896ec1ba6",
    "KubeController.handle_running_cluster": "e5139307222f",
    "KubeController.handle_scale_up": "88369ef54f7d",
    "KubeController.handle_scale_down": "97010b634bc1",
    "KubeController.cleanup_cluster_resources": "b29907dcb3fd",
    "KubeController.delete_pod": "cf27ae22b4bc",
    "KubeController.make_pod": "58d22534a9e2",
    "ClusterInfo": "36f810d934aa",
    "KubeBackend.sync_cluster": "911441a4ff8c",
    "KubeBackend.start_cluster": "d2be63baaadc",
    "Informer.run": "496185682125",
}
"""What ours replaces, or stands on: the start of its source's SHA-256. What has changed is to be read again."""

OURS = {
    GatehouseKubeBackend: (backend.KubeBackend,),
    SecretEnvironment: (backend.KubeBackend,),
    KubeGranting: (backend.KubeBackend,),
    GatehouseKubeController: (controller.KubeController,),
    ScalingController: (controller.KubeController,),
    PatientInformer: (utils.Informer,),
}


def digest(dotted: str) -> str:
    """Return the start of the hash of a source, by a name such as ``KubeBackend.sync_cluster``."""
    found: Any = None
    for part in dotted.split("."):
        places = (found,) if found is not None else (utils, backend, controller)  # the last two name our Informer
        found = next(vars(place)[part] for place in places if part in vars(place))
    return hashlib.sha256(inspect.getsource(found).encode()).hexdigest()[:12]


@pytest.mark.parametrize(
    ("owner", "name", "expected"),
    [pytest.param(o, n, e, id=f"{o.__name__}.{n}") for o, methods in STOCK.items() for n, e in methods.items()],
)
def test_the_installed_engine_is_the_one_we_know(owner: Any, name: str, expected: str) -> None:
    """Each method that we override or call has the signature that our code was written for."""
    assert described(vars(owner)[name]) == expected


@pytest.mark.parametrize("dotted", READ)
def test_what_we_replace_is_what_we_have_read(dotted: str) -> None:
    """A fix in the stock engine must not be lost behind our copy of it."""
    assert digest(dotted) == READ[dotted]


@pytest.mark.parametrize("ours", OURS, ids=lambda cls: cls.__name__)
def test_everything_we_override_is_in_the_table(ours: Any) -> None:
    """An override that nobody wrote down is not guarded against an upgrade; its arguments are the stock ones."""
    for stock in OURS[ours]:
        for name, value in vars(ours).items():
            theirs = vars(stock).get(name)
            if not inspect.isfunction(value) or not inspect.isfunction(theirs):
                continue
            assert name in STOCK[stock], name
            mine = [parameter.lstrip("_") for parameter in inspect.signature(value).parameters]
            assert mine == list(inspect.signature(theirs).parameters), name


def test_both_programs_wait_between_two_lists() -> None:
    """The stock informer asks an API server that is away without a pause."""
    assert backend.Informer is controller.Informer is PatientInformer
