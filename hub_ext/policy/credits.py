"""Burst credits: what a group saves up while it uses less than its quota, and spends on short bursts above it.

Counted in core-minutes for people and in core-seconds here, where sums are exact: cores in thousandths times
microseconds stay within the 28 digits of Python's default context. The balance is a pure fold over the use of cores in
time, linear between two changes of it:

- below its nominal quota the group accrues what it leaves unused, up to the cap; what comes on top is lost;
- at the nominal nothing moves;
- above, what it borrows drains. In ``standard`` mode the balance stops at zero, and so does the burst. In
  ``overdraft`` mode the burst goes on and the balance falls below zero; that debt is paid back by accruing first.

Only what really ran counts: waiting work costs nothing. The model is that of the CPU credits of Amazon EC2's burstable
instances ("standard" and "unlimited" there), for a group's cores instead of one machine's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from hub_ext.policy.document import Group
from hub_ext.policy.horizon import HORIZON
from hub_ext.policy.uses import Use, steps

MINUTE = 60
"""Core-seconds of a core-minute."""
_NOTHING = Decimal(0)
_HORIZON = Decimal(HORIZON // timedelta(seconds=1))
_MILLI = 1000


@dataclass(frozen=True)
class Terms:
    """What the policy says of a group's credits."""

    nominal: Decimal
    """Cores."""
    cap: Decimal
    """The most that is saved up, core-seconds."""
    overdraft: bool = False

    def after(self, balance: Decimal, used: Decimal, seconds: Decimal) -> Decimal:
        """Return the balance after so many seconds of one use, both in core-seconds."""
        rate = self.nominal - used
        moved = balance + rate * seconds
        if rate >= 0:
            return min(self.cap, moved)
        return moved if self.overdraft else max(min(balance, _NOTHING), moved)


@dataclass(frozen=True)
class Credits:
    """A group's credits at an instant."""

    balance: Decimal
    """Core-seconds; below zero is a debt."""
    terms: Terms

    @property
    def ended(self) -> bool:
        """Whether a burst must end: nothing is left, and the group may not overdraw."""
        return self.balance <= 0 and not self.terms.overdraft

    @property
    def carried(self) -> Decimal:
        """The borrowed cores that the credits carry for the horizon, cut to thousandths."""
        if self.balance <= 0:
            return _NOTHING
        return self.balance * _MILLI // _HORIZON / _MILLI

    def most(self, borrowed: Decimal) -> Decimal:
        """Return the most that the group may borrow, given what it borrows already.

        More is granted where the credits carry all of it for the horizon. What was granted stays while anything is
        left, so a grant does not shrink as the credits drain; with overdraft it stays on.
        """
        return _NOTHING if self.ended else max(borrowed, self.carried)

    def minutes(self, borrowed: Decimal) -> Decimal | None:
        """Return how many minutes the credits carry so many borrowed cores; None: none are borrowed."""
        return max(_NOTHING, self.balance) / MINUTE / borrowed if borrowed > 0 else None

    def wait(self, cores: Decimal) -> timedelta | None:
        """Return after what time they carry these borrowed cores, if nothing runs; None: never."""
        lacks = cores * _HORIZON - self.balance
        if lacks > self.terms.cap - self.balance or not self.terms.nominal:
            return None
        return timedelta(seconds=float(max(_NOTHING, lacks) / self.terms.nominal))


def terms_of(rules: Group) -> Terms | None:
    """Return the terms of a group's credits; None where it has none, and borrows without them."""
    if rules.burst is None or rules.cohort is None or rules.quota.cores is None:
        return None
    return Terms(rules.quota.cores, Decimal(rules.burst.core_minutes * MINUTE), rules.burst.mode == "overdraft")


def balance_at(
    start: Decimal | None, terms: Terms, uses: Iterable[Use], *, since: datetime, until: datetime
) -> Decimal:
    """Return the balance at ``until`` in core-seconds.

    Cut anywhere into two folds, it is the same.

    Args:
        start: the balance at ``since``; None: the group is new, and starts full.
        terms: that hold all the time.
        uses: what of the group ran, in any order.
        since: aware.
        until: aware; not after ``since``, as where the clock was set back, nothing is added.
    """
    left = terms.cap if start is None else min(start, terms.cap)
    for step in steps(uses, since=since, until=until):
        left = terms.after(left, step.cores, step.seconds)
    return left
