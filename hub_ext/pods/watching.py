"""Lists the pods of each namespace and watches them from there, through whatever happens to the API server.

A watch that ends, breaks or is quiet for too long begins again from a fresh listing, so that nothing that is still
there is missed: a pod that the listing no longer has is gone. Between tries it waits, longer each time.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub_ext import clock
from hub_ext.contract.errors import Unavailable
from hub_ext.pods.answers import FORBIDDEN, Answered, Change, Expired
from hub_ext.pods.facts import Pod, read

if TYPE_CHECKING:  # it needs packages that a service without Kubernetes has not
    from hub_ext.pods.api import PodApi

log = logging.getLogger(__name__)

_FIRST, _LONGEST = 0.2, 15.0
"""Seconds between two tries."""


@dataclass(frozen=True)
class Sight:
    """A pod as it was last seen."""

    pod: Pod
    there: bool
    """False: the API server has it no longer."""
    at: datetime
    """When that was seen."""


@dataclass
class Look:
    """How watching one namespace goes."""

    heard_at: datetime | None = None
    """Last word of the API server about it."""
    listed: bool = False
    """Whether all of its pods have been seen since this watcher began."""
    problem: str = ""
    """Why it is not watched now; empty: it is."""


@dataclass
class Watcher:
    """All pods of some namespaces that carry a lease's label. Needs a running asyncio loop."""

    api: "PodApi"
    namespaces: Sequence[str]
    pods: dict[str, Pod] = field(default_factory=dict)
    """By uid, as they are now."""
    news: dict[str, Sight] = field(default_factory=dict)
    """What has changed and nobody has taken yet; of several changes of one pod, the last."""
    looks: dict[str, Look] = field(default_factory=dict)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is news."""

    def __post_init__(self) -> None:
        self.looks = {namespace: Look() for namespace in self.namespaces}

    @property
    def listed(self) -> bool:
        """Whether every namespace has been listed."""
        return all(look.listed for look in self.looks.values())

    def take(self) -> list[Sight]:
        """Return the news, which is then no longer news."""
        taken, self.news = list(self.news.values()), {}
        self.told.clear()
        return taken

    def give_back(self, sights: Sequence[Sight]) -> None:
        """Make news again of what could not be kept; what has changed meanwhile is newer."""
        self.news = {sight.pod.uid: sight for sight in sights} | self.news

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for namespace in self.namespaces:
                tasks.create_task(self._follow(namespace))

    async def _follow(self, namespace: str) -> None:
        look, pause = self.looks[namespace], _FIRST
        while True:
            try:
                items, version = await self.api.pods(namespace)
                self._listed(namespace, items)
                pause = _FIRST
                while True:
                    version = await self._watch(namespace, version)
                    await asyncio.sleep(_FIRST)  # a server or proxy that ends every watch at once is not pressed
            except Expired as error:
                log.info("Pods in %s: %s", namespace, error.message)
            except Unavailable as error:
                self._note(namespace, _explained(namespace, error))
            except Exception:  # an odd object must not end the watch of all others
                log.exception("Watching pods in %s failed; it is tried again", namespace)
                look.problem = "Watching failed by a defect; see the service's log."
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
            pause = min(2 * pause, _LONGEST)

    async def _watch(self, namespace: str, version: str) -> str:
        """Take changes until the server ends the watch; return from where to go on."""
        async for change in self.api.watch(namespace, version):
            self.looks[namespace].heard_at = clock.now()
            version = change.version
            self._take(change)
        return version

    def _take(self, change: Change) -> None:
        if change.type == "BOOKMARK":
            return
        self._see(read(change.object), there=change.type != "DELETED")

    def _listed(self, namespace: str, items: Sequence[dict[str, Any]]) -> None:
        found = {pod.uid: pod for pod in map(read, items)}
        for uid, pod in list(self.pods.items()):
            if pod.namespace == namespace and uid not in found:
                self._see(pod, there=False)
        for pod in found.values():
            self._see(pod, there=True)
        look = self.looks[namespace]
        if look.problem:
            log.info("Pods in %s are watched again", namespace)
        look.heard_at, look.listed, look.problem = clock.now(), True, ""
        self.told.set()

    def _see(self, pod: Pod, *, there: bool) -> None:
        before = self.pods.get(pod.uid)
        if there:
            self.pods[pod.uid] = pod
            if before == pod:
                return
        else:
            self.pods.pop(pod.uid, None)
        self.news[pod.uid] = Sight(pod, there, clock.now())
        self.told.set()

    def _note(self, namespace: str, problem: str) -> None:
        if self.looks[namespace].problem != problem:
            log.warning("%s", problem)
        self.looks[namespace].problem = problem


def _explained(namespace: str, error: Unavailable) -> str:
    """Say what is missing, and what to do about it."""
    if isinstance(error, Answered) and error.code == FORBIDDEN:
        return (
            f"The service may not list or watch pods in the namespace {namespace}, so they are not metered. Give its "
            "service account a Role there with pods: get, list, watch, patch, delete."
        )
    return error.message
