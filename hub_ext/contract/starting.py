"""Start a cluster from the panel: what the gateway lets a person choose, and what they chose."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StringConstraints

from hub_ext.contract.model import Message

FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Number = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Value = StrictBool | StrictInt | Number | Annotated[str, StringConstraints(max_length=1024)]


class OptionField(Message):
    """One field that the gateway lets this person fill in."""

    name: str
    label: str
    type: Literal["select", "string", "int", "float", "bool"]
    default: Value
    choices: tuple[str, ...] = ()
    """Of a ``select``."""
    min: StrictInt | Number | None = None
    max: StrictInt | Number | None = None


class ClusterFields(Message):
    """Every field, in the gateway's order. None at all: this person may start no cluster."""

    fields: tuple[OptionField, ...]


class StartRequest(Message):
    """Start a cluster."""

    options: Annotated[dict[FieldName, Value], Field(max_length=64)] = {}
    """By the name of the field; what is left out is the gateway's own default."""
    workers: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = 0
    """That it wants as soon as it runs."""


class Started(Message):
    """The gateway has taken it; it appears in the account by itself."""

    cluster: str
    """The gateway's name for it."""
