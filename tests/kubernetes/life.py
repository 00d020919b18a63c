"""The life of one pod on a node that stands in: pull, run, restart, end, as a kubelet would write it."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tests.kubernetes import statuses
from tests.kubernetes.rest import Gone
from tests.kubernetes.statuses import KILLED, TERMINATED, Container, now

if TYPE_CHECKING:
    from tests.kubernetes.node import Node

_LOOK_AGAIN = 0.2
"""Seconds between two looks at what keeps a pod from starting."""


class Life:
    """One pod, from the moment in which the scheduler bound it."""

    def __init__(self, node: "Node", pod: dict[str, Any]) -> None:
        self._node = node
        self._pod = pod
        self.namespace: str = pod["metadata"]["namespace"]
        self.name: str = pod["metadata"]["name"]
        self._begun = now()
        self._address = node.address()
        self._runs: dict[str, list[Container]] = {spec["name"]: [] for spec in self._containers}
        self._stopping = asyncio.Event()
        self._forsaken = False
        self._writing = asyncio.Lock()
        self._written: Any = None
        if "deletionTimestamp" in pod["metadata"]:
            self._stopping.set()

    # --- what the node tells ---

    def changed(self, pod: dict[str, Any]) -> None:
        """Take notice of the pod as the API server has it now."""
        self._pod = pod
        if "deletionTimestamp" in pod["metadata"]:
            self._stopping.set()

    def vanished(self) -> None:
        """End without a word: the pod is no longer there, or the machine is not."""
        for run in self._open():
            run.ended, run.exit_code = now(), KILLED
        self._forsaken = True
        self._stopping.set()

    def end(self, exit_code: int, reason: str, container: str | None) -> None:
        """End a container's process, and start it again where the restart policy wants that; it is told later."""
        name = container or self._containers[0]["name"]
        run = next(run for run in self._open() if run.name == name)
        run.ended, run.exit_code, run.reason = now(), exit_code, reason
        policy = self._pod["spec"].get("restartPolicy", "Always")
        if policy == "Always" or (policy == "OnFailure" and exit_code):
            self._start(name)
        self._node.do(self._write())

    # --- what it does ---

    async def live(self) -> None:
        """Go through it, until the pod is gone."""
        await self._pull()
        if not self._stopping.is_set():
            for spec in self._containers:
                self._start(spec["name"])
            await self._write()
        await self._stopping.wait()
        await self._terminate()

    async def _pull(self) -> None:
        await self._write(self._waiting("ContainerCreating"))
        while not self._stopping.is_set():
            hindrance = await self._hindrance()
            if hindrance is None:
                return
            await self._write(self._waiting(*hindrance))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _LOOK_AGAIN)

    async def _hindrance(self) -> tuple[str, str] | None:
        """Return the reason and the message of what keeps the pod from starting."""
        images = {spec["image"] for spec in self._containers}
        for image in images & self._node.unpullable:
            return "ErrImagePull", f'failed to pull and unpack image "{image}": not found'
        if images & self._node.held:
            return "ContainerCreating", ""
        for kind, name in sorted(self._volumes()):
            if not await self._exists(kind, name):
                return "ContainerCreating", ""
        for kind, name in sorted(self._environment()):
            if not await self._exists(kind, name):
                return "CreateContainerConfigError", f'{kind.removesuffix("s")} "{name}" not found'
        return None

    async def _terminate(self) -> None:
        if self._forsaken:
            return
        stubborn = self.name in self._node.stubborn
        if stubborn and self._open():
            await asyncio.sleep(self._pod["metadata"].get("deletionGracePeriodSeconds", 0))
        for run in self._open():
            run.ended, run.exit_code = now(), KILLED if stubborn else TERMINATED
        await self._write(final=True)
        removal = {"gracePeriodSeconds": 0, "preconditions": {"uid": self._pod["metadata"]["uid"]}}
        await self._node.rest.ask("DELETE", self._path, {"apiVersion": "v1", "kind": "DeleteOptions", **removal})

    def _start(self, name: str) -> None:
        run = Container(self.namespace, self.name, self._pod["metadata"]["uid"], name, now())
        self._runs[name].append(run)
        self._node.ran.append(run)

    # --- what it writes ---

    async def _write(self, states: dict[str, dict[str, Any]] | None = None, *, final: bool = False) -> None:
        """Write the status as it is when its turn has come, if it is another than the last one."""
        async with self._writing:
            status = self._status(states or {}, final=final)
            said = [status["phase"], status["containerStatuses"]]
            if said == self._written or self._forsaken:
                return
            body = {"metadata": {"uid": self._pod["metadata"]["uid"]}, "status": status}
            await self._node.rest.patch(f"{self._path}/status", body)
            self._written = said

    def _status(self, states: dict[str, dict[str, Any]], *, final: bool) -> dict[str, Any]:
        written = []
        for spec in self._containers:
            runs = self._runs[spec["name"]]
            state = states.get(spec["name"]) or (statuses.never_ran() if not runs else _state(runs[-1]))
            written.append(statuses.container_status(spec, state, runs))
        return statuses.pod_status(self._phase(final=final), written, self._begun, self._address)

    def _phase(self, *, final: bool) -> str:
        latest = [runs[-1] for runs in self._runs.values() if runs]
        if not latest:
            return "Failed" if final else "Pending"
        if any(run.ended is None for run in latest):
            return "Running"
        return "Failed" if any(run.exit_code for run in latest) else "Succeeded"

    # --- what the pod says ---

    @property
    def _containers(self) -> list[dict[str, Any]]:
        return self._pod["spec"]["containers"]

    @property
    def _path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods/{self.name}"

    def _open(self) -> list[Container]:
        return [run for runs in self._runs.values() for run in runs if run.ended is None]

    def _waiting(self, reason: str, message: str = "") -> dict[str, dict[str, Any]]:
        return {spec["name"]: statuses.waiting(reason, message) for spec in self._containers}

    def _environment(self) -> set[tuple[str, str]]:
        """Return the secrets and config maps that containers take variables from, as resource and name."""
        kinds = {"secretRef": "secrets", "configMapRef": "configmaps"}
        keys = {"secretKeyRef": "secrets", "configMapKeyRef": "configmaps"}
        sources = [(kinds, one) for spec in self._containers for one in spec.get("envFrom", [])]
        sources += [(keys, one.get("valueFrom", {})) for spec in self._containers for one in spec.get("env", [])]
        return {
            (resource, source[key]["name"])
            for table, source in sources
            for key, resource in table.items()
            if key in source and not source[key].get("optional")
        }

    def _volumes(self) -> set[tuple[str, str]]:
        """Return the secrets, config maps and claims that are mounted."""
        found = set()
        for volume in self._pod["spec"].get("volumes", []):
            for kind, key, resource in (
                ("secret", "secretName", "secrets"),
                ("configMap", "name", "configmaps"),
                ("persistentVolumeClaim", "claimName", "persistentvolumeclaims"),
            ):
                if kind in volume and not volume[kind].get("optional"):
                    found.add((resource, volume[kind][key]))
        return found

    async def _exists(self, kind: str, name: str) -> bool:
        try:
            await self._node.rest.ask("GET", f"/api/v1/namespaces/{self.namespace}/{kind}/{name}")
        except Gone:
            return False
        return True


def _state(run: Container) -> dict[str, Any]:
    return statuses.running(run) if run.ended is None else statuses.terminated(run)
