"""What the start page shows."""

from decimal import Decimal
from typing import Any

import pytest

from hub_ext.contract.account import Balance, Holding
from hub_ext.contract.admission import Kind
from hub_ext.contract.shape import Shape
from hub_ext.spawn.profiles import budget_line, cores_line, default_choice, spawn_form, title_of, why
from tests.spawn.samples import GIB, balance, group, offers, profile


def test_a_row_says_size_price_and_cost_of_a_day() -> None:
    """Everything that a person weighs stands in one row, in the units that people use."""
    l4 = profile("l4", shape=Shape(cores=Decimal(4), memory=16 * GIB, gpus={"l4": 1}), price_per_hour=Decimal("0.94"))
    row = spawn_form(offers(group("gpu", l4))).rows[0]
    assert (row.cores, row.memory, row.gpus, row.price) == ("4 cores", "16 GiB", "1 × L4", "$0.94/h")  # noqa: RUF001 - the sign
    assert row.stops == "Stops after 1 h idle"
    assert row.day == "L4 notebook costs about $7.52 for a day of 8 h. You pay while it runs; it stops after 1 h idle."


def test_a_profile_is_listed_once_whoever_offers_it() -> None:
    """Two groups that offer the same profile make one row, with the state of each."""
    form = spawn_form(offers(group("research", profile("small")), group("gpu", profile("small"), profile("l4"))))
    assert [row.name for row in form.rows] == ["small", "l4"]
    assert [state.group for state in form.rows[0].offered_by] == ["research", "gpu"]
    assert (form.rows[1].charged.group, form.rows[1].charged_elsewhere) == ("gpu", True)


def test_cluster_profiles_are_not_on_the_start_page() -> None:
    """A group that offers clusters alone is no group to charge a server to."""
    cluster = profile("standard", kind=Kind.cluster)
    form = spawn_form(offers(group("production", cluster), group("research", profile("small"), cluster)))
    assert [block.name for block in form.groups] == ["research"]
    assert [row.name for row in form.rows] == ["small"]


@pytest.mark.parametrize(
    ("before", "checked"),
    [
        pytest.param(("large", None), "large", id="what was chosen last time"),
        pytest.param((None, None), "small", id="the first"),
        pytest.param(("gone", "gone"), "small", id="what is offered no more does not block the next choice"),
        pytest.param(("wide", None), "small", id="what cannot start now is not chosen"),
        pytest.param(("l4", "gpu"), "l4", id="with its group"),
    ],
)
def test_the_page_opens_with_a_choice_that_can_start(before: tuple[str | None, str | None], checked: str) -> None:
    """The stored choice counts only while it can be had."""
    research = group("research", profile("small"), profile("large"), profile("wide", refused="Not started: no room."))
    form = spawn_form(offers(research, group("gpu", profile("l4"))), *before)
    assert form.chosen_row is not None
    assert form.chosen_row.name == checked
    assert [block.name for block in form.groups if block.chosen] == [before[1] if before[1] == "gpu" else "research"]


def test_a_profile_that_cannot_start_keeps_its_row_and_says_why() -> None:
    """The reason stands without the lead-in that the page writes itself."""
    row = spawn_form(offers(group("research", profile("wide", refused="Not started: Research is full.")))).rows[0]
    assert not row.enabled
    assert (row.charged.message, row.charged.reason) == ("Research is full.", "quota_exceeded")


def test_a_row_stays_open_while_any_of_its_groups_can_start_it() -> None:
    """What one group cannot pay for now, another may."""
    form = spawn_form(offers(group("research", profile("small", refused="full")), group("gpu", profile("small"))))
    assert form.rows[0].enabled
    assert not form.rows[0].charged.available
    assert form.chosen_row is form.rows[0]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "$1,913.58 of $10,000 left this month; of yours, $1,403.88 of $1,500"),
        ({"my_budget": None}, "$1,913.58 of $10,000 left this month"),
        ({"budget": None, "my_budget": None}, "$8,086.42 spent this month, no budget"),
        ({"spent": Decimal(10001)}, "$0.00 of $10,000 left this month; of yours, $1,403.88 of $1,500"),
    ],
)
def test_the_budget_is_said_as_what_is_left(changes: dict[str, Any], line: str) -> None:
    """Budgets are whole, what is left is exact, and never below nothing."""
    assert budget_line(balance(**changes), "USD") == line


