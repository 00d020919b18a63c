"""What a group will have spent at the end of the month, by a method that fits into a sentence.

*Spent so far, plus what runs now until its expected end, plus the mean day of the last 14 for each whole day that is
left.* The expected end of what runs is its start and the usual (median) duration of its profile in the same 14 days, at
most the profile's longest life; where nothing of the profile has ended in these days, the longest life, and without one
the end of today. It never lies in the past, and never beyond the month. The 14
days are whole days (UTC) before today; where the prices' currency changed within them, the days since then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost.budgets import month_end, month_start
from hub_ext.cost.money import cut
from hub_ext.cost.pricing import cost
from hub_ext.cost.spending import Spending
from hub_ext.policy.document import Policy

WINDOW = timedelta(days=14)
"""The days whose mean is expected to go on."""
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


def window_start(now: datetime) -> datetime:
    """Return from when intervals are needed: the month's start, or fourteen days before today."""
    return min(month_start(now), _today(now) - WINDOW)


def forecast(policy: Policy, ours: Spending, running: Sequence[Interval], usual: Mapping[str, timedelta]) -> Decimal:
    """Return the expected cost of a group's whole month, at the prices that are known.

    Args:
        policy: prices, and the longest life of profiles.
        ours: what the group spent since :func:`window_start`, until the moment of the answer.
        running: the group's intervals that have not ended by then.
        usual: how long servers and clusters of each profile usually run (:func:`usual_lives`).
    """
    now = ours.until
    end, today = month_end(now), _today(now)
    starts = {one.lease: one.started_at for one in running if one.kind is not UnitKind.worker}
    going_on = sum(
        (
            cost(one, policy.prices, since=now, until=min(end, _expected_end(policy, one, starts, usual, now)))
            for one in running
        ),
        Decimal(0),
    )
    since = max(filter(None, (today - WINDOW, policy.currency_since(now))))
    days = max(1, (today - since) // _DAY)
    mean = ours.spent(today, since=since) / days
    days_left = (end - today) // _DAY - 1
    return cut(ours.spent(since=month_start(now)) + Fraction(going_on) + mean * days_left)


def usual_lives(lives: Iterable[tuple[str, timedelta]]) -> Mapping[str, timedelta]:
    """Return the median life of each profile's servers or clusters.

    Args:
        lives: profile and life of each that ended since :func:`lives_since`.
    """
    found: dict[str, list[int]] = defaultdict(list)
    for profile, life in lives:
        found[profile].append(life // _TICK)
    return {profile: median(ticks) * _TICK for profile, ticks in found.items()}


def lives_since(now: datetime) -> datetime:
    """Return from when on what ended counts among the usual lives."""
    return _today(now) - WINDOW


def _today(now: datetime) -> datetime:
    first = month_start(now)
    return first + (now - first) // _DAY * _DAY


def _expected_end(
    policy: Policy,
    one: Interval,
    starts: Mapping[str, datetime],
    usual: Mapping[str, timedelta],
    now: datetime,
) -> datetime:
    rules = policy.profiles.get(one.profile)
    longest = rules.lifetime_max if rules else timedelta(0)
    lasts = usual.get(one.profile) or longest
    if longest:
        lasts = min(lasts, longest)
    if not lasts:
        return _today(now) + _DAY
    return max(now, starts.get(one.lease, one.started_at) + lasts)
