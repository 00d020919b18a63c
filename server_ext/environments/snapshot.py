"""What is installed where this file runs, and what the sources of the named modules hash to.

The *text* of this file is run by kernels, schedulers and workers, of any Python from 3.8 on and without our packages
there: so it imports the standard library only, and answers in JSON. It looks for modules and imports none of them; of a
source it tells the hash, never a line. Every search is bounded, so that a directory full of files or a slow disk costs
seconds at most.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import site
import sys
import sysconfig
import time
import zipfile
from pathlib import Path
from typing import Any, Iterable, Iterator  # noqa: UP035 - collections.abc cannot be subscripted by 3.8
from urllib.parse import unquote, urlsplit

MODULES = 60
"""At most so many modules are read."""
FILES, BYTES = 1000, 20_000_000
"""Of one module, in the order of its paths; the rest is left out, and that is told."""
PARSED = 1_000_000
"""Bytes: what is larger is hashed, and its imports are not followed."""
SECONDS = 2.0
"""For all sources: a scheduler and a worker answer nobody meanwhile. What was not reached has no hash."""


def snapshot(names: Iterable[str] = (), directory: str = "", *, follow: bool = False) -> str:
    """Return what is here, as JSON.

    Args:
        names: top-level modules to look for, wherever they are.
        directory: where a notebook's own modules are; empty: there is no notebook.
        follow: ``names`` are what a notebook imports, and this is its kernel. Then installed packages are named and not
            read, and what a module of its own imports is looked for too.

    Returns:
        ``python``, ``implementation``, ``system``, ``worker`` (its name at the gateway); ``packages``: name to version;
        ``editable``: name to its modules; ``provides``: import to names of packages; ``modules``: name to
        ``[sha256 or null, newest change in seconds, whether something was left out]``.
    """
    installed = Installed(editable=follow)
    search = _Search(installed, directory)
    if follow:
        search.follow(names)
    else:
        for name in names:
            search.read(name)
    return json.dumps(
        {
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
            "system": f"{platform.system()} {platform.machine()}",
            "worker": os.environ.get("DASK_GATEWAY_WORKER_NAME", ""),
            "packages": installed.packages,
            "editable": search.editable,
            "provides": search.provides,
            "modules": search.modules,
        }
    )


def imported_names(tree: ast.AST) -> list[str]:
    """Return the top-level modules that a program imports, in order, wherever in it."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update((alias.name.partition(".")[0], None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found[node.module.partition(".")[0]] = None
    return list(found)


class Installed:
    """The packages of this Python; of two with one name the first counts, as in an import."""

    def __init__(self, *, editable: bool) -> None:
        self.packages: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        """Editable packages and where their project is."""
        self.places: set[str] = set()
        """Directories into which packages are installed."""
        self.known: dict[str, importlib.metadata.Distribution] = {}
        site_directories = _site_directories()
        for distribution in importlib.metadata.distributions():
            metadata = distribution.metadata  # parsed anew at each access
            name, version = metadata["Name"], metadata["Version"]
            if not name or not version:
                continue
            place = os.path.realpath(str(distribution.locate_file("")))
            develop = editable and place not in site_directories and distribution.read_text("PKG-INFO") is not None
            if not develop:
                self.places.add(place)
            if name in self.packages:
                continue
            self.packages[name] = version
            self.known[spelling(name)] = distribution
            root = place if develop else _project(distribution) if editable else None
            if root is not None:
                self.roots[name] = root

    def modules(self, name: str) -> list[str]:
        """Return the modules of a package where it names them itself, else one of its own name."""
        text = self.known[spelling(name)].read_text("top_level.txt")
        return text.split() if text else [re.sub(r"[-.]+", "_", name)]

    def providers(self, module: str) -> list[str]:
        """Return the packages that brought an installed module, as ``packages_distributions`` of 3.10 does."""
        if spelling(module) in self.known:
            return [self.known[spelling(module)].metadata["Name"]]
        return [distribution.metadata["Name"] for distribution in self.known.values() if _brings(distribution, module)]


def spelling(name: str) -> str:
    """Return a package's one spelling, by PEP 503: ``Foo.Bar_baz`` is ``foo-bar-baz``."""
    return re.sub(r"[-_.]+", "-", name).lower()


class _Search:
    """Looks for modules, and keeps what it found."""

    def __init__(self, installed: Installed, directory: str) -> None:
        self._installed = installed
        self._directory = directory
        self._end = time.monotonic() + SECONDS
        self.modules: dict[str, list[Any]] = {}
        self.provides: dict[str, list[str]] = {}
        self.editable: dict[str, list[str]] = {}

    def follow(self, names: Iterable[str]) -> None:
        """Look for what a notebook imports, and for what its own modules import in turn."""
        for name in self._installed.roots:
            self.editable[name] = [module for module in self._installed.modules(name) if self.read(module)]
        waiting, seen = list(names), set()
        while waiting and len(self.modules) < MODULES:
            name = waiting.pop(0)
            if name not in seen:
                seen.add(name)
                waiting += self._follow(name)

    def _follow(self, name: str) -> list[str]:
        if name in getattr(sys, "stdlib_module_names", sys.builtin_module_names):
            return []
        spec, own = self._find(name)
        place = _place(spec)
        owners = [owner for owner, root in self._installed.roots.items() if place and _below(place, [root])]
        if place is None:
            self.provides[name] = [name]  # not here: the notebook will say so; the workers may have it
        elif not own and _below(place, self._installed.places):
            self.provides[name] = self._installed.providers(name)
        elif not own and owners:
            self.provides[name] = owners
            self._add_to(owners[0], name)
        elif own or not _below(place, [sysconfig.get_path("stdlib")]):
            self.read(name)
            return [found for source in _files(spec) for found in _imports_of(source, self._end)]
        return []

    def _add_to(self, owner: str, name: str) -> None:
        if name not in self.editable[owner] and self.read(name):
            self.editable[owner].append(name)

    def read(self, name: str) -> bool:
        """Take the hash of a module's sources; return whether there is such a module."""
        spec, _ = self._find(name)
        if _place(spec) is not None and len(self.modules) < MODULES:
            self.modules.setdefault(name, _hash(spec, self._end))
        return name in self.modules

    def _find(self, name: str) -> tuple[Any, bool]:
        """Return the module's spec, and whether it is the notebook's own: not to be had without its directory."""
        try:
            usual = importlib.util.find_spec(name)  # a top-level name: nothing is imported to find it
        except (ImportError, ValueError, AttributeError):
            usual = None
        beside = importlib.machinery.PathFinder.find_spec(name, [self._directory]) if self._directory else None
        if beside is None or (usual is not None and (usual.origin == beside.origin or not beside.has_location)):
            return usual, False
        return beside, True


