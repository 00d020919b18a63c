"""Take the snapshots and compare them, once for everybody who asks within a few seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from hub_ext.contract.environment import EnvironmentComparison
from hub_ext.contract.errors import Unavailable
from server_ext.clusters import Clusters
from server_ext.environments.compare import Sides, Snapshot, compare, read_snapshot
from server_ext.environments.kernels import Kernel, find_kernel, kernel_snapshot
from server_ext.environments.sources import snapshot_expression

LIMIT_SECONDS = 25.0
"""How long one comparison may take; below the 30 s after which proxies give up."""
KEEP_SECONDS = 15.0
"""How long an answer is good for another asker."""


A = TypeVar("A")
B = TypeVar("B")


class EnvironmentChecks:
    """Compares kernels with clusters.

    Args:
        clusters: the gateway.
        clock: seconds that only grow; passed in by tests.
    """

    def __init__(self, clusters: Clusters, clock: Callable[[], float] | None = None) -> None:
        self._clusters = clusters
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._kept: dict[tuple[str, str], tuple[float, asyncio.Task[EnvironmentComparison]]] = {}

    async def compare(self, specs: Any, kernel: str, cluster: str, *, fresh: bool = False) -> EnvironmentComparison:
        """Return the comparison of a kernel with a running cluster.

        Args:
            specs: the server's ``KernelSpecManager``.
            kernel: name of a kernelspec.
            cluster: the gateway's name.
            fresh: do not use an answer that is already there.

        Raises:
            GatehouseError: if one of them cannot be asked.
        """
        found, now, key = find_kernel(specs, kernel), self._clock(), (kernel, cluster)
        self._kept = {k: kept for k, kept in self._kept.items() if now - kept[0] < KEEP_SECONDS}
        kept = self._kept.get(key)
        if kept is None or (fresh and kept[1].done()) or _failed(kept[1]):
            kept = (now, asyncio.create_task(self._compare(found, cluster)))
            kept[1].add_done_callback(_failed)  # looks at the error, also when the asker has gone away
            self._kept[key] = kept
        return await asyncio.shield(kept[1])

    async def _compare(self, kernel: Kernel, cluster: str) -> EnvironmentComparison:
        mine, theirs = await _both(kernel_snapshot(kernel, seconds=LIMIT_SECONDS), self._ask(cluster))
        return compare(
            Sides(mine, *theirs),
            cluster=cluster,
            kernel=kernel.name,
            kernel_title=kernel.title,
            now=datetime.now(UTC),
        )

    async def _ask(self, cluster: str) -> tuple[Snapshot, tuple[Snapshot, ...]]:
        try:
            async with asyncio.timeout(LIMIT_SECONDS), self._clusters.scheduler(cluster) as scheduler:
                return await cluster_snapshots(scheduler)
        except TimeoutError as error:
            raise Unavailable(
                f"The cluster did not list its packages within {LIMIT_SECONDS:.0f} s; its workers may be busy in code "
                "that holds Python's lock. Compare again when the computation has gone on."
            ) from error


async def cluster_snapshots(scheduler: Any) -> tuple[Snapshot, tuple[Snapshot, ...]]:
    """Ask the scheduler for its own snapshot, and through it every worker for theirs.

    Args:
        scheduler: a ``distributed`` rpc; see ``Client.run_on_scheduler`` and ``Client.run`` for the messages.

    Raises:
        Unavailable: if one of them cannot run the snapshot.
    """
    from distributed.core import clean_exception  # noqa: PLC0415 - only where a cluster is used
    from distributed.protocol.pickle import dumps  # noqa: PLC0415

    call = {"function": dumps(eval), "args": dumps((snapshot_expression(),)), "wait": True}  # our own text
    own = await scheduler.run_function(**call)
    answers = await scheduler.broadcast(msg={"op": "run", "kwargs": dumps({}), **call}, on_error="ignore")
    taken = []
    for answer in (own, *answers.values()):
        if answer["status"] != "OK":
            _, error, _ = clean_exception(**answer)
            raise Unavailable(f"A process of the cluster could not list its packages: {error}. Compare again.")
        taken.append(read_snapshot(answer["result"]))
    return taken[0], tuple(taken[1:])


def _failed(task: asyncio.Task[EnvironmentComparison]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _both(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """Wait for both; when one fails, the other is cancelled and its error is raised as it is."""
    tasks = (asyncio.ensure_future(first), asyncio.ensure_future(second))
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
