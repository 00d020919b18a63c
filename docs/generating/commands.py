"""The command line, from the applications behind it."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from traitlets.config import Application

from docs.generating.markdown import code, one_line, page, prose, table
from hub_ext.cli.main import Gatehouse

Kind = type[Application]


def command_line_page() -> str:
    """Return the reference of the command."""
    exits = "Exit codes: 0 done, 1 refused with a reason, 2 a wrong command line."
    return page("Command line", exits, *_commands(Gatehouse, "gatehouse"))


def _commands(kind: Kind, name: str) -> Iterator[str]:
    subcommands = {key: (_imported(value), text) for key, (value, text) in _declared(kind, "subcommands").items()}
    yield f"## `{name}`\n\n{prose(str(kind.description))}\n"
    if subcommands:
        yield table(("subcommand", ""), ((code(key), text) for key, (_, text) in subcommands.items()))
    options = [*_aliases(kind), *_flags(kind)]
    if options:
        yield table(("option", ""), options)
    examples = str(vars(kind).get("examples", "")).strip()
    if examples:
        yield f"```text\n{examples}\n```\n"
    for key, (value, _) in subcommands.items():
        yield from _commands(value, f"{name} {key}")


def _declared(kind: Kind, name: str) -> Mapping[Any, Any]:
    """Return a mapping that the class gives as a plain value; an empty one, if it leaves the trait as it is."""
    value = getattr(kind, name)
    return value if isinstance(value, Mapping) else {}


def _imported(value: str | Kind) -> Kind:
    if not isinstance(value, str):
        return value
    module, _, name = value.rpartition(".")
    found: Kind = getattr(importlib.import_module(module), name)
    return found


def _flags(kind: Kind) -> Iterator[tuple[str, str]]:
    for keys, (_, text) in _declared(kind, "flags").items():
        yield code(f"--{_long(keys)}"), text


def _aliases(kind: Kind) -> Iterator[tuple[str, str]]:
    for keys, target in _declared(kind, "aliases").items():
        trait_name = str(target if isinstance(target, str) else target[0]).rpartition(".")[2]
        yield code(f"--{_long(keys)}=..."), one_line(kind.class_traits()[trait_name].help)


def _long(keys: str | tuple[str, ...]) -> str:
    return keys if isinstance(keys, str) else keys[-1]