@pytest.mark.parametrize(
    ("changes", "low"),
    [
        ({"warn_at": (0.8, 0.95)}, True),
        ({"warn_at": (0.9,)}, False),
        ({"warn_at": ()}, False),
        ({"budget": None}, False),
        ({"warn_at": (), "spent": Decimal(10000)}, True),
    ],
)
def test_a_budget_is_low_from_its_first_warning_on(changes: dict[str, Any], *, low: bool) -> None:
    """The mark follows the policy's own levels; without levels, the end of the budget."""
    block = spawn_form(offers(group("research", profile("small"), balance=balance(**changes)))).groups[0]
    assert block.budget_low is low


@pytest.mark.parametrize(
    ("used", "quota", "line"),
    [
        (Decimal(531), Decimal(640), "531 of 640 cores in use, 109 free"),
        (Decimal("0.5"), Decimal(1), "0.5 of 1 core in use, 0.5 free"),
        (Decimal(70), Decimal(64), "70 of 64 cores in use, 0 free"),
        (Decimal(3), None, "3 cores in use, no quota"),
    ],
)
def test_cores_are_said_as_used_and_free(used: Decimal, quota: Decimal | None, line: str) -> None:
    """Borrowing may bring use above the quota; free is never below nothing."""
    assert cores_line(Holding(used=used, quota=quota)) == line


@pytest.mark.parametrize(
    ("used", "borrowed", "lent", "line"),
    [
        (70, 6, 0, "70 of 64 cores in use, 0 free, 6 borrowed"),
        (20, 0, 30, "20 of 64 cores in use, 14 free, 30 lent to others"),
    ],
)
def test_what_is_borrowed_and_lent_is_said(used: int, borrowed: int, lent: int, line: str) -> None:
    """Cores that others use are not free, and what is borrowed is named."""
    cores = Holding(used=Decimal(used), quota=Decimal(64), borrowed=Decimal(borrowed), lent=Decimal(lent))
    assert cores_line(cores) == line


def test_burst_credits_stand_beside_the_cores() -> None:
    """A group's block tells what is saved up, below nothing where it is overdrawn; without credits nothing is added."""
    for left, said in ((Decimal("3120.9"), "3,120"), (Decimal(-8), "-8")):
        money = balance(credits=left, credits_cap=Decimal(5000))
        block = spawn_form(offers(group("research", profile("small"), balance=money))).groups[0]
        assert block.cores == f"531 of 640 cores in use, 109 free; {said} of 5,000 core-minutes of burst credits"
    assert (
        spawn_form(offers(group("research", profile("small")))).groups[0].cores == "531 of 640 cores in use, 109 free"
    )


def test_the_default_choice_is_the_first_that_can_start() -> None:
    """An API request that names nothing gets what the page would open with."""
    assert default_choice(offers(group("research", profile("wide", refused="full"), profile("small")))) == "small"
    assert default_choice(offers(group("research", profile("wide", refused="full")))) == "wide"
    assert default_choice(offers()) is None


def test_titles_are_what_people_call_things() -> None:
    """A profile that is not offered keeps its name."""
    mine = offers(group("research", profile("small")))
    assert (title_of(mine, "small"), title_of(mine, "gone")) == ("Small notebook", "gone")


@pytest.mark.parametrize("lead_in", ["Not started: ", "Not now: ", ""])
def test_a_reason_has_no_lead_in(lead_in: str) -> None:
    """The page says itself that it is not now."""
    assert why(f"{lead_in}all 16 L4 are in use.") == "all 16 L4 are in use."


def test_balances_are_the_contracts_own() -> None:
    """The samples are real messages."""
    assert isinstance(balance(), Balance)
