"""Reports add up: no way to cut, group or order the same time changes a total, and no amount is ever a float."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.report import By, Correction, Report
from hub_ext.contract.usage import Interval
from hub_ext.cost.focus import Focus, Names
from hub_ext.cost.quantities import HOUR, corrected, pieces, quantities
from hub_ext.cost.reporting import Sheet
from hub_ext.policy.document import Policy, Price
from tests.cost.samples import CORE, PRICES, at, interval
from tests.cost.test_pricing import amounts, instants, price_lists, shapes

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SINCE, UNTIL = at("2026-10-01T00:00"), at("2027-01-01T00:00")
EVERYTHING = tuple(By)


def policy(prices: tuple[Price, ...] = PRICES, currency: str = "USD") -> Policy:
    """Return a policy with these prices; its groups and profiles are of no account here."""
    return Policy.model_validate(
        {
            "apiVersion": "gatehouse/v1",
            "currency": currency,
            "prices": [price.model_dump(by_alias=True) for price in prices],
            "profiles": {"small": {"kind": "server", "cores": 1, "memory": "1 GiB"}},
            "groups": {"research": {"match": ["/research"], "profiles": ["small"]}},
        }
    )


def report(
    intervals: list[Interval],
    by: tuple[By, ...] = (),
    *,
    rules: Policy | None = None,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    corrections: tuple[Correction, ...] = (),
) -> Report:
    """Return the report of intervals."""
    sheet = Sheet(rules or policy(), by)
    sheet.add(quantities(intervals, since=since, until=until))
    sheet.add(corrected(corrections, since=since, until=until))
    return sheet.report(since=since, until=until, as_of=until)


def total(found: Report) -> Decimal:
    """Return the only total."""
    [only] = found.totals or [None]
    return only.cost if only else Decimal(0)


def test_lines_can_be_told_by_hand() -> None:
    """Two people, two days, a change of price at midnight: 1 h at 0.04 and 1 h at 0.06 for alice, 30 min for bob."""
    day = [interval("9 23:00", "10 01:00"), interval("9 12:00", "9 12:30", user="bob")]
    found = report(day, (By.day, By.user))

    assert [(line.day, line.user, line.cost, line.seconds) for line in found.lines] == [
        ("2026-11-09", "alice", Decimal("0.04"), Decimal(3600)),
        ("2026-11-09", "bob", Decimal("0.02"), Decimal(1800)),
        ("2026-11-10", "alice", Decimal("0.06"), Decimal(3600)),
    ]
    assert [(one.currency, one.cost) for one in found.totals] == [("USD", Decimal("0.12"))]


def test_lines_of_thirds_add_up() -> None:
    """Three times a third of a step of the grid: the lines differ by a step so that their sum is the exact one."""
    third = [interval(f"1 0{hour}:00:00", f"1 0{hour}:00:00.000001", user=f"u{hour}") for hour in range(3)]
    found = report(third, (By.user,), rules=policy((Price(since=date(2026, 1, 1), core_hour=Decimal("0.0000012")),)))

    assert [line.cost for line in found.lines] == [Decimal(0), Decimal(0), Decimal("1E-15")]
    assert total(found) == Decimal("1E-15")


@st.composite
def ledgers(draw: st.DrawFn) -> list[Interval]:
    """A few intervals of a few people and groups."""
    spans = st.tuples(instants, instants).map(sorted)
    return [
        interval(
            *draw(spans),
            shape=draw(shapes),
            user=draw(st.sampled_from(["alice", "bob"])),
            group=draw(st.sampled_from(["research", "gpu"])),
            price=draw(st.none() | amounts.map(str)),
            spot=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]


@given(ledger=ledgers(), prices=price_lists, by=st.sets(st.sampled_from(EVERYTHING)))
def test_no_grouping_changes_a_total(ledger: list[Interval], prices: tuple[Price, ...], by: set[By]) -> None:
    """Whatever lines stand for, they add up to the same total, to the last digit."""
    whole = report(ledger, rules=policy(prices))
    found = report(ledger, tuple(by), rules=policy(prices))

    assert found.totals == whole.totals
    assert sum(line.cost for line in found.lines) == total(whole)


@given(ledger=ledgers(), prices=price_lists, cuts=st.lists(instants, max_size=4))
def test_no_split_changes_a_total(ledger: list[Interval], prices: tuple[Price, ...], cuts: list[datetime]) -> None:
    """Intervals cut at any instants, and in another order, are the same report."""
    parts = []
    for one in ledger:
        assert one.ended_at is not None
        inside = [cut for cut in cuts if one.started_at < cut < one.ended_at]
        edges = [one.started_at, *sorted(inside), one.ended_at]
        parts += [one.model_copy(update={"started_at": a, "ended_at": b}) for a, b in pairwise(edges)]

    assert report(parts[::-1], (By.day, By.user), rules=policy(prices)) == report(
        ledger, (By.day, By.user), rules=policy(prices)
    )


@given(ledger=ledgers(), prices=price_lists)
def test_hours_and_months_add_up_to_the_whole(ledger: list[Interval], prices: tuple[Price, ...]) -> None:
    """FOCUS rows, cut at the end of every hour, add up to the report; so do the seconds of the months."""
    rules = policy(prices)
    focus = Focus(rules, Names("Example"))
    places = [focus.columns.index(name) for name in ("BilledCost", "ConsumedQuantity")]
    rows = [
        [Decimal(row[place] or "") for place in places]
        for one in ledger
        if one.ended_at is not None
        for row in focus.usage(one, [(one.started_at, one.ended_at)])
    ]
    whole = report(ledger, rules=rules)
    months = [at(f"2026-{month}-01T00:00") for month in (10, 11, 12)] + [UNTIL]
    parts = [report(ledger, rules=rules, since=a, until=b) for a, b in pairwise(months)]

    assert sum(row[0] for row in rows) == total(whole)
    assert sum(row[1] for row in rows) == sum(line.seconds for line in whole.lines)
    assert sum(line.seconds for part in parts for line in part.lines) == sum(line.seconds for line in whole.lines)
    told = sum(total(part) for part in parts)
    assert abs(told - total(whole)) < len(parts) * Decimal("1E-15")


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK], ids=str)
@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25", "2026-11-01", "2026-03-08"])
@given(before=st.integers(0, 200_000_000_000), after=st.integers(0, 200_000_000_000))
def test_daylight_saving_never_changes_a_total(zone: ZoneInfo, change: str, before: int, after: int) -> None:
    """Times told in a zone around its change of clocks cost what the same instants cost in UTC."""
    middle = datetime.fromisoformat(f"{change}T01:00").replace(tzinfo=UTC)
    start, end = (middle + timedelta(microseconds=ticks) for ticks in (-before, after))
    plain = interval(start, end)
    local = plain.model_copy(update={"started_at": start.astimezone(zone), "ended_at": end.astimezone(zone)})
    since, until = at("2026-01-01T00:00"), UNTIL

    assert report([local], (By.day,), since=since, until=until) == report([plain], (By.day,), since=since, until=until)
    assert total(report([plain], since=since, until=until)) == total(
        report([local], since=since.astimezone(zone), until=until.astimezone(zone))
    )


def test_an_hour_that_comes_twice_is_two_hours() -> None:
    """From 02:30 before to 02:30 after the change in Berlin an hour went by, and is cut into two clock hours of UTC."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    parts = list(pieces(first, second, HOUR))

    assert [(b - a) for a, b in parts] == [timedelta(minutes=30)] * 2
    found = report([interval(first.astimezone(UTC), second.astimezone(UTC))])
    assert total(found) == Decimal("0.04")


