"""The traits that hub and gateway share, declared once.

Both processes reach the service with a token of their own. A configuration file says it once per process::

    c.GatehouseSettings.service_url = "http://127.0.0.1:8010/services/gatehouse/"
    c.GatehouseSettings.service_token = "..."
    c.GatehouseSettings.outbox_dir = "/var/lib/gatehouse/outbox-hub"
"""

import os
from pathlib import Path

from traitlets import Enum, Float, Unicode, default, validate
from traitlets.config import Configurable


class GatehouseSettings(Configurable):
    """Where the Gatehouse service is, and what to do while it is away."""

    service_url = Unicode(
        help="""
        Address of the Gatehouse service, with its prefix: ``http://127.0.0.1:8010/services/gatehouse/``.

        Use the service's own address, not the one behind the hub's proxy, so that decisions do not depend on the
        proxy. Default: the environment variable ``GATEHOUSE_URL``.
        """,
    ).tag(config=True)

    @default("service_url")
    def _service_url_default(self) -> str:
        return os.environ.get("GATEHOUSE_URL", "http://127.0.0.1:8010/services/gatehouse/")

    @validate("service_url")
    def _service_url_ends_with_slash(self, proposal: dict[str, str]) -> str:
        return proposal["value"].rstrip("/") + "/"

    service_token = Unicode(
        help="""
        Hub API token with the scopes ``custom:gatehouse:decide`` and ``access:services!service=gatehouse``.

        In the hub it is the token of the service ``gatehouse-hub``; in the gateway that of ``dask-gateway``.
        Default: the environment variable ``GATEHOUSE_TOKEN``.
        """,
    ).tag(config=True)

    @default("service_token")
    def _service_token_default(self) -> str:
        return os.environ.get("GATEHOUSE_TOKEN", "")

    outbox_dir = Unicode(
        help="""
        Directory in which events wait until the service has taken them. Each process needs its own.

        Without one, events of a time in which the service was away are lost when this process ends.
        Default: the environment variable ``GATEHOUSE_OUTBOX``.
        """,
    ).tag(config=True)

    @default("outbox_dir")
    def _outbox_dir_default(self) -> str:
        return os.environ.get("GATEHOUSE_OUTBOX", "")

    unavailable = Enum(
        ["deny"],
        default_value="deny",
        help="""
        What happens to new work while the service is away. ``deny``: it is refused with a clear text.

        Running work goes on with its last grant in any case.
        """,
    ).tag(config=True)

    request_timeout = Float(
        10.0,
        help="Seconds to wait for an answer of the service before it counts as away.",
    ).tag(config=True)

    @property
    def outbox_path(self) -> Path | None:
        """The outbox directory, if there is one."""
        return Path(self.outbox_dir) if self.outbox_dir else None
