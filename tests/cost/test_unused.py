"""What idle and starting seconds cost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import UnitKind
from hub_ext.cost.pricing import cost
from hub_ext.cost.unused import use
from tests.cost.samples import PRICES, at, interval

MINUTE = 60_000_000
GIB = 2**30
TWO_GIB = Shape(cores=Decimal(1), memory=2 * GIB)
HOUR = interval("1 10:00", "1 11:00", price="6")
NOW = at("30 00:00")


def did(busy: float = 0, idle: float = 0, starting: float = 0, *, peak: int = 0, unit: str = HOUR.unit) -> UnitActivity:
    """Return a worker's minutes."""
    ticks = [int(minutes * MINUTE) for minutes in (busy, idle, starting)]
    return UnitActivity(unit=unit, busy=ticks[0], idle=ticks[1], starting=ticks[2], cpu=0, memory_peak=peak)


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        pytest.param(did(60), "0", id="all of it busy"),
        pytest.param(did(0, 60), "6", id="all of it idle"),
        pytest.param(did(30, 20, 10), "3", id="idle and starting"),
        pytest.param(did(30, 10), "1", id="twenty minutes are not known"),
        pytest.param(did(60, 60), "3", id="more than it lived: cut to what it lived"),
        pytest.param(did(0, 600), "6", id="much more"),
    ],
)
def test_idle_and_starting_seconds_cost_their_share(activity: UnitActivity, expected: str) -> None:
    """A worker for an hour at 6 per hour."""
    assert use([HOUR], {HOUR.unit: activity}, PRICES, until=NOW).idle_cost == Decimal(expected)


def test_shares_are_of_what_is_known() -> None:
    """A worker of which nothing is known is in no share, and a scheduler is no worker."""
    scheduler = HOUR.model_copy(update={"unit": "s", "kind": UnitKind.scheduler})
    known = {HOUR.unit: did(30, 15, 5), "s": did(0, 60, unit="s")}
    found = use([HOUR, scheduler, HOUR.model_copy(update={"unit": "other"})], known, PRICES, until=NOW)
    assert [found.share(part) for part in (found.busy, found.idle, found.starting)] == [0.6, 0.3, 0.1]
    assert found.idle_cost == 2


def test_nothing_known_is_told_as_such() -> None:
    """No share, no peak, no money."""
    found = use([HOUR], {}, PRICES, until=NOW)
    assert found.share(found.busy) is None
    assert found.memory_share is None
    assert found.idle_cost == 0


def test_the_largest_peak_counts() -> None:
    """Of any worker, by what it was charged for."""
    one, two = (interval("1 10:00", "1 11:00", shape=TWO_GIB, user=user) for user in ("alice", "bob"))
    known = {one.unit: did(1, peak=GIB // 2, unit=one.unit), two.unit: did(1, peak=GIB, unit=two.unit)}
    assert use([one, two], known, PRICES, until=NOW).memory_share == 0.5


TICKS = st.integers(0, 10**16)


@given(TICKS, TICKS, TICKS)
def test_idle_money_is_never_more_than_the_interval_costs(busy: int, idle: int, starting: int) -> None:
    """Whatever was reported."""
    told = UnitActivity(unit=HOUR.unit, busy=busy, idle=idle, starting=starting, cpu=0, memory_peak=0)
    found = use([HOUR], {HOUR.unit: told}, PRICES, until=NOW)
    assert 0 <= found.idle_cost <= cost(HOUR, PRICES, until=NOW)
    assert found.busy + found.idle + found.starting <= 60 * MINUTE
