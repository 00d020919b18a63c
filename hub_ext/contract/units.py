"""Units: durations, sizes and money, read from what people write and written for what people read."""

import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>B|KiB|MiB|GiB|TiB|Ki|Mi|Gi|Ti)", re.IGNORECASE)
_BYTES = {"b": 1, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


def parse_duration(text: str) -> timedelta:
    """Read ``90s``, ``20m``, ``4h`` or ``2d``.

    Raises:
        ValueError: if the text is none of these.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 90s, 20m, 4h or 2d")
    return timedelta(seconds=float(Decimal(match["number"]) * _SECONDS[match["unit"]]))


def parse_size(text: str) -> int:
    """Read ``512 MiB``, ``2 GiB`` or Kubernetes' ``2Gi`` into bytes.

    Raises:
        ValueError: if the text is no such size, or is not a whole number of bytes.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size; write 512 MiB, 2 GiB or 1 TiB")
    size = Decimal(match["number"]) * _BYTES[match["unit"].lower().removesuffix("b") or "b"]
    if size != size.to_integral_value():
        raise ValueError(f"{text!r} is not a whole number of bytes")
    return int(size)


def format_size(size: int) -> str:
    """Write bytes as ``2 GiB``, ``1.5 GiB`` or ``512 MiB``."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        scale = _BYTES[unit.lower().removesuffix("b")]
        if size >= scale:
            return f"{_short(Decimal(size) / scale)} {unit}"
    return f"{size} B"


def format_cores(cores: Decimal) -> str:
    """Write cores as ``1 core``, ``0.5 cores``, ``64 cores``."""
    return f"{_short(cores)} core" + ("" if cores == 1 else "s")


def format_duration(seconds: int) -> str:
    """Write seconds as people say them: ``90 s``, ``20 min``, ``1 h``, ``1 h 30 min``, ``2 d``."""
    if seconds < 120:  # noqa: PLR2004 - below two minutes people count seconds
        return f"{seconds} s"
    minutes, hours = seconds // 60, seconds // 3600
    if hours >= 48:  # noqa: PLR2004 - above two days people count days
        return f"{hours // 24} d" + (f" {hours % 24} h" if hours % 24 else "")
    if hours:
        return f"{hours} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    return f"{minutes} min"


def format_money(amount: Decimal, currency: str) -> str:
    """Write an amount with two decimals, thousands separated: ``$1,204.18``, ``CHF 12.00``."""
    rounded = amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    sign = "-" if rounded < 0 else ""
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f"{sign}{symbol}{abs(rounded):,.2f}"


def format_rate(amount: Decimal, currency: str) -> str:
    """Write a price per hour: ``$0.24/h``."""
    return f"{format_money(amount, currency)}/h"


def _short(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.01')).normalize():f}"
