"""What a group will have spent at the end of the month, by a method that fits into a sentence.

*Spent so far, plus what runs now until its expected end, plus the mean day of the last 14 for each whole day that is
left.* The expected end of what runs is its start and the usual (median) duration of its profile in the same 14 days, at
most the profile's longest life; where nothing of the profile has ended in these days, the longest life, and without one
the end of today. It never lies in the past, and never beyond the month. The 14
days are whole days (UTC) before today; where the prices' currency changed within them, the days since then.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost.budgets import month_end, month_start, spent
from hub_ext.cost.pricing import GRID, cost
from hub_ext.policy.document import Policy

WINDOW = timedelta(days=14)
"""The days whose mean is expected to go on."""
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_STEP = Decimal(1).scaleb(-GRID)


def window_start(now: datetime) -> datetime:
    """Return from when intervals are needed: the month's start, or fourteen days before today."""
    return min(month_start(now), _today(now) - WINDOW)


def forecast(policy: Policy, group: str, intervals: Sequence[Interval], *, now: datetime) -> Decimal:
    """Return the expected cost of the group's whole month, at the prices that are known.

    Args:
        policy: prices, and the longest life of profiles.
        group: name of the policy group; other groups' intervals are left out.
        intervals: what ran since :func:`window_start`, and what runs.
        now: the moment.
    """
    ours, prices = [one for one in intervals if one.group == group], policy.prices
    end = month_end(now)
    so_far = spent(ours, prices, since=month_start(now), until=now)
    usual = _usual(ours, now)
    starts = {one.lease: one.started_at for one in ours if one.kind is not UnitKind.worker}
    going_on = sum(
        (
            cost(one, prices, since=now, until=min(end, _expected_end(policy, one, starts, usual, now)))
            for one in ours
            if one.ended_at is None
        ),
        Decimal(0),
    )
    today = _today(now)
    since = max(filter(None, (today - WINDOW, policy.currency_since(now))))
    days = max(1, (today - since) // _DAY)
    mean = spent(ours, prices, since=since, until=today) / days
    days_left = (end - today) // _DAY - 1
    return (so_far + going_on + mean * days_left).quantize(_STEP).normalize()


def _today(now: datetime) -> datetime:
    first = month_start(now)
    return first + (now - first) // _DAY * _DAY


def _usual(intervals: Sequence[Interval], now: datetime) -> Mapping[str, timedelta]:
    """Return the median duration of each profile's servers or clusters that ended in the window."""
    durations: dict[str, list[int]] = defaultdict(list)
    for one in intervals:
        if one.kind is not UnitKind.worker and one.ended_at is not None and one.ended_at > _today(now) - WINDOW:
            durations[one.profile].append((one.ended_at - one.started_at) // _TICK)
    return {profile: median(found) * _TICK for profile, found in durations.items()}


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
