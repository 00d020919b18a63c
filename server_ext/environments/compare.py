"""Compare what is installed, and the sources of modules that are not. Pure.

Something is *the same* when kernel, scheduler and every worker have one version; *missing* when the kernel has it and
nothing of the cluster does, or the other way round; *different* in every other case, also when only some workers have
it. A module has no version: the hash of its sources stands in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub_ext.contract.environment import EnvironmentComparison, PackageComparison, Severity, Verdict
from hub_ext.contract.model import Instant
from server_ext.environments.content import Content, contents
from server_ext.environments.imports import Imports
from server_ext.environments.severity import MISSING, PYTHON, SYSTEM, Difference, judge
from server_ext.environments.sides import Sides, Snapshot, normalise

_SEVERITIES = tuple(Severity)
_VERDICTS = (Verdict.different, Verdict.missing, Verdict.same)


@dataclass(frozen=True)
class Subject:
    """Who is compared with whom, and when."""

    cluster: str
    kernel: str
    kernel_title: str
    now: Instant


def compare(sides: Sides, subject: Subject, imports: Imports | None = None) -> EnvironmentComparison:
    """Return the comparison of one kernel with one cluster.

    Args:
        sides: what was found.
        subject: names and time.
        imports: of the notebook in front; ``None``: there is none.
    """
    everywhere, imported = sides.everywhere, _imported(sides.kernel, imports)
    by_source = contents(sides)
    taken = {normalise(content.name) for content in by_source}
    names = sorted({name for side in everywhere for name in side.packages} - taken)
    rows = [
        _row(sides, name, [side.packages.get(name) for side in everywhere], imported=name in imported) for name in names
    ]
    rows += [_row_of(sides, content, imported) for content in by_source]
    differences = [row for row in rows if row.verdict is not Verdict.same]
    return EnvironmentComparison(
        cluster=subject.cluster,
        kernel=subject.kernel,
        kernel_title=subject.kernel_title,
        compared_at=subject.now,
        workers=len(sides.workers),
        python=_row(sides, PYTHON, [side.python for side in everywhere]),
        system=_row(sides, SYSTEM, [side.system for side in everywhere]),
        imports=None if imports is None else len(imported),
        unread=0 if imports is None else imports.unread,
        partly_read=tuple(sorted(content.name for content in by_source if content.cut)),
        same=len(rows) - len(differences),
        differences=tuple(sorted(differences, key=_order)),
    )


def _imported(kernel: Snapshot, imports: Imports | None) -> set[str]:
    """Return the packages and modules that the notebook imports, also those that its own modules import."""
    if imports is None:
        return set()
    of_packages = {module for modules in kernel.editable.values() for module in modules}
    own = {normalise(module) for module in kernel.modules if module not in of_packages}
    return own | {package for packages in kernel.provides.values() for package in packages}


def _order(row: PackageComparison) -> tuple[int, int, str]:
    return _SEVERITIES.index(row.severity), _VERDICTS.index(row.verdict), row.name


def _row_of(sides: Sides, content: Content, imported: set[str]) -> PackageComparison:
    row = _row(
        sides,
        content.name,
        content.values,
        imported=normalise(content.name) in imported,
        module=True,
        package=content.package,
        unread=content.unread,
    )
    return row.model_copy(update={"edited_at": content.changed}) if content.edited else row


def _row(
    sides: Sides,
    name: str,
    values: Sequence[str | None],
    *,
    imported: bool = False,
    module: bool = False,
    package: bool = False,
    unread: bool = False,
) -> PackageComparison:
    kernel, scheduler, *workers = values
    verdict = Verdict.different if unread else _verdict(kernel, (scheduler, *workers))
    row = PackageComparison(
        name=name, verdict=verdict, kernel=kernel, scheduler=scheduler, workers=tuple(dict.fromkeys(workers))
    )
    if verdict is Verdict.same:
        return row
    differ = [side.name for side, value in zip(sides.workers, workers, strict=True) if unread or value != kernel]
    others = dict.fromkeys(value or MISSING for value in (scheduler, *workers) if unread or value != kernel)
    judgement = judge(
        Difference(
            name=name,
            verdict=verdict,
            kernel=kernel,
            others=tuple(others),
            where=_where(differ, len(workers)),
            imported=imported,
            module=module,
            package=package,
            partial=kernel in (scheduler, *workers),
            unread=unread,
        )
    )
    return row.model_copy(
        update={
            "severity": judgement.severity,
            "effect": judgement.effect,
            "why": judgement.why,
            "differing": len(differ),
            "example": differ[0] if differ else None,
        }
    )


def _where(differ: list[str], workers: int) -> str:
    if not differ:
        return "on the scheduler"
    if len(differ) == workers:
        return "on the worker" if workers == 1 else f"on all {workers} workers"
    return f"on {len(differ)} of {workers} workers, such as {differ[0]}"


def _verdict(kernel: str | None, cluster: Sequence[str | None]) -> Verdict:
    if all(version == kernel for version in cluster):
        return Verdict.same
    if kernel is None or all(version is None for version in cluster):
        return Verdict.missing
    return Verdict.different
