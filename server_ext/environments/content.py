"""Modules without a version of their own, by the hash of their sources: those beside a notebook, and editable packages.

Pure. The kernel's are looked for in the cluster, wherever they are there.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from hub_ext.contract.model import Instant
from server_ext.environments.sides import Module, Sides, Snapshot, normalise

UNREAD = "unread"
SHORT = 5
"""Characters of a hash that people read."""


@dataclass(frozen=True)
class Content:
    """One module, or one package with its modules, in kernel, scheduler and workers."""

    name: str
    values: tuple[str | None, ...]
    versions: bool
    """Different versions are installed: the values begin with them."""
    package: bool
    """It is installed as an editable package, and not a module beside the notebook."""
    changed: Instant | None
    """When the kernel's sources were last changed."""
    cut: bool

    @property
    def unread(self) -> bool:
        """Return whether somewhere it could not be read: then nothing is known of it."""
        return UNREAD in self.values

    @property
    def edited(self) -> bool:
        """Return whether it is everywhere, of one version, and other sources somewhere: an edit that is not there."""
        found = set(self.values)
        return len(found) > 1 and None not in found and not self.unread and not self.versions


def names_to_find(kernel: Snapshot) -> tuple[str, ...]:
    """Return the modules to look for in the cluster."""
    return tuple(kernel.modules)


def contents(sides: Sides) -> list[Content]:
    """Return what is compared by its sources."""
    kernel = sides.kernel
    groups = {name: tuple(m for m in modules if m in kernel.modules) for name, modules in kernel.editable.items()}
    of_packages = {module for modules in groups.values() for module in modules}
    own = {module: (module,) for module in kernel.modules if module not in of_packages}
    found = [_content(sides, name, modules, package=True) for name, modules in groups.items() if modules]
    return found + [_content(sides, name, modules, package=False) for name, modules in own.items()]


def _content(sides: Sides, name: str, modules: tuple[str, ...], *, package: bool) -> Content:
    digests = [_digest(side, modules) for side in sides.everywhere]
    versions = [side.packages.get(normalise(name)) for side in sides.everywhere]
    several = len({version for version in versions if version}) > 1
    values = tuple(
        _value(digest, version if several else None) for digest, version in zip(digests, versions, strict=True)
    )
    mine = [sides.kernel.modules[module] for module in modules]
    changed = max(module.changed for module in mine)
    return Content(
        name=name,
        values=values,
        versions=several,
        package=package,
        changed=datetime.fromtimestamp(changed, UTC) if changed else None,
        cut=any(module.cut for side in sides.everywhere for module in _found(side, modules)),
    )


def _found(side: Snapshot, modules: Iterable[str]) -> list[Module]:
    return [side.modules[module] for module in modules if module in side.modules]


def _digest(side: Snapshot, modules: tuple[str, ...]) -> str | None:
    """Return one hash for all modules; ``None``: none of them is there."""
    found = _found(side, modules)
    if not found:
        return None
    if any(module.digest is None for module in found):
        return UNREAD
    digests = [module.digest or "" for module in found]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _value(digest: str | None, version: str | None) -> str | None:
    if digest is None or digest == UNREAD:
        return digest
    return f"{version} {digest[:SHORT]}" if version else digest[:SHORT]
