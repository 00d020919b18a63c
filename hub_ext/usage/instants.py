"""Days and microseconds of instants, counted by the database; each of the two keeps instants in its own way."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class utc_day(FunctionElement[Any]):  # noqa: N801 - it reads as a function of SQL
    """The day of UTC on which an instant lies."""

    name = "utc_day"
    inherit_cache = True
    type = Date()


class utc_offset(FunctionElement[Any]):  # noqa: N801 - it reads as a function of SQL
    """Microseconds from the beginning of an instant's day of UTC to the instant."""

    name = "utc_offset"
    inherit_cache = True
    type = BigInteger()


class utc_ticks(FunctionElement[Any]):  # noqa: N801 - it reads as a function of SQL
    """Microseconds from 1970 to an instant."""

    name = "utc_ticks"
    inherit_cache = True
    type = BigInteger()


def _of(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    [column] = list(element.clauses)
    return str(compiler.process(column, **options))


@compiles(utc_day, "sqlite")
def _day_of_text(element: ColumnElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return f"substr({_of(element, compiler, **options)}, 1, 10)"  # type: ignore[arg-type]  # it is registered for it


@compiles(utc_offset, "sqlite")
def _offset_of_text(element: ColumnElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    text = _of(element, compiler, **options)  # type: ignore[arg-type]  # 2026-11-20 12:34:56.123456
    parts = ((12, 2, 3_600_000_000), (15, 2, 60_000_000), (18, 2, 1_000_000), (21, 6, 1))
    return "(" + " + ".join(f"CAST(substr({text}, {at}, {size}) AS INTEGER) * {unit}" for at, size, unit in parts) + ")"


@compiles(utc_day, "postgresql")
def _day(element: ColumnElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({_of(element, compiler, **options)} AT TIME ZONE 'UTC' AS date)"  # type: ignore[arg-type]  # as above


@compiles(utc_offset, "postgresql")
def _offset(element: ColumnElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    instant = _of(element, compiler, **options)  # type: ignore[arg-type]  # as above
    return f"CAST(extract(epoch FROM CAST({instant} AT TIME ZONE 'UTC' AS time)) * 1000000 AS bigint)"


@compiles(utc_ticks, "sqlite")
def _ticks_of_text(element: ColumnElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    text = _of(element, compiler, **options)  # type: ignore[arg-type]  # as above
    seconds = f"CAST(strftime('%s', substr({text}, 1, 19)) AS INTEGER)"
    return f"({seconds} * 1000000 + CAST(substr({text}, 21, 6) AS INTEGER))"


@compiles(utc_ticks, "postgresql")
def _ticks(element: ColumnElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(extract(epoch FROM {_of(element, compiler, **options)}) * 1000000 AS bigint)"  # type: ignore[arg-type]  # as above
