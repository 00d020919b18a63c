"""What a cluster's object and its pods look like: made from a lease by the real backend and controller, for nobody."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from dask_gateway_server.backends.kubernetes.backend import KubeBackend
from dask_gateway_server.options import Options, String
from dask_gateway_server.utils import FrozenAttrDict
from traitlets.config import Config

from hub_ext.cluster.kube import GatehouseKubeBackend, GatehouseKubeClusterConfig
from hub_ext.cluster.kube.controller import GatehouseKubeController
from hub_ext.cluster.kube.secrets import checked, with_environment
from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.placement import Placement, PodPlacement
from hub_ext.contract.shape import Shape
from hub_ext.wiring.gateway import configure_kubernetes_controller, configure_kubernetes_gateway

GIB = 2**30
SPOT = {"key": "spot", "operator": "Exists", "effect": "NoSchedule"}
SCRATCH = {"name": "data", "persistentVolumeClaim": {"claimName": "research"}}
BASE = PodPlacement(
    node_selector={"pool": "steady"},
    priority_class="interactive",
    service_account="research",
    image="acme/science:1",
    volumes=(SCRATCH,),
    volume_mounts=({"name": "data", "mountPath": "/data"},),
    labels={"team": "quant", "gatehouse/lease": "forged"},
    annotations={"note": "x"},
    env_from_secrets=("store-keys",),
)
WORKER = BASE.model_copy(
    update={
        "node_selector": {"pool": "spot"},
        "tolerations": (SPOT,),
        "resources": {"nvidia.com/gpu": 2},
        "priority_class": "batch",
    }
)
LEASE = Lease(
    id="d-1",
    state=LeaseState.reserved,
    user="Ann Müller",
    group="research",
    kind=Kind.cluster,
    profile="standard",
    name="sales",
    base=Shape(cores=Decimal("0.5"), memory=GIB),
    worker=Shape(cores=Decimal("1.5"), memory=4 * GIB, gpus={"l4": 2}),
    workers_max=7,
    idle_seconds=600,
    placement=Placement(base=BASE, worker=WORKER),
)


@pytest.fixture
def configured() -> Config:
    """What an administrator has for gateway and controller."""
    c = Config()
    configure_kubernetes_gateway(
        c,
        hub_api_url="http://hub:8081/hub/api",
        service_url="http://gatehouse:8010/services/gatehouse/",
        token="t",
        outbox_dir="/outbox",
        namespace="dask",
        image="acme/plain:1",
    )
    c.KubeBackend.gateway_instance = "one"
    configure_kubernetes_controller(c, instance="one", api_url="http://gateway:8000/api", prefix="/dask")
    c.KubeClusterConfig.worker_extra_pod_config = {"tolerations": [{"key": "own"}], "priorityClassName": "theirs"}
    c.KubeClusterConfig.environment = {"STORE": "admin-secret"}
    return c


@pytest.fixture
def backend(configured: Config) -> Any:
    """A backend that speaks to nobody."""
    return GatehouseKubeBackend(config=configured, gateway_address="127.0.0.1:1")


def admitted(backend: Any, lease: Lease = LEASE, **options: Any) -> Any:
    """Return a cluster's configuration as admission leaves it."""
    config = GatehouseKubeClusterConfig(parent=backend, **options)
    backend.fit(config, lease)
    return config


def made(backend: Any, lease: Lease = LEASE, **options: Any) -> dict[str, Any]:
    """Return the object that the backend would create."""
    found = backend.make_cluster_object(lease.user, {"profile": "standard"}, admitted(backend, lease, **options))
    json.dumps(found)
    return dict(found)


