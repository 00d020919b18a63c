"""The treasury: top-ups and surge grants are made and listed here, and written into the audit log."""

from datetime import datetime
from uuid import uuid4

from hub_ext import clock
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.funds import TopUp, TopUpList, TopUpRequest
from hub_ext.contract.units import format_money
from hub_ext.cost.budgets import month_bounds
from hub_ext.policy.document import Policy
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import decisions, topups
from hub_ext.usage.database import Database
from hub_ext.usage.trying import repeated


class Treasury:
    """Adds money to budgets.

    Args:
        database: the ledger's database, migrated.
        store: the policy in force.
    """

    def __init__(self, database: Database, store: PolicyStore) -> None:
        self._database = database
        self._store = store

    @repeated
    def top_up(self, asked: TopUpRequest, *, author: str) -> TopUp:
        """Add money for the rest of the month, or until it expires; the same request again adds nothing.

        Raises:
            InvalidRequest: there is no such budget, or it would have expired already.
        """
        now, policy = clock.now(), self._store.policy
        _check(policy, asked, now)
        topup = TopUp(
            id=f"t-{asked.id or uuid4().hex[:12]}"[:128],
            group=asked.group,
            user=asked.user,
            amount=asked.amount,
            reason=asked.reason,
            author=author,
            at=now,
            expires_at=asked.expires_at,
        )
        whose = f"budget of {asked.user} in {asked.group}" if asked.user else f"budget of {asked.group}"
        text = f"{format_money(asked.amount, policy.currency_at(now))}: {asked.reason}"
        with self._database.write() as connection:
            earlier = topups.get(connection, topup.id)
            if earlier is not None:
                return _same(earlier, topup)
            topups.add(connection, topup)
            decisions.note(connection, actor=author, action="topup", target=whose, text=text, now=now)
        return topup

    def topups(self, month: str) -> TopUpList:
        """Return the top-ups of a month, newest first, expired ones too.

        Args:
            month: ``2026-11``, in UTC.

        Raises:
            ValueError: the month is not one.
        """
        since, until = month_bounds(month)
        with self._database.read() as connection:
            found = topups.made(connection, since, until)
        currency = self._store.policy.currency_at(since)
        return TopUpList(as_of=clock.now(), currency=currency, month=month, topups=found)


def _same(earlier: TopUp, topup: TopUp) -> TopUp:
    """Return the earlier one, if it is the same; somebody else's is not shown to whoever knows its id."""
    kept = ("group", "user", "amount", "author")
    if any(getattr(earlier, name) != getattr(topup, name) for name in kept):
        raise InvalidRequest("Another top-up was sent with this id; send a new one, or leave the id out.")
    return earlier


def _check(policy: Policy, asked: TopUpRequest, now: datetime) -> None:
    rules = policy.groups.get(asked.group)
    if rules is None:
        raise InvalidRequest(f"There is no group {asked.group} in the policy; take one of {', '.join(policy.groups)}.")
    title = policy.group_title(asked.group)
    if rules.budget is None:
        raise InvalidRequest(f"{title} has no budget in the policy, so there is nothing to top up.")
    if asked.user and rules.budget.per_user is None:
        raise InvalidRequest(f"People in {title} have no budgets of their own; top up the group's by leaving user out.")
    if asked.expires_at is not None and asked.expires_at <= now:
        raise InvalidRequest("The top-up would have expired already; choose a later expires_at, or leave it out.")
