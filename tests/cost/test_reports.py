"""Rows of the ledger page add up to the month's total."""

from decimal import Decimal
from fractions import Fraction

from hub_ext.cost import reports
from hub_ext.cost.pricing import GRID
from tests.cost.samples import PRICES, at, interval, spending


def test_row_tells_the_interval_and_its_price() -> None:
    """A row holds who, what, when, how long and how much."""
    row = reports.row(interval("1 10:00", "1 11:30"), PRICES, until=at("3 00:00"))
    assert (row.user, row.group, row.kind, row.source, row.cores) == (
        "alice",
        "research",
        "worker",
        "exact",
        Decimal(1),
    )
    assert (row.started_at, row.ended_at, row.seconds, row.cost) == (
        at("1 10:00"),
        at("1 11:30"),
        5400.0,
        Decimal("0.06"),
    )


def test_row_counts_what_falls_into_the_month() -> None:
    """Of what ran over a month's end, a row counts the month's part and tells the whole times."""
    row = reports.row(interval("2026-10-31T23:00", "1 01:00"), PRICES, since=at("1 00:00"), until=at("3 00:00"))
    assert (row.seconds, row.cost, row.started_at) == (3600.0, Decimal("0.04"), at("2026-10-31T23:00"))


def test_running_row_counts_until_now() -> None:
    """What still runs counts until now and has no end."""
    row = reports.row(interval("1 10:00"), PRICES, until=at("1 10:30"))
    assert (row.seconds, row.cost, row.ended_at) == (1800.0, Decimal("0.02"), None)


def test_row_outside_the_month_is_empty() -> None:
    """What ended before the month counts nothing, and never less."""
    row = reports.row(
        interval("2026-10-01T10:00", "2026-10-01T11:00"), PRICES, since=at("1 00:00"), until=at("3 00:00")
    )
    assert (row.seconds, row.cost) == (0.0, Decimal(0))


def test_rows_add_up() -> None:
    """The rows of a month add up to what the month has cost; each is cut to the grid, so less than a step each."""
    since, until = at("1 00:00"), at("30 00:00")
    ran = [interval("2026-10-31T23:00", "1 01:07:13.3"), interval("9 22:22:22.2", "10 03:33"), interval("11 01:00")]
    rows = [reports.row(one, PRICES, since=since, until=until) for one in ran]
    whole = spending(ran, since=since, until=until).spent()
    assert abs(whole - Fraction(sum(row.cost for row in rows))) < len(rows) * Fraction(2, 10**GRID)
