"""How many workers each cluster of a cohort should have: what it has, less what is reclaimed, more where there is room.

Three steps, each in an order that does not depend on the order of the claims:

1. *Trim*. Who holds more than it may gives back: after a policy that gives less, and when burst credits are used up.
2. *Reclaim*. A group within its nominal that has waited longer than the cohort's patience gets its workers one by one,
   the longest waiting first; where there is no room, the borrower with the highest weighted share gives back a worker
   of its newest cluster, a ``reserved`` one last. Nobody is brought below its nominal, and nothing is taken that does
   not help.
3. *Grow*. Free cores go to workers within their group's nominal; then to borrowers, the lowest weighted share first.
   Of equals the group with the least decayed usage is first, then the oldest cluster. Each worker that is granted
   counts as usage at once, before anything of it has run.

So nothing that can be used stays idle, a borrower never takes what a lender waits for, and growing never takes anything
away. A worker that is borrowed only in part is not reclaimed: its group would fall below its nominal.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hub_ext.policy.sharing import Claim, Cohort, Table


@dataclass(frozen=True)
class Plan:
    """How many workers each cluster should have, and who takes something back."""

    workers: Mapping[str, int]
    """By lease."""
    takers: tuple[str, ...] = ()
    """Groups that take back what is theirs, in the order in which they waited."""
    uneven: Mapping[str, int] = field(default_factory=dict)
    """Workers by lease before borrowers even out: of what is free now nobody takes more."""
    sharers: tuple[str, ...] = ()
    """Groups that borrow less than others and get some of it, in the same order."""


def plan(cohort: Cohort, now: datetime) -> Plan:
    """Return the target of each cluster; the same state gives the same plan, in whatever order its claims stand."""
    planner = _Planner(cohort)
    planner.trim()
    overdue = _overdue(cohort, now)
    takers = planner.reclaim(overdue)
    planner.grow()
    uneven = dict(planner.counts)
    sharers = planner.even_out(overdue)
    planner.grow()
    return Plan(planner.counts, tuple(dict.fromkeys(takers)), uneven, tuple(dict.fromkeys(sharers)))


def owed(cohort: Cohort, lease: str) -> bool:
    """Whether a cluster has a right to a worker more that others borrow: its group's own, or a fairer share."""
    claim = cohort.claim(lease)
    return claim is not None and _Planner(cohort).owes(claim)


