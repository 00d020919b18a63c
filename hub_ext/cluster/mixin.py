"""A gateway backend that asks before it starts and obeys the grant while it runs, on any engine.

Only public methods of ``dask_gateway_server.backends.base.Backend`` are overridden, so the same class serves local
processes, Slurm and Kubernetes. The path of a cluster: options -> admission -> lease bound to its name -> at every
heartbeat demand -> grant -> the number of workers clamped. The engine releases the lease when everything has ended.
"""

import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from aiohttp import web
from dask_gateway_server.models import User
from dask_gateway_server.options import Options

from hub_ext import clock
from hub_ext.client import shared_client
from hub_ext.cluster import answers, notices
from hub_ext.cluster.config import apply_lease, money
from hub_ext.cluster.failing import Failure
from hub_ext.cluster.granting import Granting, grant_of
from hub_ext.cluster.options import cluster_options, offered, settle
from hub_ext.cluster.user import GatehouseUser, identity_of
from hub_ext.contract.admission import Kind, Lease, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import Refused, Unavailable
from hub_ext.contract.offers import Offers
from hub_ext.settings import GatehouseSettings

_ANY_CLUSTER = "dask-cluster"
"""What is asked for where a person named no profile and is offered none."""
_admitted: ContextVar[list[Lease] | None] = ContextVar("gatehouse_admitted", default=None)


class GatehouseBackendMixin(Granting):
    """Put in front of a gateway backend class: ``class Ours(GatehouseBackendMixin, SlurmBackend)``."""

    # -- start and end of the server ---------------------------------------------------------------------------------

    async def setup(self, app: web.Application) -> None:
        """Reach for the service, then start the engine. Called by the gateway at its start."""
        self.client = shared_client(GatehouseSettings(parent=self))
        self.client.resume()
        answers.install(app)
        notices.install(app)
        await super().setup(app)

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
        self.fit(config, lease)
        offer = offered(offers, lease.profile, lease.group)
        if offer is not None:
            config.worker_price_per_hour = money(offer.price_per_hour)
            config.scheduler_price_per_hour = money(offer.scheduler_price_per_hour)
        return options, config

    def fit(self, config: Any, lease: Lease) -> None:
        """Give a new cluster what its lease says. Override where an engine can say more of it."""
        apply_lease(config, lease)

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
            self.grants[name] = grant_of(lease.workers)
            await self._update(lease.id, LeaseState.bound, ref=name)
        return name

    async def release(self, lease: str, why: Failure | None = None) -> None:
        """Give a lease back. The engine calls it when every process of the cluster has ended.

        Args:
            lease: its id.
            why: what to tell its person, where the cluster ended by itself.
        """
        await self._update(lease, LeaseState.released, why=why)

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