def pods(configured: Config, cluster: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the pods that the controller would make of it: a scheduler's and a worker's."""
    controller = GatehouseKubeController(config=configured)
    config, name = FrozenAttrDict(cluster["spec"]["config"]), cluster["metadata"]["name"]
    scheduler, worker = (controller.make_pod("dask", name, config, is_worker=worker) for worker in (False, True))
    return scheduler, worker


def test_each_pod_has_its_leases_shape_and_place(backend: Any, configured: Config) -> None:
    """Limits are the requests, to the fraction of a core; workers go to spot machines, the scheduler to steady ones."""
    scheduler, worker = pods(configured, made(backend))
    (box,) = scheduler["spec"]["containers"]
    assert box["resources"]["limits"] == {"cpu": "0.500", "memory": str(GIB)} == box["resources"]["requests"]
    assert (scheduler["spec"]["nodeSelector"], scheduler["spec"].get("tolerations")) == ({"pool": "steady"}, None)
    assert (scheduler["spec"]["priorityClassName"], scheduler["spec"]["serviceAccountName"]) == (
        "interactive",
        "research",
    )
    (box,) = worker["spec"]["containers"]
    expected = {"cpu": "1.500", "memory": str(4 * GIB), "nvidia.com/gpu": "2"}
    assert box["resources"]["limits"] == expected == box["resources"]["requests"]
    assert box["image"] == "acme/science:1"
    assert box["args"][:2] == ["dask", "worker"]
    assert box["args"][box["args"].index("--nthreads") + 1] == "2"
    assert worker["spec"]["nodeSelector"] == {"pool": "spot"}
    assert worker["spec"]["tolerations"] == [{"key": "own"}, SPOT]
    assert worker["spec"]["priorityClassName"] == "batch"
    assert SCRATCH in worker["spec"]["volumes"]
    assert {"name": "data", "mountPath": "/data"} in box["volumeMounts"]
    assert {"secretRef": {"name": "store-keys"}} in box["envFrom"]


def test_pods_and_object_say_whose_they_are(backend: Any, configured: Config) -> None:
    """Ours stand above the policy's, the stock ones above all; raw texts are annotations."""
    cluster = made(backend)
    scheduler, worker = pods(configured, cluster)
    for pod, unit in ((scheduler, "scheduler"), (worker, "worker")):
        labels = pod["metadata"]["labels"]
        assert (labels["gatehouse/lease"], labels["gatehouse/unit"], labels["team"]) == ("d-1", unit, "quant")
        assert labels["gateway.dask.org/cluster"] == cluster["metadata"]["name"]
        assert labels["gatehouse/user"] == labels["hub.jupyter.org/username"] != "Ann Müller"
        assert pod["metadata"]["annotations"]["gatehouse/user"] == "Ann Müller"
        assert pod["metadata"]["finalizers"] == ["gatehouse/ledger"]
    labels = cluster["metadata"]["labels"]
    assert (labels["gatehouse/lease"], labels["gateway.dask.org/instance"]) == ("d-1", "one")
    assert "gatehouse/unit" not in labels
    assert cluster["metadata"]["annotations"]["gatehouse/group"] == "research"
    assert json.loads(cluster["metadata"]["annotations"]["gatehouse/steering"])["wish"] == 0


def test_without_a_placement_the_charts_values_stand(backend: Any, configured: Config) -> None:
    """A policy that says nothing of Kubernetes changes shapes and labels only."""
    scheduler, worker = pods(configured, made(backend, LEASE.model_copy(update={"placement": None})))
    assert worker["spec"]["containers"][0]["image"] == "acme/plain:1"
    assert (worker["spec"]["priorityClassName"], "nodeSelector" in scheduler["spec"]) == ("theirs", False)
    assert worker["metadata"]["labels"]["gatehouse/lease"] == "d-1"


def test_one_cluster_does_not_change_the_next(backend: Any) -> None:
    """What one lease adds is not in the configuration of another cluster."""
    first = made(backend)
    bare = LEASE.model_copy(update={"placement": None, "id": "d-2"})
    second = made(backend, bare)
    assert first["spec"]["config"]["worker_extra_pod_config"]["nodeSelector"] == {"pool": "spot"}
    assert "nodeSelector" not in second["spec"]["config"]["worker_extra_pod_config"]
    assert second["metadata"]["labels"]["gatehouse/lease"] == "d-2"
    assert "gatehouse/lease" not in KubeBackend.common_annotations.default_args


def test_no_value_of_the_environment_is_in_the_object(backend: Any, configured: Config) -> None:
    """Neither an administrator's nor a person's: both pods read them from the cluster's Secret."""
    cluster = made(backend, environment={"STORE": "admin-secret", "KEY": "typed-secret"})
    everything = json.dumps([cluster, *pods(configured, cluster)])
    assert "admin-secret" not in everything
    assert "typed-secret" not in everything
    name = f"dask-{cluster['metadata']['name']}-env"
    for pod in pods(configured, cluster):
        assert {"secretRef": {"name": name}} in pod["spec"]["containers"][0]["envFrom"]
        assert not any(variable["name"] == "STORE" for variable in pod["spec"]["containers"][0]["env"])


def test_a_person_may_give_texts_and_nothing_else() -> None:
    """A refusal names the variable and never its value."""
    assert checked({"A": "x", "_b": 3}) == {"A": "x", "_b": "3"}
    for wrong in ("text", {"A-B": "s3cret"}, {"A": ["s3cret"]}, {"A": "s3cret" * 20_000}, {"": "s3cret"}):
        with pytest.raises(InvalidRequest) as refused:
            checked(wrong)
        assert "s3cret" not in refused.value.line


def test_the_field_for_variables_is_one_more() -> None:
    """What the other fields set still counts, and the person's variables come beside it."""
    options = with_environment(Options(String("name"), handler=lambda chosen: {"title": chosen.name}))
    assert [field["field"] for field in options.get_specification()] == ["name", "environment"]
    chosen = options.parse_options({"name": "x", "environment": {"A": "1"}})
    assert options.get_configuration(chosen, None) == {"title": "x", "environment": {"A": "1"}}


def test_the_finalizer_can_be_left_out(configured: Config, backend: Any) -> None:
    """Where nobody watches pods, nothing would remove it."""
    configured.GatehouseKubeController.ledger_finalizer = False
    for pod in pods(configured, made(backend)):
        assert "finalizers" not in pod["metadata"]


def test_the_controller_is_wired_by_one_call(configured: Config) -> None:
    """It belongs to the gateway's instance and tells schedulers where the gateway is."""
    controller = GatehouseKubeController(config=configured)
    assert (controller.gateway_instance, controller.api_url, controller.proxy_prefix) == (
        "one",
        "http://gateway:8000/api",
        "/dask",
    )
