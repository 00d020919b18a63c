"""Money in the panel: the block, the page of daily costs, and what a person is told while the panel is closed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.service.waiting import until
from tests.support.browsing import SLOW
from tests.support.windows import Windows, open_panel, run_cell

IDLE = 60
"""Seconds without use after which the cluster is to stop; it is told in the last quarter of them."""


def account(people: Windows) -> Any:
    """Return what the service says of alice."""
    return people.get("alice", "account")["json"]


def cluster_of(people: Windows) -> Any:
    """Return her only cluster that runs; None: there is none."""
    return next((one for one in account(people)["clusters"] if one["state"] == "running"), None)


def ask(page: Page, path: str, body: dict[str, Any]) -> int:
    """Ask her notebook server, as the panel does; return the status."""
    status: int = page.evaluate(
        """async ([path, body]) => {
            const token = document.cookie.match(/_xsrf=([^;]*)/)[1];
            const headers = {'X-XSRFToken': token};
            return (await fetch(path, {method: 'POST', headers, body: JSON.stringify(body)})).status;
        }""",
        [f"/user/alice/gatehouse/{path}", body],
    )
    return status


def toast(page: Page, words: str) -> Locator:
    """Return the notification with these words."""
    return page.locator(".Toastify__toast", has_text=words)


def figure(text: str) -> Decimal:
    """Read the first amount of a text."""
    found = re.search(r"\$([\d,]+\.\d+)", text)
    assert found, text
    return Decimal(found[1].replace(",", ""))


def choose_theme(page: Page, name: str) -> None:
    """Choose one of Lab's themes, as a person does."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{name}$")).click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", name)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)


@contextmanager
def policy_with(people: Windows, old: str, new: str) -> Iterator[None]:
    """Edit the demo's policy for a while, as its administrator does."""
    path = people.stack.data.policy
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))
    try:
        yield
    finally:
        path.write_text(before)


@pytest.fixture(scope="module")
def cluster(people: Windows, alice: Page) -> Iterator[Any]:
    """A cluster with a worker that computes nothing."""
    expect(alice.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SLOW)  # a cell sent earlier is lost
    code = "from dask_gateway import Gateway\nc = Gateway().new_cluster(name='geo-tiles')\nc.scale(1)"
    run_cell(alice, f"{code}\nclient = c.get_client()\nclient.wait_for_workers(1)")
    until(lambda: (cluster_of(people) or {}).get("running") == 1)
    known = cluster_of(people)
    yield known
    ask(alice, f"clusters/{known['id']}/stop", {})
    until(lambda: cluster_of(people) is None)


@pytest.fixture
def second(people: Windows, alice: Page, cluster: Any) -> Iterator[Page]:  # noqa: ARG001 - hers, and it runs
    """Another tab of hers, until the test is over: what it tells, the first one does not."""
    page = people.window("alice").new_page()
    page.goto(f"{people.stack.base_url}/user/alice/lab/workspaces/second")
    expect(page.locator("#jp-top-panel")).to_be_visible(timeout=SLOW)
    expect(page.locator("#jp-main-statusbar")).to_contain_text("/h", timeout=SLOW)
    yield page
    page.close()


def test_the_block_tells_what_was_spent_and_is_expected(people: Windows, alice: Page, cluster: Any) -> None:
    """Spent, forecast and rate now, the budget as a meter, idle workers, and a status bar item that leads there."""
    money = open_panel(alice).get_by_role("region", name="Money")
    expect(money).to_contain_text("Forecast")
    expect(money.get_by_role("meter")).to_have_attribute("aria-valuetext", re.compile(r"of \$100.00, forecast \$"))
    rate = f"${Decimal(account(people)['burn_rate']):.2f}/h"
    expect(money).to_contain_text(rate)
    assert cluster["name"] == "geo-tiles"

    alice.locator(".jp-SideBar .lm-TabBar-tab[title^='File Browser']").click()
    expect(money).to_be_hidden()
    status = alice.locator("#jp-main-statusbar").get_by_role("button", name=f"Everything that you run costs {rate}")
    status.focus()
    alice.keyboard.press("Enter")
    expect(money).to_be_visible()
    people.picture(alice, "panel-cost")


