"""What a person may start: the answer that the spawn page, the gateway's options and the new-cluster dialog render."""

from hub_ext.contract.account import Balance, Holding
from hub_ext.contract.admission import Kind
from hub_ext.contract.identity import Identity
from hub_ext.contract.model import Instant, Message, Money
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Count, Shape


class OffersRequest(Message):
    """What may this person start? Asked by hub and gateway on behalf of the person."""

    identity: Identity


class ChoiceOffer(Message):
    """One choice of an option."""

    name: str
    title: str
    description: str = ""


class OptionOffer(Message):
    """Something to choose within a server profile, such as the image; what other groups may choose is not in it."""

    name: str
    title: str
    choices: tuple[ChoiceOffer, ...]
    default: str
    """Name of the choice that holds where nothing is chosen."""
    typed: str = ""
    """What a field is called in which a value can be typed that is not listed; empty: there is none."""


class ProfileOffer(Message):
    """One profile as one group offers it."""

    name: str
    kind: Kind
    title: str
    description: str = ""
    shape: Shape
    """Of the server, or of one worker."""
    scheduler: Shape | None = None
    workers_max: Count = 0
    price_per_hour: Money
    """Of the server, or of one worker."""
    scheduler_price_per_hour: Money | None = None
    idle_seconds: Count = 0
    no_client_seconds: Count = 0
    """How long a cluster lives with nobody connected; 0: that does not end it."""
    stops_with_server: bool = False
    """Whether a cluster ends with its owner's notebook servers."""
    lifetime_seconds: Count = 0
    options: tuple[OptionOffer, ...] = ()
    """What can be chosen within it, on Kubernetes."""
    available: bool = True
    reason: Reason | None = None
    message: str = ""
    """Where it cannot start now: why, and what to do."""
    retry_at: Instant | None = None


class GroupOffer(Message):
    """One group of the person, in policy order: what it offers and how it stands."""

    group: str
    title: str
    balance: Balance
    cores: Holding
    profiles: tuple[ProfileOffer, ...]


class Offers(Message):
    """Everything that a person may start, by the group that would be charged."""

    identity: Identity
    as_of: Instant
    currency: str
    groups: tuple[GroupOffer, ...]
    may: tuple[str, ...] = ()
    """Rights as an administrator: read, operate, budget, policy."""
    leads: tuple[str, ...] = ()
    """Policy groups that the person leads."""
    contact: str
    """Whom to ask."""
    group_titles: tuple[str, ...] = ()
    """Titles of every group in the policy: what would let a person in."""

    @property
    def admitted(self) -> bool:
        """Whether the policy knows the person at all: as a user, as a lead or as an administrator."""
        return bool(self.groups or self.may or self.leads)