def test_currencies_are_never_added() -> None:
    """What runs across a change of currency is priced on each side in its own, and has a total in each."""
    prices = (
        Price(since=date(2026, 1, 1), currency="USD", core_hour=Decimal("0.04")),
        Price(since=date(2026, 12, 1), core_hour=Decimal("0.03")),
    )
    night = [interval("30 22:00", "2026-12-01T01:00")]
    found = report(night, (By.user,), rules=policy(prices, currency="EUR"))

    assert [(one.currency, one.user, one.cost) for one in found.lines] == [
        ("EUR", "alice", Decimal("0.03")),
        ("USD", "alice", Decimal("0.08")),
    ]
    assert [(one.currency, one.cost) for one in found.totals] == [("EUR", Decimal("0.03")), ("USD", Decimal("0.08"))]


def test_the_currency_of_a_month_is_its_prices() -> None:
    """A policy tells the currency of an instant, and since when it holds."""
    prices = (
        Price(since=date(2026, 1, 1), currency="USD", core_hour=Decimal("0.04")),
        Price(since=date(2026, 6, 1), currency="USD", core_hour=Decimal("0.05")),
        Price(since=date(2026, 12, 1), core_hour=Decimal("0.03")),
        Price(since=date(2026, 12, 10), core_hour=Decimal("0.02")),
    )
    rules = policy(prices, currency="EUR")
    asked = ("2025-01-01T00:00", "2026-11-30T23:59", "2026-12-01T00:00", "2026-12-31T00:00")

    assert [rules.currency_at(at(one)) for one in asked] == ["USD", "USD", "EUR", "EUR"]
    december = at("2026-12-01T00:00")
    assert [rules.currency_since(at(one)) for one in asked] == [None, None, december, december]


