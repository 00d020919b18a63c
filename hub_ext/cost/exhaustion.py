"""When a budget, or a share of it, was used up: to the microsecond, from intervals and prices alone.

The moment depends on nothing that a process remembers, so it is the same after a restart, and whoever looks when.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hub_ext.cost.funds import Funds
from hub_ext.cost.spending import Spending


def exhausted_at(spending: Spending, funds: Funds, *, share: Decimal = Decimal(1)) -> datetime | None:
    """Return since when, without a break, this share of the budget is spent at the curve's end; None: it is not.

    A top-up that covers what was spent ends a stretch; its expiry, or further work, begins another. One that covers too
    little changes nothing, so small top-ups give no further grace.

    Args:
        spending: everything that the budget pays for, from the start of the month to the moment of the question.
        funds: the budget with its top-ups.
        share: of the budget, 0.8 for 80 %.
    """
    found = None
    begins = [spending.since, *funds.changes(spending.since, spending.until)]
    for begin, end in reversed(list(pairwise([*begins, spending.until]))):
        amount = Fraction(funds.amount(begin) * share)
        if spending.spent(end) < amount:
            return found
        if spending.spent(begin) < amount:
            return spending.reached(amount)
        found = begin
    return found
