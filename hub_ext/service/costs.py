"""What a person reads of their own money beside the budgets: a month day by day, idle time, and refused starts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from hub_ext import clock
from hub_ext.contract.account import Refusal
from hub_ext.contract.costs import CostLine, MonthCosts
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.quantities import DAY, TICK
from hub_ext.cost import budgets, daily, unused
from hub_ext.cost.daily import Line
from hub_ext.cost.money import Rates
from hub_ext.cost.quantities import Quantity, clipped, pieces, rate_of
from hub_ext.policy.document import Policy
from hub_ext.usage import activity, corrections, decisions, leases, ledger, rollups
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.leases import LeaseRecord

LINES = 20
"""Servers and clusters with a line of their own."""
MONTHS = 24
"""The most months that can be chosen."""
_REFUSED = 5
"""Refused starts that are told."""


class Costs:
    """Reads a person's months.

    Args:
        database: the ledger's database, migrated.
        policy: answers the policy in force.
    """

    def __init__(self, database: Database, policy: Callable[[], Policy]) -> None:
        self._database = database
        self._policy = policy

    def month(self, user: str, month: str) -> MonthCosts:
        """Return a month of one person, from daily sums and from what runs.

        A month that was closed is priced as it was closed; what was found later is a correction and not in it.

        Args:
            user: whose; nothing of anybody else is read.
            month: ``2026-11``, in UTC; empty: this month.

        Raises:
            InvalidRequest: it is no month, or has not begun.
        """
        now, policy = clock.now(), self._policy()
        month = month or budgets.month_key(now)
        since, end = _bounds(month, now)
        until = min(end, now)
        after = (until - TICK).date() + DAY
        with self._database.read() as connection:
            used = rollups.of_leases(connection, since.date(), after, user=user, by_ref=False)
            used += _running(connection, user, since, until)
            rates = Rates(policy, corrections.kept_prices(connection))
            days = (after - since.date()).days
            found = daily.lines(rates, used, first=since.date(), days=days, most=LINES)
            records = leases.several(connection, {line.lease for line in found if line.lease})
            first = rollups.first_day(connection, user)
        return MonthCosts(
            as_of=now,
            currency=policy.currency_at(since),
            month=month,
            months=_months(now, min(month, f"{first:%Y-%m}" if first else month)),
            days=days,
            lines=tuple(_line(policy, line, records.get(line.lease)) for line in found),
            total=daily.total(found),
        )


def idle_costs(connection: Connection, policy: Policy, user: str, now: datetime) -> Mapping[str, Decimal]:
    """Return what the person's idle and starting workers cost each group this month: those that started in it."""
    since = max(filter(None, (budgets.month_start(now), policy.currency_since(now))))
    return unused.by_group(Rates(policy), activity.unused(connection, user, since, now))


def refusals(connection: Connection, policy: Policy, user: str, since: datetime) -> tuple[Refusal, ...]:
    """Return the person's starts that were not allowed since then, newest first; a few."""
    return tuple(
        Refusal(
            id=row.id,
            at=row.at,
            kind=row.kind,
            title=policy.profile_title(row.profile),
            name=row.name,
            reason=row.reason,
            message=row.message,
        )
        for row in decisions.newest(connection, _REFUSED, user=user, refused_since=since)
    )


def _bounds(month: str, now: datetime) -> tuple[datetime, datetime]:
    try:
        since, end = budgets.month_bounds(month)
    except ValueError as error:
        raise InvalidRequest(f"{month!r} is no month; write {budgets.month_key(now)}.") from error
    if since >= now:
        raise InvalidRequest(f"The month {month} has not begun; choose {budgets.month_key(now)} or an earlier one.")
    return since, end


def _running(connection: Connection, user: str, since: datetime, until: datetime) -> list[Quantity]:
    """Return what of a span the person's running work took, by lease."""
    found = []
    for one in ledger.running(connection, user=user):
        start, end = clipped(one.started_at, None, since, until)
        for first, last in pieces(start, end, DAY):
            found.append(Quantity(first.date(), one.group, user, one.lease, rate_of(one), (last - first) // TICK))
    return found


def _months(now: datetime, first: str) -> tuple[str, ...]:
    """Return the months from this one back to the first, so many at most."""
    found = [budgets.month_start(now)]
    while len(found) < MONTHS and budgets.month_key(found[-1]) > first:
        found.append(budgets.month_start(found[-1] - TICK))
    return tuple(budgets.month_key(month) for month in found)


def _line(policy: Policy, line: Line, record: LeaseRecord | None) -> CostLine:
    return CostLine(
        lease=line.lease,
        kind=line.kind,
        group=line.group,
        group_title=policy.group_title(line.group),
        name=record.lease.name if record else "",
        title=policy.profile_title(line.profile) if line.lease else "",
        count=line.count,
        cost=line.cost,
        daily=line.daily,
    )
