"""For the two doors, hub and gateway: offers, admissions, leases, demand, activity and events.

All need the scope to decide, but for a person's own offers.
"""

from hub_ext.contract.activity import ClusterActivity
from hub_ext.contract.admission import Demand, Kind, LeaseUpdate, Request
from hub_ext.contract.offers import OffersRequest
from hub_ext.contract.paths import SCOPE_DECIDE
from hub_ext.contract.usage import Events
from hub_ext.service.handlers.base import ServiceHandler


class OffersHandler(ServiceHandler):
    """``offers``: what may this person start? ``GET`` for oneself; ``POST`` for a door, on behalf of a person."""

    async def get(self) -> None:
        """Answer with the caller's own offers."""
        self.reply(await self.run_in_time(self.desk.offers, self.current_person.identity))

    async def post(self) -> None:
        """Answer with the offers."""
        self.need(SCOPE_DECIDE)
        asked = self.message(OffersRequest)
        self.reply(await self.run_in_time(self.desk.offers, asked.identity))


class AdmissionsHandler(ServiceHandler):
    """``POST admissions``: may this start? A no is an answer, not an error."""

    async def post(self) -> None:
        """Decide, and reserve if allowed."""
        self.need(SCOPE_DECIDE)
        request = self.message(Request)
        with self.metrics.decision_seconds.time():
            decision = await self.run_in_time(self.desk.admit, request)
        self.metrics.decided(request.kind, decision)
        self.changes.of(request.identity.name)
        self.reply(decision)


class LeaseHandler(ServiceHandler):
    """``PUT leases/{id}``: bind or release."""

    async def put(self, lease: str) -> None:
        """Answer with the lease as it now is."""
        self.need(SCOPE_DECIDE)
        updated = await self.run_in_time(self.desk.update_lease, lease, self.message(LeaseUpdate))
        self.changes.of(updated.user)
        self.reply(updated)


class DemandHandler(ServiceHandler):
    """``PUT clusters/{id}/demand``: how many workers may it have?"""

    async def put(self, cluster: str) -> None:
        """Answer with the grant."""
        self.need(SCOPE_DECIDE)
        granted = await self.run_in_time(self.desk.demand, cluster, self.message(Demand))
        if granted.cut and granted.grant.reason is not None:
            self.metrics.refused(Kind.cluster, granted.grant.reason)
        self.changes.of(granted.owner)
        self.reply(granted.grant)


class ActivityHandler(ServiceHandler):
    """``PUT clusters/{id}/activity``: how the time of its workers splits. Repeating is harmless."""

    async def put(self, cluster: str) -> None:
        """Keep what has grown."""
        self.need(SCOPE_DECIDE)
        owner = await self.run_in_time(self.activities.take, cluster, self.message(ClusterActivity))
        self.changes.of(owner)
        self.answer("{}")


class EventsHandler(ServiceHandler):
    """``POST events``: what started, lives and ended. Repeating is harmless."""

    async def post(self) -> None:
        """Take the events into the ledger."""
        self.need(SCOPE_DECIDE)
        events = self.message(Events).events
        touched = await self.run_in_time(self.desk.record, events)
        self.metrics.events.inc(len(events))
        for user in touched:
            self.changes.of(user)
        self.answer("{}")
