"""Which waiting workers are too many. Pure.

The upstream controller does not delete waiting pods when a cluster shrinks: asked to go from five to none it deletes
none of five, because it takes ``list(pending)[:delta]`` with a negative delta (dask-gateway 2026.3, controller.py).
"""

from collections.abc import Iterable

from hub_ext.contract.usage import UnitKind
from hub_ext.pods.facts import Pod, Stage


def too_many(pods: Iterable[Pod], allowed: int) -> list[Pod]:
    """Return the waiting workers of one cluster that have no right to start, the newest first.

    A worker that runs is never among them, and the oldest of those that wait are the last: they are nearest to a
    machine. A pod that is being deleted counts no more.

    Args:
        pods: of one cluster.
        allowed: workers that it may have.
    """
    there = [pod for pod in pods if pod.kind is UnitKind.worker and pod.lives and pod.deleting_at is None]
    waiting = [pod for pod in there if pod.stage is not Stage.running]
    newest = sorted(waiting, key=lambda pod: (pod.created_at, pod.name), reverse=True)
    return newest[: max(0, len(there) - allowed)]
