"""How fairly ten greedy groups share the cores of one cohort over an hour.

The hour is simulated, second by second; what decides is not: ``policy.admission.grow``, on the cohort that
``service.standing`` makes of leases, as in the service. Each cluster asks every five seconds, as a gateway does, and
shrinks at once where its grant does. The start of a cluster is not asked for; its scheduler takes a thousandth of a
core.

The figure is Jain's index over ``received / fair`` of each group. *Received* are the core-seconds that its workers held
while it wanted them. *Fair* is the weighted max-min share of the cohort's cores among those who want some, summed
over the same seconds: who wants less than its part is measured by what it wants. Quotas are in proportion to weights,
so that the cohort's rule (quota first, then the lowest weighted share) and max-min fairness mean the same.

Beside it the same hour under first come, first served: what is free goes to those who have asked first, and nobody
gives back.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from benchmarks.appetites import HOUR, WEIGHTS, Wish, trace
from benchmarks.fairness import fair_shares, jain_index
from benchmarks.figures import tell
from hub_ext.contract.admission import Demand, Kind, Lease, LeaseState
from hub_ext.contract.shape import Shape
from hub_ext.policy.admission import Standing, grow
from hub_ext.policy.document import Policy
from hub_ext.policy.reading import read_policy
from hub_ext.service import standing
from hub_ext.usage.leases import LeaseRecord, Pricing

QUOTA, HEARTBEAT, SEED = 40, 5, 2026
_BEGIN = datetime(2026, 11, 2, 8, tzinfo=UTC)
_CAPACITY = sum(QUOTA * weight for weight in WEIGHTS.values())

_HEAD = """
apiVersion: gatehouse/v1
prices:
  - {from: 2020-01-01, core_hour: 1, gib_hour: 0}
cohorts: {all: {}}
profiles:
"""
_PROFILE = """
  NAME:
    kind: cluster
    title: NAME
    scheduler: {cores: 0.001, memory: 1 GiB}
    worker: {cores: EACH, memory: 1 GiB}
    workers: {max: 1000}
