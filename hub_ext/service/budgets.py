"""The month's budgets, from rows: what each pays for, how far it is used, and what people read of that.

What is used up since when follows from intervals, prices and top-ups alone, so a restart changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

from hub_ext.contract.funds import BudgetWarning
from hub_ext.cost.exhaustion import exhausted_at
from hub_ext.cost.funds import Funds, group_funds, person_funds
from hub_ext.cost.money import cut
from hub_ext.cost.spending import Spending
from hub_ext.policy import exhaustion
from hub_ext.policy.document import Budget
from hub_ext.policy.exhaustion import UsedUp
from hub_ext.policy.purse import Purse
from hub_ext.service.month import Month
from hub_ext.usage.topups import Passed

_WHOLE = Decimal(1)


@dataclass(frozen=True)
class Pot:
    """One budget of the month with everything that it pays for."""

    month: Month
    group: str
    user: str
    """Whose own budget it is; empty: the group's."""
    rules: Budget
    funds: Funds
    spending: Spending

    @cached_property
    def purse(self) -> Purse:
        """The budget and what is spent of it now."""
        binding = self.rules.on_exhausted != "warn"
        scope: Literal["per_user", "monthly"] = "per_user" if self.user else "monthly"
        return Purse(scope, self.funds.amount(self.month.now), cut(self.spending.spent()), binding)

    def reached_at(self, share: Decimal) -> datetime | None:
        """Return since when this share of it is spent; None: it is not."""
        return exhausted_at(self.spending, self.funds, share=share)

    @cached_property
    def used_up(self) -> UsedUp | None:
        """The budget, if it is used up."""
        at = self.reached_at(_WHOLE) if self.purse.exhausted else None
        return None if at is None else UsedUp(self.group, self.user, self.purse, at)

    @property
    def passed(self) -> list[Decimal]:
        """The shares at which people are told that have been reached, the lowest first; the last is the whole."""
        levels = sorted({share.normalize() for share in (*self.rules.warn_at, _WHOLE)})
        return [share for share in levels if self.purse.level((share,)) is not None]


def pots(month: Month, group: str, users: Sequence[str]) -> Iterator[Pot]:
    """Yield the group's budget, and that of each of these people in it."""
    rules = month.policy.groups.get(group)
    if rules is None or rules.budget is None:
        return
    budget = rules.budget
    yield Pot(month, group, "", budget, group_funds(budget, group, month.topups), month.groups[group])
    for user in users:
        funds, spending = person_funds(budget, group, user, month.topups), month.people.get((group, user))
        if funds is not None and spending is not None:
            yield Pot(month, group, user, budget, funds, spending)


def warnings(month: Month, groups: Sequence[str], recorded: Sequence[Passed], user: str) -> tuple[BudgetWarning, ...]:
    """Return what a person reads: the highest level of each budget that is passed now, newest first.

    Args:
        month: with the spending of the groups, and of the person in them.
        groups: names of policy groups.
        recorded: the levels that were passed this month; one that a top-up has taken back is not told.
        user: whose own budgets are looked at beside the groups'; empty: nobody's.
    """
    rows = {(row.group, row.user, row.level): row for row in recorded}
    said = []
    for group in groups:
        for pot in pots(month, group, [user] if user else []):
            row = rows.get((group, pot.user, pot.passed[-1])) if pot.passed else None
            if row is not None:
                said.append(_warning(pot, row))
    return tuple(sorted(said, key=lambda warning: warning.at, reverse=True))


def _warning(pot: Pot, row: Passed) -> BudgetWarning:
    policy = pot.month.policy
    if pot.used_up is not None:
        message = exhaustion.notice(policy, replace(pot.used_up, told_at=row.told_at))
    else:
        message = exhaustion.warning(policy, pot.group, pot.purse, row.at)
    return BudgetWarning(level=float(row.level), group=row.group, user=row.user, message=message, at=row.at)
