"""Reports: quantities in, lines and totals out. The same quantities give the same total, however lines are grouped."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from hub_ext.contract.report import By, Report, ReportLine, ReportTotal
from hub_ext.cost.money import Rates, Teller
from hub_ext.cost.quantities import Quantity, Rate
from hub_ext.policy.document import Policy, Price

_Key = tuple[str, ...]
_TICKS_PER_SECOND = 1_000_000


class Sheet:
    """Sums quantities up as they come; memory grows with lines, rate classes and days, not with intervals.

    Args:
        policy: dated prices and their currencies.
        by: what lines stand for; without it there is one line for each currency.
        kept: the prices that months were closed with.
    """

    def __init__(
        self, policy: Policy, by: tuple[By, ...], kept: Mapping[str, tuple[Price, ...]] = MappingProxyType({})
    ) -> None:
        self._rates = Rates(policy, kept)
        self._by = by
        self._ticks: dict[tuple[str, _Key, Rate, date, bool], int] = {}

    def add(self, quantities: Iterable[Quantity]) -> None:
        """Add quantities; their order does not matter."""
        for one in quantities:
            priced_on = one.priced_on or one.day
            key = (self._rates.currency(priced_on), self._key(one), one.rate, priced_on, one.correction)
            self._ticks[key] = self._ticks.get(key, 0) + one.ticks

    def report(self, *, since: datetime, until: datetime, as_of: datetime, closed: tuple[str, ...] = ()) -> Report:
        """Return the report of what was added."""
        lines = tuple(line for currency in sorted({key[0] for key in self._ticks}) for line in self._lines(currency))
        return Report(
            as_of=as_of,
            since=since,
            until=until,
            by=self._by,
            lines=lines,
            totals=tuple(_total(currency, lines) for currency in dict.fromkeys(line.currency for line in lines)),
            closed=closed,
        )

    def _key(self, one: Quantity) -> _Key:
        parts = {
            By.day: one.day.isoformat(),
            By.group: one.group,
            By.user: one.user,
            By.profile: one.rate.profile,
            By.cluster: one.cluster,
        }
        return tuple(parts[by] for by in self._by)

    def _lines(self, currency: str) -> list[ReportLine]:
        """Return the lines of one currency, sorted by their keys. Lines of no time at all are left out."""
        costs: dict[_Key, list[Fraction]] = {}
        times: dict[_Key, list[Decimal]] = {}
        for (of, key, rate, day, correction), ticks in self._ticks.items():
            if of != currency or not ticks:
                continue
            cost = self._rates.cost(rate, day, ticks)
            money, time = costs.setdefault(key, [Fraction(0)] * 2), times.setdefault(key, [Decimal(0)] * 2)
            money[0] += cost
            money[1] += cost if correction else 0
            seconds = Decimal(ticks) / _TICKS_PER_SECOND
            time[0] += seconds
            time[1] += seconds * rate.cores
        tell_cost, tell_correction = Teller().tell, Teller().tell
        return [
            ReportLine(
                currency=currency,
                seconds=times[key][0],
                core_seconds=times[key][1],
                cost=tell_cost(costs[key][0]),
                corrections=tell_correction(costs[key][1]),
            ).model_copy(update=dict(zip((by.value for by in self._by), key, strict=True)))
            for key in sorted(costs)
        ]


def _total(currency: str, lines: tuple[ReportLine, ...]) -> ReportTotal:
    ours = [line for line in lines if line.currency == currency]
    return ReportTotal(
        currency=currency,
        seconds=sum((line.seconds for line in ours), Decimal(0)),
        core_seconds=sum((line.core_seconds for line in ours), Decimal(0)),
        cost=sum((line.cost for line in ours), Decimal(0)),
        corrections=sum((line.corrections for line in ours), Decimal(0)),
    )
