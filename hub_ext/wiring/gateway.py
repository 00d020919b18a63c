"""Everything a Dask Gateway needs to know of Gatehouse, in one call of its configuration file.

::

    from hub_ext.wiring.gateway import configure_gateway

    configure_gateway(
        c,
        public_address="127.0.0.1:8002",
        private_address="127.0.0.1:8003",
        proxy_tcp_address="127.0.0.1:8004",
        hub_api_url="http://127.0.0.1:8081/hub/api",
        service_url="http://127.0.0.1:8010/services/gatehouse/",
        token="...",
        data_dir="/var/lib/gatehouse/gateway",
    )

Every line below can be overridden after the call. On Kubernetes it is :func:`configure_kubernetes_gateway` and, for the
controller, :func:`configure_kubernetes_controller`.
"""

import base64
import os
from pathlib import Path
from typing import Any

from hub_ext.contract.paths import GATEWAY_SERVICE_NAME

HEARTBEAT_SECONDS = 5
"""How often a scheduler says what it wants: so long at most until it learns of a changed grant."""
HEARTBEAT_TIMEOUT = 30.0
"""Silence after which a cluster is given up. A scheduler that ends is noticed at once, by its process; this is for one
that hangs, and a busy scheduler may well be silent for some seconds."""
STOP_SECONDS = (3, 1, 5)
"""Patience after SIGINT, SIGTERM and SIGKILL. A worker with nanny closes in 2.5 s; one that is still starting does not
listen before it is up, and nothing is lost by ending it."""
KEYS = "DASK_GATEWAY_ENCRYPT_KEYS"


def configure_gateway(
    c: Any,
    *,
    public_address: str,
    private_address: str,
    proxy_tcp_address: str,
    hub_api_url: str,
    service_url: str,
    token: str,
    data_dir: str | Path,
    service_name: str = GATEWAY_SERVICE_NAME,
    prefix: str | None = None,
    home_directory: str = "",
    run_as: str = "gateway",
) -> None:
    """Configure a Dask Gateway that runs clusters on its own machine.

    Args:
        c: the configuration object of ``dask_gateway_config.py``.
        public_address: ``host:port`` where people's requests and dashboards come in, through the hub's proxy or past
            it. The hub's service entry points here.
        private_address: ``host:port`` of the gateway's own API. Schedulers report here; keep it fixed, because
            clusters that outlive a gateway look for the next one at the same place.
        proxy_tcp_address: ``host:port`` where clients reach schedulers, by TLS with a key of each cluster.
        hub_api_url: the hub's own API address, such as ``http://127.0.0.1:8081/hub/api``.
        service_url: the Gatehouse service's own address, with its prefix.
        token: the hub token of the service ``dask-gateway``: asks for decisions and reports what ran.
        data_dir: where database, key, logs and clusters' directories are kept; made if missing, for its owner only.
        service_name: name of the gateway as a hub service.
        prefix: path below which it is reached; by default ``/services/NAME``.
        home_directory: home of clusters' processes, with ``{username}``; give the notebook servers' own.
        run_as: ``gateway`` (every process is the gateway's account's) or ``owner`` (the person's; needs root).
    """
    data = Path(data_dir).absolute()
    data.mkdir(parents=True, exist_ok=True, mode=0o711 if run_as == "owner" else 0o700)
    c.DaskGateway.backend_class = "hub_ext.cluster.GatehouseLocalBackend"
    c.DaskGateway.authenticator_class = "hub_ext.cluster.GatehouseGatewayAuthenticator"
    c.DaskGateway.address = private_address

    c.Proxy.address = public_address
    c.Proxy.tcp_address = proxy_tcp_address
    c.Proxy.prefix = prefix if prefix is not None else f"/services/{service_name}"
    c.Proxy.proxy_status_period = 1.0  # seconds until a dead proxy is started again; the default is 30

    _configure_doors(c, hub_api_url, service_url, token, service_name)
    c.GatehouseSettings.outbox_dir = str(data / "outbox")

    _configure_state(c, data)
    _configure_timing(c)
    c.GatehouseLocalBackend.api_url = f"http://{private_address}/api"
    c.GatehouseLocalBackend.clusters_directory = str(data / "clusters")
    c.GatehouseLocalBackend.logs_directory = str(data / "logs")
    c.GatehouseLocalBackend.home_directory = home_directory
    c.GatehouseLocalBackend.run_as = run_as


