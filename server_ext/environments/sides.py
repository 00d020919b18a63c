"""What kernel, scheduler and workers answered, read into values. Pure."""

import json
import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Module:
    """The sources of one module, as far as they were read."""

    digest: str | None
    """SHA-256 in hex over paths and bytes; ``None``: they could not be read, or not in time."""
    changed: int = 0
    """When the newest of them was changed, in seconds since 1970; 0: not known."""
    cut: bool = False
    """Files beyond the limit were left out."""


@dataclass(frozen=True)
class Snapshot:
    """What one process can import. Names of packages are normalised, names of modules are as they are imported."""

    python: str
    """Version, and the implementation where it is not CPython."""
    packages: dict[str, str] = field(default_factory=dict)
    system: str = ""
    name: str = ""
    """Of a worker."""
    editable: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Packages whose sources can be edited, and their modules."""
    provides: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the notebook imports of installed packages, and which these are."""
    modules: dict[str, Module] = field(default_factory=dict)


@dataclass(frozen=True)
class Sides:
    """The snapshots to compare. Workers may be none; a cluster always has a scheduler."""

    kernel: Snapshot
    scheduler: Snapshot
    workers: tuple[Snapshot, ...] = ()

    @property
    def everywhere(self) -> tuple[Snapshot, ...]:
        """Kernel, scheduler, workers."""
        return (self.kernel, self.scheduler, *self.workers)


def read_snapshot(text: str, name: str = "") -> Snapshot:
    """Read what :func:`server_ext.environments.snapshot.snapshot` wrote.

    Args:
        text: its answer.
        name: of the worker, if it does not say one itself.

    Raises:
        ValueError: if the text is something else.
    """
    try:
        return _read(json.loads(text), name)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no snapshot") from error


def _read(found: Any, name: str) -> Snapshot:
    implementation = str(found["implementation"])
    suffix = "" if implementation == "CPython" else f" {implementation}"
    return Snapshot(
        python=f"{found['python']}{suffix}",
        packages={normalise(package): str(version) for package, version in found["packages"].items()},
        system=str(found["system"]),
        name=str(found["worker"] or name),
        editable={normalise(package): tuple(map(str, modules)) for package, modules in found["editable"].items()},
        provides={str(module): tuple(map(normalise, names)) for module, names in found["provides"].items()},
        modules={
            str(module): Module(None if digest is None else str(digest), int(changed), bool(cut))
            for module, (digest, changed, cut) in found["modules"].items()
        },
    )


def normalise(name: str) -> str:
    """Return a package's one spelling, by PEP 503: ``Foo.Bar_baz`` is ``foo-bar-baz``."""
    return re.sub(r"[-_.]+", "-", name).lower()
