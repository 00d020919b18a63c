"""What a notebook imports, read from its text. Pure: nothing is run, and no kernel is asked.

The text and not the live kernel: a person asks before the run, the kernel may be busy, and a comparison must never run
code in it. What is imported by a computed name, or by a program that a cell starts, is not seen.
"""

import ast
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from server_ext.environments.snapshot import imported_names

NAMES = 300
"""Of one notebook; more are not looked for."""
_TRANSPARENT = ("time", "timeit", "capture", "prun", "memit", "mprun")
"""Cell magics whose cell is still Python of this notebook."""
_LINE_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\s*=\s*[%!].*|.*\?{1,2}\s*)$")


@dataclass(frozen=True)
class Imports:
    """Top-level names of modules, in order, and how many cells could not be read."""

    names: tuple[str, ...] = ()
    unread: int = 0


def imports_of(sources: Iterable[str]) -> Imports:
    """Return what the cells import."""
    names: dict[str, None] = {}
    unread = 0
    for source in sources:
        try:
            names.update(dict.fromkeys(_read(source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            unread += 1
    return Imports(tuple(names)[:NAMES], unread)


def _read(source: str) -> list[str]:
    lines = source.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first[2:].split(maxsplit=1)[:1] not in [[name] for name in _TRANSPARENT]:
        return []
    python = "\n".join(_LINE_MAGIC.sub(r"\1pass", line) for line in lines)  # `pass` keeps the blocks whole
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a person's "\d" is their own matter
        return imported_names(ast.parse(python))
