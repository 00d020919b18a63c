"""How much more a budget pays for: the group's, and the person's within it.

Before a start the money of the next five minutes must be there (the *reserve*), so that a budget is overdrawn by no
more than what runs in five minutes. ``on_exhausted: warn`` never refuses. What is spent never decays; a budget begins
anew on the first of the month, 00:00 UTC. Top-ups of the month count as part of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from hub_ext.policy.document import Budget
from hub_ext.policy.horizon import HORIZON
from hub_ext.policy.limits import Standing

_SHARE_OF_HOUR = Fraction(HORIZON // timedelta(seconds=1), 3600)


@dataclass(frozen=True)
class Purse:
    """One budget and what is spent of it."""

    scope: Literal["per_user", "monthly"]
    amount: Decimal
    spent: Decimal
    binding: bool
    """False where the policy only warns."""

    @property
    def rule(self) -> str:
        """The policy key: ``budget.monthly``."""
        return f"budget.{self.scope}"

    @property
    def left(self) -> Decimal:
        """What is left; never below zero."""
        return max(Decimal(0), self.amount - self.spent)

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return self.spent >= self.amount

    def room(self, rate: Decimal) -> int | None:
        """Return how many more things at this price per hour may start; None: any number."""
        if not self.binding:
            return None
        if self.exhausted:
            return 0
        reserve = Fraction(rate) * _SHARE_OF_HOUR
        return None if reserve == 0 else Fraction(self.left) // reserve

    def level(self, warn_at: tuple[Decimal, ...]) -> Decimal | None:
        """Return the highest warning level that has been passed."""
        return max((share for share in warn_at if self.spent >= share * self.amount), default=None)


def purses(budget: Budget | None, standing: Standing) -> Iterator[Purse]:
    """Yield the budgets that a start is paid from: the person's first."""
    if budget is None:
        return
    binding = budget.on_exhausted != "warn"
    if budget.per_user is not None:
        yield Purse("per_user", budget.per_user + standing.person_topped_up, standing.person_spent, binding)
    yield Purse("monthly", budget.monthly + standing.topped_up, standing.spent, binding)
