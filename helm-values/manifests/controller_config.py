"""What the chart writes for its own controller, with the names of helm-values/dask-gateway.yaml."""

import os

namespace = os.environ["POD_NAMESPACE"]
c = get_config()  # noqa: F821 - traitlets gives it

c.KubeController.address = ":8000"
c.KubeController.api_url = f"http://api-dask-gateway.{namespace}:8000/api"
c.KubeController.gateway_instance = "dask-gateway"
c.KubeController.proxy_prefix = "/services/dask-gateway"
c.KubeController.proxy_web_middlewares = [{"name": "clusters-prefix-dask-gateway", "namespace": namespace}]
c.KubeController.proxy_tcp_entrypoint = "web"
