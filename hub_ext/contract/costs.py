"""What a month cost one person: by server and cluster, day by day."""

from typing import Literal

from hub_ext.contract.model import Instant, Message, Money


class CostLine(Message):
    """One server or cluster of the month, or those that are too small for a line of their own."""

    lease: str
    """Empty: what is left of the group's servers or clusters is summed up here."""
    kind: Literal["server", "cluster"]
    group: str
    group_title: str
    name: str
    """What the person calls the cluster; the hub's name of the server, empty for the default one."""
    title: str
    """Of the profile; empty where lines are summed up."""
    count: int
    """How many servers or clusters it stands for."""
    cost: Money
    """Of the month: the sum of ``daily``."""
    daily: tuple[Money, ...]
    """Day by day (UTC), from the first of the month."""


class MonthCosts(Message):
    """A person's own costs of one month. The lines of a group add up to what the account calls ``mine``."""

    as_of: Instant
    currency: str
    month: str
    """Calendar month in UTC, ``2026-11``."""
    months: tuple[str, ...]
    """The months that can be asked for, newest first."""
    days: int
    """How many days of the month have begun: the length of every ``daily``."""
    lines: tuple[CostLine, ...]
    """The dearest first, what is summed up last."""
    total: Money
    """The sum of all lines."""
