"""The text of :mod:`server_ext.environments.snapshot`, in the two forms in which it is run elsewhere.

It travels as text and not as a pickled function: a pickled function cannot be read by another version of Python, and
that is just what we want to find out about.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files


@cache
def snapshot_source() -> str:
    """Return the text of the snapshot's file."""
    return files("server_ext.environments").joinpath("snapshot.py").read_text(encoding="utf-8")


def snapshot_program(imports: Sequence[str] = (), directory: str = "") -> str:
    """Return a program that prints a kernel's snapshot: for ``python -``."""
    return f"{snapshot_source()}\n\nprint(snapshot({list(imports)!r}, {directory!r}, follow=True))\n"


def snapshot_expression(names: Sequence[str] = ()) -> str:
    """Return an expression with the snapshot as its value: for the builtin ``eval``, which every Python unpickles."""
    run = f"(exec({snapshot_source()!r}, room), room['snapshot']({list(names)!r}))[1]"
    return f"(lambda room: {run})({{'__name__': 'snapshot'}})"