def configure_kubernetes_gateway(
    c: Any,
    *,
    hub_api_url: str,
    service_url: str,
    token: str,
    outbox_dir: str | Path,
    namespace: str | None = None,
    image: str | None = None,
    service_name: str = GATEWAY_SERVICE_NAME,
) -> None:
    """Configure the API server of a Dask Gateway on Kubernetes: the chart's ``gateway.extraConfig``.

    Addresses, the instance's name and everything else of the chart's values stay as the chart sets them.

    Args:
        c: the configuration object.
        hub_api_url: the hub's own API address, such as ``http://hub:8081/hub/api``.
        service_url: the Gatehouse service's own address, with its prefix.
        token: the hub token of the service ``dask-gateway``.
        outbox_dir: where reports wait while the service is away; of this replica alone, such as an ``emptyDir``.
        namespace: where pods of clusters are made; None: as the chart says.
        image: of schedulers and workers whose profile names none; None: as the chart says.
        service_name: name of the gateway as a hub service.
    """
    c.DaskGateway.backend_class = "hub_ext.cluster.kube.GatehouseKubeBackend"
    c.DaskGateway.authenticator_class = "hub_ext.cluster.GatehouseGatewayAuthenticator"
    _configure_doors(c, hub_api_url, service_url, token, service_name)
    c.GatehouseSettings.outbox_dir = str(outbox_dir)
    c.KubeClusterConfig.scheduler_cmd = ["dask", "scheduler"]  # the chart's default was removed from distributed
    c.KubeClusterConfig.worker_cmd = ["dask", "worker"]
    if namespace is not None:
        c.KubeClusterConfig.namespace = namespace
    if image is not None:
        c.KubeClusterConfig.image = image


def configure_kubernetes_controller(c: Any, *, instance: str, api_url: str, prefix: str = "") -> None:
    """Configure ``gatehouse-kube-controller``, which runs once, in place of the chart's own controller.

    Args:
        c: the configuration object.
        instance: ``gateway_instance`` of the API server; the chart calls it as the release's resources.
        api_url: where schedulers reach the API server, such as ``http://api-dask-gateway.jupyterhub:8000/api``.
        prefix: path below which the proxy serves clusters, as the chart's ``gateway.prefix``.
    """
    c.KubeController.gateway_instance = instance
    c.KubeController.api_url = api_url
    c.KubeController.proxy_prefix = prefix


def _configure_doors(c: Any, hub_api_url: str, service_url: str, token: str, service_name: str) -> None:
    """Say where hub and service are, and who asks."""
    c.JupyterHubAuthenticator.jupyterhub_api_url = hub_api_url
    c.JupyterHubAuthenticator.jupyterhub_service_name = service_name
    c.JupyterHubAuthenticator.jupyterhub_api_token = token
    c.GatehouseSettings.service_url = service_url
    c.GatehouseSettings.service_token = token


def _configure_state(c: Any, data: Path) -> None:
    """Keep clusters in a file, so that they outlive the gateway: with its default they would be orphans for ever."""
    c.DBBackendBase.db_url = f"sqlite:///{data / 'gateway.sqlite'}"
    c.DBBackendBase.db_encrypt_keys = encryption_keys(data / "gateway.key")
    c.DBBackendBase.stop_clusters_on_shutdown = False


def _configure_timing(c: Any) -> None:
    c.DBBackendBase.cluster_heartbeat_period = HEARTBEAT_SECONDS
    c.DBBackendBase.cluster_heartbeat_timeout = HEARTBEAT_TIMEOUT
    c.DBBackendBase.cluster_status_period = 2.0  # of clusters and workers that are starting: one look at a table
    c.DBBackendBase.worker_status_period = 2.0
    c.DBBackendBase.cluster_start_timeout = 60.0
    c.DBBackendBase.worker_start_timeout = 120.0  # many at once on a small machine take their turns
    c.LocalBackend.sigint_timeout, c.LocalBackend.sigterm_timeout, c.LocalBackend.sigkill_timeout = STOP_SECONDS


def encryption_keys(path: Path) -> list[str]:
    """Return the keys that encrypt tokens and TLS keys in the gateway's database, newest first.

    From the environment variable ``DASK_GATEWAY_ENCRYPT_KEYS`` (several, separated by ``;``, while one is replaced),
    else from a file that is made with mode 600 if missing.

    Args:
        path: the key file.
    """
    told = [key.strip() for key in os.environ.get(KEYS, "").split(";") if key.strip()]
    if told:
        return told
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(32)))
    return [path.read_text(encoding="ascii").strip()]
