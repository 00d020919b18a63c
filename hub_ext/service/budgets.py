"""The month's budgets, from rows: what each pays for, how far it is used, and what people read of that.

What is used up since when follows from intervals, prices and top-ups alone, so a restart changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from hub_ext.contract.account import Balance
from hub_ext.contract.funds import BudgetWarning, TopUp
from hub_ext.contract.usage import Interval
from hub_ext.cost import budgets
from hub_ext.cost.exhaustion import exhausted_at
from hub_ext.cost.forecast import forecast
from hub_ext.cost.funds import Funds, group_funds, person_funds
from hub_ext.policy import exhaustion
from hub_ext.policy.document import Budget, Policy
from hub_ext.policy.exhaustion import UsedUp
from hub_ext.policy.purse import Purse
from hub_ext.usage.topups import Passed

_WHOLE = Decimal(1)


@dataclass(frozen=True)
class Month:
    """Everything that a month's budgets depend on."""

    policy: Policy
    intervals: Sequence[Interval]
    """Of the month; what a forecast needs from before it may be among them."""
    topups: Sequence[TopUp]
    now: datetime

    @property
    def since(self) -> datetime:
        """The month's start."""
        return budgets.month_start(self.now)

    def balance(self, group: str, user: str) -> Balance:
        """Return how the group, and the person in it, stand, with what the group's month is expected to cost."""
        ours = [one for one in self.intervals if one.group == group]
        balance = budgets.balance(self.policy, group, user, ours, now=self.now, topups=self.topups)
        return balance.model_copy(update={"forecast": forecast(self.policy, group, ours, now=self.now)})

    def own(self, group: str, user: str) -> Balance:
        """Return how a person in the group stands; the group's own figures are not in it, nor a forecast."""
        ours = [one for one in self.intervals if one.group == group and one.user == user]
        return budgets.balance(self.policy, group, user, ours, now=self.now, topups=self.topups)


@dataclass(frozen=True)
class Pot:
    """One budget of the month with everything that it pays for."""

    month: Month
    group: str
    user: str
    """Whose own budget it is; empty: the group's."""
    rules: Budget
    funds: Funds
    intervals: Sequence[Interval]

    @cached_property
    def purse(self) -> Purse:
        """The budget and what is spent of it now."""
        month = self.month
        spent = budgets.spent(self.intervals, month.policy.prices, since=month.since, until=month.now)
        binding = self.rules.on_exhausted != "warn"
        return Purse("per_user" if self.user else "monthly", self.funds.amount(month.now), spent, binding)

    def reached_at(self, share: Decimal) -> datetime | None:
        """Return since when this share of it is spent; None: it is not."""
        month = self.month
        return exhausted_at(
            self.intervals, month.policy.prices, self.funds, since=month.since, until=month.now, share=share
        )

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
    budget, ours = rules.budget, [one for one in month.intervals if one.group == group]
    yield Pot(month, group, "", budget, group_funds(budget, group, month.topups), ours)
    for user in users:
        funds = person_funds(budget, group, user, month.topups)
        if funds is not None:
            yield Pot(month, group, user, budget, funds, [one for one in ours if one.user == user])


def warnings(month: Month, groups: Sequence[str], recorded: Sequence[Passed], user: str) -> tuple[BudgetWarning, ...]:
    """Return what a person reads: the highest level of each budget that is passed now, newest first.

    Args:
        month: with the intervals of the groups.
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
        message = exhaustion.notice(policy, pot.used_up)
    else:
        message = exhaustion.warning(policy, pot.group, pot.purse, row.at)
    return BudgetWarning(level=float(row.level), group=row.group, user=row.user, message=message, at=row.at)
