"""The desk: the one place where decisions are made and reports are taken.

Each method is one transaction: what is checked and what is reserved cannot be torn apart. A method that gives something
out locks every group whose figures it reads, with its cohort; one that gives back or takes notes locks nothing. Plain
synchronous code; the handlers run it in a worker thread.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from hub_ext.contract.admission import Decision, Demand, Grant, Kind, Lease, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import InvalidRequest, NotFound
from hub_ext.contract.identity import Identity
from hub_ext.contract.offers import Offers
from hub_ext.contract.reasons import Reason
from hub_ext.contract.usage import Event, EventType
from hub_ext.policy import admission, offering
from hub_ext.policy.document import ClusterProfile, Policy, ServerProfile
from hub_ext.policy.ending import Ending
from hub_ext.policy.resolving import resolve
from hub_ext.service import standing
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import decisions, leases, ledger
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.leases import Pricing
from hub_ext.usage.trying import repeated


class Desk:
    """Decides and records.

    Args:
        database: the ledger's database, migrated.
        store: the policy in force.
    """

    def __init__(self, database: Database, store: PolicyStore) -> None:
        self.database = database
        self.store = store

    def offers(self, identity: Identity) -> Offers:
        """Return what the person may start, with price, and why not where not."""
        now, policy = datetime.now(UTC), self.store.policy
        entitlement = resolve(policy, identity)
        names = [group.name for group in entitlement.groups]
        with self.database.read() as connection:
            books = standing.read(connection, policy, names, identity.name, now)
        return offering.offers(policy, entitlement, books.standings, books.balances, now=now)

    @repeated
    def admit(self, request: Request) -> Decision:
        """Decide, and reserve in the same transaction. The same request gets the same answer."""
        now, policy = datetime.now(UTC), self.store.policy
        entitlement = resolve(policy, request.identity)
        names = [group.name for group in entitlement.groups]
        with self.database.write(*_locks(policy, names)) as connection:
            earlier = decisions.answered(connection, request.id)
            if earlier is not None:
                return earlier
            leases.lapse(connection, now)
            books = standing.read(connection, policy, names, request.identity.name, now)
            decision = admission.decide(
                policy, entitlement, request, books.standings, decision_id=f"d-{uuid4().hex[:12]}", now=now
            )
            group = decision.lease.group if decision.lease else request.charge_to or (names[0] if names else "")
            decisions.keep(connection, request, decision, group, now)
            if decision.lease is not None:
                leases.add(connection, decision.lease, _pricing(policy, request.profile), now)
        return decision

    @repeated
    def update_lease(self, lease_id: str, update: LeaseUpdate) -> Lease:
        """Bind or release a lease.

        Raises:
            NotFound: there is no such lease.
            InvalidRequest: a lease cannot go back to being reserved.
        """
        if update.state is LeaseState.reserved:
            raise InvalidRequest("A lease is bound or released; it cannot go back to being reserved.")
        with self.database.write() as connection:
            if update.state is LeaseState.bound:
                leases.bind(connection, lease_id, update.ref)
            else:
                leases.release(connection, lease_id, update.at)
            return _found(connection, lease_id).lease

    @repeated
    def demand(self, cluster: str, demand: Demand) -> tuple[str, Grant]:
        """Grant a cluster what fits now, and keep its wish; return its owner and the grant.

        Raises:
            NotFound: no lease is bound to this cluster.
        """
        now, policy = datetime.now(UTC), self.store.policy
        with self.database.write() as connection:
            charged = _bound(connection, cluster).lease.group  # never changes, unlike the rest of it
            self.database.lock(connection, *_locks(policy, [charged]))
            record = _bound(connection, cluster)
            lease = record.lease
            if lease.state is LeaseState.released or record.stopping:
                return lease.user, _nothing(demand, record.reason, record.message)
            books = standing.read(connection, policy, [lease.group], lease.user, now, without_workers_of=lease.id)
            grant = admission.grant(policy, lease, demand, books.standings[lease.group], now=now)
            leases.grant(connection, lease.id, grant, demand.running)
        return lease.user, grant

    @repeated
    def record(self, events: tuple[Event, ...]) -> set[str]:
        """Take events into the ledger; return the people whose account changed.

        Raises:
            NotFound: an event names a lease that is not known.
        """
        now = datetime.now(UTC)
        touched: set[str] = set()
        with self.database.write() as connection:
            leases.hold(connection, {event.lease for event in events})
            for event in events:
                if ledger.record(connection, event, now) and event.type is not EventType.alive:
                    touched.add(event.lease)
            return {record.lease.user for lease in touched if (record := leases.get(connection, lease))}

    def owner(self, lease_id: str) -> leases.LeaseRecord:
        """Return a lease with what is known of it.

        Raises:
            NotFound: there is no such lease.
        """
        with self.database.read() as connection:
            return _found(connection, lease_id)

    def running(self) -> list[tuple[Lease, datetime]]:
        """Return every server and cluster that runs and was not told to stop, with its start."""
        with self.database.read() as connection:
            started = ledger.running_bases(connection)
            found = [record.lease for record in leases.active(connection) if not record.stopping]
        return [(lease, started[lease.id]) for lease in found if lease.id in started]

    @repeated
    def ending(self, lease: Lease, why: Ending) -> None:
        """Note that something is stopped because its profile says so."""
        with self.database.write() as connection:
            leases.mark_stopping(connection, lease.id, why.reason, why.message)

    @repeated
    def stopping(self, record: leases.LeaseRecord, *, actor: str, note: str) -> None:
        """Note that an administrator stops something, and why."""
        now = datetime.now(UTC)
        lease = record.lease
        text = f"Stopped by {actor}: {note}" if note else f"Stopped by {actor}."
        with self.database.write() as connection:
            leases.mark_stopping(connection, lease.id, Reason.blocked, text)
            target = f"{lease.kind.value} {lease.name or lease.ref} of {lease.user}"
            decisions.note(connection, actor=actor, action="stop", target=target, text=note, now=now)

    @repeated
    def lapse(self) -> int:
        """Release reservations that nobody bound in time; return how many."""
        with self.database.write() as connection:
            return len(leases.lapse(connection, datetime.now(UTC)))


def _found(connection: Connection, lease_id: str) -> leases.LeaseRecord:
    record = leases.get(connection, lease_id)
    if record is None:
        raise NotFound(f"There is no lease {lease_id}.")
    return record


def _bound(connection: Connection, cluster: str) -> leases.LeaseRecord:
    record = leases.by_ref(connection, Kind.cluster, cluster)
    if record is None:
        raise NotFound(f"No lease is bound to cluster {cluster}.")
    return record


def _locks(policy: Policy, groups: Sequence[str]) -> set[str]:
    """Name what a decision about these groups must lock: each group, and each cohort they share with others.

    The group too, because while a changed policy is being taken, replicas may differ on which cohort it is in.
    """
    known = [policy.groups[name] for name in groups if name in policy.groups]
    cohorts = {f"cohort {group.cohort}" for group in known if group.cohort is not None}
    return {f"group {name}" for name in groups} | cohorts


def _nothing(demand: Demand, reason: Reason | None, message: str) -> Grant:
    return Grant(workers=0, wanted=demand.wanted, reason=reason or Reason.blocked, message=message, price_per_hour=0)


def _pricing(policy: Policy, profile_name: str) -> Pricing:
    """Return what of the profile's own pricing the lease carries along."""
    profile = policy.profiles[profile_name]
    match profile:
        case ServerProfile(price=price):
            return Pricing(base=price.hour if price else None)
        case ClusterProfile(price=price, spot=spot):
            return Pricing(worker=price.worker_hour if price else None, worker_spot=spot.workers)
    raise AssertionError(profile)
