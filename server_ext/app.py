"""The extension: reads where the service and the gateway are, and adds the routes.

Configured by the environment that the hub gives every server: ``GATEHOUSE_URL``, ``JUPYTERHUB_API_TOKEN`` and Dask's
own ``DASK_GATEWAY__*``. Where they are absent the routes answer, and say so.
"""

import os
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Unicode, default

from server_ext.clusters import Clusters
from server_ext.environments.checks import EnvironmentChecks
from server_ext.proxy import ServiceProxy
from server_ext.routes import pages, routes
from server_ext.starting import Starting
from server_ext.steering import Steering


class GatehouseExtension(ExtensionApp):
    """Shows the person their clusters and cost, next to the notebook."""

    name = "gatehouse"
    app_name = "Gatehouse"
    description = "What runs and what it costs, beside the notebook."
    load_other_extensions = True

    service_url = Unicode(
        help="""Where the usage service is, with a trailing slash; ``GATEHOUSE_URL`` by default.

        Empty: the panel says that this server was not started through Gatehouse, and everything else works.
        """,
    ).tag(config=True)
    service_token = Unicode(
        help="""The person's own token for the service and the gateway; ``JUPYTERHUB_API_TOKEN`` by default.""",
    ).tag(config=True)
    gateway_public_address = Unicode(
        help="""Where a browser reaches the Dask Gateway, for links to dashboards.

        Default: Dask's own setting ``DASK_GATEWAY__PUBLIC_ADDRESS``, else ``DASK_GATEWAY__ADDRESS``. May be a path
        below this host, such as ``/services/dask-gateway``.
        """,
    ).tag(config=True)

    @default("service_url")
    def _service_url(self) -> str:
        return os.environ.get("GATEHOUSE_URL", "")

    @default("service_token")
    def _service_token(self) -> str:
        return os.environ.get("JUPYTERHUB_API_TOKEN", "")

    @default("gateway_public_address")
    def _gateway_public_address(self) -> str:
        found = os.environ.get("DASK_GATEWAY__PUBLIC_ADDRESS") or os.environ.get("DASK_GATEWAY__ADDRESS", "")
        try:
            return found.format(**os.environ)  # dask_gateway expands its addresses in the same way
        except (KeyError, IndexError, ValueError):
            return found

    def initialize_settings(self) -> None:
        """Put what the handlers need where they find it. Called by jupyter-server while it starts."""
        clusters = Clusters()
        self.settings.update(
            gatehouse_proxy=ServiceProxy(self.service_url, self.service_token),
            gatehouse_clusters=clusters,
            gatehouse_steering=Steering(clusters),
            gatehouse_starting=Starting(),
            gatehouse_checks=EnvironmentChecks(clusters),
        )
        page: dict[str, Any] = self.serverapp.web_app.settings.setdefault("page_config_data", {})
        page["gatehouseGateway"] = self.gateway_public_address

    def initialize_handlers(self) -> None:
        """Add the routes. Called by jupyter-server while it starts."""
        self.handlers.extend([*routes(), *pages()])

    async def stop_extension(self) -> None:
        """Close the connections to the service. Called by jupyter-server when it stops."""
        await self.settings["gatehouse_proxy"].close()
