"""What the panel says when the money is over, when running work is about to end, and when no group is left."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.accessible import serious
from tests.support.windows import Windows, open_panel

RESEARCH = "{monthly: 500, per_user: 100, warn_at: [50%, 80%, 95%], on_exhausted: drain, grace: 10m}"
MATCH = "match: [/research, /research/*]"
GPU = "match: [/gpu]"

Edit = Callable[..., None]


@pytest.fixture
def edit(people: Windows) -> Iterator[Edit]:
    """Change the policy as an administrator does, in its file; the service reads it again by itself."""
    path = people.stack.data.policy
    before = path.read_text()

    def change(*pairs: tuple[str, str]) -> None:
        text = before
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)

    yield change
    path.write_text(before)


def test_a_budget_of_zero_says_so_and_what_to_do(alice: Page, edit: Edit) -> None:
    """Figures, a sentence with its code, and a dialog that offers nothing to start; all is back when there is money."""
    panel = open_panel(alice)
    edit((RESEARCH, "{monthly: 0, on_exhausted: deny_new}"))

    expect(panel.get_by_role("alert")).to_contain_text("Research has no budget: it is $0.00 a month.")
    expect(panel.get_by_role("alert")).to_contain_text("ask #data-platform. [budget_exhausted]")
    panel.get_by_role("button", name="New cluster").first.click()
    dialog = alice.get_by_role("dialog")
    expect(dialog).to_contain_text("[budget_exhausted]")
    expect(dialog.get_by_role("button", name="Start")).to_be_disabled()
    alice.keyboard.press("Escape")
    told = alice.locator(".Toastify__toast").filter(has_text="The budget of Research is used up")
    expect(told.get_by_role("button", name="Show what costs")).to_be_visible()
    assert serious(alice, "#gatehouse-panel") == []
    edit()
    expect(told).to_have_count(0)


def test_running_work_that_will_end_is_told(alice: Page, edit: Edit) -> None:
    """The head of the panel and the server's row name the time; a higher budget takes both back."""
    panel = open_panel(alice)
    expect(panel.get_by_role("alert")).to_have_count(0)
    edit((RESEARCH, "{monthly: 0, on_exhausted: drain, grace: 20m}"))

    expect(panel.get_by_role("alert")).to_contain_text(re.compile(r"running work ends at \d\d:\d\d"))
    expect(panel.get_by_role("list", name="Servers")).to_contain_text("Save what is in worker memory.")
    edit()
    expect(panel.get_by_role("alert")).to_have_count(0)


def test_a_person_without_a_group_reads_whom_to_ask(alice: Page, edit: Edit) -> None:
    """The groups that the login sends, those that would do, and a request to copy."""
    panel = open_panel(alice)
    edit((MATCH, "match: [/others]"), (GPU, "match: [/nobody]"))

    expect(panel).to_contain_text("[no_group]")
    expect(panel).to_contain_text("/research")
    expect(panel).to_contain_text("#data-platform")
    edit()
    expect(panel).not_to_contain_text("[no_group]")  # else the hub, asked again meanwhile, ends her session
    expect(panel.get_by_role("region", name="Money")).to_contain_text("Research")
