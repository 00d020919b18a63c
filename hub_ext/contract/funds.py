"""Money beyond the policy's month: top-ups, warnings, and what something would cost."""

from typing import Annotated

from pydantic import Field, StringConstraints

from hub_ext.contract.admission import Id, Kind, TraceStep
from hub_ext.contract.model import Instant, Message, Money
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Count

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=500)]


class TopUpRequest(Message):
    """Add money to this month's budget of a group, or of one person in it."""

    id: Id | None = None
    """Chosen by the asker: sent again with the same id it adds nothing. None: every request adds."""
    group: str
    user: Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)] = ""
    """Empty: the group's budget; otherwise this person's own, within the group's."""
    amount: Annotated[Money, Field(gt=0, max_digits=16, decimal_places=6)]
    reason: Why
    """Why, for whoever asks later."""
    expires_at: Instant | None = None
    """When it no longer counts; at the latest the month's end."""


class TopUp(Message):
    """Money that somebody added to a budget, for the month in which they did."""

    id: str
    group: str
    user: str = ""
    amount: Money
    reason: str
    author: str
    at: Instant
    expires_at: Instant | None = None


class TopUpList(Message):
    """The top-ups of a month, newest first."""

    as_of: Instant
    currency: str
    month: str
    topups: tuple[TopUp, ...]


class BudgetWarning(Message):
    """A level of a budget that has been passed, and still is."""

    level: float
    """A share of the budget: 0.8 for 80 %; 1: it is used up."""
    group: str
    user: str = ""
    """Empty: the group's budget; otherwise this person's own."""
    message: str
    at: Instant
    """When the level was reached for the first time this month."""


class Quote(Message):
    """What a start would cost, and what of it would be granted now."""

    as_of: Instant
    currency: str
    profile: str
    title: str
    kind: Kind
    group: str = ""
    """That would be charged; empty where there is none."""
    workers: Count = 0
    """That were asked about."""
    granted: Count = 0
    """That would run now."""
    borrowed: Count = 0
    """Of the granted ones: above the group's quota, so they may be taken back."""
    allowed: bool
    """Whether the server, or the cluster with its scheduler, would start now."""
    reason: Reason | None = None
    message: str
    cause: str = ""
    """Why fewer workers are granted than were asked about, and what happens next: a part of the message."""
    retry_at: Instant | None = None
    trace: tuple[TraceStep, ...] = ()
    price_per_hour: Money
    """Of all that was asked about, the scheduler included."""
    granted_price_per_hour: Money
    budget_minutes: float | None = None
    """How long what is left of the budget pays for all that was asked and what is charged to it already; None: no
    budget."""
    granted_budget_minutes: float | None = None
    """The same for what would run now alone."""
    credits_minutes: float | None = None
    """How long the group's burst credits carry what of all that was asked, and of what it holds already, is above its
    quota; None: nothing is, or it needs no credits."""
    granted_credits_minutes: float | None = None
    """The same for what would run now alone."""