def _found(start: str, end: str, *, added: bool, found: str) -> Correction:
    unit = interval("2026-10-31T10:00", "2026-10-31T12:00")
    since, until = at(start), at(end)
    return Correction(interval=unit, month="2026-10", since=since, until=until, added=added, at=at(found), why="x")


def test_a_closed_month_stays_and_the_difference_is_of_the_month_that_found_it() -> None:
    """Ten minutes found in November to be too much leave October's report, and are taken off November's."""
    now_known = [interval("2026-10-31T10:00", "2026-10-31T11:50")]
    found = (_found("2026-10-31T11:50", "2026-10-31T12:00", added=False, found="3 09:00"),)
    november = at("1 00:00")
    october = report(now_known, since=SINCE, until=november, corrections=found)
    later = report(now_known, (By.day,), since=november, until=at("2026-12-01T00:00"), corrections=found)
    both = report(now_known, since=SINCE, until=at("2026-12-01T00:00"), corrections=found)

    assert (total(october), october.lines[0].seconds) == (Decimal("0.08"), Decimal(7200))
    [line] = later.lines
    assert (line.day, line.seconds, line.cost) == ("2026-11-03", Decimal(-600), line.corrections)
    assert abs(line.cost + Decimal("0.04") / 6) < Decimal("1E-15")
    assert abs(total(both) - (Decimal("0.08") - Decimal("0.04") / 6)) < Decimal("1E-15")


def _walk(value: object, seen: Callable[[object], None]) -> None:
    seen(value)
    if isinstance(value, dict):
        for part in value.values():
            _walk(part, seen)
    elif isinstance(value, list | tuple):
        for part in value:
            _walk(part, seen)


@given(ledger=ledgers(), prices=price_lists)
def test_money_is_never_a_float(ledger: list[Interval], prices: tuple[Price, ...]) -> None:
    """No float stands anywhere in a report, and its JSON carries amounts as strings of digits."""
    found = report(ledger, EVERYTHING, rules=policy(prices))
    floats: list[object] = []
    for data in (found.model_dump(), found.model_dump(mode="json")):
        _walk(data, lambda value: floats.append(value) if isinstance(value, float) else None)

    assert floats == []
    for line in found.model_dump(mode="json")["lines"]:
        assert Decimal(line["cost"]) >= 0
        assert "e" not in line["cost"].lower()
    assert CORE.cores == 1
