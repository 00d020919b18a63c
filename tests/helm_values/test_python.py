"""The Python in the values runs as the charts run it, and the hub, gateway and controller that come of it are ours."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pytest
from dask_gateway_server.app import DaskGateway
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from hub_ext.cluster.kube.controller import GatehouseKubeController
from hub_ext.spawn.kube import GatehouseKubeSpawner
from tests.helm_values.charts import OVERLAYS, ROOT, VALUES, Values, ours

POLICY = VALUES / "manifests" / "policy.yaml"
CONTROLLER = VALUES / "manifests" / "controller_config.py"


def environment_of(entries: Mapping[str, str | Values]) -> dict[str, str]:
    """Return what a container has: values as they are, and something of each Secret."""
    told = {name: value if isinstance(value, str) else "0" * 32 for name, value in entries.items()}
    return {**told, "GATEHOUSE_POLICY": str(POLICY), "POD_NAMESPACE": "gatehouse"}


def run(code: Mapping[str, str], environment: Mapping[str, str], **names: object) -> None:
    """Run a chart's ``extraConfig``: each block, by the order of its name."""
    with patch.dict(os.environ, environment):
        for name, text in sorted(code.items()):
            exec(compile(text, name, "exec"), dict(names))  # noqa: S102 - as the charts do


@pytest.fixture
def chart_sets() -> Config:
    """What the jupyterhub chart's own configuration has set when extraConfig runs, where it matters to us."""
    c = Config()
    c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
    c.JupyterHub.services = [{"name": "prometheus", "api_token": "1" * 32}]
    c.JupyterHub.load_roles = [{"name": "prometheus", "services": ["prometheus"], "scopes": ["read:metrics"]}]
    c.JupyterHub.template_paths = []
    c.KubeSpawner.environment = {}
    c.KubeSpawner.common_labels = {"app.kubernetes.io/name": "jupyterhub"}
    c.KubeSpawner.profile_list = []
    c.KubeSpawner.mem_guarantee = "1G"
    c.CryptKeeper.keys = ["0" * 64]
    return c


@pytest.mark.parametrize("overlay", [None, *OVERLAYS])
def test_the_hub_is_configured(chart_sets: Config, overlay: str | None) -> None:
    """The hub knows each service once, with its rights, and starts servers with our spawner."""
    values = ours("jupyterhub", overlay)["hub"]
    run(values["extraConfig"], environment_of(values["extraEnv"]), c=chart_sets)

    hub = chart_sets.JupyterHub
    assert [service["name"] for service in hub.services] == ["prometheus", "gatehouse", "gatehouse-hub", "dask-gateway"]
    assert (hub.spawner_class, hub.authenticator_class) == ("gatehouse-kube", "gatehouse-oidc")
    urls = {service["name"]: service.get("url") for service in hub.services}
    assert urls["gatehouse"] == "http://gatehouse:8010"
    assert urls["dask-gateway"] == "http://traefik-dask-gateway"
    assert chart_sets.GatehouseSettings.service_url == "http://gatehouse:8010/services/gatehouse/"
    administrators = [role for role in hub.load_roles if role["name"].startswith("gatehouse-administrators")]
    assert {role["name"].rpartition("-")[2] for role in administrators} == {"read", "operate", "budget", "policy"}


def test_the_umbrella_declares_the_gateway_once(chart_sets: Config) -> None:
    """What daskhub says of the service dask-gateway gives way to ours: one service, with the token that it has."""
    chart_sets.JupyterHub.services.append({"name": "dask-gateway", "api_token": "2" * 32})
    values = ours("jupyterhub", None)["hub"]
    run(values["extraConfig"], environment_of(values["extraEnv"]), c=chart_sets)
    declared = [service for service in chart_sets.JupyterHub.services if service["name"] == "dask-gateway"]
    assert [service["api_token"] for service in declared] == ["0" * 32]


