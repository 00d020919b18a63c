"""Markdown: tables, and docstrings turned into prose."""

import re
from collections.abc import Iterable
from inspect import cleandoc

NOTHING = "-"
"""Stands in a cell that would be empty."""


def page(title: str, *parts: str) -> str:
    """Return a generated page."""
    note = "% Written by `python -m docs.generate`; change the code instead.\n\n"
    return f"{note}# {title}\n\n" + "\n".join(part.strip() + "\n" for part in parts)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table."""
    lines = [list(head)]
    lines += [["---"] * len(lines[0]), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def prose(text: str) -> str:
    """Return a docstring or help text, which are reStructuredText, as Markdown."""
    text = re.sub(r":\w+:`[~.]?([^`]+)`", r"`\1`", cleandoc(text))
    return re.sub(r"``([^`]+)``", r"`\1`", text)


def one_line(text: str) -> str:
    """Return the first paragraph as one line."""
    return " ".join(prose(text).split("\n\n")[0].split())


def code(text: object) -> str:
    """Return text in the type of code."""
    return f"`{text}`"


def codes(items: Iterable[object]) -> str:
    """Return items in the type of code, separated by commas."""
    return ", ".join(map(code, items))
