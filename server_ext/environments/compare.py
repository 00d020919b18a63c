"""Compare what is installed. Pure.

A package is *the same* when kernel, scheduler and every worker have one version; *missing* when the kernel has it and
nothing of the cluster does, or the other way round; *different* in every other case, also when only some workers have
it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub_ext.contract.environment import EnvironmentComparison, PackageComparison, Verdict
from hub_ext.contract.model import Instant

_ORDER = {Verdict.different: 0, Verdict.missing: 1, Verdict.same: 2}


@dataclass(frozen=True)
class Snapshot:
    """What one process can import: Python's version, and the version of each package by its normalised name."""

    python: str
    packages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sides:
    """The snapshots to compare. Workers may be none; a cluster always has a scheduler."""

    kernel: Snapshot
    scheduler: Snapshot
    workers: tuple[Snapshot, ...] = ()


def read_snapshot(text: str) -> Snapshot:
    """Read what :func:`server_ext.environments.snapshot.snapshot` wrote.

    Raises:
        ValueError: if the text is something else.
    """
    try:
        found = json.loads(text)
        packages = {normalise(name): str(version) for name, version in found["packages"].items()}
        return Snapshot(python=str(found["python"]), packages=packages)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no snapshot") from error


def normalise(name: str) -> str:
    """Return a package's one spelling, by PEP 503: ``Foo.Bar_baz`` is ``foo-bar-baz``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def compare(sides: Sides, *, cluster: str, kernel: str, kernel_title: str, now: Instant) -> EnvironmentComparison:
    """Return the comparison of one kernel with one cluster."""
    everywhere = (sides.kernel, sides.scheduler, *sides.workers)
    names = sorted({name for side in everywhere for name in side.packages})
    rows = [_row(name, *(side.packages.get(name) for side in everywhere)) for name in names]
    differences = [row for row in rows if row.verdict is not Verdict.same]
    return EnvironmentComparison(
        cluster=cluster,
        kernel=kernel,
        kernel_title=kernel_title,
        compared_at=now,
        workers=len(sides.workers),
        python=_row("Python", *(side.python for side in everywhere)),
        same=len(rows) - len(differences),
        differences=tuple(sorted(differences, key=lambda row: (_ORDER[row.verdict], row.name))),
    )


def _row(name: str, kernel: str | None, scheduler: str | None, *workers: str | None) -> PackageComparison:
    return PackageComparison(
        name=name,
        verdict=_verdict(kernel, (scheduler, *workers)),
        kernel=kernel,
        scheduler=scheduler,
        workers=tuple(dict.fromkeys(workers)),
    )


def _verdict(kernel: str | None, cluster: Sequence[str | None]) -> Verdict:
    if all(version == kernel for version in cluster):
        return Verdict.same
    if kernel is None or all(version is None for version in cluster):
        return Verdict.missing
    return Verdict.different
