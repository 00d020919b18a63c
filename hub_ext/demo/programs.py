"""Which programs make up the stack, what each is told, and how its health is seen."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub_ext import __version__
from hub_ext.contract.paths import GATEWAY_SERVICE_NAME, SERVICE_NAME
from hub_ext.demo import health
from hub_ext.demo.idp import IdentityProvider
from hub_ext.demo.keys import Keys
from hub_ext.demo.ports import ADDRESS, Ports
from hub_ext.demo.state import DataDirectory
from hub_ext.demo.supervisor import Program

SITE = "GATEHOUSE_DEMO_SITE"
"""Environment variable that names the data directory to the configuration files of hub and gateway."""
_FOREIGN = ("JUPYTERHUB_", "DASK_", "CANAILLE", "GATEHOUSE_")
"""Variables of a stack that the demo may itself run inside of, in a terminal of JupyterLab."""


@dataclass(frozen=True)
class Site:
    """One stack: its data directory, ports and keys."""

    data: DataDirectory
    ports: Ports
    keys: Keys

    @property
    def base(self) -> str:
        """What people open, without the last slash."""
        return f"http://{ADDRESS}:{self.ports.public}"

    @property
    def callback_url(self) -> str:
        """Where the identity provider sends people back to."""
        return f"{self.base}/hub/oauth_callback"

    @property
    def service_url(self) -> str:
        """The Gatehouse service's own address, with its prefix."""
        return f"http://{ADDRESS}:{self.ports.service}/services/{SERVICE_NAME}/"

    @property
    def hub_api(self) -> str:
        """The hub's API at the hub itself: what servers on this machine use."""
        return f"http://{ADDRESS}:{self.ports.hub}/hub/api"


def load_site() -> Site:
    """Return the stack whose configuration file is being read."""
    data = DataDirectory(Path(os.environ[SITE]))
    ports = data.read_state().ports
    if ports is None:
        raise RuntimeError(f"{data.root} has no ports yet: only `gatehouse demo` reads this file")
    return Site(data, ports, Keys.model_validate_json(data.keys.read_text(encoding="utf-8")))


def program_path(name: str) -> str:
    """Return a program of our own environment, whatever PATH says."""
    return str(Path(sys.executable).with_name(name))


def base_environment(data: DataDirectory, outer: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that every program starts from.

    Args:
        data: its root stands in for a home that is missing, as for a user without a passwd entry.
        outer: our own environment.
    """
    env = {name: value for name, value in outer.items() if not name.startswith(_FOREIGN)}
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), outer.get("PATH", os.defpath)))
    env.setdefault("HOME", str(data.root))
    env["PYTHONUNBUFFERED"] = "1"  # logs are read while the program runs
    for name in ("no_proxy", "NO_PROXY"):
        env[name] = ",".join(filter(None, (outer.get(name), ADDRESS, "localhost")))
    return env


def stack_programs(site: Site, provider: IdentityProvider) -> tuple[Program, ...]:
    """Return the programs, in the order in which they start."""
    base = base_environment(site.data, os.environ)
    return (
        Program(
            name="idp",
            title="The identity provider",
            command=provider.command,
            environment=base | provider.environment,
            directory=site.data.idp,
            check=health.identity_provider(provider.issuer),
            stage=3,
        ),
        _hub(site, base),
        _gateway(site, base),
        _service(site, base),
    )


def _hub(site: Site, base: dict[str, str]) -> Program:
    return Program(
        name="hub",
        title="The hub",
        command=(program_path("jupyterhub"), "-f", _config("hub_config.py")),
        environment=base
        | {
            SITE: str(site.data.root),
            "JUPYTERHUB_CRYPT_KEY": site.keys.hub_crypt_key,
            "CONFIGPROXY_AUTH_TOKEN": site.keys.proxy_token,
        },
        directory=site.data.hub,
        check=health.hub(site.base, site.keys.service_token),
        stage=1,
        stop_within=30,
    )


def _gateway(site: Site, base: dict[str, str]) -> Program:
    return Program(
        name="gateway",
        title="The gateway",
        command=(program_path("dask-gateway-server"), "-f", _config("gateway_config.py")),
        environment=base | {SITE: str(site.data.root)},
        directory=site.data.gateway,
        check=health.gateway(site.base),
        stage=1,
        stop_within=30,
    )


def _service(site: Site, base: dict[str, str]) -> Program:
    prefix = f"/services/{SERVICE_NAME}/"
    return Program(
        name="service",
        title="The service",
        command=(
            program_path("gatehouse"),
            "service",
            f"--GatehouseService.ip={ADDRESS}",
            f"--GatehouseService.port={site.ports.service}",
            f"--GatehouseService.policy_file={site.data.policy}",
            f"--GatehouseService.database_url=sqlite:///{site.data.service / 'ledger.sqlite'}",
            f"--GatehouseService.gateway_url={site.base}/services/{GATEWAY_SERVICE_NAME}",
            f"--GatehouseService.cookie_secret_file={site.data.service / 'cookie_secret'}",
        ),
        environment=base
        | {
            "JUPYTERHUB_SERVICE_NAME": SERVICE_NAME,
            "JUPYTERHUB_SERVICE_PREFIX": prefix,
            "JUPYTERHUB_SERVICE_URL": f"http://{ADDRESS}:{site.ports.service}",
            "JUPYTERHUB_CLIENT_ID": f"service-{SERVICE_NAME}",
            "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{prefix}oauth_callback",
            "JUPYTERHUB_API_TOKEN": site.keys.service_token,
            "JUPYTERHUB_API_URL": site.hub_api,
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_PUBLIC_HUB_URL": f"{site.base}/hub/",
        },
        directory=site.data.service,
        check=health.service(site.base, __version__),
        stage=2,
    )


def _config(name: str) -> str:
    return str(Path(__file__).with_name(name))
