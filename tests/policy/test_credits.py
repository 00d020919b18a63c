"""Burst credits as a fold over the use of cores: exact, bounded, the same however it is cut."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.policy.credits import MINUTE, Credits, Terms, balance_at, terms_of
from hub_ext.policy.reading import read_policy
from hub_ext.policy.uses import Use, steps, used_at
from tests.policy.samples import NOW, TEXT

END = NOW + timedelta(seconds=600)
CORES = st.integers(1, 40_000).map(lambda milli: Decimal(milli) / 1000)


def at(seconds: float) -> datetime:
    """Return the instant so many seconds after the beginning."""
    return NOW + timedelta(seconds=seconds)


def use(cores: int, start: float, end: float | None = None) -> Use:
    """Return cores that are used from one second to another."""
    return Use(Decimal(cores), at(start), None if end is None else at(end))


def minutes(start: int | None, terms: Terms, *uses: Use, until: float = 600) -> Decimal:
    """Return the balance after so many seconds, both in core-minutes."""
    begin = None if start is None else Decimal(start * MINUTE)
    return balance_at(begin, terms, uses, since=NOW, until=at(until)) / MINUTE


@st.composite
def all_uses(draw: st.DrawFn) -> list[Use]:
    """Draw uses that begin and end anywhere around the ten minutes, to the microsecond."""
    found = []
    for cores in draw(st.lists(CORES, max_size=8)):
        start = draw(st.integers(-100_000_000, 650_000_000))
        length = draw(st.none() | st.integers(0, 500_000_000))
        begin = NOW + timedelta(microseconds=start)
        found.append(Use(cores, begin, None if length is None else begin + timedelta(microseconds=length)))
    return found


@st.composite
def all_terms(draw: st.DrawFn) -> Terms:
    """Draw any terms with a cap that ten minutes may reach."""
    return Terms(draw(CORES), Decimal(draw(st.integers(0, 30_000))), overdraft=draw(st.booleans()))


BALANCES = st.integers(-20_000, 30_000).map(Decimal)

# id: (start in core-minutes, terms, uses, balance after ten minutes)
STANDARD = Terms(Decimal(10), Decimal(100 * MINUTE))
OVERDRAFT = Terms(Decimal(10), Decimal(100 * MINUTE), overdraft=True)
BALANCE: dict[str, tuple[int | None, Terms, list[Use], int]] = {
    "a new group starts full": (None, STANDARD, [], 100),
    "unused quota is saved up": (0, STANDARD, [use(4, 0)], 60),
    "up to the cap": (90, STANDARD, [], 100),
    "what would be above the cap is lost": (90, STANDARD, [use(15, 300)], 75),
    "at the quota nothing moves": (37, STANDARD, [use(10, -60)], 37),
    "above it what is borrowed drains": (80, STANDARD, [use(16, 0)], 20),
    "standard stops at zero": (10, STANDARD, [use(16, 0)], 0),
    "and is saved up from there": (10, STANDARD, [use(30, 0, 300)], 50),
    "overdraft goes on": (10, OVERDRAFT, [use(16, 0)], -50),
    "and is paid back first": (10, OVERDRAFT, [use(30, 0, 300)], -40),
    "debt of another mode stays until it is paid": (-30, STANDARD, [use(16, 0)], -30),
    "and is paid": (-30, STANDARD, [use(16, 0, 300)], 20),
    "a lower cap takes what is above": (900, STANDARD, [use(16, 0)], 40),
    "a thousand cores for five minutes": (
        5000,
        Terms(Decimal(64), Decimal(5000 * MINUTE)),
        [use(1064, 0, 300), use(64, 300)],
        0,
    ),
}


@pytest.mark.parametrize(("start", "terms", "uses", "after"), BALANCE.values(), ids=BALANCE)
def test_balance(start: int | None, terms: Terms, uses: list[Use], after: int) -> None:
    """Ten minutes later the balance is this."""
    assert minutes(start, terms, *uses) == after


@given(BALANCES, all_terms(), all_uses(), st.integers(0, 600_000_000))
def test_cut_anywhere_it_is_the_same(start: Decimal, terms: Terms, uses: list[Use], microseconds: int) -> None:
    """Two folds, one after the other, give exactly what one gives."""
    middle = NOW + timedelta(microseconds=microseconds)
    halfway = balance_at(start, terms, uses, since=NOW, until=middle)
    after = balance_at(halfway, terms, uses, since=middle, until=END)
    assert after == balance_at(start, terms, uses, since=NOW, until=END)


@given(BALANCES, all_terms(), all_uses(), st.randoms(use_true_random=False))
def test_order_does_not_matter(start: Decimal, terms: Terms, uses: list[Use], random: Random) -> None:
    """The same uses in any order give the same balance; so does one use cut into two."""
    shuffled = [*uses]
    random.shuffle(shuffled)
    for index, one in enumerate(shuffled):
        if one.started_at < at(60) and one.ended_at is None:
            shuffled[index : index + 1] = [Use(one.cores, one.started_at, at(60)), Use(one.cores, at(60))]
            break
    given_ = balance_at(start, terms, uses, since=NOW, until=END)
    assert balance_at(start, terms, shuffled, since=NOW, until=END) == given_


@given(BALANCES, all_terms(), all_uses())
def test_bounds(start: Decimal, terms: Terms, uses: list[Use]) -> None:
    """Never above the cap; in standard mode never below zero, or below an old debt."""
    after = balance_at(start, terms, uses, since=NOW, until=END)
    assert after <= terms.cap
    if not terms.overdraft:
        assert after >= min(start, terms.cap, Decimal(0))


def _core_seconds(uses: list[Use]) -> Fraction:
    """Return what was used in the ten minutes, added up use by use."""
    total = Fraction(0)
    for one in uses:
        length = min(END, one.ended_at or END) - max(NOW, one.started_at)
        total += Fraction(one.cores) * max(0, length // timedelta(microseconds=1)) / 1_000_000
    return total


@given(BALANCES, CORES, all_uses())
def test_nothing_comes_or_goes_but_what_was_saved_and_used(start: Decimal, nominal: Decimal, uses: list[Use]) -> None:
    """Where neither cap nor zero is in the way, the balance changes by exactly quota x time less what was used."""
    terms = Terms(nominal, Decimal(10**9), overdraft=True)
    after = balance_at(start, terms, uses, since=NOW, until=END)
    assert Fraction(after) == Fraction(start) + Fraction(nominal) * 600 - _core_seconds(uses)


@given(BALANCES, all_terms(), all_uses())
def test_cap_and_zero_account_for_the_rest(start: Decimal, terms: Terms, uses: list[Use]) -> None:
    """What was saved, less what drained, lost at the cap and not covered at zero, is the change of the balance."""
    kept = begin = min(start, terms.cap)
    saved = drained = lost = uncovered = Decimal(0)
    for step in steps(uses, since=NOW, until=END):
        gain = max(Decimal(0), terms.nominal - step.cores) * step.seconds
        loss = max(Decimal(0), step.cores - terms.nominal) * step.seconds
        next_ = balance_at(kept, terms, [Use(step.cores, NOW)], since=NOW, until=NOW + _span(step.seconds))
        over, under = kept + gain - loss - next_, next_ - kept - gain + loss
        assert over <= 0 or next_ == terms.cap
        assert under <= 0 or (next_ == min(kept, 0) and not terms.overdraft)
        lost, uncovered = lost + max(Decimal(0), over), uncovered + max(Decimal(0), under)
        saved, drained, kept = saved + gain, drained + loss, next_
    assert kept == balance_at(start, terms, uses, since=NOW, until=END)
    assert kept - begin == saved - drained - lost + uncovered


def _span(seconds: Decimal) -> timedelta:
    return timedelta(microseconds=int(seconds * 1_000_000))


@given(BALANCES, all_terms(), all_uses())
def test_a_clock_that_was_set_back_creates_nothing(start: Decimal, terms: Terms, uses: list[Use]) -> None:
    """Before the checkpoint there is nothing to fold."""
    assert balance_at(start, terms, uses, since=NOW, until=at(-3600)) == min(start, terms.cap)


@given(all_uses())
def test_steps_cover_the_time_without_overlap(uses: list[Use]) -> None:
    """The pieces add up to the ten minutes, and each has what is in use at its middle."""
    instant = NOW
    for step in steps(uses, since=NOW, until=END):
        assert step.cores == used_at(uses, instant)
        instant += _span(step.seconds)
    assert instant == END


def _day(start: Decimal, wish: int, terms: Terms) -> tuple[list[int], Decimal]:
    """Let a group wish for so many cores all day; return its borrowed cores each minute, and the balance."""
    left, granted, borrowed = start, 0, []
    for _ in range(24 * 60):
        credits_ = Credits(left, terms)
        most = int(terms.nominal + credits_.most(Decimal(max(0, granted - int(terms.nominal)))))
        granted = min(wish, most)
        borrowed.append(max(0, granted - int(terms.nominal)))
        left = balance_at(left, terms, [use(granted, 0)], since=NOW, until=at(60))
    return borrowed, left


def test_a_thousand_workers_for_five_minutes_and_not_all_day() -> None:
    """With 64 cores and 5,000 core-minutes: 1,000 cores for five minutes, then 64 for the rest of the day."""
    terms = Terms(Decimal(64), Decimal(5000 * MINUTE))
    borrowed, left = _day(terms.cap, 1000, terms)
    assert borrowed[:6] == [936, 936, 936, 936, 936, 936]
    assert borrowed[6:] == [0] * (24 * 60 - 6)
    assert left == 0
    assert sum(borrowed) == 5616, "a minute of the last step is granted before it is used up"


def test_with_overdraft_the_burst_goes_on_and_the_day_is_owed() -> None:
    """The same in overdraft: 936 borrowed cores all day, less what was saved before, are owed."""
    terms = Terms(Decimal(64), Decimal(5000 * MINUTE), overdraft=True)
    borrowed, left = _day(terms.cap, 1000, terms)
    assert set(borrowed) == {936}
    assert left / MINUTE == 5000 - 936 * 24 * 60
    assert Credits(left, terms).most(Decimal(0)) == 0


def test_after_a_burst_the_quota_must_rest() -> None:
    """64 idle cores save 5,000 core-minutes in 78 minutes; a first borrowed core is carried after five seconds."""
    terms = Terms(Decimal(64), Decimal(5000 * MINUTE))
    assert minutes(0, terms, until=78 * 60) == 4992
    assert Credits(Decimal(0), terms).wait(Decimal(1)) == timedelta(seconds=300 / 64)
    assert Credits(Decimal(0), terms).wait(Decimal(1001)) is None
    assert Credits(Decimal(0), Terms(Decimal(0), Decimal(600))).wait(Decimal(1)) is None


def test_terms_are_the_policys() -> None:
    """Without burst, or without a quota to save below, there are no terms."""
    text = TEXT.replace("quota: {cores: 16}", "quota: {cores: 16}\n    cohort: c\n    burst: {core_minutes: 50}")
    policy = read_policy(text.replace("groups:\n", "cohorts: {c: {}}\ngroups:\n", 1))
    assert terms_of(policy.groups["analysts"]) == Terms(Decimal(16), Decimal(3000))
    assert terms_of(policy.groups["research"]) is None
