"""The field types of the policy document: what an administrator writes, and what the code gets.

Values arrive as the text of the file (see :mod:`hub_ext.policy.lines`) or, from Python, as numbers. Every complaint is
a sentence for the administrator: what it is not, and what to write.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from hub_ext.contract.units import parse_duration, parse_size
from hub_ext.policy.lines import typed

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]+")
_MILLI = re.compile(r"[0-9]+m")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _duration(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except OverflowError as error:
            raise ValueError(f"'{value}' is too long a time") from error
    return value


def _longer_than_nothing(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than nothing; write a time such as 7d")
    return value


def _size(value: Any) -> Any:
    return parse_size(value) if isinstance(value, str) else value


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is needed, not yes or no")  # noqa: TRY004 - pydantic collects ValueErrors
    if isinstance(value, str):
        return _number_in(value.strip())
    return Decimal(repr(value)) if isinstance(value, float) else value


def _number_in(text: str) -> Decimal:
    if _LEADING_ZERO.fullmatch(text):
        raise ValueError(f"'{text}' is eight-based to some programs; write {int(text)}")
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if _MILLI.fullmatch(text):
        raise ValueError(f"'{text}' is not a number; write {Decimal(text[:-1]) / 1000:f}")
    if _NUMBER.fullmatch(dotted := text.replace(",", ".", 1).lstrip("$€£ ")):
        raise ValueError(f"'{text}' is not a number; write {dotted}")
    raise ValueError(f"'{text}' is not a number")


def _whole(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    number = _number_in(value.strip())
    if "." in value or "e" in value.lower() or number != number.to_integral_value():
        raise ValueError(f"'{value.strip()}' is not a whole number")
    return int(number)


def _share(value: Any) -> Any:
    if isinstance(value, str) and value.strip().endswith("%"):
        return _number_in(value.strip().removesuffix("%").strip()) / 100
    return _number(value)


def _truth(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip().lower() in _TRUTH:
        return _TRUTH[value.strip().lower()]
    raise ValueError(f"'{value}' is neither true nor false")


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if _DATE.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError(f"'{value}' is not a day of the calendar") from error
    raise ValueError(f"'{value}' is not a date; write 2026-01-31")


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*[smhd]\s*$", "examples": ["90s", "20m", "4h", "2d"]}
    ),
]
PositiveDuration = Annotated[Duration, AfterValidator(_longer_than_nothing)]
Size = Annotated[
    int,
    BeforeValidator(_size),
    Field(ge=0, le=2**60, strict=True),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*([KMGT]iB?|B)\s*$", "examples": ["512 MiB", "2 GiB"]}
    ),
]
PositiveSize = Annotated[Size, Field(ge=1)]
_NUMBER_SCHEMA = WithJsonSchema({"type": "number", "minimum": 0})
Amount = Annotated[
    Decimal, BeforeValidator(_number), Field(ge=0, le=1_000_000_000_000, allow_inf_nan=False), _NUMBER_SCHEMA
]
"""Money in the policy's currency, not negative."""
CoreCount = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=1_000_000, allow_inf_nan=False), _NUMBER_SCHEMA]
PositiveCores = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(gt=0, le=100_000, allow_inf_nan=False),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]
Weight = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(gt=0, le=1_000_000, allow_inf_nan=False),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]
Share = Annotated[
    Decimal,
    BeforeValidator(_share),
    Field(gt=0, le=1, allow_inf_nan=False),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$"}, {"type": "number"}], "examples": ["80%"]}
    ),
]
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=1_000_000, strict=True)]
PositiveWhole = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=1_000_000, strict=True)]
Truth = Annotated[bool, BeforeValidator(_truth), Field(strict=True)]
Day = Annotated[date, BeforeValidator(_date)]
Gpus = dict[str, Whole]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=40)]
"""A name that may become a label anywhere: lower case, digits, inner hyphens."""
Block = Annotated[dict[str, Any], BeforeValidator(typed)]
"""An engine's own settings, passed on as they are."""


class Part(BaseModel):
    """A part of the policy document: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)
