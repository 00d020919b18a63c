"""Decayed usage: who has used much of late stands further back when equals wait for the same cores.

Core-seconds that lose half of their weight in every half-life, as Slurm's ``PriorityDecayHalfLife`` does with its
default of seven days (slurm.conf(5), "Multifactor Priority Plugin"). Floats are good enough: this figure orders a
queue and pays for nothing. What budgets count never decays.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import exp2, expm1, log

from hub_ext.policy.horizon import HORIZON
from hub_ext.policy.uses import Use, steps

HALF_LIFE = timedelta(days=7)
"""The time after which a core-second counts half."""
PENALTY = HORIZON / timedelta(seconds=1)
"""Seconds that a core counts for at once when it is granted: the entry penalty. So of two clusters that wait in one
instant the second sees what the first was given, before anything of it has run."""


def usage(
    start: float, uses: Iterable[Use], *, since: datetime, until: datetime, half_life: timedelta = HALF_LIFE
) -> float:
    """Return the decayed usage at ``until``, in core-seconds.

    Cut into two folds, it is the same but for the last digits.

    Args:
        start: the usage at ``since``.
        uses: what of the group ran, in any order.
        since: aware.
        until: aware; not after ``since``, nothing changes.
        half_life: the time after which a core-second counts half.
    """
    constant = half_life.total_seconds() / log(2)
    counted = start
    for step in steps(uses, since=since, until=until):
        lives = float(step.seconds) / half_life.total_seconds()
        counted = counted * exp2(-lives) - float(step.cores) * constant * expm1(-lives * log(2))
    return counted
