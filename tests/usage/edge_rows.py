"""Rows of edge values for every table, made by hypothesis: long decimals, all of Unicode, microseconds, nulls."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Table, insert

from hub_ext.contract.usage import UnitKind
from hub_ext.usage import rollups
from hub_ext.usage.copying import Kind, kind_of
from hub_ext.usage.tables import metadata
from hub_ext.usage.types import Exact, Json, Millicores
from tests.usage.samples import NOON

Rows = Mapping[str, list[dict[str, Any]]]

_COUNTED = frozenset({"rates", "group_days", "lease_days"})
"""Follow from the intervals."""
_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=7)
_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=15)
_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
_NEAR = st.timedeltas(timedelta(days=-2), timedelta(days=2)).map(lambda away: NOON + away)
_KINDS: Mapping[Kind, st.SearchStrategy[Any]] = {
    Kind.boolean: st.booleans(),
    Kind.date: st.dates(),
    Kind.instant: _MOMENTS,
    Kind.integer: st.integers(-(2**31), 2**31 - 1),
    Kind.real: st.floats(allow_nan=False),
    Kind.text: _TEXT,
}
_TYPES: Mapping[type, st.SearchStrategy[Any]] = {
    Exact: _DECIMALS,
    Json: st.dictionaries(_TEXT, st.integers() | _TEXT | st.none(), max_size=3),
    Millicores: st.integers(0, 10**12).map(lambda thousandths: Decimal(thousandths) / 1000),
}
_COLUMNS: Mapping[tuple[str, str], st.SearchStrategy[Any]] = {
    ("intervals", "kind"): st.sampled_from([kind.value for kind in UnitKind]),
    ("intervals", "gpus"): st.dictionaries(_TEXT, st.integers(1, 9), max_size=2),
    ("intervals", "started_at"): st.none() | _NEAR,
    ("intervals", "ended_at"): st.none() | _NEAR,
}
"""What is counted must be what is counted in life."""


def edge_rows() -> st.SearchStrategy[Rows]:
    """Return table -> rows of every table but the daily sums, which :func:`put` counts."""
    tables = [table for table in metadata.sorted_tables if table.name not in _COUNTED]
    return st.fixed_dictionaries({table.name: _rows(table) for table in tables})


def put(connection: Connection, rows: Rows) -> None:
    """Put them into an empty ledger."""
    for table in metadata.sorted_tables:
        if rows.get(table.name):
            connection.execute(insert(table), rows[table.name])
    rollups.rebuild(connection)


def _values(column: Column[Any]) -> st.SearchStrategy[Any]:
    special = _COLUMNS.get((column.table.name, column.name))
    if special is not None:
        return special
    own = next((values for type_, values in _TYPES.items() if isinstance(column.type, type_)), None)
    values = _KINDS[kind_of(column.type)] if own is None else own
    return st.none() | values if column.nullable else values


def _rows(table: Table) -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.fixed_dictionaries({column.name: _values(column) for column in table.columns})
    rows = st.lists(one, min_size=1, max_size=3)
    return rows.map(lambda found: [_keyed(table, dict(row), number) for number, row in enumerate(found)])


def _keyed(table: Table, row: dict[str, Any], number: int) -> dict[str, Any]:
    """Number what must be unique; what refers to another table refers to the first row there."""
    for column in table.columns:
        if column.foreign_keys:
            row[column.name] = "0"
        elif column.unique or column.primary_key:
            kind = kind_of(column.type)
            if kind is Kind.integer:
                row[column.name] = number + 1
            elif kind is Kind.instant:
                row[column.name] = row[column.name].replace(microsecond=number)
            elif kind is Kind.text and not isinstance(column.type, Exact):
                row[column.name] = f"{number}{row[column.name]}"[:7] if column.name != "id" or number else "0"
    return row
