"""CSV that is safe to open in a spreadsheet."""

import csv
import io

from hub_ext.cost.tables import csv_lines


def test_names_cannot_become_formulas() -> None:
    """A name that begins like a formula becomes text; numbers, also negative ones, stay numbers; None is empty."""
    names = ["=1+1", "+cmd", "-x", "@sum", "\tx", 'a "b", c', "line\nbreak"]
    lines = list(csv_lines([names, ["-1.50", "12", None, ""]]))
    read = list(csv.reader(io.StringIO("".join(lines))))

    assert read == [["'=1+1", "'+cmd", "'-x", "'@sum", "'\tx", 'a "b", c', "line\nbreak"], ["-1.50", "12", "", ""]]
