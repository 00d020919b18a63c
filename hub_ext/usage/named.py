"""Rows by their names, hundreds at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, Connection, Row, Text, any_, literal, select

_AT_ONCE = 500
"""Names in one question to SQLite; far below what it takes."""


def named(connection: Connection, column: Column[str], names: Sequence[str], *what: Any) -> Iterator[Row[Any]]:
    """Yield the rows whose column is one of these names.

    Args:
        connection: a transaction.
        column: what is compared.
        names: of any number.
        what: the columns, or the table, that a row has.
    """
    if connection.dialect.name == "postgresql":  # one array, not hundreds of parameters: they cost more than the rows
        yield from connection.execute(select(*what).where(column == any_(literal(names, ARRAY(Text))))).all()
        return
    for begin in range(0, len(names), _AT_ONCE):
        yield from connection.execute(select(*what).where(column.in_(names[begin : begin + _AT_ONCE])))
