"""The demo's ``dask-gateway-server -f``: one call configures a gateway, the rest is what a demo wants otherwise."""

from hub_ext.demo.ports import ADDRESS
from hub_ext.demo.programs import load_site
from hub_ext.demo.sweep import MARK
from hub_ext.wiring.gateway import configure_gateway

c = get_config()  # type: ignore[name-defined] # noqa: F821 - dask-gateway-server defines it for this file
site = load_site()

configure_gateway(
    c,
    public_address=f"{ADDRESS}:{site.ports.gateway}",
    private_address=f"{ADDRESS}:{site.ports.gateway_api}",
    proxy_tcp_address=f"{ADDRESS}:{site.ports.gateway_tcp}",
    hub_api_url=site.hub_api,
    service_url=site.service_url,
    token=site.keys.gateway_token,
    data_dir=site.data.gateway,
    home_directory=f"{site.data.homes}/{{username}}",
)

c.DBBackendBase.stop_clusters_on_shutdown = True  # Ctrl-C ends everything; elsewhere clusters outlive their gateway
c.LocalBackend.inherited_environment.append(MARK)  # so that the next start finds what a kill -9 left
