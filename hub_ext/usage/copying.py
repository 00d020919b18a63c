"""A table as plain rows that mean the same on both databases, and the sum by which two copies are compared.

What is copied are the stored values, at whatever revision the schema is: a decimal is its digits, cores are whole
thousandths, JSON is its text. Columns are in the order of their names, so that a row is the same line wherever it comes
from. The checksum does not depend on the order of the rows, which no two databases share.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from hub_ext.usage.schema import VERSION_TABLE
from hub_ext.usage.types import Instant

_AT_ONCE = 1000
"""Rows in memory."""
_MODULUS = 2**256


class Kind(StrEnum):
    """What a column holds."""

    boolean = "boolean"
    date = "date"
    instant = "instant"
    integer = "integer"
    real = "real"
    text = "text"


_KINDS: Sequence[tuple[type[TypeEngine[Any]], Kind, type[TypeEngine[Any]]]] = (
    (Boolean, Kind.boolean, Boolean),
    (Date, Kind.date, Date),
    (DateTime, Kind.instant, Instant),
    (Integer, Kind.integer, BigInteger),
    (Float, Kind.real, Float),
    (String, Kind.text, Text),
)
"""What a database says a column is -> what it holds -> how it is read and written."""
_TYPES = {kind: type_ for _, kind, type_ in _KINDS}
_WRITTEN: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.date: date.isoformat,
    Kind.instant: lambda moment: moment.astimezone(UTC).isoformat(timespec="microseconds"),
}
_READ: Mapping[Kind, Callable[[Any], Any]] = {Kind.date: date.fromisoformat, Kind.instant: datetime.fromisoformat}


@dataclass(frozen=True)
class Shape:
    """A table's name and columns."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    """Name and what it holds, by name."""

    @property
    def table(self) -> Table:
        """The table, to read and to fill."""
        return Table(self.name, MetaData(), *(Column(name, _TYPES[kind]) for name, kind in self.columns))

    def line(self, row: Sequence[Any]) -> bytes:
        """Return a row as a line of JSON without its end."""
        values = [
            value if value is None or kind not in _WRITTEN else _WRITTEN[kind](value)
            for (_, kind), value in zip(self.columns, row, strict=True)
        ]
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()

    def row(self, line: bytes) -> dict[str, Any]:
        """Return the row that a line holds.

        Raises:
            ValueError: it holds none.
        """
        values = json.loads(line)
        if not isinstance(values, list):
            raise ValueError("a row is a list")  # noqa: TRY004 - as json's own
        return {
            name: value if value is None or kind not in _READ else _READ[kind](value)
            for (name, kind), value in zip(self.columns, values, strict=True)
        }


class Tally:
    """Counts rows and sums them up: the SHA-256 of each line, added modulo 2^256."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        """Count a line."""
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(sha256(line).digest(), "big")) % _MODULUS

    @property
    def checksum(self) -> str:
        """The sum, in hexadecimal."""
        return f"{self._sum:064x}"


def shapes(connection: Connection) -> list[Shape]:
    """Return every table of a database; one that refers to another comes after it.

    Raises:
        TypeError: a column is of a type that cannot be copied exactly.
    """
    inspector = inspect(connection)
    names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name and name != VERSION_TABLE]
    return [
        Shape(name, tuple(sorted((one["name"], kind_of(one["type"])) for one in inspector.get_columns(name))))
        for name in names
    ]


def kind_of(type_: TypeEngine[Any]) -> Kind:
    """Return what a column of this type holds.

    Raises:
        TypeError: it cannot be copied exactly.
    """
    stored = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    for known, kind, _ in _KINDS:
        if isinstance(stored, known):
            return kind
    raise TypeError(f"{type_!r} is a type of which no exact copy is known")


def lines(connection: Connection, shape: Shape) -> Iterator[bytes]:
    """Yield every row of a table, some of them in memory at a time."""
    found = connection.execute(select(shape.table).execution_options(yield_per=_AT_ONCE))
    for rows in found.partitions():
        for row in rows:
            yield shape.line(row)


def fill(connection: Connection, shape: Shape, rows: Iterator[Mapping[str, Any]]) -> None:
    """Put rows into a table."""
    table = shape.table
    while some := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(table), some)


def tally(connection: Connection, shape: Shape) -> Tally:
    """Count a table."""
    counted = Tally()
    for line in lines(connection, shape):
        counted.add(line)
    return counted
