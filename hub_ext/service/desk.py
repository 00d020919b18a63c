"""The desk: the one place where decisions are made and reports are taken.

Each method is one transaction: what is checked and what is reserved cannot be torn apart. A method that gives something
out locks every group whose figures it reads, with its cohort; one that gives back or takes notes locks nothing. Plain
synchronous code; the handlers run it in a worker thread.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from hub_ext import clock
from hub_ext.contract.admission import Decision, Demand, Grant, Lease, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import InvalidRequest, NotFound
from hub_ext.contract.funds import Quote
from hub_ext.contract.identity import Identity
from hub_ext.contract.offers import Offers
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_duration
from hub_ext.contract.usage import Event, EventType
from hub_ext.policy import admission, offering
from hub_ext.policy.document import Policy
from hub_ext.policy.ending import Ending, Life
from hub_ext.policy.extending import check_idle
from hub_ext.policy.profiles import ClusterProfile, ServerProfile
from hub_ext.policy.quoting import quote
from hub_ext.policy.resolving import resolve
from hub_ext.policy.sharing import PATIENCE
from hub_ext.service import cuts, standing
from hub_ext.service.cuts import Granted
from hub_ext.service.locking import locks
from hub_ext.service.moments import by_our_clock, not_after
from hub_ext.service.payers import Payers, lease_of
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import decisions, grants, leases, ledger, minutes
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.leases import Pricing
from hub_ext.usage.trying import repeated


class Desk:
    """Decides and records.

    Args:
        database: the ledger's database, migrated.
        store: the policy in force.
        patience: how long a lender within its quota waits before borrowers give back.
    """

    def __init__(self, database: Database, store: PolicyStore, patience: timedelta = PATIENCE) -> None:
        self.database = database
        self.store = store
        self._patience = patience
        self._payers = Payers(database)

    def offers(self, identity: Identity) -> Offers:
        """Return what the person may start, with price, and why not where not."""
        now, policy = clock.now(), self.store.policy
        entitlement = resolve(policy, identity)
        names = [group.name for group in entitlement.groups]
        with self.database.read() as connection:
            books = standing.read(connection, policy, names, identity.name, now)
        return offering.offers(policy, entitlement, books.standings, books.balances, now=now)

    def quote(self, identity: Identity, profile: str, *, workers: int, charge_to: str | None) -> Quote:
        """Return what a start would cost, and what of it would be granted now; nothing is reserved.

        Raises:
            InvalidRequest: there is no such profile, or it has no workers.
        """
        now, policy = clock.now(), self.store.policy
        entitlement = resolve(policy, identity)
        names = [group.name for group in entitlement.groups]
        with self.database.read() as connection:
            books = standing.read(connection, policy, names, identity.name, now)
        figures = (books.standings, books.balances)
        return quote(policy, entitlement, profile, *figures, workers=workers, charge_to=charge_to, now=now)

    @repeated
    def admit(self, request: Request) -> Decision:
        """Decide, and reserve in the same transaction. The same request gets the same answer."""
        now, policy = clock.now(), self.store.policy
        entitlement = resolve(policy, request.identity)
        names = [group.name for group in entitlement.groups]
        with self.database.write(*locks(policy, names)) as connection:
            earlier = decisions.answered(connection, request.id)
            if earlier is not None:
                return earlier
            leases.lapse(connection, now)
            books = standing.read(connection, policy, names, request.identity.name, now, unbudgeted=False)
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
                if update.reason is not None:
                    leases.remark(connection, lease_id, update.reason, update.message)
            else:
                leases.release(connection, lease_id, update.at, update.reason, update.message)
            return _found(connection, lease_id).lease

    @repeated
    def demand(self, cluster: str, demand: Demand) -> Granted:
        """Grant a cluster what fits now, and keep its wish.

        The wish is kept also when nothing is granted: from it others learn what to leave, or to give back.

        Raises:
            NotFound: no lease is bound to this cluster.
        """
        now, policy = clock.now(), self.store.policy
        charged = self._payers.of(cluster)
        with self.database.write(*locks(policy, [charged])) as connection:
            held = standing.holdings(connection, policy, [charged])
            record = lease_of(connection, cluster, held.get(charged, ()))
            lease = record.lease
            if lease.state is LeaseState.released or record.stopping:
                return Granted(lease.user, _nothing(demand, record.reason, record.message))
            books = standing.read(
                connection,
                policy,
                [charged],
                lease.user,
                now,
                without_workers_of=lease.id,
                patience=self._patience,
                held=held,
                unbudgeted=False,
            )
            growth = admission.grow(policy, lease, demand, books.standings[charged], now=now)
            grants.keep(
                connection,
                lease.id,
                growth.grant,
                demand.running,
                at=now,
                active_at=by_our_clock(demand.active_at, demand.asked_at, now),
                connected_at=by_our_clock(demand.connected_at, demand.asked_at, now),
                wish=growth.wish,
                waiting_since=(record.waiting_since or now) if growth.waits else None,
                adaptive=(demand.adaptive_minimum, demand.adaptive_maximum),
            )
            wanted, granted = growth.grant.wanted, growth.grant.workers
            if (wanted, granted) != (record.wanted, lease.workers):
                minutes.note_grant(connection, lease.id, wanted=wanted, granted=granted, at=now)
            told = _with_notice(growth.grant, record.notice)
            return Granted(lease.user, told, cut=cuts.keep(connection, record, told, now))

    @repeated
    def record(self, events: tuple[Event, ...]) -> set[str]:
        """Take events into the ledger; return the people whose account changed.

        Raises:
            NotFound: an event names a lease that is not known.
        """
        now = clock.now()
        with self.database.write() as connection:
            leases.hold(connection, {event.lease for event in events})
            new = ledger.record(connection, events, now)
            touched = {event.lease for event in new if event.type is not EventType.alive}
            return {record.lease.user for record in leases.several(connection, touched).values()}

    def owner(self, lease_id: str) -> leases.LeaseRecord:
        """Return a lease with what is known of it.

        Raises:
            NotFound: there is no such lease.
        """
        with self.database.read() as connection:
            return _found(connection, lease_id)

    def running(self) -> list[tuple[Lease, Life]]:
        """Return every server and cluster that runs and was not told to stop, with what is known of its life."""
        with self.database.read() as connection:
            started = ledger.running_bases(connection)
            records = [r for r in leases.active(connection) if not r.stopping and r.lease.id in started]
            flagged = {record.lease.user for record in records if record.lease.stops_with_server}
            ends = {user: leases.last_server_end(connection, user) for user in flagged}
        return [(r.lease, _life(r, started[r.lease.id], ends.get(r.lease.user))) for r in records]

    @repeated
    def seen(self, used: Mapping[str, datetime]) -> None:
        """Note that servers live, and when each was last used.

        Args:
            used: lease -> last use.
        """
        now = clock.now()
        with self.database.write() as connection:
            for lease, active_at in used.items():
                leases.seen(connection, lease, at=now, active_at=not_after(active_at, now))

    def bound(self) -> list[Lease]:
        """Return every lease that is bound, oldest first."""
        with self.database.read() as connection:
            leases_ = [record.lease for record in leases.active(connection)]
        return [lease for lease in leases_ if lease.state is LeaseState.bound]

    @repeated
    def alive(self, servers: Sequence[str]) -> None:
        """Note that the servers of these leases live."""
        now = clock.now()
        with self.database.write() as connection:
            for lease in servers:
                leases.seen(connection, lease, at=now, active_at=None)

    @repeated
    def orphaned(self, lease: Lease, why: str = "It was gone and nobody had said so; its end is estimated.") -> None:
        """Give a lease back whose server or cluster is gone; what it still pays for ends at its last sign of life."""
        now = clock.now()
        with self.database.write() as connection:
            leases.hold(connection, [lease.id])
            record = _found(connection, lease.id)
            ledger.close(connection, lease.id, record.seen_at, now)
            leases.release(connection, lease.id, now)
            target = f"{lease.kind.value} {lease.name or lease.ref} of {lease.user}"
            decisions.note(connection, actor="gatehouse", action="orphan", target=target, text=why, now=now)

    @repeated
    def extend(self, user: str, lease_id: str, idle_seconds: int) -> Lease:
        """Give what a person runs another idle time; return its lease as it now is.

        Raises:
            NotFound: there is no such lease of theirs, or it runs no longer.
            Refused: the profile does not allow it.
        """
        now, policy = clock.now(), self.store.policy
        with self.database.write() as connection:
            record = leases.get(connection, lease_id)
            if record is None or record.lease.user != user or not record.lives:
                raise NotFound(f"You run nothing with the lease {lease_id}.")
            check_idle(policy, record.lease, idle_seconds)
            leases.extend(connection, lease_id, idle_seconds)
            target = f"{record.lease.kind.value} {record.lease.name or record.lease.ref} of {user}"
            text = f"idle time {format_duration(record.lease.idle_seconds)} -> {format_duration(idle_seconds)}"
            decisions.note(connection, actor=user, action="extend", target=target, text=text, now=now)
            return _found(connection, lease_id).lease

    @repeated
    def ending(self, lease: Lease, why: Ending) -> None:
        """Note that something is stopped because its time or its money is over."""
        now = clock.now()
        with self.database.write() as connection:
            leases.mark_stopping(connection, lease.id, why.reason, why.message)
            target = f"{lease.kind.value} {lease.name or lease.ref} of {lease.user}"
            text = f"{why.message} [{why.reason.value}]"
            decisions.note(connection, actor="gatehouse", action="end", target=target, text=text, now=now)

    @repeated
    def stopping(self, record: leases.LeaseRecord, *, actor: str, note: str) -> None:
        """Note that an administrator stops something, and why."""
        now = clock.now()
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
            return len(leases.lapse(connection, clock.now()))


def _found(connection: Connection, lease_id: str) -> leases.LeaseRecord:
    record = leases.get(connection, lease_id)
    if record is None:
        raise NotFound(f"There is no lease {lease_id}.")
    return record


def _life(record: leases.LeaseRecord, started_at: datetime, server_ended_at: datetime | None) -> Life:
    """Return what is known; nothing begins before it was asked for, whatever another machine's clock says."""
    started_at = max(started_at, record.requested_at)
    return Life(started_at, record.active_at, record.seen_at, record.connected_at, server_ended_at)


def _nothing(demand: Demand, reason: Reason | None, message: str) -> Grant:
    return Grant(workers=0, wanted=demand.wanted, reason=reason or Reason.blocked, message=message, price_per_hour=0)


def _with_notice(grant: Grant, notice: str) -> Grant:
    """Say what a used-up budget means for the cluster, instead of why it does not grow."""
    if not notice:
        return grant
    return grant.model_copy(update={"reason": Reason.budget_exhausted, "message": notice})


def _pricing(policy: Policy, profile_name: str) -> Pricing:
    """Return what of the profile's own pricing the lease carries along."""
    profile = policy.profiles[profile_name]
    match profile:
        case ServerProfile(price=price):
            return Pricing(base=price.hour if price else None)
        case ClusterProfile(price=price, spot=spot):
            return Pricing(worker=price.worker_hour if price else None, worker_spot=spot.workers)
    raise AssertionError(profile)
