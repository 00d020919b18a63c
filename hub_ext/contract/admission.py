"""May it start: Request -> Decision, and afterwards the Lease and the Grant.

The spawner and the gateway are two doors that ask the same question (:class:`Request`) and render the same
:class:`Decision`. An allowed decision carries a :class:`Lease`, reserved in the same transaction; the door then binds
it to the server or cluster that really came to be, or releases it. While a cluster lives, the gateway sends its
:class:`Demand` and obeys the :class:`Grant`.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from hub_ext.contract.errors import Refused
from hub_ext.contract.identity import Identity
from hub_ext.contract.model import Instant, Message, Money
from hub_ext.contract.placement import Placement
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Count, Shape

Id = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Title = Annotated[str, StringConstraints(max_length=64)]
Workers = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
"""A wish for workers: what is absurd is no wish."""


Options = Annotated[
    dict[Annotated[str, StringConstraints(max_length=64)], Annotated[str, StringConstraints(max_length=512)]],
    Field(max_length=32),
]
"""What was chosen within a profile, by the option's name."""


class Kind(StrEnum):
    """What a profile starts."""

    server = "server"
    cluster = "cluster"


class LeaseState(StrEnum):
    """The life of a lease. ``reserved`` lapses by itself when nobody binds it in time."""

    reserved = "reserved"
    bound = "bound"
    released = "released"


class Request(Message):
    """May this person start this profile, charged to this group?"""

    id: Id
    """Chosen by the asker; asking again with the same id gives the same answer."""
    identity: Identity
    kind: Kind
    profile: str
    charge_to: str | None = None
    """The policy group to charge; None: the first of the person's groups, in policy order, that offers the profile."""
    name: Title = ""
    """What the person calls it."""
    options: Options = {}
    """What the person chose within a server profile, such as the image; what is left out has its default."""


class TraceStep(Message):
    """One rule that was looked at, in order."""

    rule: str
    """What was compared, such as ``quota.cores``."""
    allows: bool
    detail: str
    """The comparison in words and numbers."""


class Lease(Message):
    """A reservation that counts against quota until it is released."""

    id: Id
    state: LeaseState
    user: str
    group: str
    kind: Kind
    profile: str
    name: str
    ref: str = ""
    """Name of the hub server or gateway cluster, once bound."""
    base: Shape
    """The server, or the cluster's scheduler."""
    worker: Shape | None = None
    workers: Count = 0
    """Granted workers."""
    workers_max: Count = 0
    idle_seconds: Count = 0
    """The profile's idle time; 0: none."""
    lifetime_seconds: Count = 0
    """The profile's longest life; 0: unbounded."""
    idle_max_seconds: Count = 0
    """The longest idle time that the person may choose; 0: there is nothing to choose."""
    no_client_seconds: Count = 0
    """How long a cluster lives with nobody connected; 0: that does not end it."""
    stops_with_server: bool = False
    """Whether a cluster ends with its owner's notebook servers."""
    placement: Placement | None = None
    """Where and as what its pods run on Kubernetes; only in the answer to a request, not kept with the lease."""
    expires_at: Instant | None = None
    """When a reservation lapses unless it is bound."""


class Decision(Message):
    """A yes or a no, always with its why."""

    id: Id
    allowed: bool
    reason: Reason | None = None
    message: str
    """One line for the person."""
    retry_at: Instant | None = None
    trace: tuple[TraceStep, ...] = ()
    lease: Lease | None = None

    @property
    def refusal(self) -> Refused:
        """The refusal as an exception that a door can raise."""
        reason = self.reason or Reason.quota_exceeded
        return Refused(self.message, reason=reason, retry_at=self.retry_at, decision=self.id)


class LeaseUpdate(Message):
    """Bind a lease to what came to be, or release it."""

    state: LeaseState
    ref: str = ""
    at: Instant
    reason: Reason | None = None
    """Why it ended, where it ended by itself; of a server that is bound: what is not as it should be."""
    message: str = ""


class Demand(Message):
    """What a cluster wants and has, as its gateway sees it."""

    wanted: Workers
    running: Count
    adaptive_minimum: Workers | None = None
    """Fewest workers of adaptive scaling, as its person chose; None, as the next: it is off."""
    adaptive_maximum: Workers | None = None
    active_at: Instant | None = None
    """When its workers last really computed, as the operating system saw it; None: not known."""
    connected_at: Instant | None = None
    """When a client was last connected, by its scheduler's own word; None: not known."""
    asked_at: Instant | None = None
    """The moment by the gateway's clock, against which these are read; None: the two clocks are the same."""


class Grant(Message):
    """How many workers a cluster may have now."""

    workers: Count
    wanted: Count
    reason: Reason | None = None
    """What binds, where fewer are granted than wanted."""
    message: str = ""
    retry_at: Instant | None = None
    trace: tuple[TraceStep, ...] = ()
    price_per_hour: Money
    """Of the scheduler and the granted workers together."""
