"""This month's money of one group, and of one person in it.

A month is a calendar month in UTC. What ran over its first midnight counts from midnight on.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hub_ext.contract.account import Balance
from hub_ext.contract.funds import TopUp
from hub_ext.cost.funds import group_funds, person_funds
from hub_ext.cost.money import Teller, cut
from hub_ext.cost.quantities import DAY
from hub_ext.cost.spending import Spending
from hub_ext.policy.document import Policy
from hub_ext.policy.months import month_bounds, month_end, month_key, month_name, month_start

__all__ = ["balance", "month_bounds", "month_end", "month_key", "month_name", "month_start"]


def balance(
    policy: Policy,
    group: str,
    ours: Spending,
    mine: Spending | None = None,
    *,
    topups: Sequence[TopUp] = (),
    user: str = "",
) -> Balance:
    """Return how the group, and the person in it, stand this month.

    Args:
        policy: titles, prices and budgets; a group that has left it has no budget.
        group: name of the policy group.
        ours: what the group spent, until the moment of the answer.
        mine: what the person did in the group; None: nothing.
        topups: of the month, of any group; those that hold now are part of the budgets.
        user: the person; of nobody, everything of their own is zero.
    """
    now = ours.until
    first = month_start(now)
    rules = policy.groups.get(group)
    budget = rules.budget if rules else None
    whole = group_funds(budget, group, topups) if budget else None
    own = person_funds(budget, group, user, topups) if budget else None
    daily, teller = _daily(mine, now)
    return Balance(
        group=group,
        title=policy.group_title(group),
        month=month_key(now),
        spent=cut(ours.spent(since=first)),
        budget=whole.amount(now) if whole else None,
        topped_up=whole.topped_up(now) if whole else Decimal(0),
        mine=teller.total,
        my_budget=own.amount(now) if own else budget.per_user if budget else None,
        my_topped_up=own.topped_up(now) if own else Decimal(0),
        burn_rate=ours.burn_rate,
        my_burn_rate=mine.burn_rate if mine else Decimal(0),
        warn_at=tuple(float(share) for share in budget.warn_at) if budget else (),
        daily=daily,
    )


def _daily(spending: Spending | None, now: datetime) -> tuple[tuple[Decimal, ...], Teller]:
    """Return the cost of each day (UTC) from the first of the month to today, and who can tell their sum."""
    teller, days = Teller(), spending.days if spending else {}
    first = month_start(now).date()
    return tuple(teller.tell(days.get(first + n * DAY, Fraction(0))) for n in range(now.astimezone(UTC).day)), teller
