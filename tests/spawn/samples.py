"""Offers as the service makes them, for tests of what is drawn from them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub_ext.contract.account import Balance, Holding
from hub_ext.contract.admission import Kind
from hub_ext.contract.identity import Identity
from hub_ext.contract.offers import GroupOffer, Offers, ProfileOffer
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape

GIB = 2**30
NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)


def profile(name: str, **changes: Any) -> ProfileOffer:
    """Return a notebook server's profile; ``refused`` is a message that makes it unavailable."""
    refused = changes.pop("refused", "")
    fields: dict[str, Any] = {
        "name": name,
        "kind": Kind.server,
        "title": f"{name.capitalize()} notebook",
        "description": "Reading, plotting",
        "shape": Shape(cores=Decimal(4), memory=16 * GIB),
        "price_per_hour": Decimal("0.24"),
        "idle_seconds": 3600,
    }
    if refused:
        fields |= {"available": False, "reason": Reason.quota_exceeded, "message": refused}
    return ProfileOffer(**(fields | changes))


def balance(**changes: Any) -> Balance:
    """Return a month's money of a group."""
    fields: dict[str, Any] = {
        "group": "research",
        "title": "Research",
        "month": "2026-11",
        "spent": Decimal("8086.42"),
        "budget": Decimal(10000),
        "mine": Decimal("96.12"),
        "my_budget": Decimal(1500),
        "burn_rate": Decimal(1),
        "my_burn_rate": Decimal(0),
    }
    return Balance(**(fields | changes))


def group(name: str, *profiles: ProfileOffer, **changes: Any) -> GroupOffer:
    """Return a group that offers these profiles."""
    fields: dict[str, Any] = {
        "group": name,
        "title": name.capitalize(),
        "balance": balance(group=name),
        "cores": Holding(used=Decimal(531), quota=Decimal(640), mine=Decimal(4)),
        "profiles": profiles,
    }
    return GroupOffer(**(fields | changes))


def offers(*groups: GroupOffer, **changes: Any) -> Offers:
    """Return everything that mei may start."""
    fields: dict[str, Any] = {
        "identity": Identity(name="mei", groups=("/research",)),
        "as_of": NOW,
        "currency": "USD",
        "groups": groups,
        "contact": "#data-platform",
    }
    return Offers(**(fields | changes))
