"""Gatehouse's controller, with the names of helm-values/dask-gateway.yaml: what the chart tells its own."""

import os

from hub_ext.wiring.gateway import configure_kubernetes_controller

namespace = os.environ["POD_NAMESPACE"]
c = get_config()  # noqa: F821 - traitlets gives it

configure_kubernetes_controller(
    c,
    instance="dask-gateway",
    api_url=f"http://api-dask-gateway.{namespace}:8000/api",
    prefix="/services/dask-gateway",
)
c.KubeController.address = ":8000"
c.KubeController.proxy_web_middlewares = [{"name": "clusters-prefix-dask-gateway", "namespace": namespace}]
c.KubeController.proxy_tcp_entrypoint = "web"
