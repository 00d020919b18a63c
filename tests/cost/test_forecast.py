"""What the month is expected to cost, told by hand: one core costs 0.04 an hour, from 10 November 0.06."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost.budgets import month_start
from hub_ext.cost.forecast import forecast, lives_since, usual_lives, window_start
from hub_ext.cost.money import Rates, cut
from hub_ext.cost.spending import Spending
from hub_ext.policy.document import Policy, Price
from tests.cost.samples import PRICES, at, interval, spending
from tests.policy.samples import policy


def with_lifetime(longest: timedelta | None = None) -> Policy:
    """Return the sample policy with prices that are easy to add up, and a longest life of ``standard``."""
    profiles = dict(policy().profiles)
    lifetime: Any = None if longest is None else {"max": longest}
    profiles["standard"] = type(profiles["standard"]).model_validate(
        profiles["standard"].model_dump() | {"lifetime": lifetime}
    )
    return policy().model_copy(update={"prices": PRICES, "profiles": profiles})


def expected(rules: Policy, ran: list[Interval], now: datetime) -> Decimal:
    """Return the forecast of a group that ran this."""
    lives = [
        (one.profile, one.ended_at - one.started_at)
        for one in ran
        if one.kind is not UnitKind.worker and one.ended_at is not None and one.ended_at > lives_since(now)
    ]
    running = [one for one in ran if one.ended_at is None or one.ended_at > now]
    return forecast(rules, spending(ran, since=window_start(now), until=now), running, usual_lives(lives))


def spent(ran: list[Interval], now: datetime) -> Decimal:
    """Return what the month cost so far."""
    return cut(spending(ran, since=month_start(now), until=now).spent())


def base(start: str, end: str | None = None) -> Interval:
    """Return a scheduler of one core."""
    return interval(start, end).model_copy(update={"kind": UnitKind.scheduler, "lease": f"d-{start}"})


def test_nothing_ran_and_nothing_is_expected() -> None:
    """Without use the month costs nothing."""
    assert expected(with_lifetime(), [], at("15 12:00")) == 0


def test_the_mean_day_of_the_last_fourteen_goes_on() -> None:
    """28 core-hours at 0.06 in fourteen days make 0.12 a day, for the five days after the 25th."""
    ran = [base("12 00:00", "13 04:00")]
    assert expected(with_lifetime(), ran, at("25 12:00")) == Decimal("1.68") + 5 * Decimal("0.12")


def test_days_of_the_month_before_count_in_the_mean_alone() -> None:
    """Early in a month the fourteen days reach into the last one, which is not part of the sum."""
    ran = [base("2026-10-25T00:00", "2026-10-25T14:00")]
    assert expected(with_lifetime(), ran, at("2 12:00")) == 28 * Decimal("0.04")
    assert window_start(at("2 12:00")) == at("2026-10-19T00:00")
    assert window_start(at("25 12:00")) == at("1 00:00")


def test_the_mean_day_is_of_one_currency() -> None:
    """With another currency from December on, what ran in November is no part of the forecast: half a euro a day."""
    prices = (
        Price(since=date(2026, 1, 1), currency="USD", core_hour=Decimal(9)),
        Price(since=date(2026, 12, 1), core_hour=Decimal("0.5")),
    )
    rules = with_lifetime().model_copy(update={"prices": prices, "currency": "EUR"})
    ran = [base("25 00:00", "30 12:00"), base("2026-12-01T10:00", "2026-12-01T12:00")]
    now = at("2026-12-03T12:00")
    ours = Spending.of(Rates(rules), ran, since=window_start(now), until=now)
    assert forecast(rules, ours, (), {}) == 1 + 28 * Decimal("0.5")


@pytest.mark.parametrize(
    ("ended", "longest", "hours"),
    [
        ([], None, 12),
        ([], timedelta(hours=8), 6),
        ([], timedelta(hours=1), 0),
        ([("25 01:00", "25 04:00")], None, 1),
        ([("25 01:00", "25 04:00")], timedelta(hours=2, minutes=30), Decimal("0.5")),
        ([("25 01:00", "25 02:00"), ("25 01:00", "25 05:00"), ("25 01:00", "25 06:00")], None, 2),
        ([("25 01:00", "25 02:00")], None, 0),
    ],
    ids=[
        "nothing known: until the end of today",
        "its longest life",
        "longest life over already",
        "as long as usual",
        "at most its longest life",
        "the median of three",
        "older than usual: nothing more",
    ],
)
def test_what_runs_goes_on_until_its_expected_end(
    ended: list[tuple[str, str]], longest: timedelta | None, hours: Decimal | int
) -> None:
    """A cluster that started at 10:00 costs 0.06 for each further hour that it is expected to run after 12:00."""
    ran = [*(base(start, end) for start, end in ended), base("25 10:00")]
    rules, now = with_lifetime(longest), at("25 12:00")
    so_far = spent(ran, now)
    assert expected(rules, ran, now) == so_far + hours * Decimal("0.06")


def test_workers_go_on_as_long_as_their_cluster() -> None:
    """A worker that joined late ends with its cluster, not with a life of its own."""
    worker = interval("25 11:30").model_copy(update={"lease": "d-25 10:00"})
    ran = [base("25 01:00", "25 04:00"), base("25 10:00"), worker]
    now = at("25 12:00")
    so_far = spent(ran, now)
    assert expected(with_lifetime(), ran, now) == so_far + 2 * Decimal("0.06")


def test_nothing_is_expected_beyond_the_month() -> None:
    """On the last day only the rest of it counts, at this month's price."""
    ran = [base("30 12:00")]
    found = expected(with_lifetime(timedelta(days=9)), ran, at("30 18:00"))
    assert found == 12 * Decimal("0.06")


hours = st.integers(0, 29 * 24)
drawn = st.lists(st.tuples(hours, st.none() | hours), max_size=8)


@given(drawn=drawn, now=st.integers(1, 29 * 24))
def test_a_forecast_is_never_below_what_is_spent(drawn: list[tuple[int, int | None]], now: int) -> None:
    """And the same figures give the same forecast, whatever their order."""

    def when(hour: int) -> datetime:
        return at("1 00:00") + timedelta(hours=hour)

    ran = [interval(when(a), None if b is None else when(max(a, b))) for a, b in drawn if a < now]
    found = expected(with_lifetime(), ran, when(now))
    assert found >= spent(ran, when(now))
    assert expected(with_lifetime(), list(reversed(ran)), when(now)) == found
