"""The route table of the server extension, below the server's base URL."""

from typing import Any

from server_ext.handlers.account import AccountHandler, ExtendHandler, StreamHandler
from server_ext.handlers.clusters import EnvironmentHandler, StopHandler
from server_ext.handlers.costs import CostsHandler
from server_ext.handlers.logged_in import LoggedInHandler
from server_ext.handlers.logs import HistoryHandler, LogsHandler
from server_ext.handlers.starting import OffersHandler, OptionsHandler, QuoteHandler, StartHandler
from server_ext.handlers.steering import AdaptHandler, RestartHandler, ScaleHandler

CLUSTER = r"(?P<cluster>[A-Za-z0-9][A-Za-z0-9._-]{0,127})"
"""A gateway's name for a cluster: 32 hex digits, with a namespace before them on Kubernetes."""


def pages() -> list[tuple[str, Any]]:
    """Return every page for a person: without a login they lead to one, where a route answers 403."""
    return [(r"gatehouse/logged-in", LoggedInHandler)]


def routes() -> list[tuple[str, Any]]:
    """Return every route with its handler."""
    return [
        (r"gatehouse/account", AccountHandler),
        (r"gatehouse/stream", StreamHandler),
        (r"gatehouse/extend", ExtendHandler),
        (r"gatehouse/offers", OffersHandler),
        (r"gatehouse/quote", QuoteHandler),
        (r"gatehouse/options", OptionsHandler),
        (r"gatehouse/clusters", StartHandler),
        (r"gatehouse/costs", CostsHandler),
        (rf"gatehouse/clusters/{CLUSTER}/environment", EnvironmentHandler),
        (rf"gatehouse/clusters/{CLUSTER}/history", HistoryHandler),
        (rf"gatehouse/clusters/{CLUSTER}/logs", LogsHandler),
        (rf"gatehouse/clusters/{CLUSTER}/stop", StopHandler),
        (rf"gatehouse/clusters/{CLUSTER}/scale", ScaleHandler),
        (rf"gatehouse/clusters/{CLUSTER}/adapt", AdaptHandler),
        (rf"gatehouse/clusters/{CLUSTER}/restart", RestartHandler),
    ]
