"""Dask Gateway's own watch of Kubernetes, with a pause: while an API server is away it would ask without one.

The stock ``Informer`` lists again at once when a list fails, thousands of times a second, each with a page of log.
"""

import asyncio
import functools
from typing import Any

from dask_gateway_server.backends.kubernetes import backend, controller
from dask_gateway_server.backends.kubernetes.utils import Informer

PAUSE = 1.0
"""Seconds between two lists of the same objects."""


class _Paced:
    """A client one of whose methods is not called twice within :data:`PAUSE`, but to watch."""

    def __init__(self, client: Any, method: str) -> None:
        self._client, self._method = client, method
        self._last: float | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return functools.partial(self._paced, found) if name == self._method else found

    async def _paced(self, method: Any, **told: Any) -> Any:
        if not told.get("watch"):
            now = asyncio.get_running_loop().time()
            if self._last is not None:
                await asyncio.sleep(max(0.0, self._last + PAUSE - now))
            self._last = asyncio.get_running_loop().time()
        return await method(**told)


class PatientInformer(Informer):
    """Pauses between two lists."""

    client: Any

    async def start(self) -> None:
        """Begin to list and watch. Called once by backend and controller."""
        if not isinstance(self.client, _Paced):
            self.client = _Paced(self.client, self.method)
        await super().start()


def install() -> None:
    """Let backend and controller use it: both name the class in their ``setup``, which offers no other way."""
    backend.Informer = controller.Informer = PatientInformer
