"""A gateway backend that asks before it starts and obeys the grant while it runs, on any engine.

Only public methods of ``dask_gateway_server.backends.base.Backend`` are overridden, so the same class serves local
processes, Slurm and Kubernetes. The path of a cluster: options -> admission -> lease bound to its name -> at every
heartbeat demand -> grant -> the number of workers clamped. The engine releases the lease when everything has ended.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from typing import Any

import aiohttp
from aiohttp import web
from dask_gateway_server.models import ClusterStatus, User
from dask_gateway_server.options import Options

from hub_ext import clock
from hub_ext.client import ServiceClient, shared_client
from hub_ext.cluster import answers, notices
from hub_ext.cluster.config import apply_lease, money
from hub_ext.cluster.failing import Failure
from hub_ext.cluster.heartbeat import is_this_machine, read_heartbeat
from hub_ext.cluster.options import cluster_options, offered, settle
from hub_ext.cluster.steering import Steering
from hub_ext.cluster.user import GatehouseUser, identity_of
from hub_ext.contract.admission import Demand, Grant, Kind, Lease, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import GatehouseError, Refused, Unavailable
from hub_ext.contract.offers import Offers
from hub_ext.settings import GatehouseSettings

_ANY_CLUSTER = "dask-cluster"
"""What is asked for where a person named no profile and is offered none."""
_PUSH_TIMEOUT = aiohttp.ClientTimeout(total=3)
_admitted: ContextVar[list[Lease] | None] = ContextVar("gatehouse_admitted", default=None)


class GatehouseBackendMixin:
    """Put in front of a gateway backend class: ``class Ours(GatehouseBackendMixin, SlurmBackend)``."""

    log: Any
    get_cluster: Any
    session: aiohttp.ClientSession

    # -- start and end of the server ---------------------------------------------------------------------------------

    async def setup(self, app: web.Application) -> None:
        """Reach for the service, then start the engine. Called by the gateway at its start."""
        self.client: ServiceClient = shared_client(GatehouseSettings(parent=self))
        self.client.resume()
        self.grants: dict[str, Grant] = {}
        """The present grant of each cluster, by the cluster's name."""
        self._steering: dict[str, Steering] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._background: set[asyncio.Task[None]] = set()
        answers.install(app)
        notices.install(app)
        await super().setup(app)  # type: ignore[misc]  # the engine beside us

    async def cleanup(self) -> None:
        """Stop the engine, then send what is still to report. Called by the gateway at its end."""
        await super().cleanup()  # type: ignore[misc]  # the engine beside us
        await self.client.close()

    # -- before a cluster starts -------------------------------------------------------------------------------------

    async def get_cluster_options(self, user: User) -> Options:
        """Return the fields with this person's choices. Called for ``GET options`` and for every create.

        Raises:
            Unavailable: the service is away.
        """
        return cluster_options(await self._offers(user))

    async def process_cluster_options(self, user: User, request: Any) -> tuple[dict[str, Any], Any]:
        """Check the choices, ask for admission, and give the cluster what its lease says.

        Our errors are raised here and not inside ``super()``, which would turn each into a 422. Called by
        ``start_cluster``.

        Raises:
            Refused: the person may not start this, or not now, or nobody is there to say so.
        """
        try:
            offers = await self._offers(user)
        except Unavailable as error:
            raise Refused(error.message, reason=error.reason) from error
        try:
            settled = settle(offers, request)
        except Refused as error:
            raise await self._refusal(user, request, error) from error
        options, config = await super().process_cluster_options(user, settled)  # type: ignore[misc]
        lease = await self._admit(user, config)
        apply_lease(config, lease)
        offer = offered(offers, lease.profile, lease.group)
        if offer is not None:
            config.worker_price_per_hour = money(offer.price_per_hour)
            config.scheduler_price_per_hour = money(offer.scheduler_price_per_hour)
        return options, config

    async def start_cluster(self, user: User, cluster_options: Any) -> str:
        """Start a cluster on a lease of its own. Called for ``POST clusters``."""
        leases: list[Lease] = []
        token = _admitted.set(leases)
        try:
            name: str = await super().start_cluster(user, cluster_options)  # type: ignore[misc]
        except BaseException:  # also when the caller has hung up: what was reserved is given back
            for lease in leases:
                await self.release(lease.id)
            raise
        finally:
            _admitted.reset(token)
        for lease in leases:
            self.grants[name] = _first_grant(lease)
            await self._update(lease.id, LeaseState.bound, ref=name)
        return name

    async def release(self, lease: str, why: Failure | None = None) -> None:
        """Give a lease back. The engine calls it when every process of the cluster has ended.

        Args:
            lease: its id.
            why: what to tell its person, where the cluster ended by itself.
        """
        await self._update(lease, LeaseState.released, why=why)

    def forget(self, name: str) -> None:
        """Drop what is remembered of an ended cluster."""
        for memory in (self.grants, self._steering, self._locks):
            memory.pop(name, None)

    async def _offers(self, user: User) -> Offers:
        """Ask the service once per request."""
        if isinstance(user, GatehouseUser):
            user.offers = user.offers or await self.client.offers(user.identity)
            return user.offers
        return await self.client.offers(identity_of(user))

    async def _admit(self, user: User, config: Any) -> Lease:
        decision = await self.client.admit(
            Request(
                id=uuid.uuid4().hex,
                identity=identity_of(user),
                kind=Kind.cluster,
                profile=config.profile,
                charge_to=config.charge_to or None,
                name=config.title,
            )
        )
        if not decision.allowed or decision.lease is None:
            raise decision.refusal
        leases = _admitted.get()
        if leases is not None:
            leases.append(decision.lease)
        return decision.lease

    async def _refusal(self, user: User, request: Mapping[str, Any], error: Refused) -> Refused:
        """Let the service say no: then it is a row among the decisions, in the words of every other place.

        Args:
            user: who asks.
            request: what they chose; it can be nothing of theirs.
            error: what to say if the service, asked a moment later, would say yes.
        """
        profile, charge_to = request.get("profile"), request.get("charge_to")
        decision = await self.client.admit(
            Request(
                id=uuid.uuid4().hex,
                identity=identity_of(user),
                kind=Kind.cluster,
                profile=profile if isinstance(profile, str) else _ANY_CLUSTER,
                charge_to=charge_to if isinstance(charge_to, str) else None,
            )
        )
        if decision.lease is None:
            return decision.refusal
        await self.release(decision.lease.id)
        return error

    async def _update(self, lease: str, state: LeaseState, *, ref: str = "", why: Failure | None = None) -> None:
        reason, message = why or (None, "")
        update = LeaseUpdate(state=state, ref=ref, at=clock.now(), reason=reason, message=message)
        await self.client.update_lease(lease, update)

    # -- while it runs -----------------------------------------------------------------------------------------------

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
            steering = self._steered(cluster_name, cluster)
            grant = await self._ask(cluster_name, steering.wanted(beat.count), len(beat.active))
            allowed, order = steering.settle(grant.workers, len(beat.active))
            self.note_steering(cluster_name, steering.note)  # before the scheduler hears of it
            await super().on_cluster_heartbeat(cluster_name, {**msg, "count": allowed})  # type: ignore[misc]
            cluster = await self.get_cluster(cluster_name)  # with the addresses of a first heartbeat
        if order is not None and cluster is not None and cluster.api_address:
            self.later(self._push(cluster, order))

    async def forward_message_to_scheduler(self, cluster: Any, msg: dict[str, Any]) -> None:
        """Carry a person's scale or adapt to their scheduler, and say at once what they get of it.

        The wish goes through undiminished, so that the cluster grows by itself when room appears. Called by the
        routes, after they have checked who asks.
        """
        steering = self._steered(cluster.name, cluster)
        steering.asked(msg)
        self.note_steering(cluster.name, steering.note)
        await super().forward_message_to_scheduler(cluster, msg)  # type: ignore[misc]
        wanted = msg.get("count") if msg.get("op") == "scale" else msg.get("minimum")
        before = self.grants.get(cluster.name)
        if not wanted or (before is not None and wanted <= before.workers):
            return
        async with self._locks[cluster.name]:
            grant = await self._ask(cluster.name, wanted, 0 if before is None else before.workers)
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

    def note_steering(self, _name: str, _note: dict[str, Any]) -> None:
        """Keep how a cluster is steered for the next gateway. Override where the engine has a place for it."""

    def steering_before(self, _name: str) -> dict[str, Any]:
        """Return what :meth:`note_steering` kept last; empty: nothing."""
        return {}

    def _steered(self, name: str, cluster: Any) -> Steering:
        if name not in self._steering:
            note = self.steering_before(name)
            first = cluster.config.get("first_workers", 0)
            self._steering[name] = Steering.again(note) if note else Steering.begin(first)
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

    async def _ask(self, name: str, wanted: int, reported: int) -> Grant:
        """Ask for a grant; while nobody answers, the last one holds."""
        running = self.running_workers(name, reported)
        demand = Demand(
            wanted=wanted,
            running=running,
            active_at=self.active_at(name),
            connected_at=self.connected_at(name),
            asked_at=clock.now(),
        )
        try:
            grant = await self.client.demand(name, demand)
        except GatehouseError as error:
            last = self.grants.get(name) or _grant_of(self.granted_before(name))
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


def _grant_of(workers: int) -> Grant:
    return Grant(workers=workers, wanted=workers, price_per_hour=Decimal(0))


def _first_grant(lease: Lease) -> Grant:
    return _grant_of(lease.workers)


def _why_fewer(grant: Grant, wanted: int) -> str:
    """Return the line that the person's warning shows."""
    text = grant.message or f"Grown to {grant.workers} of {wanted} workers; the rest waits for room."
    return f"{text} [{grant.reason.value}]" if grant.reason is not None else text
