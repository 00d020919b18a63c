"""The spawner of Kubernetes: a pod for each server, shaped by its lease, its start and end as the kubelet saw them.

The service decides where a pod runs and which of its options a person may have; this applies it to the manifest that
KubeSpawner has made, so that nothing configured, stored or sent gets past it. The hub's look at all pods tells of
starts and ends. A pod that ended while no hub ran is found by its name, and by the service's own watcher, which reports
the same events under the same ids.
"""

import asyncio
from datetime import datetime
from typing import Any

from kubespawner import KubeSpawner

from hub_ext import clock
from hub_ext.contract.admission import Lease
from hub_ext.contract.errors import Refused
from hub_ext.contract.labels import PodUnit, annotations_of, label_value, labels_of
from hub_ext.contract.placement import PodPlacement
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import EventType, Source
from hub_ext.spawn.mixin import GatehouseSpawnerMixin
from hub_ext.spawn.pod import seal
from hub_ext.spawn.pod_life import life_of
from hub_ext.spawn.pod_trouble import trouble_of
from hub_ext.spawn.watched import WatchedKubeSpawner, start_failed

_POD = "pod"
"""Where the lease's state holds the uid of its pod."""


class GatehouseKubeSpawner(GatehouseSpawnerMixin, WatchedKubeSpawner):
    """Starts servers as pods, admitted and metered. Entry point: ``gatehouse-kube``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._shape = Shape()
        self._placed = PodPlacement()
        super().__init__(*args, **kwargs)

    def _apply(self, lease: Lease) -> None:
        """Keep what the pod gets. Its requests are its limits: what is priced is there, and no more."""
        super()._apply(lease)
        self.mem_guarantee, self.cpu_guarantee = self.mem_limit, self.cpu_limit
        self._shape, self._placed = lease.base, _placed(lease)

    async def get_pod_manifest(self) -> Any:
        """Return KubeSpawner's manifest with the lease over it. Called by KubeSpawner's ``start``."""
        if self.lease is None:
            raise RuntimeError("a server needs a lease before it starts")
        pod = await super().get_pod_manifest()
        seal(pod, self._shape, self._placed)
        return pod

    def get_env(self) -> dict[str, str]:
        """Return the server's environment, with the image that it really runs."""
        env: dict[str, str] = super().get_env()
        if self._placed.image:
            env["JUPYTER_IMAGE_SPEC"] = env["JUPYTER_IMAGE"] = self._placed.image
        return env

    def what_runs(self) -> str:
        """Return the image."""
        return f"The image {self._placed.image or self.image}"

    # -- what the pod does ---------------------------------------------------------------------------------------------

    def pod_changed(self, pod: dict[str, Any], *, gone: bool) -> None:
        """Report what the pod's status says. Called at each change of it, in the hub's loop."""
        if self._lease is None:
            return
        life = life_of(pod, gone=gone, now=clock.now())
        if life.lease != label_value(self._lease["id"]):  # an older pod of the same name
            return
        self._lease[_POD] = life.uid
        if life.started_at is not None and not self._reported_start:
            self.report_start(life.started_at, life.detail)
            self._keep_state()
        if life.ended_at is not None:
            self._note_failure(pod)
            self.unit_ended(life.ended_at, life.source, life.detail)
            if not self.pending and not self._start_pending:
                _soon(self.poll_and_notify())

    def _note_failure(self, pod: dict[str, Any]) -> None:
        """Keep why a pod ended that is still starting, unless somebody stopped it."""
        if self._start_pending and self._why is None and "deletionTimestamp" not in pod["metadata"]:
            found = trouble_of(pod, self.events)
            self._why = start_failed(found.text) if found is not None else None

    def gave_up(self, failure: Refused) -> None:
        """Keep why, for the release of the lease."""
        self._why = failure

    def unit_started(self) -> tuple[datetime, str]:
        """Return when the pod's server started; it listens, so its status says so."""
        pod = self.seen_pod
        life = life_of(pod, gone=False, now=clock.now()) if pod is not None else None
        if life is None or life.started_at is None:
            return super().unit_started()
        return life.started_at, life.detail

    def unit_ended(self, at: datetime, source: Source = Source.exact, detail: str = "") -> None:
        """Report the end as the pod's status has it, where that says more than whoever noticed."""
        pod = self.seen_pod
        if self._lease is not None and pod is not None:
            life = life_of(pod, gone=False, now=at)
            if life.lease == label_value(self._lease["id"]) and life.ended_at is not None:
                at, source, detail = life.ended_at, life.source, life.detail
        super().unit_ended(at, source, detail)

    def event_id(self, kind: EventType, source: Source) -> str:
        """Return the id of an event: of what the kubelet wrote the pod's, under which the service's watcher tells it.

        What was set right has the lease's: an exact end that comes later must not be taken for the same.
        """
        uid = (self._lease or {}).get(_POD)
        return f"{uid}-{kind.value}" if uid and source is Source.exact else super().event_id(kind, source)

    async def stop(self, now: bool = False) -> None:  # noqa: FBT001, FBT002 - the hub's signature
        """Stop the pod and report its end. Called by the hub, and by KubeSpawner for an older pod of the same name."""
        if self.replacing:
            await KubeSpawner.stop(self, now=now)
        else:
            await super().stop(now=now)

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what an earlier hub wrote, and hear of its pod from now on."""
        super().load_state(state)
        if self._lease is not None:
            self.attend()


def _placed(lease: Lease) -> PodPlacement:
    """Return the pod's placement; a service that gives none says nothing but whose pod it is."""
    if lease.placement is not None:
        return lease.placement.base
    names = {"user": lease.user, "group": lease.group, "profile": lease.profile}
    return PodPlacement(
        labels=labels_of(lease=lease.id, unit=PodUnit.server, **names), annotations=annotations_of(**names)
    )


def _soon(doing: Any) -> None:
    task = asyncio.ensure_future(doing)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


_tasks: set[asyncio.Future[Any]] = set()
"""Keeps the background work alive: asyncio itself holds tasks only weakly."""
