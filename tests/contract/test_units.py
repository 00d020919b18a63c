"""Durations, sizes and money are read from what people write, and written for what people read."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("20m", 1200), ("4h", 14400), ("2d", 172800), (" 1.5 h ", 5400), ("0s", 0), ("0.5s", 0.5)],
)
def test_duration_is_read(text: str, seconds: float) -> None:
    """A duration is a number and one of s, m, h, d."""
    assert units.parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "1:30", "20 min", "-5m", "5M", "1h30m", "h", "NaNs"])
def test_no_duration(text: str) -> None:
    """What is no duration is refused with examples."""
    with pytest.raises(ValueError, match="write 90s, 20m, 4h or 2d"):
        units.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512 MiB", 512 * 2**20),
        ("2 GiB", 2 * 2**30),
        ("2Gi", 2 * 2**30),
        ("1.5 gib", 3 * 2**29),
        ("1 TiB", 2**40),
        ("100 B", 100),
        ("4Ki", 4096),
    ],
)
def test_size_is_read(text: str, size: int) -> None:
    """A size is a number and a binary unit, ours or Kubernetes'."""
    assert units.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "2", "2 GB", "2 G", "-1 GiB", "GiB", "1e3 MiB"])
def test_no_size(text: str) -> None:
    """A size without a unit, or with a decimal one, is refused with examples."""
    with pytest.raises(ValueError, match="write 512 MiB, 2 GiB or 1 TiB"):
        units.parse_size(text)


def test_size_is_whole_bytes() -> None:
    """Half a byte is no size."""
    with pytest.raises(ValueError, match="whole number of bytes"):
        units.parse_size("0.5 B")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (2 * 2**30, "2 GiB"),
        (3 * 2**29, "1.5 GiB"),
        (512 * 2**20, "512 MiB"),
        (2**40, "1 TiB"),
        (17, "17 B"),
        (0, "0 B"),
    ],
)
def test_size_is_written(size: int, text: str) -> None:
    """A size is written in the largest unit that it fills."""
    assert units.format_size(size) == text


@given(st.integers(0, 4096), st.sampled_from(["B", "KiB", "MiB", "GiB", "TiB"]))
def test_written_size_is_readable(number: int, unit: str) -> None:
    """A size of few digits, written and read again, is the same."""
    size = units.parse_size(f"{number} {unit}")
    if number < 1024:
        assert units.parse_size(units.format_size(size)) == size


@pytest.mark.parametrize(
    ("cores", "text"),
    [("1", "1 core"), ("0.5", "0.5 cores"), ("64", "64 cores"), ("100", "100 cores"), ("0", "0 cores")],
)
def test_cores_are_written(cores: str, text: str) -> None:
    """One core is singular, every other number plural, and a hundred keeps its zeros."""
    assert units.format_cores(Decimal(cores)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (90, "90 s"),
        (119, "119 s"),
        (120, "2 min"),
        (1200, "20 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (86400, "24 h"),
        (172800, "2 d"),
        (176400, "2 d 1 h"),
    ],
)
def test_duration_is_written(seconds: int, text: str) -> None:
    """A duration is written in the units that people count it in."""
    assert units.format_duration(seconds) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1204.18", "USD", "$1,204.18"),
        ("12", "CHF", "CHF 12.00"),
        ("0.005", "EUR", "€0.01"),
        ("0.0049", "EUR", "€0.00"),
        ("-0.005", "GBP", "-£0.01"),
        ("-0.001", "USD", "$0.00"),
        ("1e6", "USD", "$1,000,000.00"),
    ],
)
def test_money_is_written(amount: str, currency: str, text: str) -> None:
    """Money has two decimals, rounded half up, and thousands are separated."""
    assert units.format_money(Decimal(amount), currency) == text


def test_rate_is_written() -> None:
    """A price per hour says so."""
    assert units.format_rate(Decimal("0.24"), "USD") == "$0.24/h"