def test_servers_find_gatehouse_inside_the_cluster(chart_sets: Config) -> None:
    """Our spawner gives servers their addresses, though the chart sets an environment too."""
    values = ours("jupyterhub", "production")["hub"]
    run(values["extraConfig"], environment_of(values["extraEnv"]), c=chart_sets)
    held = Config()
    for section in GatehouseKubeSpawner.section_names():  # as traitlets does: the closer class wins, whole values
        held.merge(chart_sets.get(section, {}))
    assert held.environment == {
        "GATEHOUSE_URL": "http://proxy-public/services/gatehouse/",
        "DASK_GATEWAY__ADDRESS": "http://proxy-public/services/dask-gateway",
        "DASK_GATEWAY__PUBLIC_ADDRESS": "https://hub.example.org/services/dask-gateway",
        "DASK_GATEWAY__PROXY_ADDRESS": "gateway://traefik-dask-gateway:80",
        "DASK_GATEWAY__AUTH__TYPE": "jupyterhub",
    }
    scopes = {f"access:services!service={name}" for name in ("gatehouse", "dask-gateway")}
    assert scopes <= set(held.server_token_scopes)


@pytest.mark.parametrize("overlay", [None, *OVERLAYS])
def test_the_gateway_is_configured(overlay: str | None) -> None:
    """The gateway has our classes, and the hub's address from the chart's own key."""
    values = ours("dask-gateway", overlay)["gateway"]
    c, environment = Config(), environment_of({entry["name"]: entry.get("value", {}) for entry in values["env"]})

    def get_property(key: str) -> object:
        """Return a value, as the chart's function of this name does."""
        found: object = {"gateway": values}
        for part in key.split("."):
            found = found[part]  # type: ignore[index] # a mapping, or the test fails here
        return found

    run(values["extraConfig"], environment, c=c, get_property=get_property)
    app = DaskGateway(config=c)
    assert app.backend_class.__name__ == "GatehouseKubeBackend"
    assert app.authenticator_class.__name__ == "GatehouseGatewayAuthenticator"
    assert c.JupyterHubAuthenticator.jupyterhub_api_url == "http://hub:8081/hub/api"
    assert c.JupyterHubAuthenticator.jupyterhub_service_name == "dask-gateway"
    assert c.GatehouseSettings.service_token == "0" * 32


def test_the_controller_is_configured() -> None:
    """Our controller's configuration file names what the chart's values name."""
    with patch.dict(os.environ, {"POD_NAMESPACE": "lab"}):
        c = PyFileConfigLoader(CONTROLLER.name, str(CONTROLLER.parent)).load_config()
    controller = GatehouseKubeController(config=c)
    values = ours("dask-gateway", None)
    assert controller.gateway_instance == values["fullnameOverride"]
    assert controller.proxy_prefix == values["gateway"]["prefix"]
    assert controller.api_url == f"http://api-{values['fullnameOverride']}.lab:8000/api"
    assert controller.proxy_web_middlewares == [{"name": "clusters-prefix-dask-gateway", "namespace": "lab"}]


@pytest.mark.parametrize("path", sorted((VALUES / "images").glob("*/Containerfile")), ids=lambda path: path.parent.name)
def test_images_take_what_there_is(path: Path) -> None:
    """What an image copies is built or in the repository, the extras that it installs exist, and it is not root's."""
    import tomllib  # noqa: PLC0415 - used here alone

    text = path.read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line.split() for line in text.splitlines()]
    copied = [name for line in lines if line[:1] == ["COPY"] for name in line[1:-1]]
    assert set(copied) <= {"dist/*.whl", "constraints.txt"}
    assert (ROOT / "constraints.txt").exists()
    extras = text.partition(".whl)[")[2].partition("]")[0].split(",")
    assert set(extras) <= set(project["optional-dependencies"])
    assert [line[1] for line in lines if line[:1] == ["USER"]][-1] not in {"root", "0"}
    imported = [line.partition('-c "import ')[2].rstrip('"') for line in text.splitlines() if '-c "import' in line]
    for module in imported[0].split(", "):
        assert module in sys.modules or _exists(module), module


def _exists(module: str) -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - used here alone

    return find_spec(module) is not None
