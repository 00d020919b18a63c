"""The ledger as FOCUS rows: one for each interval and hour, as the FinOps Foundation's specification names the columns.

Sources: FOCUS 1.2 and 1.3, "Cost and Usage". A row is one unit in one clock hour (UTC). Its charge period is that hour,
because the specification's times have whole seconds; the exact times stand in ``x_StartedAt`` and ``x_EndedAt``. There
are no discounts, so list, contracted, billed and effective cost are the same. Rows are told by the running sum
(:mod:`hub_ext.cost.money`): together they are the report's total, to the last digit.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from types import MappingProxyType
from typing import Any

from hub_ext.contract.report import Correction
from hub_ext.contract.units import format_cores, format_size
from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost.money import TICKS_PER_HOUR, Rates, Teller
from hub_ext.cost.quantities import HOUR, TICK, cluster_of, pieces, rate_of
from hub_ext.policy.document import Policy, Price
from hub_ext.policy.months import month_end, month_key, month_start

VERSIONS = ("1.2", "1.3")
COLUMNS = (
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
)
"""The 57 of FOCUS 1.2, by name. What this product has no notion of, such as regions or commitments, stays empty."""
COLUMNS_1_3 = ("HostProviderName", "ServiceProviderName")
"""Mandatory from 1.3 on; 1.2's ProviderName and PublisherName are still mandatory there."""
OWN_COLUMNS = (
    "x_User",
    "x_Group",
    "x_ClusterId",
    "x_Profile",
    "x_StartedAt",
    "x_EndedAt",
    "x_EventSource",
    "x_CorrectedMonth",
)
"""Ours: the specification wants the prefix, and them after its own columns."""

_COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "PricingCurrencyEffectiveCost")
_UNIT_PRICES = (
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyListUnitPrice",
)
_TYPES = {
    UnitKind.server: ("JupyterHub", "Notebook server"),
    UnitKind.scheduler: ("Dask Gateway", "Dask scheduler"),
    UnitKind.worker: ("Dask Gateway", "Dask worker"),
}
_GIB = 2**30
_PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_HOURS_STEP = Decimal(1).scaleb(-18)


@dataclass(frozen=True)
class Names:
    """Who stands in the export."""

    organisation: str
    """Who runs the hub: the billing account, and who provides, hosts and bills."""
    publisher: str = "Gatehouse"


