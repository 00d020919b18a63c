"""Splits the time of workers that are pods into starting, busy and idle, while this replica meters pods.

What it keeps is cumulative and in the database, so the next leader goes on from there; what nobody measured meanwhile
is counted as none of the three.
"""

import asyncio
import logging
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from hub_ext import clock
from hub_ext.contract.errors import Unavailable
from hub_ext.pods.answers import FORBIDDEN, Answered
from hub_ext.pods.facts import Pod
from hub_ext.pods.measures import Measured, measured
from hub_ext.pods.splitting import Splits, workers
from hub_ext.pods.watching import Watcher
from hub_ext.service.activities import Activities
from hub_ext.service.live import Changes

if TYPE_CHECKING:
    from hub_ext.pods.api import PodApi

log = logging.getLogger(__name__)

_AT_ONCE = 100
"""Leases in one transaction."""


class PodUse:
    """Looks at what workers use.

    Args:
        activities: keep what is seen.
        changes: tells the streams.
        threshold: share of one core from which a worker counts as busy.
        every: seconds between two looks.
    """

    def __init__(self, activities: Activities, changes: Changes, threshold: float, every: float) -> None:
        self._activities = activities
        self._changes = changes
        self._threshold = threshold
        self._every = every
        self.problems: dict[str, str] = {}
        """Namespace -> why it is not known what workers use there."""

    async def run(self, watcher: Watcher, refused: Container[str]) -> None:
        """Look until cancelled.

        Args:
            watcher: knows the pods.
            refused: uids of those that are charged to nobody.
        """
        splits = Splits(self._threshold)
        self.problems.clear()
        while True:
            try:
                found = [pod for pod in workers(list(watcher.pods.values())) if pod.uid not in refused]
                await self._look(watcher.api, watcher.namespaces, splits, found)
            except Unavailable as error:
                log.info("How busy workers are is kept later: %s", error.message)
            except Exception:  # a defect here must not end the metering, nor be silent
                log.exception("Looking at what workers use failed; it is tried again")
            await asyncio.sleep(self._every)

    async def _look(self, api: "PodApi", namespaces: Sequence[str], splits: Splits, found: Sequence[Pod]) -> None:
        used: dict[str, Measured] = {}
        for namespace in namespaces:
            here = await self._measured(api, namespace)
            used |= {pod.uid: here[pod.name] for pod in found if pod.namespace == namespace and pod.name in here}
        new = splits.unknown(found)
        kept = await asyncio.to_thread(self._activities.kept, {pod.lease for pod in new}) if new else {}
        for pod in new:
            splits.begin(pod, kept.get(pod.unit))
        splits.look(found, used)
        await self._keep(splits)

    async def _keep(self, splits: Splits) -> None:
        grown = splits.grown()
        names = list(grown)
        for begin in range(0, len(names), _AT_ONCE):
            part = {lease: grown[lease] for lease in names[begin : begin + _AT_ONCE]}
            users = await asyncio.to_thread(self._activities.of_pods, part, clock.now())
            splits.kept([one.unit for units in part.values() for one in units])
            for user in users:
                self._changes.of(user)

    async def _measured(self, api: "PodApi", namespace: str) -> dict[str, Measured]:
        """Return what pods use there, by name; nothing, where that is not told."""
        try:
            told = measured(await api.metrics(namespace))
        except Answered as error:
            self._problem(namespace, _explained(namespace, error))
        except (ValueError, KeyError, TypeError) as error:
            self._problem(namespace, f"What Kubernetes' metrics API says of {namespace} cannot be read: {error!r}")
        else:
            self.problems.pop(namespace, None)
            return told
        return {}

    def _problem(self, namespace: str, text: str) -> None:
        if self.problems.get(namespace) != text:
            log.warning("%s", text)
        self.problems[namespace] = text


def _explained(namespace: str, error: Answered) -> str:
    """Say what is missing, and what to do about it."""
    if error.code == FORBIDDEN:
        return (
            f"The service may not read what pods in {namespace} use, so idle time is not known. Give its service "
            "account a Role there with pods.metrics.k8s.io: list."
        )
    return (
        f"Idle time in {namespace} is not known: Kubernetes has no metrics API ({error.code}). Install metrics-server; "
        "until then idle clusters are ended by their schedulers alone."
    )
