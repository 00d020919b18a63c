"""What a used-up budget does to running work, and what people read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub_ext.contract.reasons import Reason
from hub_ext.policy import exhaustion
from hub_ext.policy.document import Budget, Policy
from hub_ext.policy.exhaustion import UsedUp
from hub_ext.policy.purse import Purse
from tests.policy.samples import lease, policy

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def with_budget(**more: Any) -> Policy:
    """Return the sample policy with another budget for Analysts."""
    budget = Budget(monthly=Decimal(400), per_user=Decimal(50), **more)
    groups = dict(policy().groups)
    leads = ("/analysts/leads",) if more.get("on_exhausted") == "drain" else ()
    groups["analysts"] = groups["analysts"].model_copy(update={"budget": budget, "leads": leads})
    return policy().model_copy(update={"groups": groups})


def used_up(amount: str = "400", *, user: str = "", at: datetime = AT) -> UsedUp:
    """Return Analysts' budget, or a person's in it, used up."""
    scope = "per_user" if user else "monthly"
    return UsedUp("analysts", user, Purse(scope, Decimal(amount), Decimal(amount), binding=True), at)  # type: ignore[arg-type]  # a literal


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("warn", None), ("deny_new", None), ("drain", AT + 10 * MINUTE), ("stop", AT)],
)
def test_running_work_ends_by_the_rule(rule: Any, expected: datetime | None) -> None:
    """Only drain and stop end what runs: after the grace period, or at once."""
    assert exhaustion.end_of(with_budget(on_exhausted=rule), used_up()) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [(timedelta(0), 10), (timedelta(seconds=5), 10), (timedelta(minutes=1), 10), (timedelta(hours=3), 190)],
)
def test_the_grace_period_begins_when_people_can_know(told: timedelta, expected: int) -> None:
    """The seconds of a look change nothing; a budget lowered below what is spent leaves the whole period."""
    used = replace(used_up(), told_at=AT + told)
    assert exhaustion.end_of(with_budget(on_exhausted="drain"), used) == AT + expected * MINUTE
    assert exhaustion.end_of(with_budget(on_exhausted="stop"), used) == AT


def test_a_group_that_left_the_policy_ends_nothing() -> None:
    """Without a budget in the policy there is nothing to end by."""
    assert exhaustion.end_of(policy(), UsedUp("gone", "", used_up().purse, AT)) is None


def test_the_budget_that_ends_first_is_told() -> None:
    """Of the group's and the person's budget, the one whose end comes first."""
    rules = with_budget(on_exhausted="drain")
    group, person = used_up(), used_up("50", user="bob", at=AT - MINUTE)
    assert exhaustion.earliest(rules, group, person) == (person, AT + 9 * MINUTE)
    assert exhaustion.earliest(rules, group, None) == (group, AT + 10 * MINUTE)
    assert exhaustion.earliest(rules, None, None) is None
    assert exhaustion.earliest(with_budget(on_exhausted="deny_new"), group, person) is None


@pytest.mark.parametrize(
    ("rules", "used", "text"),
    [
        (
            with_budget(on_exhausted="drain"),
            used_up(),
            (
                "Analysts' budget of $400 for November is used up; running work ends at 15:10 UTC unless the budget is "
                "raised. Save what is in worker memory. Ask your lead."
            ),
        ),
        (
            with_budget(on_exhausted="stop"),
            used_up("50", user="bob"),
            (
                "Your budget of $50 in Analysts for November is used up; running work ends at 15:00 UTC unless the "
                "budget is raised. Save what is in worker memory. Ask #data-platform."
            ),
        ),
        (
            with_budget(on_exhausted="drain", grace=timedelta(hours=10)),
            used_up(),
            (
                "Analysts' budget of $400 for November is used up; running work ends at 01:00 UTC on 21 November "
                "unless the budget is raised. Save what is in worker memory. Ask your lead."
            ),
        ),
        (
            with_budget(on_exhausted="deny_new"),
            used_up(),
            (
                "Analysts' budget of $400 for November is used up; nothing new starts, what runs goes on. "
                "Ask #data-platform."
            ),
        ),
        (
            with_budget(on_exhausted="warn"),
            used_up(),
            "Analysts' budget of $400 for November is used up. Ask #data-platform.",
        ),
    ],
    ids=["drain", "stop, one's own", "the next day", "deny_new", "warn"],
)
def test_the_notice_says_what_follows_and_when(rules: Policy, used: UsedUp, text: str) -> None:
    """Fact, consequence with its time, and whom to ask."""
    assert exhaustion.notice(rules, used) == text


def test_the_end_says_what_was_used_up() -> None:
    """What ends carries the reason code and the moment."""
    end = exhaustion.ending(with_budget(on_exhausted="drain"), used_up(), lease())
    assert end.reason is Reason.budget_exhausted
    assert end.message == (
        "Analysts' budget of $400 for November was used up at 15:00 UTC, so this cluster was stopped. The next begins "
        "on 1 December, 00:00 UTC. Ask your lead."
    )


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("warn", "At 100 %, work goes on."),
        ("deny_new", "At 100 %, nothing new starts."),
        ("drain", "At 100 %, nothing new starts and running work ends after a grace period."),
        ("stop", "At 100 %, everything stops."),
    ],
)
def test_a_warning_says_what_comes(rule: Any, says: str) -> None:
    """A level that was passed is told with what happens at the end of the budget."""
    purse = Purse("monthly", Decimal(400), Decimal(340), binding=True)
    text = exhaustion.warning(with_budget(on_exhausted=rule), "analysts", purse, AT)
    assert text == f"85 % of Analysts' budget of $400 for November is spent. {says}"
