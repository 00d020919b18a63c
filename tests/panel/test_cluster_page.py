"""The page of one cluster: from the panel, with pictures and logs, after a reload, and after the cluster's end."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import SLOW
from tests.support.windows import Windows, open_panel, run_cell, theme

COMPUTE = """
def shout(number):
    print(f"row {number} of the sales")
    return number

client = cluster.get_client()
client.wait_for_workers(2, timeout=180)
print(sum(client.gather(client.map(shout, range(40, 43)))))
""".strip()


def _page(page: Page) -> Locator:
    """Return the page of the cluster in the main area."""
    return page.locator(".gh-cluster-tab")


def _pictures(people: Windows, page: Page) -> None:
    """Take one in each theme, where they are wanted."""
    if people.pictures is not None:
        people.picture(page, "panel-cluster-page")
        theme(page, "JupyterLab Dark")
        people.picture(page, "panel-cluster-page-dark")
        theme(page, "JupyterLab Light")


def test_a_cluster_has_a_page_with_what_its_workers_print(people: Windows, alice: Page) -> None:
    """From the panel to its tab: figures, two workers in the picture and its table, their prints, each decision."""
    expect(alice.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SLOW)
    run_cell(alice, "from dask_gateway import Gateway\ncluster = Gateway().new_cluster()\ncluster.scale(2)")
    assert run_cell(alice, COMPUTE).strip().endswith("123")
    open_panel(alice).get_by_role("button", name="Logs").click()
    page = _page(alice)

    expect(page.get_by_role("heading", level=2)).to_be_visible()
    expect(page).to_contain_text("2 workers, 1 scheduler", timeout=SLOW)
    picture = page.get_by_role("img", name=re.compile("^Workers from .* at most 2 ran.*2 wanted"))
    expect(picture).to_be_visible(timeout=SLOW)
    log = page.get_by_role("log")
    page.get_by_role("button", name="Refresh").click()
    for number in (40, 41, 42):
        expect(log).to_contain_text(f"row {number} of the sales")
    expect(log).to_contain_text("scheduler")
    run_cell_again = "print(client.submit(shout, 99).result())"
    page.get_by_role("switch", name="Follow").check()
    page.get_by_label("Level").select_option("serious")
    expect(log).not_to_contain_text("of the sales")
    page.get_by_label("Level").select_option("")
    expect(page.get_by_role("table", name="Workers as time went by")).to_contain_text("2")
    _pictures(people, alice)
    page.get_by_role("tab", name=re.compile("^Decisions")).click()
    expect(page.get_by_role("list", name="Decisions, newest first")).to_contain_text("allowed")
    page.get_by_role("tab", name=re.compile("^Workers")).click()
    workers = page.get_by_role("table", name="Workers, newest first")
    workers.get_by_role("button", name=re.compile("^worker-")).first.click()
    expect(log).to_contain_text("Registered to")
    expect(log).not_to_contain_text("distributed.scheduler")
    alice.locator(".lm-TabBar-tabLabel", has_text="First cluster.ipynb").click()
    expect(page).to_be_hidden()
    assert run_cell(alice, run_cell_again).strip() == "99"


def test_its_page_is_there_after_a_reload_and_its_logs_after_its_end(people: Windows, alice: Page) -> None:
    """Lab brings the tab back; the cluster is stopped from it, and what was printed can still be read, by her alone."""
    alice.goto(f"{people.stack.base_url}/user/alice/lab")  # a notebook's address would bring it to the front
    alice.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel", has_text="First cluster.ipynb").click()  # either may be
    expect(alice.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SLOW)  # Lab has come to rest
    tab = alice.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel", has_text="standard")
    tab.click()
    page = _page(alice)
    log = page.get_by_role("log")
    expect(log).to_contain_text("row 99 of the sales", timeout=SLOW)
    page.get_by_role("button", name="Stop").click()
    alice.get_by_role("dialog").get_by_role("button", name=re.compile("^Stop")).click()
    expect(page.get_by_role("status").first).to_have_text("stopped", timeout=SLOW)
    page.get_by_role("button", name="Refresh").click()
    expect(log).to_contain_text("row 99 of the sales")
    expect(page).to_contain_text("nothing runs")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    people.picture(alice, "panel-cluster-page-stopped")
