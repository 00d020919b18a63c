"""Take the snapshots and compare them, once for everybody who asks within a few seconds."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub_ext.contract.environment import EnvironmentComparison, EnvironmentRequest
from hub_ext.contract.errors import Unavailable
from server_ext.clusters import Clusters
from server_ext.environments.compare import Subject, compare
from server_ext.environments.content import names_to_find
from server_ext.environments.imports import Imports, imports_of
from server_ext.environments.kernels import Kernel, find_kernel, kernel_snapshot
from server_ext.environments.sides import Sides, Snapshot, read_snapshot
from server_ext.environments.sources import snapshot_expression

KERNEL_SECONDS, CLUSTER_SECONDS = 8.0, 20.0
"""How long one comparison may take; together below the 30 s after which proxies give up."""
FIRST_WORKER_SECONDS, AGAIN_SECONDS = 12.0, 0.5
"""How long a worker that has started may take to reach its scheduler, and how often that is looked at."""
KEEP_SECONDS = 15.0
"""How long an answer is good for another asker."""


@dataclass(frozen=True)
class Asked:
    """What one comparison is about."""

    kernel: Kernel
    cluster: str
    directory: str
    """Where the notebook in front is; empty: there is none."""
    imports: Imports | None
    has_workers: bool

    @property
    def key(self) -> Hashable:
        """Equal for askers who can share an answer."""
        return self.kernel.name, self.cluster, self.directory, self.imports, self.has_workers


class EnvironmentChecks:
    """Compares kernels with clusters.

    Args:
        clusters: the gateway.
        clock: seconds that only grow; passed in by tests.
    """

    def __init__(self, clusters: Clusters, clock: Callable[[], float] | None = None) -> None:
        self._clusters = clusters
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._kept: dict[Hashable, tuple[float, asyncio.Task[EnvironmentComparison]]] = {}

    async def compare(
        self, specs: Any, request: EnvironmentRequest, cluster: str, directory: str
    ) -> EnvironmentComparison:
        """Return the comparison of a kernel with a running cluster.

        Args:
            specs: the server's ``KernelSpecManager``.
            request: the kernel and the notebook in front.
            cluster: the gateway's name.
            directory: where a kernel of that notebook starts; empty: there is no notebook.

        Raises:
            GatehouseError: if one of them cannot be asked.
        """
        imports = imports_of(request.sources) if request.notebook else None
        kernel, now = find_kernel(specs, request.kernel), self._clock()
        asked = Asked(kernel, cluster, directory, imports, request.has_workers)
        self._kept = {k: kept for k, kept in self._kept.items() if now - kept[0] < KEEP_SECONDS}
        kept = self._kept.get(asked.key)
        if kept is None or (request.fresh and kept[1].done()) or _failed(kept[1]):
            kept = (now, asyncio.create_task(self._compare(asked)))
            kept[1].add_done_callback(_failed)  # looks at the error, also when the asker has gone away
            self._kept[asked.key] = kept
        return await asyncio.shield(kept[1])

    async def _compare(self, asked: Asked) -> EnvironmentComparison:
        names = asked.imports.names if asked.imports else ()
        mine = await kernel_snapshot(asked.kernel, names, asked.directory, seconds=KERNEL_SECONDS)
        scheduler, workers = await self._ask(asked, names_to_find(mine))
        subject = Subject(asked.cluster, asked.kernel.name, asked.kernel.title, datetime.now(UTC))
        return compare(Sides(mine, scheduler, workers), subject, asked.imports)

    async def _ask(self, asked: Asked, names: Sequence[str]) -> tuple[Snapshot, tuple[Snapshot, ...]]:
        try:
            async with asyncio.timeout(CLUSTER_SECONDS), self._clusters.scheduler(asked.cluster) as scheduler:
                ends = self._clock() + FIRST_WORKER_SECONDS
                while True:
                    found = await cluster_snapshots(scheduler, names)
                    if found[1] or not asked.has_workers or self._clock() > ends:
                        return found
                    await asyncio.sleep(AGAIN_SECONDS)
        except TimeoutError as error:
            raise Unavailable(
                f"The cluster did not list its packages within {CLUSTER_SECONDS:.0f} s; its workers may be busy in "
                "code that holds Python's lock. Compare again when the computation has gone on."
            ) from error


async def cluster_snapshots(scheduler: Any, names: Sequence[str]) -> tuple[Snapshot, tuple[Snapshot, ...]]:
    """Ask the scheduler for its own snapshot, and through it every worker for theirs.

    Args:
        scheduler: a ``distributed`` rpc; see ``Client.run_on_scheduler`` and ``Client.run`` for the messages.
        names: modules to look for.

    Raises:
        Unavailable: if one of them cannot run the snapshot.
    """
    from distributed.core import clean_exception  # noqa: PLC0415 - only where a cluster is used
    from distributed.protocol.pickle import dumps  # noqa: PLC0415

    expression = snapshot_expression(names)  # our own text
    call = {"function": dumps(eval), "args": dumps((expression,)), "wait": True}
    own = await scheduler.run_function(**call)
    answers = await scheduler.broadcast(msg={"op": "run", "kwargs": dumps({}), **call}, on_error="ignore")
    taken = []
    for address, answer in (("scheduler", own), *answers.items()):
        if answer["status"] != "OK":
            _, error, _ = clean_exception(**answer)
            raise Unavailable(f"A process of the cluster could not list its packages: {error}. Compare again.")
        taken.append(read_snapshot(answer["result"], address))
    return taken[0], tuple(taken[1:])


def _failed(task: asyncio.Task[EnvironmentComparison]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