def portion(cohort: Cohort, lease: str, now: datetime) -> tuple[int, Plan]:
    """Return how many workers one cluster may have now, and the plan that says so.

    It is the plan's number, and of an increase only what is really free: what others are to give back is granted when
    they have given it.

    Args:
        cohort: the state, with this cluster's claim.
        lease: of the cluster.
        now: the moment, aware.
    """
    claim = cohort.claim(lease)
    if claim is None:
        raise KeyError(lease)
    made = plan(cohort, now)
    free = Table(cohort).room(claim.group)
    more = int(free // claim.cores) if claim.cores > 0 else claim.wish
    evened = max(made.uneven[lease], claim.workers)
    return min(made.workers[lease], claim.workers + more, evened), made


def admits(cohort: Cohort, group: str, cores: Decimal) -> bool:
    """Whether a server or scheduler of this size fits now.

    Within the group's nominal it needs free cores. Above, it borrows, and leaves alone what others want within theirs.
    """
    table = Table(cohort)
    if cores > table.room(group):
        return False
    if table.within(group, cores):
        return True
    planner = _Planner(cohort)
    planner.grow(within_nominal=True)
    return cores <= planner.table.room(group)


def _overdue(cohort: Cohort, now: datetime) -> list[Claim]:
    """Return the claims of lenders that have waited long enough, the longest first."""
    since = now - cohort.patience
    found = [(claim.waiting_since, claim) for claim in cohort.claims if claim.waiting_since is not None]
    return [claim for waits, claim in sorted(found, key=lambda item: (item[0], *_age(item[1]))) if waits <= since]


def _age(claim: Claim) -> tuple[datetime, str]:
    return claim.requested_at, claim.lease


class _Planner:
    """Counts workers up and down on a table."""

    def __init__(self, cohort: Cohort) -> None:
        self.table = Table(cohort)
        self.counts = {claim.lease: claim.workers for claim in cohort.claims}
        self.claims = sorted(cohort.claims, key=_age)
        self._newest: dict[str, list[Claim]] = {name: [] for name in cohort.members}
        for claim in reversed(self.claims):
            if claim.cores > 0:
                self._newest[claim.group].append(claim)

    def _change(self, claim: Claim, by: int) -> None:
        self.counts[claim.lease] += by
        self.table.take(claim.group, by * claim.cores)

    def trim(self) -> None:
        for group, claims in self._newest.items():
            for claim in claims:
                while self.table.over_limit(group) and self.counts[claim.lease] > 0:
                    self._change(claim, -1)
        while self.table.overfull() and (victim := self._victim()) is not None:
            self._change(victim, -1)

    def reclaim(self, overdue: list[Claim]) -> list[str]:
        """Serve the lenders; return each group for which others gave back."""
        return [claim.group for claim in overdue if self._serve(claim, borrowing=False)]

    def even_out(self, overdue: list[Claim]) -> list[str]:
        """Let those give back who borrow more than others; return each group that waited for it.

        What they give is free then, and goes to whose turn it is. A worker changes hands only while the giver's
        weighted share stays at least as large as the taker's: so none goes back and forth. Source: Kueue,
        ``LessThanOrEqualToFinalShare`` of its fair sharing.
        """
        before = dict(self.counts)
        served = [claim for claim in overdue if self._serve(claim, borrowing=True)]
        for claim in served:
            self._change(claim, before[claim.lease] - self.counts[claim.lease])
        return [claim.group for claim in served]

    def owes(self, claim: Claim) -> bool:
        """Whether the claim may have a worker more once others have given back."""
        if self.table.within(claim.group, claim.cores):
            return True
        victim = self._victim()
        return self._may_hold(claim) and victim is not None and self._fair(claim, victim)

    def _serve(self, claim: Claim, *, borrowing: bool) -> bool:
        took = False
        while self.counts[claim.lease] < claim.wish and self._may_hold(claim):
            if not borrowing and not self.table.within(claim.group, claim.cores):
                break
            if claim.cores > self.table.room(claim.group):
                if not self._make_room(claim):
                    break
                took = True
            elif borrowing:
                break  # what is free is given away in turn
            self._change(claim, +1)
        return took

    def _may_hold(self, claim: Claim) -> bool:
        most = self.table.most(claim.group)
        return most is None or self.table.used[claim.group] + claim.cores <= most

    def _make_room(self, claim: Claim) -> bool:
        """Take back as much as one worker needs; where that much cannot be had, take nothing."""
        given: list[Claim] = []
        while claim.cores > self.table.room(claim.group):
            victim = self._victim()
            if victim is None or not self._fair(claim, victim):
                for back in given:
                    self._change(back, +1)
                return False
            self._change(victim, -1)
            given.append(victim)
        return True

    def _fair(self, claim: Claim, victim: Claim) -> bool:
        """Whether a worker may go from the victim's group to the claim's."""
        table = self.table
        if table.within(claim.group, claim.cores):
            return True
        outranked = table.members[victim.group].reserved and not table.members[claim.group].reserved
        return not outranked and table.share(victim.group, -victim.cores) >= table.share(claim.group, claim.cores)

    def _victim(self) -> Claim | None:
        """Return the cluster that gives back the next worker."""
        borrowers = [(group, found) for group in self.table.members if (found := self._giver(group)) is not None]
        return max(borrowers, key=lambda item: self._rank(item[0]), default=("", None))[1]

    def _rank(self, group: str) -> tuple[bool, Decimal, str]:
        return not self.table.members[group].reserved, self.table.share(group), group

    def _giver(self, group: str) -> Claim | None:
        borrowed = self.table.borrowed(group)
        if not borrowed:
            return None
        fitting = (claim for claim in self._newest[group] if self.counts[claim.lease] and claim.cores <= borrowed)
        return next(fitting, None)

    def grow(self, *, within_nominal: bool = False) -> None:
        """Give away what is free; only within the groups' nominals, where told so."""
        waiting = [(self._turn(claim), claim) for claim in self.claims if self.counts[claim.lease] < claim.wish]
        heap = [(turn, claim.lease, claim) for turn, claim in waiting]
        heapq.heapify(heap)
        while heap:
            turn, lease, claim = heapq.heappop(heap)
            now = self._turn(claim)
            if now != turn:
                heapq.heappush(heap, (now, lease, claim))
                continue
            if self._may_grow(claim, within_nominal=within_nominal):
                self._change(claim, +1)
                if self.counts[lease] < claim.wish:
                    heapq.heappush(heap, (self._turn(claim), lease, claim))

    def _turn(self, claim: Claim) -> tuple[bool, Decimal, float, datetime]:
        """Say when a worker more has its turn; it never comes earlier when others have grown."""
        table, group, cores = self.table, claim.group, claim.cores
        borrows = not table.within(group, cores)
        return borrows, table.share(group, cores), table.usage(group, cores), claim.requested_at

    def _may_grow(self, claim: Claim, *, within_nominal: bool) -> bool:
        if within_nominal and not self.table.within(claim.group, claim.cores):
            return False
        return claim.cores <= self.table.room(claim.group)
