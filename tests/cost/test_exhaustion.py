"""When a budget was used up: equal to counting every instant, whatever ran and whoever topped it up."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.funds import TopUp
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval
from hub_ext.cost.exhaustion import exhausted_at
from hub_ext.cost.funds import Funds
from hub_ext.cost.pricing import GRID, cost
from hub_ext.policy.document import Price
from tests.cost.samples import PRICES, at, interval, spending

MONTH = at("1 00:00")
TICK = timedelta(microseconds=1)
DEAR = (Price(since=date(2026, 1, 1), core_hour=Decimal(3_600_000_000)),)
"""One core costs one for each microsecond."""
SPAN = 30


def topup(amount: str, made: datetime, expires: datetime | None = None, user: str = "") -> TopUp:
    """Return a top-up of Research's budget, or of a person's in it."""
    return TopUp(
        id=f"{amount}-{made}",
        group="research",
        user=user,
        amount=Decimal(amount),
        reason="a deadline",
        author="adam",
        at=made,
        expires_at=expires,
    )


def moment(intervals: list[Interval], funds: Funds, now: str, share: str = "1") -> datetime | None:
    """Return since when the budget is used up."""
    return exhausted_at(spending(intervals, since=MONTH, until=at(now)), funds, share=Decimal(share))


@pytest.mark.parametrize(
    ("base", "topups", "now", "share", "expected"),
    [
        ("0.08", [], "2 12:00", "1", "2 02:00"),
        ("0.08", [], "2 01:59:59.999999", "1", None),
        ("0.08", [], "2 02:00", "1", "2 02:00"),
        ("0.08", [], "2 12:00", "0.5", "2 01:00"),
        ("0", [], "2 12:00", "1", "1 00:00"),
        ("9", [], "2 12:00", "1", None),
        ("0.08", [topup("0.04", at("2 02:30"))], "2 12:00", "1", "2 03:00"),
        ("0.08", [topup("0.01", at("2 04:00"))], "2 12:00", "1", "2 02:00"),
        ("0.08", [topup("0.08", at("2 01:00"), at("2 03:30"))], "2 03:15", "1", None),
        ("0.08", [topup("0.08", at("2 01:00"), at("2 03:30"))], "2 12:00", "1", "2 03:30"),
        ("0.08", [topup("9", at("2 03:00"))], "2 03:00", "1", None),
    ],
    ids=[
        "two hours of one core",
        "a microsecond before",
        "at the instant itself",
        "half of it",
        "nothing from the start",
        "plenty",
        "a top-up that covers begins another stretch",
        "one that covers too little changes nothing",
        "a surge that still holds",
        "its expiry is the moment",
        "a top-up at the very instant",
    ],
)
def test_moment(base: str, topups: list[TopUp], now: str, share: str, expected: str | None) -> None:
    """The moment can be told by hand: one core at 0.04 an hour from 2 November, 00:00."""
    found = moment([interval("2 00:00")], Funds(Decimal(base), tuple(topups)), now, share)
    assert found == (at(expected) if expected else None)


ticks = st.integers(0, SPAN)
pieces = st.lists(st.tuples(ticks, st.none() | ticks, st.integers(1, 3)), max_size=6)
amounts = st.integers(1, 40)
additions = st.lists(st.tuples(amounts, ticks, st.none() | ticks), max_size=3)


def _intervals(drawn: list[tuple[int, int | None, int]]) -> list[Interval]:
    return [
        interval(
            MONTH + begin * TICK,
            None if end is None else MONTH + max(begin, end) * TICK,
            shape=Shape(cores=Decimal(cores)),
        )
        for begin, end, cores in drawn
    ]


@given(drawn=pieces, base=st.integers(0, 60), added=additions, now=st.integers(1, SPAN))
def test_moment_equals_counting_every_instant(
    drawn: list[tuple[int, int | None, int]], base: int, added: list[tuple[int, int, int | None]], now: int
) -> None:
    """The start of the last unbroken stretch of instants at which the budget is used up, counted one by one."""
    ran = _intervals(drawn)
    made = [topup(str(a), MONTH + t * TICK, None if e is None else MONTH + e * TICK) for a, t, e in added]
    funds = Funds(Decimal(base), tuple(made))
    counted = None
    for tick in range(now + 1):
        here = MONTH + tick * TICK
        cost = sum(
            cores * max(0, min(tick, tick if end is None else max(begin, end)) - begin) for begin, end, cores in drawn
        )
        amount = base + sum(a for a, t, e in added if t <= tick and (e is None or tick < e))
        counted = (counted or here) if cost >= amount else None
    curve = spending(ran, since=MONTH, until=MONTH + now * TICK, prices=DEAR)
    assert exhausted_at(curve, funds) == counted


seconds = st.integers(0, 40 * 86400)
long_pieces = st.lists(st.tuples(seconds, st.none() | seconds, st.integers(1, 64)), min_size=1, max_size=8)


@given(drawn=long_pieces, amount=st.decimals(min_value="0.000001", max_value=200, places=6))
def test_the_amount_is_reached_at_this_microsecond_and_not_before(
    drawn: list[tuple[int, int | None, int]], amount: Decimal
) -> None:
    """Over weeks, with a change of prices in between, the moment is exact to the microsecond."""
    second = timedelta(seconds=1)
    ran = [
        interval(MONTH + b * second, None if e is None else MONTH + max(b, e) * second, shape=Shape(cores=Decimal(c)))
        for b, e, c in drawn
    ]
    until = MONTH + 45 * timedelta(days=1)
    curve = spending(ran, since=MONTH, until=until)
    found = curve.reached(Fraction(amount))
    if found is None:
        assert curve.spent() < amount
        return
    assert curve.spent(found) >= amount
    assert curve.spent(found - TICK) < amount


@given(drawn=long_pieces, until=seconds, middle=seconds)
def test_the_curve_is_what_the_intervals_cost(
    drawn: list[tuple[int, int | None, int]], until: int, middle: int
) -> None:
    """At every instant it tells what pricing one interval after the other tells, less than a step of the grid away."""
    second = timedelta(seconds=1)
    ran = [
        interval(MONTH + b * second, None if e is None else MONTH + max(b, e) * second, shape=Shape(cores=Decimal(c)))
        for b, e, c in drawn
    ]
    end = MONTH + until * second
    curve = spending(ran, since=MONTH, until=end)
    for instant in (end, min(end, MONTH + middle * second)):
        counted = sum((cost(one, PRICES, since=MONTH, until=instant) for one in ran), Decimal(0))
        assert abs(curve.spent(instant) - Fraction(counted)) <= len(ran) * Fraction(2, 10**GRID)


@given(drawn=pieces, base=st.integers(1, 60), more=st.integers(1, 40), now=st.integers(1, SPAN))
def test_more_money_is_never_used_up_earlier(
    drawn: list[tuple[int, int | None, int]], base: int, more: int, now: int
) -> None:
    """A larger budget is used up at the same instant or later, or not at all."""
    ran, until = _intervals(drawn), MONTH + now * TICK
    less, larger = (
        exhausted_at(spending(ran, since=MONTH, until=until, prices=DEAR), Funds(Decimal(amount)))
        for amount in (base, base + more)
    )
    assert larger is None or (less is not None and less <= larger)
