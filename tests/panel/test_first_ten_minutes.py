"""The tutorial "Your first ten minutes", followed in a real browser: page and product cannot drift apart."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.panel.conftest import everybody
from tests.service.waiting import until
from tests.support.browsing import SLOW
from tests.support.steps import Step, steps_of
from tests.support.windows import Windows, open_panel, run_cell, stop_server

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "first-ten-minutes.md"


@dataclass
class Reader:
    """Alice, who follows the page."""

    people: Windows
    page: Page

    @property
    def panel(self) -> Locator:
        """The panel, opened."""
        return open_panel(self.page)

    @property
    def row(self) -> Locator:
        """Her only cluster in the panel."""
        return self.panel.get_by_role("list", name="Clusters").get_by_role("listitem")

    def sees(self, where: Locator, *texts: str) -> None:
        """Wait until all of these are there."""
        for text in texts:
            expect(where.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=SLOW)


Follow = Callable[[Reader, Step], None]
FUNCTIONS: dict[str, Follow] = {}


def step(heading: str) -> Callable[[Follow], Follow]:
    """Follow the section with this heading."""

    def register(function: Follow) -> Follow:
        FUNCTIONS[heading] = function
        return function

    return register


@pytest.fixture
def reader(tmp_path: Path, browser: Browser) -> Iterator[Reader]:
    """Somebody who was never here, on a demo of her own: no server, no notebook, no panel that was opened before."""
    with everybody(tmp_path, browser) as people:
        yield Reader(people, people.page("alice"))


def test_each_step_has_its_function() -> None:
    """And each function its step, in the page's order."""
    assert list(FUNCTIONS) == [one.heading for one in steps_of(PAGE)]


def test_the_tutorial_is_what_happens(reader: Reader) -> None:
    """Each label is found where the page says, each cell gives what it says, and nothing that it names is left out."""
    left = {}
    for one in steps_of(PAGE):
        try:
            FUNCTIONS[one.heading](reader, one)
        except BaseException as error:
            error.add_note(f"in the step {one.heading!r} of {PAGE.name}")
            raise
        left[one.heading] = one.left
    assert {heading: names for heading, names in left.items() if names} == {}


@step("1. Log in")
def log_in(reader: Reader, step: Step) -> None:
    """She comes from the hub's address, over the identity provider, to the start page."""
    page = reader.page
    page.goto(f"{reader.people.stack.base_url}/hub/")
    page.get_by_text(step.label("Sign in with your organisation"), exact=True).click()
    page.locator("input[name=login]").fill(step.word("alice"))
    page.keyboard.press("Enter")
    page.locator("input[name=password]").fill(step.word("alice-demo"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{reader.people.stack.base_url}/hub/**", timeout=SLOW)


@step("2. Choose a server")
def choose_a_server(reader: Reader, step: Step) -> None:
    """The row has its price; Lab opens."""
    page = reader.page
    expect(page.get_by_label(step.label("Charge to"))).to_be_visible()
    reader.sees(page.locator(".gh-form"), step.label("left this month"))
    row = page.locator("label", has=page.get_by_role("radio", name=step.label("Small notebook")))
    reader.sees(row, step.word("$0.45/h"))
    row.click()
    page.get_by_role("button", name=step.label("Start"), exact=True).click()
    page.wait_for_url("**/user/alice/lab**", timeout=SLOW)
    expect(page.locator(".jp-Launcher")).to_be_visible(timeout=SLOW)


@step("3. Open the panel")
def open_the_panel(reader: Reader, step: Step) -> None:
    """It was closed; then each part is where the page says."""
    panel = reader.panel
    reader.people.widen(reader.page)
    money = panel.get_by_role("region", name="Money")
    reader.sees(money, *map(step.label, ("Spent", "Forecast", "Now")), *map(step.word, ("$0.45/h", "$100.00")))
    for section in ("Clusters", "Environment"):
        expect(panel.get_by_role("region", name=step.label(section), exact=True)).to_be_visible()
    reader.sees(panel.get_by_role("list", name="Servers"), step.label("This server"), "$0.45/h")
    reader.sees(panel, step.label("No clusters"), step.label("Usage service is live"))


@step("4. Start a cluster")
def start_a_cluster(reader: Reader, step: Step) -> None:
    """The quote and the button say what it costs; it runs with its workers."""
    reader.panel.get_by_role("button", name=step.label("New cluster")).last.click()
    dialog = reader.page.get_by_role("dialog", name="New cluster")
    expect(dialog.get_by_role("radio", name=step.label("Standard workers"))).to_be_checked()
    dialog.get_by_label(step.label("Name")).fill(step.word("first"))
    expect(dialog.get_by_role("spinbutton", name=step.label("Workers"))).to_have_value(step.word("2"))
    reader.sees(dialog.get_by_role("status", name="Quote"), step.word("All 2 workers start now"), "budget lasts")
    dialog.get_by_role("button", name=step.label("Start for $1.35/h")).click()
    states = re.compile(f"{step.label('starting')}|{step.label('running')}")
    expect(reader.row.locator(".gh-state").first).to_have_text(states)
    reader.sees(reader.row, "running", step.word("2 workers"), "$1.35/h")


@step("5. Connect a notebook")
def connect_a_notebook(reader: Reader, step: Step) -> None:
    """A new notebook from the launcher has the variables that the notification names."""
    page = reader.page
    section = page.locator(".jp-Launcher-section", has_text=step.label("Notebook")).first
    section.get_by_text(step.label("Python 3 (ipykernel)")).click()
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=SLOW)
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SLOW)
    reader.row.get_by_role("button", name=step.label("Connect"), exact=True).click()
    reader.sees(page.locator("body"), step.word("is connected: its variables cluster and client are first."))


