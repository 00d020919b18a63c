"""What a person can change of their own, and a lead of their people's, in a real browser."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import chromium, watched
from tests.support.page_server import Program, running_pages


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def program() -> Iterator[Program]:
    """The pages, and the figures that they ask for."""
    with running_pages(Program()) as program:
        yield program


def visit(browser: Browser, program: Program, path: str, who: str) -> Page:
    """Open a page as a person."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "who", "value": who, "url": program.url}])
    page = context.new_page()
    watched(page, program.url)
    page.goto(program.url + path)
    return page


def test_a_server_is_kept_from_the_account_page(browser: Browser, program: Program) -> None:
    """Each thing says when it stops; the longer times of its profile are buttons, which work by keyboard."""
    page = visit(browser, program, "account", "alice")
    keep = page.get_by_role("group", name="Keep plots without use")
    assert keep.get_by_role("button").all_inner_texts() == ["2 h", "8 h"]
    keep.get_by_role("button", name="Keep plots for 2 h without use").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("This server now stops after 2 h without use.")).to_be_visible()
    assert [(asked.lease, asked.idle_seconds) for asked in program.extended] == [("d-alice-plots", 7200)]


def test_a_lead_sees_the_people_of_the_group_alone(browser: Browser, program: Program) -> None:
    """Bob, who leads Analysts and administers nothing, has two places, and asks for nothing else."""
    page = visit(browser, program, "led", "bob")
    people = page.get_by_role("table", name="People of Analysts")
    expect(people.locator("tbody tr")).to_have_count(4)
    assert page.locator(".gh-nav a").all_inner_texts() == ["Groups you lead", "Your account"]
    expect(page.get_by_text("Deadline of the survey")).to_be_visible()
    assert set(program.calls) == {"GET api/v1/led"}


def test_a_lead_tops_up_somebody_else(browser: Browser, program: Program) -> None:
    """The dialog says what is spent of the person's budget; the lead's own row has no button."""
    page = visit(browser, program, "led", "bob")
    expect(page.get_by_role("row", name="bob (you)")).to_contain_text("by another lead")
    expect(page.get_by_role("button", name="Top up bob...")).to_have_count(0)
    page.get_by_role("button", name="Top up mei...").click()
    dialog = page.get_by_role("dialog", name="Top up mei in Analysts?")
    expect(dialog).to_contain_text("$96.31 of $100 are spent this month.")
    dialog.get_by_label("Amount in USD").fill("50")
    dialog.get_by_label("Reason").fill("Deadline of the survey")
    dialog.get_by_role("button", name="Top up").click()
    expect(page.get_by_text("mei in Analysts has $50.00 more this month.")).to_be_visible()
    [sent] = program.topups
    assert (sent.group, sent.user, sent.amount) == ("analysts", "mei", Decimal(50))
    assert "POST api/v1/led/topup" in program.calls


def test_an_administrator_tops_up_a_person(browser: Browser, program: Program) -> None:
    """Where people have budgets of their own, the dialog asks whose; a person must be named."""
    page = visit(browser, program, "groups", "adam")
    page.get_by_role("button", name="Top up Research...").click()
    dialog = page.get_by_role("dialog", name="Top up Research?")
    expect(dialog.get_by_label("Person", exact=True)).to_be_hidden()
    dialog.get_by_label("A person's own budget in it").check()
    expect(dialog.get_by_label("Person", exact=True)).to_be_focused()
    dialog.get_by_label("Amount in USD").fill("20")
    dialog.get_by_label("Reason").fill("Deadline of the survey")
    dialog.get_by_role("button", name="Top up").click()
    expect(dialog.get_by_role("alert")).to_have_text("Write whose budget: the person's name at the hub.")
    dialog.get_by_label("Person", exact=True).fill("mei")
    dialog.get_by_role("button", name="Top up").click()
    expect(page.get_by_text("mei in Research has $20.00 more this month.")).to_be_visible()
    assert [(sent.group, sent.user) for sent in program.topups] == [("research", "mei")]


def test_a_group_without_personal_budgets_asks_nothing(browser: Browser, program: Program) -> None:
    """Where nobody has a budget of their own there is nothing to choose."""
    page = visit(browser, program, "groups", "adam")
    page.get_by_role("button", name="Top up Teaching...").click()
    dialog = page.get_by_role("dialog", name="Top up Teaching?")
    expect(dialog.get_by_label("Amount in USD")).to_be_focused()
    expect(dialog.get_by_role("radio")).to_have_count(0)


def test_the_page_of_leads_refuses_others(browser: Browser, program: Program) -> None:
    """Who leads nothing gets 403, whom the page is for, and their own account."""
    page = visit(browser, program, "led", "alice")
    expect(page.get_by_text("Groups you lead is for leads of a group.")).to_be_visible()
    expect(page.get_by_role("heading", name="Your account", level=1)).to_be_visible()
    assert page.request.get(page.url).status == 403
