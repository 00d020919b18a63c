"""Will my code run there: what the kernel can import beside what a cluster's scheduler and workers can."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hub_ext.contract.model import Instant, Message
from hub_ext.contract.shape import Count

SOURCES_CHARACTERS = 1_000_000
"""How much text of a notebook is read for its imports."""


class EnvironmentRequest(Message):
    """What to compare with a cluster. Nothing of it is run: of the sources only the import statements are read."""

    kernel: Annotated[str, Field(max_length=255)] = "python3"
    """Name of a kernelspec."""
    notebook: Annotated[str, Field(max_length=4096)] = ""
    """Path of the notebook in front, as this server knows it: modules beside it count. Empty: there is none."""
    sources: Annotated[tuple[Annotated[str, Field(max_length=SOURCES_CHARACTERS)], ...], Field(max_length=2000)] = ()
    """Its cells, or those that import something."""
    has_workers: bool = False
    """Workers run: the first of them is waited for, a few seconds, until the scheduler knows it."""
    fresh: bool = False
    """Do not use an answer that is already there."""


class Verdict(StrEnum):
    """How one package of the kernel compares with the cluster."""

    same = "same"
    different = "different"
    missing = "missing"
    """The kernel has it and the whole cluster does not, or the other way round."""


class Severity(StrEnum):
    """What a difference can do, worst first."""

    critical = "critical"
    """It can break the connection, or what is sent over it."""
    imported = "imported"
    """The notebook imports it."""
    other = "other"


class PackageComparison(Message):
    """One package, module, Python or system in the three places. ``None`` as a version: not there."""

    name: str
    verdict: Verdict
    severity: Severity = Severity.other
    effect: str = ""
    """What may happen, in a few words; empty where they are the same."""
    why: str = ""
    """One sentence: fact, cause, next step; empty where they are the same."""
    kernel: str | None
    """A version; of a module, and of a package whose sources can be edited, the beginning of its sources' hash."""
    scheduler: str | None
    workers: tuple[str | None, ...]
    """Every version found on the workers, each once; empty when the cluster has no worker."""
    differing: Count = 0
    """How many workers differ from the kernel."""
    example: str | None = None
    """Name of one of them."""
    edited_at: Instant | None = None
    """When the kernel's sources were last edited, where the whole cluster has the module and not all of it this one."""


class EnvironmentComparison(Message):
    """The kernel against one cluster, as of one moment."""

    cluster: str
    kernel: str
    """Name of the kernelspec."""
    kernel_title: str
    compared_at: Instant
    workers: Count
    """How many workers were asked."""
    python: PackageComparison
    system: PackageComparison
    """Operating system and machine."""
    imports: Count | None
    """How many packages and modules the notebook imports; ``None``: there is no notebook."""
    unread: Count
    """Cells that import something and could not be read as Python."""
    partly_read: tuple[str, ...]
    """Modules of which only the first files were compared."""
    same: Count
    """Packages and modules that are the same everywhere."""
    differences: tuple[PackageComparison, ...]
    """By severity, then different before missing, then by name."""
