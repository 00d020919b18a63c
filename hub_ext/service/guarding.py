"""Compares leases with what the hub and the gateway really run: what one side has lost ends on the other, too.

A lease whose server or cluster nobody knows any more is given back, and what it still pays for ends at its last sign of
life. A server that runs without a lease is reported and, unless it is from before Gatehouse, ended.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from hub_ext.contract.admission import Kind, Lease
from hub_ext.contract.errors import GatehouseError, Unavailable
from hub_ext.metrics import Metrics
from hub_ext.service.desk import Desk
from hub_ext.service.gateway_api import GatewayApi
from hub_ext.service.hub_api import HubApi, HubServer
from hub_ext.service.live import Changes
from hub_ext.service.stopping import Stopper
from hub_ext.service.strangers import Strangers

log = logging.getLogger(__name__)


class Misses:
    """Counts how many checks in a row something was not as it should be. Pure.

    Args:
        patience: from so many on it counts: a hub or a gateway that has just started may not know everything yet.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._counts: dict[str, int] = {}

    def look(self, seen: Mapping[str, bool | None]) -> list[str]:
        """Return what was missed often enough.

        Args:
            seen: name -> whether it was there; None: nobody could say, which changes nothing.
        """
        self._counts = {
            name: self._counts.get(name, 0) + (there is False) for name, there in seen.items() if there is not True
        }
        return [name for name, count in self._counts.items() if count >= self._patience]


class Guard:
    """Finds orphans, at the start and from then on.

    Args:
        desk: knows the leases, and gives them back.
        hub: knows the servers.
        gateway: knows the clusters.
        changes: tells the streams.
        metrics: counts.
        every: seconds between two checks.
        patience: how many checks in a row must agree.
        strangers: says which servers without a lease may be ended.
        stopper: ends them; None: they are only reported.
    """

    def __init__(
        self,
        desk: Desk,
        hub: HubApi,
        gateway: GatewayApi,
        changes: Changes,
        metrics: Metrics,
        *,
        every: float,
        patience: int,
        strangers: Strangers,
        stopper: Stopper | None,
    ) -> None:
        self._desk = desk
        self._hub = hub
        self._gateway = gateway
        self._changes = changes
        self._metrics = metrics
        self._every = every
        self._known = strangers
        self._stopper = stopper
        self._leases, self._strangers = Misses(patience), Misses(patience)
        self._next = 0.0
        self.without_lease: tuple[str, ...] = ()
        """Servers that run without a lease, as ``user/server``."""

    async def check(self) -> None:
        """Compare once, if it is time to."""
        now = asyncio.get_running_loop().time()
        if now < self._next:
            return
        self._next = now + self._every
        bound = await asyncio.to_thread(self._desk.bound)
        try:
            servers = await self._hub.servers()
        except Unavailable as error:
            log.warning("Servers are not compared with their leases: %s", error.line)
            servers = None
        lives = {**_servers_live(bound, servers), **await self._clusters_live(bound)}
        gone = set(self._leases.look(lives))
        for lease in bound:
            if lease.id in gone:
                await self._give_back(lease)
        there = [lease.id for lease in bound if lease.kind is Kind.server and lives[lease.id]]
        if there:
            await asyncio.to_thread(self._desk.alive, there)
        if servers is not None:
            self._report(servers, {lease.ref for lease in bound if lease.kind is Kind.server})
            await self._end_strangers(servers)

    async def _clusters_live(self, bound: Sequence[Lease]) -> dict[str, bool | None]:
        clusters = [lease for lease in bound if lease.kind is Kind.cluster]
        lives = await asyncio.gather(*(self._lives(lease.ref) for lease in clusters))
        return {lease.id: there for lease, there in zip(clusters, lives, strict=True)}

    async def _lives(self, cluster: str) -> bool | None:
        try:
            return await self._gateway.lives(cluster)
        except Unavailable as error:
            log.debug("Cluster %s is not compared with its lease: %s", cluster, error.line)
            return None

    async def _give_back(self, lease: Lease) -> None:
        log.warning("Nobody knows %s %s of %s any more; its lease is given back", lease.kind, lease.ref, lease.user)
        await asyncio.to_thread(self._desk.orphaned, lease)
        self._metrics.orphans.labels(lease.kind.value).inc()
        self._changes.of(lease.user)

    def _report(self, servers: Mapping[str, HubServer], leased: set[str]) -> None:
        """Note servers that are up and have no lease; one that still starts has a reservation."""
        ready = [ref for ref, server in servers.items() if server.active_at is not None]
        found = tuple(sorted(self._strangers.look({ref: ref in leased for ref in ready})))
        if found and found != self.without_lease:
            log.warning("Servers that run without a lease: %s", ", ".join(found))
        self.without_lease = found
        self._metrics.without_lease.set(len(found))

    async def _end_strangers(self, servers: Mapping[str, HubServer]) -> None:
        """End what was found without a lease often enough; what cannot be ended now is tried again the next time."""
        ending = await asyncio.to_thread(self._known.to_end, self.without_lease, servers)
        if self._stopper is None:
            return
        for ref in ending:
            user, _, name = ref.partition("/")
            try:
                await self._stopper.stop_server(user, name)
            except GatehouseError as error:
                log.warning("The server %s runs without a lease and should end, but: %s", ref, error.line)
                continue
            log.warning("Ending the server %s, which runs without a lease", ref)
            await asyncio.to_thread(self._known.ended, ref)


def _servers_live(bound: Sequence[Lease], servers: Mapping[str, HubServer] | None) -> dict[str, bool | None]:
    """Say which leases' servers the hub has; of several leases of one server, only the newest can be its own."""
    mine = [lease for lease in bound if lease.kind is Kind.server]
    newest = {lease.ref: lease.id for lease in mine}
    return {x.id: None if servers is None else x.ref in servers and newest[x.ref] == x.id for x in mine}
