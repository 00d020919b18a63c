"""Every trait of ours that a configuration file may set, from the classes themselves."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from traitlets import HasTraits, Undefined

import hub_ext
import server_ext
from docs.generating.markdown import code, one_line, page, prose

_INTRODUCTION = """
What can be set in a configuration file, by class, beside everything that JupyterHub, Dask Gateway and Jupyter Server
have themselves. [](../how-to/add-to-a-hub.md) sets what is needed in one call for each process; this page is for the
rest.
"""
_PROCESSES = {
    "hub_ext.settings": "Hub and gateway",
    "hub_ext.identity": "Hub",
    "hub_ext.spawn": "Hub",
    "hub_ext.cluster": "Gateway",
    "hub_ext.service": "Service",
    "server_ext": "Notebook server",
    "hub_ext.cli": "Command line",
    "hub_ext.demo": "Demo",
}
"""Where a class lives -> the process whose configuration file names it, in the order of the page."""
_NOT_IMPORTABLE = re.compile(r"\.migrations\b|_config$|\.launch$")
"""Configuration files, migrations, and a program: they are run, never imported."""


def configuration_page() -> str:
    """Return the reference of every trait."""
    parts = []
    for process in dict.fromkeys(_PROCESSES.values()):
        parts.append(f"## {process}")
        parts.extend(_class_text(kind) for kind in configurables() if process_of(kind) == process)
    return page("Configuration", _INTRODUCTION, *parts)


def configurables() -> list[type[HasTraits]]:
    """Return every class of ours that declares traits for a configuration file, by module and name."""
    found = {
        value
        for module in _our_modules()
        for _, value in inspect.getmembers(module, inspect.isclass)
        if value.__module__ == module.__name__ and issubclass(value, HasTraits) and own_traits(value)
    }
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


def own_traits(kind: type[HasTraits]) -> dict[str, Any]:
    """Return the configurable traits that the class itself declares."""
    return {name: trait for name, trait in kind.class_own_traits(config=True).items() if trait.this_class is kind}


def process_of(kind: type) -> str:
    """Return the process whose configuration file names the class."""
    return next(process for prefix, process in _PROCESSES.items() if kind.__module__.startswith(prefix))


def _our_modules() -> Iterator[ModuleType]:
    for package in (hub_ext, server_ext):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not _NOT_IMPORTABLE.search(found.name):
                yield importlib.import_module(found.name)


def _class_text(kind: type[HasTraits]) -> str:
    traits = (_trait_text(kind, name, trait) for name, trait in own_traits(kind).items())
    return f"### {kind.__name__}\n\n{one_line(kind.__doc__ or '')}\n" + "".join(traits)


def _trait_text(kind: type[HasTraits], name: str, trait: Any) -> str:
    values = trait.info().replace("a unicode string", "text")
    head = f"`c.{kind.__name__}.{name}` · {values} · {_default(kind, name, trait)}"
    body = "\n".join(f"  {line}".rstrip() for line in prose(trait.help).splitlines())
    return f"\n{head}\n: {body.lstrip()}\n"


def _default(kind: type[HasTraits], name: str, trait: Any) -> str:
    computed = any(name in vars(base).get("_trait_default_generators", {}) for base in kind.__mro__)
    if computed or trait.default_value is Undefined:
        return "default: see below"
    return f"default: {code(trait.default_value_repr())}"
