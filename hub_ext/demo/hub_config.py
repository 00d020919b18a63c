"""The demo's ``jupyterhub -f``: one call adds Gatehouse to a hub, the rest is where this hub keeps its things."""

import sys
from pathlib import Path

from hub_ext.demo.idp import CLIENT_ID
from hub_ext.demo.ports import ADDRESS
from hub_ext.demo.programs import load_site, program_path
from hub_ext.demo.sweep import MARK
from hub_ext.policy.reading import read_policy
from hub_ext.wiring.hub import configure_hub

c = get_config()  # type: ignore[name-defined] # noqa: F821 - jupyterhub defines it for this file
site = load_site()

c.JupyterHub.bind_url = site.base
c.JupyterHub.hub_bind_url = f"http://{ADDRESS}:{site.ports.hub}"
c.JupyterHub.db_url = f"sqlite:///{site.data.hub / 'jupyterhub.sqlite'}"
c.JupyterHub.upgrade_db = True  # a newer hub goes on with an older data directory
c.JupyterHub.cookie_secret_file = str(site.data.hub / "cookie_secret")
c.JupyterHub.shutdown_on_logout = False
c.ConfigurableHTTPProxy.command = [sys.executable, "-m", "hub_ext.demo.proxy"]  # pure Python: no node
c.ConfigurableHTTPProxy.api_url = f"http://{ADDRESS}:{site.ports.proxy_api}"
c.ConfigurableHTTPProxy.pid_file = str(site.data.hub / "proxy.pid")

c.Spawner.cmd = [program_path("jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.env_keep.append(MARK)  # so that the next start finds what a kill -9 left
c.Spawner.environment = {"JUPYTER_CONFIG_PATH": str(Path(__file__).with_name("jupyter"))}
c.GatehouseLocalSpawner.data_dir = str(site.data.root)

configure_hub(
    c,
    issuer=f"http://{ADDRESS}:{site.ports.idp}",
    client_id=CLIENT_ID,
    client_secret=site.keys.client_secret,
    policy_administrators=read_policy(site.data.policy.read_text(encoding="utf-8")).administrators,
    public_url=site.base,
    service_url=site.service_url,
    service_token=site.keys.service_token,
    hub_token=site.keys.hub_token,
    gateway_url=f"http://{ADDRESS}:{site.ports.gateway}",
    gateway_token=site.keys.gateway_token,
    gateway_proxy_address=f"gateway://{ADDRESS}:{site.ports.gateway_tcp}",
    outbox_dir=str(site.data.hub / "outbox"),
)