"""
_GROUP = (
    "  {name}: {{match: [/{name}], cohort: all, profiles: [small, large], weight: {w}, quota: {{cores: {cores}}}}}\n"
)


class Sharing(Protocol):
    """A way to divide the cores."""

    def begin(self, wish: Wish, at: int) -> None:
        """Take a cluster in."""

    def ask(self, wish: Wish, at: int) -> None:
        """Answer a heartbeat."""

    def end(self, wish: Wish) -> None:
        """Take back what the cluster holds."""

    def held(self, wish: Wish) -> int:
        """Return its workers."""


class Ours:
    """As the service shares."""

    def __init__(self) -> None:
        self._policy = policy()
        self._records: dict[str, LeaseRecord] = {}

    def begin(self, wish: Wish, at: int) -> None:
        """Bind a lease that holds no workers yet."""
        lease = Lease(
            id=wish.name,
            state=LeaseState.bound,
            user=wish.group,
            group=wish.group,
            kind=Kind.cluster,
            profile=wish.profile,
            name="",
            base=Shape(cores=Decimal("0.001")),
            worker=Shape(cores=Decimal(wish.each)),
            workers_max=1000,
        )
        self._records[wish.name] = LeaseRecord(
            lease=lease,
            pricing=Pricing(),
            wanted=0,
            wish=0,
            waiting_since=None,
            running=0,
            reason=None,
            message="",
            stopping=False,
            notice="",
            requested_at=_time(at),
            released_at=None,
        )

    def ask(self, wish: Wish, at: int) -> None:
        """Grant, and keep the grant, as ``Desk.demand`` does."""
        now, record = _time(at), self._records[wish.name]
        held: dict[str, list[LeaseRecord]] = defaultdict(list)
        for one in self._records.values():
            held[one.lease.group].append(one)
        cohort = standing.cohort(self._policy, wish.group, held)
        demand = Demand(wanted=wish.workers, running=record.lease.workers)
        growth = grow(self._policy, record.lease, demand, Standing(cohort=cohort), now=now)
        self._records[wish.name] = replace(
            record,
            lease=record.lease.model_copy(update={"workers": growth.grant.workers}),
            wish=max(growth.wish, growth.grant.workers),
            waiting_since=(record.waiting_since or now) if growth.waits else None,
        )

    def end(self, wish: Wish) -> None:
        """Release the lease."""
        del self._records[wish.name]

    def held(self, wish: Wish) -> int:
        """Return its workers."""
        return self._records[wish.name].lease.workers


class FirstCome:
    """First come, first served."""

    def __init__(self) -> None:
        self._queue: dict[Wish, int] = {}
        """In the order of arrival: the workers of each."""

    def begin(self, wish: Wish, at: int) -> None:  # noqa: ARG002 - a dictionary keeps the order
        """Put it at the end of the queue."""
        self._queue[wish] = 0

    def ask(self, wish: Wish, at: int) -> None:  # noqa: ARG002 - nothing depends on the time
        """Give what is free and not wanted by those who came before."""
        free = _CAPACITY - sum(workers * one.each for one, workers in self._queue.items())
        for one, workers in self._queue.items():
            if one == wish:
                break
            free -= (one.workers - workers) * one.each
        more = max(0, int(free // wish.each))
        self._queue[wish] = min(wish.workers, self._queue[wish] + more)

    def end(self, wish: Wish) -> None:
        """Take it off the queue."""
        del self._queue[wish]

    def held(self, wish: Wish) -> int:
        """Return its workers."""
        return self._queue[wish]


def policy() -> Policy:
    """Return the policy: each group's quota is in proportion to its weight, and all of it is lent."""
    profiles = [_PROFILE.replace("NAME", name).replace("EACH", each) for name, each in (("small", "1"), ("large", "4"))]
    groups = [_GROUP.format(name=name, w=weight, cores=QUOTA * weight) for name, weight in WEIGHTS.items()]
    return read_policy("".join((_HEAD, *profiles, "groups:\n", *groups)))


def satisfaction(wishes: Sequence[Wish], sharing: Sharing, *, seconds: int = HOUR) -> Mapping[str, float]:
    """Return ``received / fair`` of each group that ever wanted something, over so many seconds."""
    received: dict[str, float] = defaultdict(float)
    fair: dict[str, float] = defaultdict(float)
    live: list[Wish] = []
    for at in range(seconds):
        for wish in [wish for wish in live if wish.ends <= at]:
            sharing.end(wish)
            live.remove(wish)
        for wish in (wish for wish in wishes if wish.begins == at):
            sharing.begin(wish, at)
            live.append(wish)
        for wish in live:
            if (at - wish.begins) % HEARTBEAT == 0:
                sharing.ask(wish, at)
        demands: dict[str, float] = defaultdict(float)
        for wish in live:
            demands[wish.group] += wish.cores
            received[wish.group] += sharing.held(wish) * wish.each
        for group, cores in fair_shares(_CAPACITY, demands, WEIGHTS).items():
            fair[group] += cores
    return {group: received[group] / cores for group, cores in fair.items()}


def _time(at: int) -> datetime:
    return _BEGIN + timedelta(seconds=at)


def main() -> None:
    """Simulate both hours and tell the figure."""
    wishes = trace(SEED)
    ours, first = satisfaction(wishes, Ours()), satisfaction(wishes, FirstCome())
    beside = f"first come, first served on the same trace: {jain_index(list(first.values())):.3f}"
    also = f"the {len(ours)} groups got from {min(ours.values()):.0%} to {max(ours.values()):.0%} of their fair share"
    tell("jain_index", jain_index(list(ours.values())), "1", target=0.95, compared_with=f"{beside}; {also}")


if __name__ == "__main__":
    main()