def test_each_day_is_on_a_page_of_its_own(people: Windows, alice: Page, cluster: Any) -> None:  # noqa: ARG001 - it costs
    """The link opens a chart whose table adds up to what the account says; it can be split, copied, and darkened."""
    open_panel(alice).get_by_role("button", name="Daily costs").click()
    page = alice.locator(".gh-page")
    expect(page.get_by_role("img", name="Your cost per day in")).to_be_visible()
    parts = page.get_by_role("table", name="What it went for")
    expect(parts).to_contain_text("geo-tiles (Standard workers)")
    expect(parts).to_contain_text("Small notebook")

    page.get_by_role("button", name="Refresh").click()
    until(lambda: abs(figure(page.locator("p").first.inner_text()) - mine(people)) <= Decimal("0.02"))
    assert figure(parts.locator("tfoot").inner_text()) == figure(page.locator("p").first.inner_text())

    page.get_by_role("radio", name="Servers and clusters").check()
    expect(parts.get_by_role("rowheader")).to_have_text([re.compile("Servers|Clusters")] * 2 + ["Total"])
    page.get_by_text("The same figures as a table").click()
    expect(page.get_by_role("table", name="Cost per day").get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Copy as CSV").click()
    expect(toast(alice, "The month was copied")).to_be_visible()
    people.picture(alice, "panel-costs-page")

    choose_theme(alice, "JupyterLab Dark")
    people.picture(alice, "panel-costs-page-dark")
    choose_theme(alice, "JupyterLab Light")


def mine(people: Windows) -> Decimal:
    """Return what alice spent this month in all of her groups."""
    return sum((Decimal(one["mine"]) for one in account(people)["balances"]), Decimal(0))


def test_a_budget_that_warns_is_told_once_in_all_tabs(people: Windows, alice: Page, second: Page) -> None:
    """Of two tabs one tells it, with what to do; it goes when the budget is raised."""
    words = "Your budget in Research passed 50 %"
    budget = "per_user: 100, warn_at: [50%, 80%, 95%], on_exhausted: drain"
    tight = f"per_user: {mine(people) * Decimal('1.98'):.4f}, warn_at: [50%], on_exhausted: warn"  # the next is far
    with policy_with(people, budget, tight):
        both = toast(alice, words), toast(second, words)
        until(lambda: sum(one.count() for one in both) == 1)
        told = next(one for one in both if one.count())
        expect(told).to_contain_text("[budget_warning]")
        expect(told).to_be_in_viewport(ratio=1)
        people.picture(told.page, "panel-notices")
        told.get_by_role("button", name="Show what costs").click()
        expect(told.page.locator(".gh-page")).to_be_visible()
    until(lambda: not account(people)["warnings"])
    for one in both:
        expect(one).to_have_count(0)


def test_an_idle_cluster_is_kept_from_its_notification(people: Windows, alice: Page, cluster: Any) -> None:
    """Before it stops it is told, with the price of keeping it; keeping it gives it an hour, and the notice goes."""
    started = datetime.fromisoformat(cluster["started_at"])
    with policy_with(people, "min: 5m, max: 2h", "min: 10s, max: 2h"):
        until(lambda: datetime.now(UTC) > started + timedelta(seconds=0.75 * IDLE), IDLE)
        until(lambda: ask(alice, "extend", {"lease": cluster["lease"], "idle_seconds": IDLE}) == 200)
        notice = alice.locator(".Toastify__toast", has_text="geo-tiles stops at")
        keep = notice.get_by_role("button", name=re.compile(r"^Keep 1 h \(\$\d"))
        expect(keep).to_be_visible()
        expect(notice).to_contain_text("[idle]")
        expect(notice.get_by_role("button", name="Stop now")).to_be_visible()
        expect(notice).to_be_in_viewport(ratio=1)
        people.picture(alice, "panel-notice-idle")
        keep.click()
        until(lambda: (cluster_of(people) or {}).get("idle_seconds") == 3600)
    expect(notice).to_have_count(0)
    expect(open_panel(alice).get_by_role("region", name="Money")).to_contain_text("Idle workers")
