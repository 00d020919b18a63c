"""KubeSpawner's own look at all pods, which tells of every change as it arrives.

KubeSpawner asks its reflector when it wants to know; whoever must see an end before the pod is gone cannot wait for
that. There is one reflector for the hub, and so one connection, however many servers there are.
"""

from collections.abc import Callable, Iterable
from typing import Any

from kubespawner.spawner import PodReflector
from traitlets import Any as AnyTrait

Told = Callable[[str, dict[str, Any], bool], None]
"""Called with ``namespace/name``, the pod as it was seen last, and whether it is gone."""


class _Pods(dict[str, dict[str, Any]]):
    """The reflector's pods; assigning and removing one tells of it."""

    def __init__(self, pods: dict[str, dict[str, Any]], told: Told) -> None:
        super().__init__(pods)
        self._told = told

    def __setitem__(self, key: str, pod: dict[str, Any]) -> None:
        before = self.get(key)
        if before is not None and before["metadata"]["uid"] != pod["metadata"]["uid"]:
            self._told(key, before, True)  # noqa: FBT003 - Told has no names
        super().__setitem__(key, pod)
        self._told(key, pod, False)  # noqa: FBT003 - as above

    def pop(self, key: str, *default: Any) -> Any:
        pod = super().pop(key, *default)
        if pod is not None:
            self._told(key, pod, True)  # noqa: FBT003 - as above
        return pod


class TellingReflector(PodReflector):
    """Tells of every pod that is new, changed or gone; after a break also of what went meanwhile."""

    told: Told = AnyTrait()
    resources: dict[str, dict[str, Any]]

    async def _list_and_update(self, resource_version: str | None = None) -> Any:
        before = dict(self.resources)
        version = await super()._list_and_update(resource_version)
        now = dict(self.resources)
        self.resources = _Pods(now, self.told)
        for key, pod in _went(before, now):
            self.told(key, pod, True)  # noqa: FBT003 - Told has no names
        for key, pod in now.items():
            if before.get(key) != pod:
                self.told(key, pod, False)  # noqa: FBT003 - as above
        return version


def _went(before: dict[str, Any], now: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield what is not there any more, or was replaced by another pod of the same name."""
    for key, pod in before.items():
        if key not in now or now[key]["metadata"]["uid"] != pod["metadata"]["uid"]:
            yield key, pod