class Focus:
    """Makes rows, each with every column of :attr:`columns`.

    Args:
        policy: dated prices and their currencies, titles of groups.
        names: who stands in the export.
        version: of the specification, one of :data:`VERSIONS`.
        kept: the prices that months were closed with.
    """

    def __init__(
        self,
        policy: Policy,
        names: Names,
        version: str = "1.2",
        kept: Mapping[str, tuple[Price, ...]] = MappingProxyType({}),
    ) -> None:
        self.columns = (*COLUMNS, *(COLUMNS_1_3 if version == "1.3" else ()), *OWN_COLUMNS)
        self._policy = policy
        self._names = names
        self._rates = Rates(policy, kept)
        self._tellers: dict[str, Teller] = {}

    @property
    def totals(self) -> dict[str, Decimal]:
        """Currency -> sum of the rows made so far."""
        return {currency: teller.total for currency, teller in self._tellers.items()}

    def usage(self, interval: Interval, stretches: Iterable[tuple[datetime, datetime]]) -> Iterator[list[str | None]]:
        """Yield the rows of one unit.

        Args:
            interval: the unit.
            stretches: from when to when it is charged here, without overlap.
        """
        for start, end in stretches:
            for first, last in pieces(start, end, HOUR):
                yield self._row(interval, first, last, billed=first)

    def correction(self, one: Correction) -> Iterator[list[str | None]]:
        """Yield the rows of a correction: the charge period is the original one, the billing period is today's."""
        for first, last in pieces(one.since, one.until, HOUR):
            yield self._row(one.interval, first, last, billed=one.at, correction=one)

    def _row(
        self, one: Interval, first: datetime, last: datetime, *, billed: datetime, correction: Correction | None = None
    ) -> list[str | None]:
        sign = -1 if correction is not None and not correction.added else 1
        values = {
            **self._money(one, first, sign * ((last - first) // TICK)),
            **self._who(one),
            **_what(one, last - first),
            "InvoiceId": month_key(billed),  # the report of a month is what is billed; provisional until it is closed
            "BillingPeriodStart": _time(month_start(billed)),
            "BillingPeriodEnd": _time(month_end(billed)),
            "ChargePeriodStart": _time(_hour(first)),
            "ChargePeriodEnd": _time(_hour(first) + HOUR),
            "ChargeClass": "Correction" if correction else None,
            "x_StartedAt": first.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "x_EndedAt": last.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "x_CorrectedMonth": correction.month if correction else None,
        }
        return [values.get(column) for column in self.columns]

    def _money(self, one: Interval, first: datetime, ticks: int) -> dict[str, str]:
        day, rate = first.astimezone(UTC).date(), rate_of(one)
        hour, currency = self._rates.hour(rate, day), self._rates.currency(day)
        teller = self._tellers.setdefault(currency, Teller())
        cost = _plain(teller.tell(self._rates.cost(rate, day, ticks)))
        sku = f"{one.profile}/{one.kind.value}"
        return {
            **dict.fromkeys(_COSTS, cost),
            **dict.fromkeys(_UNIT_PRICES, _plain(hour)),
            "BillingCurrency": currency,
            "PricingCurrency": currency,
            "PricingCategory": "Dynamic" if one.spot else "Standard",
            "PricingQuantity": _plain(_PRECISE.divide(Decimal(ticks), TICKS_PER_HOUR).quantize(_HOURS_STEP)),
            "PricingUnit": "Hours",
            "ConsumedQuantity": _plain(Decimal(ticks) / 1_000_000),
            "ConsumedUnit": "Seconds",
            "SkuId": sku,
            "SkuMeter": f"{one.kind.value.capitalize()} hours",
            "SkuPriceId": f"{sku}/{self._rates.since(day)}/{_plain(hour)}{'/spot' if one.spot else ''}",
        }

    def _who(self, one: Interval) -> dict[str, str | None]:
        names = self._names
        return {
            "BillingAccountId": names.organisation,
            "BillingAccountName": names.organisation,
            "BillingAccountType": "Organisation",
            "InvoiceIssuerName": names.organisation,
            "ProviderName": names.organisation,
            "PublisherName": names.publisher,
            "ServiceProviderName": names.organisation,
            "HostProviderName": names.organisation,
            "SubAccountId": one.group,
            "SubAccountName": self._policy.group_title(one.group),
            "SubAccountType": "Group",
            "x_User": one.user,
            "x_Group": one.group,
            "x_ClusterId": cluster_of(one),
            "x_Profile": one.profile,
            "x_EventSource": one.source.value,
        }


def _what(one: Interval, lasted: Any) -> dict[str, str | None]:
    service, kind = _TYPES[one.kind]
    shape = one.shape
    details: dict[str, Any] = {"CoreCount": float(shape.cores), "MemorySize": shape.memory / _GIB}
    if shape.gpus:
        details["GpuCount"] = sum(shape.gpus.values())
    size = f"{format_cores(shape.cores)}, {format_size(shape.memory)}"
    return {
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargeDescription": f"{kind} {one.profile}, {size}, {_plain(Decimal(lasted // TICK) / 1_000_000)} s",
        "ResourceId": one.unit,
        "ResourceName": one.name or cluster_of(one),
        "ResourceType": kind,
        "ServiceCategory": "Compute",
        "ServiceName": service,
        "ServiceSubcategory": "Other (Compute)",
        "SkuPriceDetails": json.dumps(details, sort_keys=True),
        "Tags": "{}",
    }


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _time(at: datetime) -> str:
    """Return a time as FOCUS writes it (DateTimeFormat): ``2026-11-20T14:00:00Z``."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _plain(value: Decimal) -> str:
    """Return a number without exponent (NumericFormat), with a point: readers tell a column's type by its values."""
    text = format(value, "f")
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"