@step("6. Compute")
def compute(reader: Reader, step: Step) -> None:
    """The cell gives what the page says, and its cost grows."""
    assert run_cell(reader.page, step.block()).strip() == step.word("1.0")
    expect(reader.row.get_by_role("link", name=step.label("Dashboard"))).to_be_visible()
    line = reader.row.locator(".gh-line", has_text=step.label("Cost so far"))
    before = line.inner_text()
    until(lambda: line.inner_text() != before)


@step("7. Ask for too much")
def ask_for_too_much(reader: Reader, step: Step) -> None:
    """Four come, the sentence says why, and two are left afterwards."""
    count = reader.row.get_by_role("spinbutton", name=step.label("Workers"))
    count.fill(step.word("9"))
    count.press("Enter")
    expect(reader.row.get_by_text(step.word("4 of 9 workers"), exact=True)).to_be_visible(timeout=SLOW)
    expect(reader.row).to_contain_text(step.block())
    expect(reader.row).to_contain_text(step.word("[user_limit]"))
    expect(reader.panel.get_by_role("region", name="Environment")).to_contain_text("equal", timeout=SLOW)
    reader.people.picture(reader.page, "panel")
    count.fill(step.word("2"))
    count.press("Enter")
    expect(reader.row.get_by_role("img", name="Workers: 2 run", exact=True)).to_be_visible(timeout=SLOW)


@step("8. Will my code run there?")
def look_at_the_environment(reader: Reader, step: Step) -> None:
    """The module is missing until it was sent."""
    section = reader.panel.get_by_role("region", name=step.label("Environment"), exact=True)
    expect(section).to_contain_text(step.word("equal"), timeout=SLOW)
    run_cell(reader.page, step.block())
    run_cell(reader.page, step.block())
    name = step.label("mylib")
    row = section.get_by_role("row", name=re.compile(f"^{name}"))
    reader.sees(row, step.word("missing"), step.word("your tasks will not find it"))
    row.get_by_role("button", name=name).click()
    send = step.block()
    expect(row).to_contain_text(send)
    reader.people.picture(reader.page, "panel-environment")
    run_cell(reader.page, send)
    section.get_by_role("button", name=step.label("Compare again")).click()
    expect(row).to_be_hidden()
    expect(section).to_contain_text("equal", timeout=SLOW)


@step("9. Read what the workers write")
def read_the_log(reader: Reader, step: Step) -> None:
    """The cluster's page has its figures, what the worker printed, and what was decided."""
    run_cell(reader.page, step.block())
    reader.row.get_by_role("button", name=step.label("Logs")).click()
    page = reader.page.locator(".gh-cluster-tab")
    reader.sees(page, *map(step.label, ("Cost so far", "Idle or starting", "Stops at the latest")))
    page.get_by_role("button", name=step.label("Refresh")).click()
    expect(page.get_by_role("log", name="Logs")).to_contain_text(step.word("hello from a worker"), timeout=SLOW)
    reader.people.picture(reader.page, "panel-cluster")
    page.get_by_role("tab", name=step.label("Decisions")).click()
    reader.sees(page.get_by_role("list", name="Decisions, newest first"), "[user_limit]")


@step("10. See where the money goes")
def see_the_costs(reader: Reader, step: Step) -> None:
    """Cluster and server have a line each, and there is a sum."""
    reader.panel.get_by_role("button", name=step.label("Daily costs")).click()
    parts = reader.page.locator(".gh-page").get_by_role("table", name="What it went for")
    reader.sees(parts, step.word("first (Standard workers)"), step.word("Small notebook"), step.label("Total"))
    reader.people.picture(reader.page, "panel-month")


@step("11. Stop")
def stop(reader: Reader, step: Step) -> None:
    """The cluster tells what it cost, and the hub stops the server."""
    page = reader.page
    reader.row.get_by_role("button", name=step.label("Stop"), exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=step.label("Stop first")).click()
    reader.sees(reader.row, "stopped", step.word("in all"))
    page.get_by_role("menuitem", name=step.label("File"), exact=True).click()
    with page.expect_popup() as opened:
        page.locator(".lm-Menu-item", has_text=step.label("Hub Control Panel")).click()
    hub = opened.value
    expect(hub.get_by_text(step.label("Stop My Server"))).to_be_visible()
    stop_server(hub)
    expect(hub.locator("#start")).not_to_have_text("My Server", timeout=SLOW)
