"""An interval costs its seconds at the prices that held, exactly, and its parts cost what the whole does."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval
from hub_ext.cost.pricing import GRID, cost, price_at, price_per_hour
from hub_ext.policy.document import Price
from tests.cost.samples import CORE, PRICES, at, interval

GIB = 2**30
BIG = Shape(cores=Decimal(4), memory=16 * GIB, gpus={"l4": 1})


@pytest.mark.parametrize(
    ("one", "until", "since", "expected"),
    [
        (interval("1 10:00", "1 11:00"), "30 00:00", None, "0.04"),
        (interval("1 10:00", "1 10:30"), "30 00:00", None, "0.02"),
        (interval("1 10:00"), "1 10:15", None, "0.01"),
        (interval("1 10:00", "1 12:00"), "1 11:00", None, "0.04"),
        (interval("1 10:00", "1 12:00"), "30 00:00", "1 11:30", "0.02"),
        (interval("1 10:00", "1 12:00"), "1 09:00", None, "0"),
        (interval("1 10:00", "1 12:00"), "30 00:00", "1 13:00", "0"),
        (interval("1 10:00", "1 10:00"), "30 00:00", None, "0"),
        (interval("1 10:00", "1 11:00", shape=BIG), "30 00:00", None, "0.94"),
        (interval("1 10:00", "1 11:00", price="3.10"), "30 00:00", None, "3.1"),
        (interval("9 23:00", "10 01:00"), "30 00:00", None, "0.10"),
        (
            interval("2026-10-31T00:00", "2026-12-02T00:00"),
            "2026-12-02T00:00",
            None,
            "63.84",
        ),
        (interval("11 10:00", "11 11:00", spot=True), "30 00:00", None, "0.021"),
        (interval("11 10:00", "11 11:00", spot=True, price="2"), "30 00:00", None, "0.70"),
        (interval("9 23:00", "10 01:00", spot=True), "30 00:00", None, "0.061"),
        (interval("1 10:00:00", "1 10:00:00.000009", price="400"), "30 00:00", None, "0.000001"),
        (interval("2024-05-01T10:00", "2024-05-01T11:00"), "30 00:00", None, "0.04"),
        (interval("1 10:00", "1 11:00", shape=Shape(gpus={"h100": 8})), "30 00:00", None, "0"),
    ],
    ids=[
        "an hour",
        "half an hour",
        "still running",
        "until cuts",
        "since cuts",
        "before it began",
        "after it ended",
        "no time",
        "memory and GPU",
        "own price",
        "two prices",
        "three prices, two months and a day",
        "spot",
        "spot with own price",
        "spot at a change of prices",
        "nine microseconds",
        "before the first price",
        "a GPU that no price knows",
    ],
)
def test_cost_of(one: Interval, until: str, since: str | None, expected: str) -> None:
    """An interval costs what can be told by hand."""
    assert cost(one, PRICES, until=at(until), since=at(since) if since else None) == Decimal(expected)


def test_price_changes_at_midnight_utc() -> None:
    """A price holds from 00:00 UTC of its date."""
    just_before = datetime(2026, 11, 10, tzinfo=UTC) - timedelta(microseconds=1)
    assert price_at(PRICES, just_before) is PRICES[0]
    assert price_at(PRICES, datetime(2026, 11, 10, tzinfo=UTC)) is PRICES[1]


def test_first_price_holds_before_its_date() -> None:
    """What ran before the first date is priced by the first entry, not free."""
    assert price_at(PRICES, datetime(2020, 1, 1, tzinfo=UTC)) is PRICES[0]


def test_price_per_hour_is_exact() -> None:
    """A GiB and one byte of memory have their exact price, of more digits than Python's default context keeps."""
    price = Price(since=date(2026, 1, 1), gib_hour=Decimal("0.005"))
    hour = price_per_hour(Shape(memory=GIB + 1), price)
    assert Fraction(hour) == Fraction(5 * (GIB + 1), 1000 * GIB)


def test_no_digit_is_lost_in_a_narrow_context() -> None:
    """The caller's decimal context has no influence on a cost."""
    wide = cost(interval("1 10:00:00.123457", shape=BIG), PRICES, until=at("9 17:31:02.99"))
    context = getcontext()
    digits = context.prec
    context.prec = 3
    try:
        narrow = cost(interval("1 10:00:00.123457", shape=BIG), PRICES, until=at("9 17:31:02.99"))
    finally:
        context.prec = digits
    assert narrow == wide


shapes = st.builds(
    Shape,
    cores=st.decimals(min_value=0, max_value=200, places=3),
    memory=st.integers(0, 2**42),
    gpus=st.dictionaries(st.sampled_from(["l4", "a100"]), st.integers(0, 8)),
)
days = st.dates(date(2026, 10, 20), date(2026, 12, 10))
amounts = st.decimals(min_value=0, max_value=9, places=5)
entries = st.builds(
    Price,
    since=days,
    core_hour=amounts,
    gib_hour=amounts,
    gpu_hour=st.fixed_dictionaries({"l4": amounts}),
    spot_factor=st.decimals(min_value="0.01", max_value=1, places=4),
)
price_lists = st.lists(entries, min_size=1, max_size=4, unique_by=lambda price: price.since).map(
    lambda prices: tuple(sorted(prices, key=lambda price: price.since))
)
instants = st.datetimes(datetime(2026, 10, 15), datetime(2026, 12, 20), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(
    cuts=st.lists(instants, min_size=2, max_size=6).map(sorted),
    shape=shapes,
    prices=price_lists,
    price=st.none() | amounts,
    spot=st.booleans(),
)
def test_parts_cost_what_the_whole_costs(
    cuts: list[datetime], shape: Shape, prices: tuple[Price, ...], price: Decimal | None, *, spot: bool
) -> None:
    """However an interval is cut, its parts add up to the whole, to the last digit; so do intervals that follow on."""
    first, last = cuts[0], cuts[-1]
    own = None if price is None else str(price)
    whole = interval(first, last, shape=shape, price=own, spot=spot)
    total = cost(whole, prices, until=last)
    pieces = list(pairwise(cuts))
    assert sum(cost(whole, prices, since=a, until=b) for a, b in pieces) == total
    separate = [interval(a, b, shape=shape, price=own, spot=spot) for a, b in pieces]
    assert sum(cost(one, prices, until=last) for one in separate) == total


@given(start=instants, ticks=st.integers(0, 10**13), shape=shapes, prices=price_lists)
def test_cost_is_exact_on_its_grid(start: datetime, ticks: int, shape: Shape, prices: tuple[Price, ...]) -> None:
    """A cost differs from the exact fraction by less than one step of the grid for each price that held."""
    one = interval(start, start + timedelta(microseconds=ticks), shape=shape)
    exact, here = Fraction(0), start
    assert one.ended_at is not None
    while here < one.ended_at:
        midnight = datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), UTC)
        stop = min(midnight, one.ended_at)
        hour = Fraction(price_per_hour(shape, price_at(prices, here)))
        exact += hour * ((stop - here) // timedelta(microseconds=1)) / 3_600_000_000
        here = stop
    found = cost(one, prices, until=one.ended_at)
    assert abs(Fraction(found) - exact) <= Fraction(len(prices), 10**GRID)
    assert found >= 0


def test_core_costs_its_price() -> None:
    """One core for one hour costs the price of a core-hour."""
    assert price_per_hour(CORE, PRICES[0]) == Decimal("0.04")
