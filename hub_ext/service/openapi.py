"""The API as an OpenAPI 3.1 document, made from the messages themselves."""

from typing import Any

from pydantic.json_schema import models_json_schema

from hub_ext import __version__
from hub_ext.contract import paths
from hub_ext.contract.account import (
    Account,
    ClusterList,
    DecisionList,
    Extended,
    ExtendRequest,
    Health,
    LedgerPage,
    Overview,
    ServerList,
    Stopped,
    StopRequest,
)
from hub_ext.contract.activity import ClusterActivity
from hub_ext.contract.admission import Decision, Demand, Grant, Lease, LeaseUpdate, Request
from hub_ext.contract.costs import MonthCosts
from hub_ext.contract.errors import ErrorBody
from hub_ext.contract.funds import Quote, TopUp, TopUpList, TopUpRequest
from hub_ext.contract.history import ClusterHistory
from hub_ext.contract.leading import LedGroups
from hub_ext.contract.model import Message
from hub_ext.contract.offers import Offers, OffersRequest
from hub_ext.contract.report import Closed, CloseRequest, Report
from hub_ext.contract.usage import Events

_Row = tuple[str, str, str, type[Message] | None, type[Message] | None]

CALLS: tuple[_Row, ...] = (
    ("get", paths.HEALTH, "", None, Health),
    ("get", paths.OFFERS, "self", None, Offers),
    ("post", paths.OFFERS, paths.SCOPE_DECIDE, OffersRequest, Offers),
    ("post", paths.ADMISSIONS, paths.SCOPE_DECIDE, Request, Decision),
    ("put", f"{paths.LEASES}/{{lease}}", paths.SCOPE_DECIDE, LeaseUpdate, Lease),
    ("put", f"{paths.CLUSTERS}/{{cluster}}/demand", paths.SCOPE_DECIDE, Demand, Grant),
    ("put", f"{paths.CLUSTERS}/{{cluster}}/activity", paths.SCOPE_DECIDE, ClusterActivity, None),
    ("get", f"{paths.CLUSTERS}/{{cluster}}/history", "self", None, ClusterHistory),
    ("post", paths.EVENTS, paths.SCOPE_DECIDE, Events, None),
    ("get", paths.ACCOUNT, "self", None, Account),
    ("get", paths.STREAM, "self", None, Account),
    ("post", paths.EXTEND, "self", ExtendRequest, Extended),
    ("get", paths.QUOTE, "self", None, Quote),
    ("get", paths.COSTS, "self", None, MonthCosts),
    ("get", paths.LED, "self", None, LedGroups),
    ("post", f"{paths.LED}/topup", "self", TopUpRequest, TopUp),
    ("get", f"{paths.ADMIN}/overview", paths.SCOPE_READ, None, Overview),
    ("get", f"{paths.ADMIN}/servers", paths.SCOPE_READ, None, ServerList),
    ("get", f"{paths.ADMIN}/clusters", paths.SCOPE_READ, None, ClusterList),
    ("get", f"{paths.ADMIN}/decisions", paths.SCOPE_READ, None, DecisionList),
    ("get", f"{paths.ADMIN}/ledger", paths.SCOPE_READ, None, LedgerPage),
    ("get", f"{paths.ADMIN}/report", paths.SCOPE_READ, None, Report),
    ("post", f"{paths.ADMIN}/report/close", paths.SCOPE_BUDGET, CloseRequest, Closed),
    ("post", f"{paths.ADMIN}/stop", paths.SCOPE_OPERATE, StopRequest, Stopped),
    ("post", f"{paths.ADMIN}/topup", paths.SCOPE_BUDGET, TopUpRequest, TopUp),
    ("get", f"{paths.ADMIN}/topups", paths.SCOPE_READ, None, TopUpList),
)
"""Method, path, scope (empty: open to everybody; ``self``: any person, for themselves), body, answer."""


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    bodies = {row[3] for row in CALLS if row[3]}
    answers = {row[4] for row in CALLS if row[4]} | {ErrorBody}
    ordered = sorted(bodies, key=lambda m: m.__name__), sorted(answers, key=lambda m: m.__name__)
    _, schemas = models_json_schema(
        [*((m, "validation") for m in ordered[0]), *((m, "serialization") for m in ordered[1])],
        ref_template="#/components/schemas/{model}",
    )
    found: dict[str, Any] = {}
    for method, path, scope, body, answer in CALLS:
        found.setdefault(f"/{path}", {})[method] = _operation(path, scope, body, answer)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gatehouse", "version": __version__.partition("+")[0]},
        "paths": found,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"hub": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        },
    }


def _operation(path: str, scope: str, body: type[Message] | None, answer: type[Message] | None) -> dict[str, Any]:
    kind = "text/event-stream" if path == paths.STREAM else "application/json"
    content = {kind: {"schema": _ref(answer) if answer else {"type": "object"}}}
    operation: dict[str, Any] = {
        "responses": {
            "200": {"description": "The answer", "content": content},
            "default": {"description": "An error", "content": {"application/json": {"schema": _ref(ErrorBody)}}},
        }
    }
    if scope:
        operation["security"] = [{"hub": [] if scope == "self" else [scope]}]
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    return operation


def _ref(model: type[Message]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
