"""Rows as CSV text, safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def csv_lines(rows: Iterable[Iterable[str | None]]) -> Iterator[str]:
    """Yield each row as a line of CSV (RFC 4180); None is an empty cell.

    People choose names. One that begins like a formula would run in a spreadsheet; an apostrophe makes it text.
    """
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([_cell(value) for value in row])
        yield line.getvalue()


def _cell(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
