"""What something would cost, and what of it would be granted now."""

from decimal import Decimal
from typing import Any

import pytest

from hub_ext.contract.account import Balance
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.funds import Quote
from hub_ext.contract.reasons import Reason
from hub_ext.policy.limits import Standing
from hub_ext.policy.quoting import quote
from hub_ext.policy.resolving import resolve
from tests.policy.samples import NOW, alice, policy, standing


def balance(*, spent: str = "0", budget: str | None = "5000", mine: str = "0", burn: str = "0") -> Balance:
    """Return Research's money, with 500 for alice."""
    return Balance(
        group="research",
        title="Research",
        month="2026-11",
        spent=Decimal(spent),
        budget=None if budget is None else Decimal(budget),
        mine=Decimal(mine),
        my_budget=None if budget is None else Decimal(500),
        burn_rate=Decimal(burn),
        my_burn_rate=Decimal(burn),
    )


def ask(profile: str = "standard", workers: int = 0, held: Standing | None = None, **more: Any) -> Quote:
    """Return alice's quote."""
    money = more.pop("money", balance())
    return quote(
        policy(),
        resolve(policy(), alice()),
        profile,
        {"research": held or standing()},
        {"research": money},
        workers=workers,
        charge_to=more.get("charge_to"),
        now=NOW,
    )


def test_a_cluster_costs_its_scheduler_and_its_workers() -> None:
    """Ten workers and the scheduler of one core and 2 GiB each, at 0.05 an hour."""
    found = ask(workers=10)
    assert (found.price_per_hour, found.granted_price_per_hour) == (Decimal("0.55"), Decimal("0.55"))
    assert (found.allowed, found.granted, found.group, found.reason) == (True, 10, "research", None)
    assert found.message == "All 10 workers would start now, for $0.55/h in all."


def test_what_would_not_fit_is_told_with_its_reason() -> None:
    """Of a hundred workers, 39 fit below alice's own forty cores, beside the scheduler."""
    found = ask(workers=100)
    assert (found.workers, found.granted, found.reason) == (100, 39, Reason.user_limit)
    assert found.cause.startswith("you hold 40 of the 40 cores that one person in Research may hold")
    assert found.message == f"39 of 100 workers would start now: {found.cause}"
    assert found.granted_budget_minutes is not None
    assert found.budget_minutes is not None
    assert found.granted_budget_minutes > found.budget_minutes
    assert (found.price_per_hour, found.granted_price_per_hour) == (Decimal("5.05"), Decimal("2.00"))
    assert [step.rule for step in found.trace if not step.allows] == ["per_user.cores", "quota.cores"]


def test_a_start_that_would_be_refused_grants_nothing() -> None:
    """Two clusters are alice's most; a third is quoted with its price and the refusal."""
    found = ask(workers=5, held=standing(clusters=2))
    assert (found.allowed, found.granted, found.reason) == (False, 0, Reason.user_limit)
    assert (found.price_per_hour, found.granted_price_per_hour) == (Decimal("0.30"), Decimal(0))


def test_a_server_has_its_price() -> None:
    """A small notebook costs a core and 2 GiB."""
    found = ask("small")
    assert (found.price_per_hour, found.allowed, found.workers) == (Decimal("0.05"), True, 0)


@pytest.mark.parametrize(
    ("money", "minutes"),
    [
        (balance(), 60000.0),
        (balance(mine="499.5"), 60.0),
        (balance(spent="4999.75"), 30.0),
        (balance(mine="499.5", burn="0.5"), 30.0),
        (balance(mine="600"), 0.0),
        (balance(budget=None), None),
    ],
    ids=["own budget", "an hour left", "the group's binds", "what runs already counts", "overdrawn", "no budget"],
)
def test_minutes_of_budget_left(money: Balance, minutes: float | None) -> None:
    """The shorter of both budgets, at the price of what is asked and of what runs already; here 0.50 an hour."""
    assert ask(workers=9, money=money).budget_minutes == minutes


def test_another_groups_money_is_not_quoted() -> None:
    """Charged to a group that is not hers, nothing is granted, and no figure of that group is told."""
    found = ask("small", charge_to="analysts")
    assert (found.allowed, found.group, found.reason) == (False, "", Reason.profile_not_offered)
    assert found.budget_minutes is None


@pytest.mark.parametrize(
    ("profile", "workers", "says"),
    [("nothing", 0, "no profile nothing"), ("small", 3, "has no workers")],
    ids=["unknown profile", "workers of a server"],
)
def test_what_cannot_be_quoted_is_refused(profile: str, workers: int, says: str) -> None:
    """A question without an answer gets a reason."""
    with pytest.raises(InvalidRequest, match=says):
        ask(profile, workers)
