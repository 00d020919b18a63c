"""Decayed usage: it halves in every half-life, and is the same however the time is cut."""

from datetime import timedelta
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from hub_ext.policy.fairness import HALF_LIFE, usage
from hub_ext.policy.uses import Use
from tests.policy.samples import NOW
from tests.policy.test_credits import END, all_uses, at, use

DAY = 86400.0


def test_what_was_used_counts_half_after_a_half_life() -> None:
    """Seven days later it is a half, fourteen days later a quarter."""
    later = [usage(100, [], since=NOW, until=NOW + weeks * HALF_LIFE) for weeks in (0, 1, 2)]
    assert later == [100, 50, 25]


def test_a_short_use_is_its_core_seconds() -> None:
    """What ran just now counts in full, to some millionths."""
    assert isclose(usage(0, [use(10, 0)], since=NOW, until=at(60)), 600, rel_tol=1e-4)


def test_a_constant_use_comes_to_rest() -> None:
    """One core for ever approaches half-life / ln 2 core-seconds: ten days of it."""
    for_ever = usage(0, [use(1, 0)], since=NOW, until=NOW + 60 * HALF_LIFE)
    assert isclose(for_ever, 7 * DAY / 0.6931471805599453)


@given(st.floats(0, 1e9), all_uses(), st.integers(0, 600_000_000), st.integers(1, 10_000))
def test_cut_anywhere_it_is_the_same(start: float, uses: list[Use], microseconds: int, seconds: int) -> None:
    """Two folds give what one gives, but for the last digits."""
    middle, half = NOW + timedelta(microseconds=microseconds), timedelta(seconds=seconds)
    halfway = usage(start, uses, since=NOW, until=middle, half_life=half)
    after = usage(halfway, uses, since=middle, until=END, half_life=half)
    assert isclose(after, usage(start, uses, since=NOW, until=END, half_life=half), rel_tol=1e-9, abs_tol=1e-6)


@given(st.floats(0, 1e9), all_uses())
def test_never_negative_and_never_more_than_all_that_ran(start: float, uses: list[Use]) -> None:
    """Decay only takes away."""
    after = usage(start, uses, since=NOW, until=END)
    most = sum(float(one.cores) * 600 for one in uses)
    assert 0 <= after <= start + most * 1.000001
