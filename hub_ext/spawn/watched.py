"""A KubeSpawner that hears of its pod as it changes, and gives up at once on a start that cannot succeed.

Put behind a mixin that reports: it overrides :meth:`WatchedKubeSpawner.pod_changed`. KubeSpawner's ``profile_list`` is
not read: profiles and options are the policy's, and are applied to the finished manifest.
"""

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from kubernetes_asyncio.client import ApiException
from kubespawner import KubeSpawner
from traitlets import Float

from hub_ext.contract.errors import Refused
from hub_ext.contract.reasons import Reason
from hub_ext.spawn.pod_reflector import TellingReflector
from hub_ext.spawn.pod_trouble import refused_by_kubernetes, slow, trouble_of

_starting: ContextVar[bool] = ContextVar("starting", default=False)
"""Whether this task is inside :meth:`WatchedKubeSpawner.start`: there a pod that cannot start is an error."""
_replacing: ContextVar[bool] = ContextVar("replacing", default=False)
"""Whether this task removes an older pod of the same name, to make room for the one that starts."""
_SOONER = 0.95
"""Share of ``start_timeout`` after which we say ourselves why; the hub would only say that it waited."""


def start_failed(text: str) -> Refused:
    """Return the error of a start that was admitted and failed."""
    return Refused(f"Not started: {text}", reason=Reason.start_failed)


class WatchedKubeSpawner(KubeSpawner):
    """See the module's docstring."""

    start_patience = Float(
        30.0,
        help="""
        Seconds for which Kubernetes may try again to pull an image or to mount a volume before a start is given up.

        A registry or a disk that answers late heals within them; a misspelt image costs the person as long. What
        cannot heal, such as a missing Secret, is said at once. Example: ``c.GatehouseKubeSpawner.start_patience = 90``.
        """,
    ).tag(config=True)

    _by_pod: "WeakValueDictionary[str, WatchedKubeSpawner]" = WeakValueDictionary()
    """Who waits for news, by ``namespace/name`` of the pod."""

    def pod_changed(self, pod: dict[str, Any], *, gone: bool) -> None:
        """Hear of the pod. Override it; called at each change, in the hub's loop."""

    def gave_up(self, failure: Refused) -> None:
        """Hear why the pod does not start, before it is removed. Override it."""

    def attend(self) -> None:
        """Hear of the pod from now on, and of how it is if that is known."""
        self._by_pod[self._pod_key] = self
        pod = self.seen_pod
        if pod is not None:
            self.pod_changed(pod, gone=False)

    @property
    def _pod_key(self) -> str:
        return f"{self.namespace}/{self.pod_name}"

    @property
    def seen_pod(self) -> dict[str, Any] | None:
        """The pod of this name as it was seen last."""
        reflector = self.pod_reflector
        found: dict[str, Any] | None = reflector.pods.get(self._pod_key) if reflector is not None else None
        return found

    @property
    def replacing(self) -> bool:
        """Whether an older pod is being removed, and not the one that starts."""
        return _replacing.get()

    async def load_user_options(self) -> None:
        """Apply nothing of KubeSpawner's: what was chosen is in the lease. Called by KubeSpawner's ``start``."""
        if self.profile_list:
            self.log.warning(
                "c.KubeSpawner.profile_list is not read: profiles, and what may be chosen in them, are the policy's "
                "(profiles.NAME.kubernetes.profileOptions). Remove it."
            )

    async def start(self) -> Any:
        """Start the pod, or say why it does not start.

        Raises:
            Refused: with ``start_failed``; the pod is removed, and has not run.
        """
        self.attend()
        self._trouble_until: float | None = None
        token = _starting.set(True)
        try:
            return await self._in_time(super().start())
        except Refused as refused:
            failure = refused
        except ApiException as error:
            failure = start_failed(refused_by_kubernetes(error.status, error.body))
        except TimeoutError:
            failure = start_failed(slow(self.seen_pod, self.events))
        finally:
            _starting.reset(token)
        self.log.error("Server %s: %s", self._log_name, failure.line)
        self.gave_up(failure)
        with suppress(ApiException, TimeoutError):  # the orphan guard removes what is left behind then
            await KubeSpawner.stop(self, now=True)
        raise failure

    async def _in_time(self, started: "asyncio.Future[Any]") -> Any:
        """Wait for KubeSpawner's start, a moment less long than the hub does."""
        try:
            done, _ = await asyncio.wait({started}, timeout=self.start_timeout * _SOONER)
        except asyncio.CancelledError:
            started.cancel()
            raise
        if not done:
            started.cancel()
            raise start_failed(slow(self.seen_pod, self.events))
        return started.result()

    def is_pod_running(self, pod: dict[str, Any] | None) -> bool:
        """Say whether the pod is ready; while it starts, raise if it never will be. Called by KubeSpawner."""
        if _starting.get():
            self._look_for_trouble(pod)
        return bool(super().is_pod_running(pod))

    def _look_for_trouble(self, pod: dict[str, Any] | None) -> None:
        now, found = asyncio.get_running_loop().time(), trouble_of(pod, self.events)
        if found is None:
            self._trouble_until = None
        elif self._trouble_until is None:
            self._trouble_until = now + (self.start_patience if found.heals else 0.0)
        if found is not None and self._trouble_until is not None and (not found.heals or now >= self._trouble_until):
            raise start_failed(found.text)

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> Any:
        """Create the pod; an older one of the same name is removed before, which is not our own end."""
        token = _replacing.set(True)
        try:
            return await super()._make_create_pod_request(pod, request_timeout)
        finally:
            _replacing.reset(token)

    async def _start_watching_pods(self, replace: bool = False) -> Any:  # noqa: FBT001, FBT002 - KubeSpawner's signature
        """Start the hub's one look at pods, as KubeSpawner does, with ours."""
        return await self._start_reflector(
            kind="pods",
            reflector_class=partial(TellingReflector, told=self._tell),
            labels={"component": self.component_label},
            omit_namespace=self.enable_user_namespaces,
            replace=replace,
        )

    @classmethod
    def _tell(cls, key: str, pod: dict[str, Any], gone: bool) -> None:  # noqa: FBT001 - Told has no names
        spawner = WatchedKubeSpawner._by_pod.get(key)
        if spawner is not None:
            spawner.pod_changed(pod, gone=gone)
