"""The route table, and nothing else. Paths are relative to the service's prefix."""

import re
from typing import Any

from hub_ext.contract import paths
from hub_ext.service.auth import HubOAuthCallbackHandler
from hub_ext.service.handlers import admin, doors, health, leading, money, person, report
from hub_ext.service.handlers.metrics import MetricsHandler
from hub_ext.service.pages import page_routes

_ID = r"([^/]+)"


def routes(prefix: str) -> list[Any]:
    """Return every route below the prefix, which ends in a slash."""
    table: list[tuple[str, Any]] = [
        (paths.HEALTH, health.HealthHandler),
        (paths.OPENAPI, health.OpenApiHandler),
        (paths.OFFERS, doors.OffersHandler),
        (paths.ADMISSIONS, doors.AdmissionsHandler),
        (f"{paths.LEASES}/{_ID}", doors.LeaseHandler),
        (f"{paths.CLUSTERS}/{_ID}/demand", doors.DemandHandler),
        (f"{paths.CLUSTERS}/{_ID}/activity", doors.ActivityHandler),
        (f"{paths.CLUSTERS}/{_ID}/history", person.HistoryHandler),
        (paths.EVENTS, doors.EventsHandler),
        (paths.ACCOUNT, person.AccountHandler),
        (paths.STREAM, person.StreamHandler),
        (paths.EXTEND, person.ExtendHandler),
        (paths.QUOTE, money.QuoteHandler),
        (paths.COSTS, person.CostsHandler),
        (paths.LED, leading.LedHandler),
        (f"{paths.LED}/topup", leading.LedTopUpHandler),
        (f"{paths.ADMIN}/overview", admin.OverviewHandler),
        (f"{paths.ADMIN}/servers", admin.ServersHandler),
        (f"{paths.ADMIN}/clusters", admin.ClustersHandler),
        (f"{paths.ADMIN}/decisions", admin.DecisionsHandler),
        (f"{paths.ADMIN}/ledger", admin.LedgerHandler),
        (f"{paths.ADMIN}/report", report.ReportHandler),
        (f"{paths.ADMIN}/report/close", report.CloseHandler),
        (f"{paths.ADMIN}/stop", admin.StopHandler),
        (f"{paths.ADMIN}/topup", money.TopUpHandler),
        (f"{paths.ADMIN}/topups", money.TopUpsHandler),
        ("metrics", MetricsHandler),
        (f"{paths.API}/.*", health.NothingHandler),
        ("oauth_callback", HubOAuthCallbackHandler),
    ]
    at = re.escape(prefix)
    return [
        *((at + path, handler) for path, handler in table),
        *page_routes(prefix),
    ]
