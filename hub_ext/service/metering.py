"""Meters pods while this replica leads: what the watcher sees goes into the ledger, and pods are let go after it.

Of several replicas the leader does it. For a moment two may; that changes nothing, because events have the pods' own
ids, and a finalizer is taken off only once.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from hub_ext import clock
from hub_ext.contract.errors import Unavailable
from hub_ext.metrics import Metrics
from hub_ext.pods.answers import FORBIDDEN, Answered
from hub_ext.pods.charging import free
from hub_ext.pods.facts import Pod, gone
from hub_ext.pods.watching import Sight, Watcher
from hub_ext.service.live import Changes
from hub_ext.service.pod_books import PodBooks, Taken
from hub_ext.service.pod_use import PodUse

if TYPE_CHECKING:
    from hub_ext.pods.api import PodApi

log = logging.getLogger(__name__)

_PAUSE = 1.0
"""Seconds until the database or the API server is tried again."""
_ROUND = 5.0
"""Seconds after which pods are looked at though there is no news."""
_ALIVE = 30.0
"""Seconds between two notes that pods are there: so well known is the end of one that nobody saw going."""
_AT_ONCE = 200
"""Pods in one transaction."""
_PATCHES = 10
"""Pods that are let go at the same time."""


class Meter:
    """Meters the pods of some namespaces.

    Args:
        books: keep what is seen.
        changes: tells the streams.
        metrics: counts.
        namespaces: that are watched; none: nothing is done.
        patience: seconds after its grace period in which the end of a pod may still be told.
        use: splits the time of workers beside it.
    """

    def __init__(
        self,
        books: PodBooks,
        changes: Changes,
        metrics: Metrics,
        *,
        namespaces: Sequence[str],
        patience: float,
        use: PodUse,
    ) -> None:
        self._books = books
        self.use = use
        self._changes = changes
        self._metrics = metrics
        self.namespaces = tuple(namespaces)
        self._patience = patience
        self._task: asyncio.Task[None] | None = None
        self._released: set[str] = set()
        self.refused: dict[str, str] = {}
        """Uid -> why a pod is charged to nobody."""
        self._alive_at = 0.0
        self.stuck: dict[str, str] = {}
        """Namespace -> why pods that have ended stay there."""
        self.watcher: Watcher | None = None
        """None: this replica does not watch."""
        self.problem = ""
        """Why nothing is watched at all; empty: nothing keeps it."""

    def lead(self, *, leads: bool) -> None:
        """Begin or cease to meter, as this replica leads or does not."""
        if leads and self.namespaces and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run())
        elif not leads and self._task is not None:
            self._task.cancel()
            self._task = None

    async def close(self) -> None:
        """Cease to meter."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        """Meter until cancelled. Where that cannot begin, the next round of the housekeeping tries again."""
        try:
            api = await _connected()
        except Unavailable as error:
            if error.message != self.problem:
                log.warning("%s", error.message)
            self.problem = error.message
            return
        self.problem, self._alive_at = "", 0.0
        self._released.clear()
        self.stuck.clear()
        watcher = self.watcher = Watcher(api, self.namespaces)
        loop = asyncio.get_running_loop()
        beside = loop.create_task(watcher.run()), loop.create_task(self.use.run(watcher, self.refused))
        try:
            while True:
                await self._round(watcher)
        finally:
            self.watcher = None
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await api.close()

    async def _round(self, watcher: Watcher) -> None:
        """Take what is new, end what is gone, let go what is over; wait for news."""
        try:
            await self._take(watcher, watcher.take())
            await self._settle(watcher)
            await self._note_alive(watcher)
        except Unavailable as error:
            log.warning("Pods are metered later: %s", error.message)
            await asyncio.sleep(_PAUSE)
        except Exception:  # a defect here must not end the metering of everybody
            log.exception("Metering pods failed; it is tried again")
            await asyncio.sleep(_PAUSE)
        with suppress(TimeoutError):
            await asyncio.wait_for(watcher.told.wait(), _ROUND)

    async def _take(self, watcher: Watcher, sights: Sequence[Sight]) -> None:
        for begin in range(0, len(sights), _AT_ONCE):
            now = clock.now()
            try:
                taken = await asyncio.to_thread(self._books.take, sights[begin : begin + _AT_ONCE], now)
            except BaseException:
                watcher.give_back(sights[begin:])
                raise
            self._told(taken, now)
            self._note_waits(sights[begin : begin + _AT_ONCE], taken)
        for sight in sights:
            if not sight.there:
                self.refused.pop(sight.pod.uid, None)
                self._released.discard(sight.pod.uid)

    async def _settle(self, watcher: Watcher) -> None:
        """Let go the pods whose end is in the ledger."""
        now = clock.now()
        # What is still news is not in the ledger: it is let go in a later round.
        waits = self._released | watcher.news.keys()
        held = [pod for pod in watcher.pods.values() if pod.held and pod.uid not in waits]
        over = [pod for pod in held if free(pod, now, self._patience)]
        late = [pod for pod in over if pod.end is None and pod.start is not None]
        await self._take(watcher, [Sight(replace(pod, end=gone(pod, now)), there=True, at=now) for pod in late])
        for begin in range(0, len(over), _PATCHES):
            await asyncio.gather(*(self._let_go(watcher.api, pod) for pod in over[begin : begin + _PATCHES]))

    async def _let_go(self, api: "PodApi", pod: Pod) -> None:
        try:
            if await api.let_go(pod.namespace, pod.name, pod.finalizers):
                self._released.add(pod.uid)
        except Unavailable as error:  # the others are let go, and metered, all the same
            self._stuck(pod.namespace, error)
        else:
            self.stuck.pop(pod.namespace, None)

    def _stuck(self, namespace: str, error: Unavailable) -> None:
        """Remember why pods that have ended stay."""
        text = f"Pods that have ended stay in {namespace}: {error.message}"
        if isinstance(error, Answered) and error.code == FORBIDDEN:
            text = (
                f"The service may not patch pods in {namespace}, so pods that have ended stay there. Give its service "
                "account a Role there with pods: patch."
            )
        if self.stuck.get(namespace) != text:
            log.warning("%s", text)
        self.stuck[namespace] = text

    async def _note_alive(self, watcher: Watcher) -> None:
        """Note what is there, and end what is not, though nobody saw it going."""
        time = asyncio.get_running_loop().time()
        if not watcher.listed or time < self._alive_at:
            return
        now, known = clock.now(), set(watcher.pods) | set(watcher.news)
        taken = await asyncio.to_thread(self._books.missed, self.namespaces, known, now)
        self._told(taken, now)
        there = [pod.uid for pod in watcher.pods.values() if pod.lives]
        await asyncio.to_thread(self._books.alive, there, now)
        self._alive_at = time + _ALIVE

    def count_problems(self) -> None:
        """Bring the gauge of namespaces that are not watched up to date."""
        looks = self.watcher.looks.values() if self.watcher else ()
        self._metrics.pod_problems.set(
            len(self.namespaces) if self.problem else sum(bool(one.problem) for one in looks)
        )

    def _told(self, taken: Taken, now: datetime) -> None:
        self._metrics.events.inc(len(taken.events))
        for event in taken.events:
            self._metrics.pod_lag.observe(max(0.0, (now - event.at).total_seconds()))
        for uid, why in taken.refused.items():
            if self.refused.get(uid) != why:
                log.warning("A pod is charged to nobody: %s", why)
                self.refused[uid] = why
        for user in taken.users:
            self._changes.of(user)

    def _note_waits(self, sights: Collection[Sight], taken: Taken) -> None:
        started = {event.unit for event in taken.events if event.type == "started"}
        for pod in (sight.pod for sight in sights if sight.pod.unit in started):
            if pod.kind is None or pod.start is None or pod.scheduled_at is None:
                continue
            waited = {"machine": pod.scheduled_at - pod.created_at, "image": pod.start.at - pod.scheduled_at}
            for step, time in waited.items():
                self._metrics.pod_wait.labels(pod.kind.value, step).observe(max(0.0, time.total_seconds()))


async def _connected() -> "PodApi":
    """Return the API server.

    Raises:
        Unavailable: there is no way to it.
    """
    try:
        from hub_ext.pods.api import PodApi  # noqa: PLC0415 - needed on Kubernetes alone
    except ImportError as error:
        raise Unavailable(
            f"The package {error.name} is missing, so pods are not metered. Install jupyterhub-gatehouse[kubernetes]."
        ) from error
    return await PodApi.connect()