def _place(spec: Any) -> str | None:
    """Return where a module lies; ``None`` where it has no file: built in, frozen, or not there."""
    if spec is None:
        return None
    locations = list(spec.submodule_search_locations or ())
    found = spec.origin if spec.has_location else locations[0] if locations else None
    return os.path.realpath(found) if found else None


def _files(spec: Any) -> Iterator[_Source]:
    """Return a module's sources by their paths in it: of a package its ``.py`` files, else its one file."""
    if hasattr(spec.loader, "archive"):
        yield from _zipped(spec)
    elif spec.submodule_search_locations is None:
        yield _Source(Path(spec.origin).name, Path(spec.origin))
    else:
        for location in spec.submodule_search_locations:
            for directory, inner, names in os.walk(location):
                inner[:] = sorted(name for name in inner if name != "__pycache__" and not name.startswith("."))
                for name in sorted(name for name in names if name.endswith(".py")):
                    yield _Source(Path(directory, name).relative_to(location).as_posix(), Path(directory, name))


def _zipped(spec: Any) -> Iterator[_Source]:
    """Return the sources of a module in an archive, such as ``Client.upload_file`` sends, in the same order."""
    package = spec.submodule_search_locations is not None
    start = f"{spec.loader.prefix}{spec.name}" + ("/" if package else ".py")
    with zipfile.ZipFile(spec.loader.archive) as archive:
        inside = [name for name in archive.namelist() if name.startswith(start) and name.endswith(".py")]
        for name in sorted(inside, key=_walked):
            path = zipfile.Path(archive, name)
            yield _Source(name[len(start) :] if package else f"{spec.name}.py", path, archive.getinfo(name).file_size)


def _walked(name: str) -> list[tuple[bool, str]]:
    """Order paths as ``os.walk`` does: the files of a directory before what is in its directories."""
    *directories, file = name.split("/")
    return [(True, directory) for directory in directories] + [(False, file)]


class _Source:
    """One file of a module: its path in the module, and how to read it."""

    def __init__(self, name: str, path: Any, size: int | None = None) -> None:
        self.name, self.path, self._size = name, path, size

    def status(self) -> tuple[int, float]:
        """Return its size, and when it was changed; 0 in an archive."""
        if self._size is not None:
            return self._size, 0.0
        found = Path(self.path).stat()
        return found.st_size, found.st_mtime


def _hash(spec: Any, end: float) -> list[Any]:
    total, newest, left = hashlib.sha256(), 0.0, BYTES
    try:
        for count, source in enumerate(_files(spec)):
            size, changed = source.status()
            if count >= FILES or size > left:
                return [total.hexdigest(), int(newest), True]
            content = source.path.read_bytes()
            if time.monotonic() > end:
                return [None, int(newest), False]
            left, newest = left - len(content), max(newest, changed)
            total.update(f"{source.name}\0{len(content)}\0".encode() + content)
    except (OSError, zipfile.BadZipFile):  # not ours to read, or it has just gone
        return [None, int(newest), False]
    return [total.hexdigest(), int(newest), False]


def _imports_of(source: _Source, end: float) -> list[str]:
    try:
        if source.name.endswith(".py") and source.status()[0] < PARSED and time.monotonic() < end:
            return imported_names(ast.parse(source.path.read_bytes()))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    return []


def _project(distribution: importlib.metadata.Distribution) -> str | None:
    """Return the directory of an editable package, by PEP 610; ``None``: it is not editable."""
    try:
        told = json.loads(distribution.read_text("direct_url.json") or "{}")
        if told.get("dir_info", {}).get("editable"):
            return os.path.realpath(unquote(urlsplit(told["url"]).path))
    except (ValueError, KeyError, AttributeError):
        pass
    return None


def _brings(distribution: importlib.metadata.Distribution, module: str) -> bool:
    names = (distribution.read_text("top_level.txt") or "").split()
    if names:
        return module in names
    firsts = {str(file).replace("\\", "/").split("/")[0] for file in distribution.files or ()}
    return any(first.split(".")[0] == module for first in firsts if not first.endswith("-info"))


def _site_directories() -> set[str]:
    found = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    if hasattr(site, "getsitepackages"):  # not in the environments of an old virtualenv
        found += [*site.getsitepackages(), site.getusersitepackages()]
    return {os.path.realpath(path) for path in found}


def _below(place: str, roots: Iterable[str]) -> bool:
    return any(place.startswith(os.path.realpath(root) + os.sep) for root in roots)
