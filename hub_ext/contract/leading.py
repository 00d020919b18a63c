"""What the leads of a group see: its sums, and its people's use of it this month. Of no other group anything."""

from decimal import Decimal

from hub_ext.contract.account import Balance, Holding
from hub_ext.contract.funds import TopUp
from hub_ext.contract.model import Cores, Instant, Message, Money
from hub_ext.contract.shape import Count


class MemberRow(Message):
    """What one person runs and spends in the group this month."""

    user: str
    servers: Count
    clusters: Count
    cores: Cores
    """Held now."""
    spent: Money
    budget: Money | None = None
    """The person's own, within the group; top-ups that hold now included. None: there is none."""
    topped_up: Money = Decimal(0)
    """What top-ups add to it now."""
    burn_rate: Money
    """Per hour, of what runs now."""


class LedGroup(Message):
    """One group as its leads see it."""

    group: str
    title: str
    cores: Holding
    balance: Balance
    """The group's; nobody's own part is in it."""
    members: tuple[MemberRow, ...]
    """Who holds something now, spent something this month, or was topped up; by name."""
    topups: tuple[TopUp, ...]
    """Of this month, newest first."""


class LedGroups(Message):
    """Every group that the person leads, in policy order."""

    as_of: Instant
    currency: str
    contact: str
    groups: tuple[LedGroup, ...]
