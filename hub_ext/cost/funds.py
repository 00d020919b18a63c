"""What a budget amounts to at an instant: the policy's month and the top-ups that hold.

A top-up counts from the moment it was made to its expiry, and only in its calendar month (UTC). A person's top-up
raises that person's own budget and not the group's, so that no money comes to be by giving it to somebody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub_ext.contract.funds import TopUp
from hub_ext.policy.document import Budget
from hub_ext.policy.months import month_key


@dataclass(frozen=True)
class Funds:
    """One budget of one month: the group's, or one person's within it."""

    base: Decimal
    topups: tuple[TopUp, ...] = ()

    def topped_up(self, at: datetime) -> Decimal:
        """Return what the top-ups add at an instant."""
        return sum((one.amount for one in self.topups if holds(one, at)), Decimal(0))

    def amount(self, at: datetime) -> Decimal:
        """Return the whole budget at an instant."""
        return self.base + self.topped_up(at)

    def changes(self, since: datetime, until: datetime) -> list[datetime]:
        """Return the instants in ``(since, until]`` at which the amount changes, in order."""
        ends = (one.expires_at for one in self.topups)
        instants = {*(one.at for one in self.topups), *(end for end in ends if end is not None)}
        return sorted(instant for instant in instants if since < instant <= until)


def holds(topup: TopUp, at: datetime) -> bool:
    """Whether a top-up counts at an instant."""
    begun = topup.at <= at and month_key(topup.at) == month_key(at)
    return begun and (topup.expires_at is None or at < topup.expires_at)


def group_funds(budget: Budget, group: str, topups: Iterable[TopUp]) -> Funds:
    """Return the group's budget."""
    return Funds(budget.monthly, tuple(one for one in topups if one.group == group and not one.user))


def person_funds(budget: Budget, group: str, user: str, topups: Iterable[TopUp]) -> Funds | None:
    """Return the person's own budget in the group; None where the policy gives people none."""
    if budget.per_user is None or not user:
        return None
    return Funds(budget.per_user, tuple(one for one in topups if one.group == group and one.user == user))
