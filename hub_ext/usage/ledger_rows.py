"""Rows of the ledger as intervals."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval, Source, UnitKind


def interval(row: Row[Any], prefix: str = "") -> Interval:
    """Return a row of the table ``intervals`` as an interval; it has started.

    Args:
        row: with every column of the table.
        prefix: of the columns' names.
    """
    told = {name.removeprefix(prefix): value for name, value in row._mapping.items() if name.startswith(prefix)}  # noqa: SLF001 - SQLAlchemy's public way to a row as a mapping
    return Interval(
        unit=told["unit"],
        kind=UnitKind(told["kind"]),
        lease=told["lease"],
        user=told["user"],
        group=told["group"],
        profile=told["profile"],
        name=told["name"],
        ref=told["ref"],
        shape=Shape(cores=Decimal(told["cores"]), memory=told["memory"], gpus=told["gpus"]),
        unit_price_per_hour=told["price"],
        spot=told["spot"],
        started_at=told["started_at"],
        ended_at=told["ended_at"],
        source=Source(told["source"]),
    )
