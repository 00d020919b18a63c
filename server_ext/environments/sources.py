"""The text of :mod:`server_ext.environments.snapshot`, in the two forms in which it is run elsewhere.

It travels as text and not as a pickled function: a pickled function cannot be read by another version of Python, and
that is just what we want to find out about.
"""

from functools import cache
from importlib.resources import files


@cache
def snapshot_source() -> str:
    """Return the text of the snapshot's file."""
    return files("server_ext.environments").joinpath("snapshot.py").read_text(encoding="utf-8")


def snapshot_program() -> str:
    """Return a program that prints the snapshot: for ``python -``."""
    return f"{snapshot_source()}\n\nprint(snapshot())\n"


def snapshot_expression() -> str:
    """Return an expression with the snapshot as its value: for the builtin ``eval``, which every Python unpickles."""
    return f"(lambda room: (exec({snapshot_source()!r}, room), room['snapshot']())[1])({{'__name__': 'snapshot'}})"
