"""The base of every message, and the field types they are made of.

Vocabulary: *Money* is a ``Decimal`` amount in the policy's currency and crosses a door as a string (never a float);
*Cores* is a ``Decimal`` number of CPU cores and crosses as a JSON number, and so do
*CoreMinutes*, which may be below zero; *Instant* is an aware UTC datetime.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer


def _to_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone is ambiguous; send UTC")
    return value.astimezone(UTC)


def _plain(value: Decimal) -> str:
    return format(value, "f")


Money = Annotated[Decimal, Field(allow_inf_nan=False), PlainSerializer(_plain, return_type=str, when_used="json")]
Cores = Annotated[
    Decimal, Field(ge=0, allow_inf_nan=False), PlainSerializer(float, return_type=float, when_used="json")
]
CoreMinutes = Annotated[
    Decimal, Field(allow_inf_nan=False), PlainSerializer(float, return_type=float, when_used="json")
]
Instant = Annotated[datetime, AfterValidator(_to_utc)]


class Message(BaseModel):
    """A frozen value that crosses a door. Unknown keys are mistakes, not noise."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="float")
