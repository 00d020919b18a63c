"""How many workers a running cluster gets, on any engine: what it wants is asked for, what is granted is obeyed.

A wish comes from the scheduler with each heartbeat, and from the person with ``scale`` and ``adapt``. Both end at the
service, whose grant bounds what the engine starts.
"""

import asyncio
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import aiohttp
from aiohttp import web
from dask_gateway_server.models import ClusterStatus

from hub_ext import clock
from hub_ext.client import ServiceClient
from hub_ext.cluster import notices
from hub_ext.cluster.heartbeat import MOST_WORKERS, is_this_machine, read_heartbeat
from hub_ext.cluster.steering import Steering
from hub_ext.contract.admission import Demand, Grant
from hub_ext.contract.errors import GatehouseError

_PUSH_TIMEOUT = aiohttp.ClientTimeout(total=3)


class Granting:
    """The part of :class:`~hub_ext.cluster.mixin.GatehouseBackendMixin` that looks after what runs."""

    log: Any
    get_cluster: Any
    session: aiohttp.ClientSession
    client: ServiceClient
    steers_alone = True
    """Whether no other gateway process steers the same clusters; where one may, nothing is remembered."""

    async def setup(self, app: web.Application) -> None:
        """Begin with no memory of any cluster. Called by the gateway at its start."""
        self.grants: dict[str, Grant] = {}
        """The present grant of each cluster, by the cluster's name."""
        self._steering: dict[str, Steering] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._background: set[asyncio.Task[None]] = set()
        await super().setup(app)  # type: ignore[misc]  # the engine beside us

    def forget(self, name: str) -> None:
        """Drop what is remembered of an ended cluster."""
        for memory in (self.grants, self._steering, self._locks):
            memory.pop(name, None)

    async def on_cluster_heartbeat(self, cluster_name: str, msg: Any) -> None:
        """Turn what a scheduler wants into what it gets: the only place where workers are granted.

        Called for ``POST heartbeat``, every few seconds and at once when the wish changes.

        Raises:
            InvalidRequest: the message is forged or broken; nothing of it is used.
        """
        beat = read_heartbeat(msg, self.is_own_host)
        async with self._locks[cluster_name]:
            cluster = await self.get_cluster(cluster_name)
            if cluster is None or cluster.status > ClusterStatus.RUNNING:
                return
            steering = await self._steered(cluster_name, cluster.config.get("first_workers", 0))
            grant = await self._ask(cluster_name, steering, steering.wanted(beat.count), len(beat.active))
            allowed, order = steering.settle(grant.workers, len(beat.active))
            await self.note_steering(cluster_name, steering.note)  # before the scheduler hears of it
            await super().on_cluster_heartbeat(cluster_name, {**msg, "count": allowed})  # type: ignore[misc]
            cluster = await self.get_cluster(cluster_name)  # with the addresses of a first heartbeat
        if order is not None and cluster is not None and cluster.api_address:
            self.later(self._push(cluster, order))

    async def forward_message_to_scheduler(self, cluster: Any, msg: dict[str, Any]) -> None:
        """Carry a person's scale or adapt to their scheduler, and say at once what they get of it.

        The wish goes through undiminished, so that the cluster grows by itself when room appears. Called by the
        routes, after they have checked who asks.

        Raises:
            PublicException: the cluster does not run; what was asked is forgotten.
        """
        async with self._locks[cluster.name]:
            steering = await self._steered(cluster.name, cluster.config.get("first_workers", 0))
            before = steering.note
            steering.asked(msg)
            await self.note_steering(cluster.name, steering.note)
        try:
            await super().forward_message_to_scheduler(cluster, msg)  # type: ignore[misc]
        except Exception:
            self._steering[cluster.name] = Steering.again(before)
            await self.note_steering(cluster.name, before)
            raise
        adapts_otherwise = steering.note["adaptive"] != before["adaptive"]
        wanted = (msg.get("count") if msg.get("op") == "scale" else msg.get("minimum")) or 0
        await self._say_at_once(cluster.name, steering, wanted, tell=adapts_otherwise)

    async def _say_at_once(self, name: str, steering: Steering, wanted: int, *, tell: bool) -> None:
        """Ask for what the person wants where it is more than is granted, or where the service is to know anyway."""
        last = self.last_grant(name)
        more = wanted > 0 and (last is None or wanted > last.workers)
        if not more and not tell:
            return
        async with self._locks[name]:
            wish = max(wanted, steering.wish)
            grant = await self._ask(name, steering, wish, 0 if last is None else last.workers)
        if grant.workers < wanted:
            notices.notice(_why_fewer(grant, wanted))

    def is_own_host(self, host: str) -> bool:
        """Whether schedulers of this engine may live on the host. Override where they live on other machines."""
        return is_this_machine(host)

    def running_workers(self, _name: str, reported: int) -> int:
        """Return how many workers of a cluster run. Override where the engine knows better than the scheduler."""
        return reported

    def active_at(self, _name: str) -> datetime | None:
        """Return when a cluster last computed; None where the engine cannot know without asking user code."""
        return None

    def connected_at(self, _name: str) -> datetime | None:
        """Return when a cluster last had a client, as its scheduler tells; None where that is not known."""
        return None

    def granted_before(self, _name: str) -> int:
        """Return the workers granted before this process started, for the time the service is away."""
        return 0

    def last_grant(self, name: str) -> Grant | None:
        """Return the present grant of a cluster; None: this gateway has not asked yet."""
        return self.grants.get(name)

    async def note_steering(self, _name: str, _note: dict[str, Any]) -> None:
        """Keep how a cluster is steered for the next gateway. Override where the engine has a place for it."""

    async def steering_before(self, _name: str) -> dict[str, Any]:
        """Return what :meth:`note_steering` kept last; empty: nothing."""
        return {}

    async def _steered(self, name: str, first_workers: int = 0) -> Steering:
        if self.steers_alone and name in self._steering:
            return self._steering[name]
        note = await self.steering_before(name)
        self._steering[name] = Steering.again(note) if note else Steering.begin(first_workers)
        return self._steering[name]

    def later(self, work: Any) -> None:
        """Run a coroutine beside the request; its failure is logged and harms nothing."""
        task = asyncio.create_task(self._logged(work))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _logged(self, work: Any) -> None:
        try:
            await work
        except Exception:
            self.log.exception("Background work failed")

    async def _ask(self, name: str, steering: Steering, wanted: int, reported: int) -> Grant:
        """Ask for a grant; while nobody answers, the last one holds."""
        low, high = steering.bounds(MOST_WORKERS)
        demand = Demand(
            wanted=wanted,
            running=self.running_workers(name, reported),
            adaptive_minimum=low,
            adaptive_maximum=high,
            active_at=self.active_at(name),
            connected_at=self.connected_at(name),
            asked_at=clock.now(),
        )
        try:
            grant = await self.client.demand(name, demand)
        except GatehouseError as error:
            last = self.last_grant(name) or grant_of(self.granted_before(name))
            self.log.warning("Cluster %s keeps its grant of %d workers: %s", name, last.workers, error.line)
            grant = last.model_copy(update={"wanted": wanted})
        self.grants[name] = grant
        return grant

    async def _push(self, cluster: Any, order: dict[str, Any]) -> None:
        """Tell a scheduler what to want. Unlike the stock forwarding, a deaf scheduler does not lose its cluster."""
        try:
            async with self.session.post(
                f"{cluster.api_address}/api/comm",
                json=order,
                headers={"Authorization": f"token {cluster.token}"},
                timeout=_PUSH_TIMEOUT,
                raise_for_status=True,
            ):
                self.log.info("Cluster %s was told to %s", cluster.name, order)
        except (aiohttp.ClientError, TimeoutError) as error:
            self.log.warning("Cluster %s could not be told to %s: %r", cluster.name, order, error)


def grant_of(workers: int) -> Grant:
    """Return a grant of so many workers, where nobody was asked."""
    return Grant(workers=workers, wanted=workers, price_per_hour=Decimal(0))


def _why_fewer(grant: Grant, wanted: int) -> str:
    """Return the line that the person's warning shows."""
    text = grant.message or f"Grown to {grant.workers} of {wanted} workers; the rest waits for room."
    return f"{text} [{grant.reason.value}]" if grant.reason is not None else text
