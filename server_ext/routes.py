"""The route table of the server extension, below the server's base URL."""

from typing import Any

from server_ext.handlers.account import AccountHandler, ExtendHandler, StreamHandler
from server_ext.handlers.clusters import EnvironmentHandler, StopHandler
from server_ext.handlers.costs import CostsHandler

CLUSTER = r"(?P<cluster>[A-Za-z0-9][A-Za-z0-9._-]{0,127})"
"""A gateway's name for a cluster: 32 hex digits, with a namespace before them on Kubernetes."""


def routes() -> list[tuple[str, Any]]:
    """Return every route with its handler."""
    return [
        (r"gatehouse/account", AccountHandler),
        (r"gatehouse/stream", StreamHandler),
        (r"gatehouse/extend", ExtendHandler),
        (r"gatehouse/costs", CostsHandler),
        (rf"gatehouse/clusters/{CLUSTER}/environment", EnvironmentHandler),
        (rf"gatehouse/clusters/{CLUSTER}/stop", StopHandler),
    ]
