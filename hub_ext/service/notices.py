"""What an administrator should know about the namespaces that are watched, each as one sentence with its remedy."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub_ext.contract.errors import Unavailable
from hub_ext.pods.answers import FORBIDDEN, NOT_FOUND, Answered

if TYPE_CHECKING:
    from hub_ext.pods.api import PodApi

log = logging.getLogger(__name__)


class Notices:
    """Looks at namespaces, and remembers what it found."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, ...]] = {}
        self._without: set[str] = set()

    def of(self, namespace: str) -> tuple[str, ...]:
        """Return what was found at the last look."""
        return self._of.get(namespace, ())

    def no_clusters(self, namespace: str) -> bool:
        """Say whether DaskClusters cannot be listed there."""
        return namespace in self._without

    async def look(self, api: "PodApi", namespaces: Sequence[str]) -> None:
        """Look once; what is new is logged. Where the API server does not answer, nothing changes.

        Args:
            api: the API server.
            namespaces: to look at.
        """
        for namespace in namespaces:
            try:
                found = tuple(filter(None, [await self._missing(api, namespace), await self._clusters(api, namespace)]))
            except Unavailable as error:
                log.info("The namespace %s is looked at later: %s", namespace, error.message)
                continue
            for text in set(found) - set(self._of.get(namespace, ())):
                log.warning("%s", text)
            self._of[namespace] = found

    async def _missing(self, api: "PodApi", namespace: str) -> str:
        try:
            if not await api.namespace_exists(namespace):
                return f"There is no namespace {namespace}, which kubernetes_namespaces names. Create or correct it."
            if not await api.has_quota(namespace):
                return (
                    f"The namespace {namespace} has no ResourceQuota: only the hub and the gateway keep the limits "
                    "there. Apply what gatehouse policy kubernetes writes, as a backstop."
                )
        except Answered as error:
            if error.code != FORBIDDEN:
                raise
            return (
                f"The service may not look at the namespace {namespace} and its quota. Give its service account a Role "
                "there with namespaces: get, and resourcequotas: list."
            )
        return ""

    async def _clusters(self, api: "PodApi", namespace: str) -> str:
        self._without.discard(namespace)
        try:
            await api.clusters(namespace)
        except Answered as error:
            if error.code not in {FORBIDDEN, NOT_FOUND}:
                raise
            self._without.add(namespace)
            if error.code == NOT_FOUND:
                return (
                    "The API server knows no DaskClusters: a cluster whose lease is gone is found by its pods alone. "
                    "Install the gateway's CRD daskclusters.gateway.dask.org."
                )
            return (
                f"The service may not list DaskClusters in {namespace}. Give its service account a Role there with "
                "daskclusters.gateway.dask.org: list, patch."
            )
        return ""
