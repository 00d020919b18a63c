"""Will my code run there: the kernel's Python and packages beside those of a cluster's scheduler and workers."""

from enum import StrEnum

from hub_ext.contract.model import Instant, Message
from hub_ext.contract.shape import Count


class Verdict(StrEnum):
    """How one package of the kernel compares with the cluster."""

    same = "same"
    different = "different"
    missing = "missing"
    """The kernel has it and the whole cluster does not, or the other way round."""


class PackageComparison(Message):
    """One package, or Python itself, in the three places. ``None`` as a version: not installed there."""

    name: str
    verdict: Verdict
    kernel: str | None
    scheduler: str | None
    workers: tuple[str | None, ...]
    """Every version found on the workers, each once; empty when the cluster has no worker."""


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
    same: Count
    """Packages that are the same everywhere."""
    differences: tuple[PackageComparison, ...]
    """Different versions first, then what one side lacks; by name within each."""
